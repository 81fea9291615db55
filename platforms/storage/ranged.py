"""A file in a bucket as a `Source`: one request for each part, streamed, and repeated for the rest when it breaks off.

Nothing is read ahead into memory: the bytes wait in the connection until the thread that sends them on asks for them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Protocol

from platforms.contract import SourceAway, SourceChanged
from platforms.values import gettext_noop, say

# Seconds before the same bytes are asked for again; whatever arrives starts the row anew.
WAITS = (0.2, 0.5, 1.0, 2.0, 4.0)
# Requests that stand open between two blocks: more are of threads that have gone.
MOST_OPEN = 64

BROKE_OFF = gettext_noop("The storage of the video files broke off in the middle of a file.")
CLOSED = "closed"


class Stream(Protocol):
    """The body of one answer. `read` answers b"" at its end, and raises `SourceAway` when it breaks."""

    def read(self, amount: int) -> bytes: ...

    def close(self) -> None: ...


#: Asks for the bytes from offset `first` to offset `last`, both included.
Ask = Callable[[int, int], Stream]


class _Run:
    """The bytes from `at` up to `end`, in their order, over as many requests as it takes. One thread at a time."""

    def __init__(self, ask: Ask, at: int, end: int, closed: threading.Event) -> None:
        self.at, self.end = at, end
        self._ask, self._closed = ask, closed
        self._stream: Stream | None = None

    def read(self, length: int) -> bytes:
        first = self._next(length)
        if len(first) == length:
            return first
        blocks, missing = [first], length - len(first)
        while missing:
            blocks.append(self._next(missing))
            missing -= len(blocks[-1])
        return b"".join(blocks)

    def close(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()

    def _next(self, most: int) -> bytes:
        for wait in (*WAITS, None):
            try:
                return self._once(most)
            except SourceAway as error:
                self.close()
                if wait is None or not error.passing:
                    raise
                if self._closed.wait(wait):
                    raise SourceChanged(CLOSED) from None
        raise AssertionError("unreachable: the last try returns or raises")

    def _once(self, most: int) -> bytes:
        if self._stream is None:
            self._stream = self._ask(self.at, self.end - 1)
        block = self._stream.read(most)
        if not block:
            raise SourceAway(say(BROKE_OFF), passing=True)
        self.at += len(block)
        return block


class RangedSource:
    """A file in a bucket, read at positions by several threads. Use as a context manager.

    `mark` is of the very object that `ask` answers from. A thread that is left behind by a stop gets `SourceChanged`.
    """

    def __init__(self, ask: Ask, *, name: str, size: int, md5: str, mark: str) -> None:
        self.name, self.size, self.md5, self.mark = name, size, md5, mark
        self.extension = Path(name).suffix.lstrip(".").lower()
        self._ask = ask
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._ends: dict[int, int] = {}
        self._open: dict[int, _Run] = {}

    def expect(self, offset: int, length: int) -> None:
        """Ask for all of it at the next read at `offset`. What was begun of it before is given up: it is sent again."""
        end = min(offset + length, self.size)
        with self._lock:
            self._ends[offset] = end
            given_up = [self._open.pop(at) for at in list(self._open) if offset <= at < end]
        for run in given_up:
            run.close()

    def read(self, offset: int, length: int) -> bytes:
        if offset + length > self.size:
            raise SourceChanged(f"ends at {self.size}")
        if self._closed.is_set():
            raise SourceChanged(CLOSED)
        if not length:
            return b""
        run = self._run_at(offset, offset + length)
        try:
            data = run.read(length)
        except BaseException:
            run.close()
            raise
        self._leave(run)
        return data

    def close(self) -> None:
        """Refuse further reads; what a thread is just reading ends with its block."""
        self._closed.set()
        with self._lock:
            left = [self._open.pop(at) for at in list(self._open)]
        for run in left:
            run.close()

    def _run_at(self, offset: int, end: int) -> _Run:
        with self._lock:
            run = self._open.pop(offset, None)
            expected = self._ends.pop(offset, end)
        if run is not None and run.end >= end:
            return run
        if run is not None:
            run.close()
        return _Run(self._ask, offset, max(end, expected), self._closed)

    def _leave(self, run: _Run) -> None:
        """Keep a request that is not at its end for whoever reads on."""
        with self._lock:
            keep = run.at < run.end and not self._closed.is_set()
            other = self._open.pop(run.at, None) if keep else run
            if keep:
                self._open[run.at] = run
            oldest = self._open.pop(next(iter(self._open))) if len(self._open) > MOST_OPEN else None
        for surplus in (other, oldest):
            if surplus is not None:
                surplus.close()

    def __enter__(self) -> RangedSource:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()
