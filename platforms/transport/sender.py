"""Send parts in parallel. Threads only move bytes: results, checkpoints and progress stay in the caller's thread.

The threads are daemons and never waited for without a bound: a stop must not hang on a platform that does not answer.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from platforms.contract import Interrupted, Lane

P = TypeVar("P")
R = TypeVar("R")

PULSE_SECONDS = 0.25
SETTLE_SECONDS = 3.0  # so long may parts in flight finish after another one has failed
GRACE_SECONDS = 2.5  # so long a stop waits for an answer that would have to be looked up
# What ends the process, or this upload in it, waits for nothing.
AT_ONCE = (Interrupted, KeyboardInterrupt, SystemExit)


@dataclass(frozen=True, slots=True)
class _Done(Generic[P, R]):
    """One part that has ended, well (`result`) or not (`error`)."""

    part: P
    result: R | None
    error: BaseException | None


def send_all(
    parts: Iterable[P],
    send: Callable[[P], R],
    on_sent: Callable[[P, R], P | None],
    on_settled: Callable[[], None],
    lane: Lane,
    break_off: Callable[[], None],
) -> None:
    """Run `send` in a thread for every part, each with a connection of `lane`.

    `parts` is drawn lazily, in this thread, once a connection is there. `on_sent(part, result)` runs in this thread as
    each part is done and may answer one further part to send. After every wake-up, at least several times a second,
    all finished parts are reported first; then `on_settled` runs once; only then do new parts begin.

    The first exception, from anywhere, stops the drawing and is raised. `Interrupted` does so at once: the lane is
    closed and `break_off` must cut the connections. Otherwise parts in flight may finish for a few seconds before that
    is done to those that are left. Finished parts are reported in either case; later results never.
    """
    _Sending(parts, send, on_sent, on_settled, lane, break_off).run()


def wait_for(call: Callable[[], R], on_wait: Callable[[], None], grace: float = 0.0) -> R:
    """The result of `call`, which runs in another thread while `on_wait` runs in this one several times a second.

    When `on_wait` raises, the call is left to itself after `grace` seconds more and its result is lost.
    """
    done: SimpleQueue[_Done[None, R]] = SimpleQueue()
    _start(lambda: done.put(_outcome(None, lambda _: call())))
    while True:
        with suppress(Empty):
            return _result(done.get(timeout=PULSE_SECONDS))
        try:
            on_wait()
        except BaseException:
            with suppress(Empty):
                return _result(done.get(grace > 0, grace or None))
            raise


class _Sending(Generic[P, R]):
    def __init__(
        self,
        parts: Iterable[P],
        send: Callable[[P], R],
        on_sent: Callable[[P, R], P | None],
        on_settled: Callable[[], None],
        lane: Lane,
        break_off: Callable[[], None],
    ) -> None:
        self._parts: Iterator[P] | None = iter(parts)
        self._send, self._on_sent, self._on_settled = send, on_sent, on_settled
        self._lane, self._break_off = lane, break_off
        self._done: SimpleQueue[_Done[P, R]] = SimpleQueue()
        self._further: list[P] = []
        self._in_flight = 0

    def run(self) -> None:
        try:
            while self._begin():
                for done in self._finished(PULSE_SECONDS):
                    further = self._on_sent(done.part, _result(done))
                    self._further += [] if further is None else [further]
                self._on_settled()
        except BaseException as error:
            self._wind_up(0.0 if isinstance(error, AT_ONCE) else SETTLE_SECONDS)
            raise

    def _begin(self) -> bool:
        """Begin as many parts as there are connections for; False when nothing is under way or left."""
        while (self._further or self._parts is not None) and self._lane.take():
            try:
                begun = self._begin_next()
            except BaseException:
                self._lane.give_back()
                raise
            if not begun:
                self._lane.give_back()
        return self._in_flight > 0 or bool(self._further) or self._parts is not None

    def _begin_next(self) -> bool:
        if self._further:
            part = self._further.pop()
        else:
            try:
                part = next(self._parts or iter(()))
            except StopIteration:
                self._parts = None
                return False
        _start(lambda: self._done.put(_outcome(part, self._send)))
        self._in_flight += 1
        return True

    def _finished(self, seconds: float) -> Iterator[_Done[P, R]]:
        """Wait for a part to finish, then answer all that have."""
        with suppress(Empty):
            yield self._next(seconds)
            while True:
                yield self._next(0.0)

    def _next(self, seconds: float) -> _Done[P, R]:
        done = self._done.get(seconds > 0, seconds or None)
        # Only now: a part begun in its place would have overtaken the report.
        self._leave_one()
        return done

    def _wind_up(self, seconds: float) -> None:
        """Report what arrives within `seconds`, so that it need not be sent again, and break off the rest."""
        until = time.monotonic() + seconds
        with suppress(Empty):
            while self._in_flight:
                done = self._next(max(0.0, until - time.monotonic()))
                if done.error is None:
                    # The first error is the one that is told.
                    with suppress(Exception):
                        self._on_sent(done.part, _result(done))
        if self._in_flight:
            self._lane.close()
            self._break_off()
        while self._in_flight:
            self._leave_one()

    def _leave_one(self) -> None:
        self._in_flight -= 1
        self._lane.give_back()


def _outcome(part: P, send: Callable[[P], R]) -> _Done[P, R]:
    try:
        return _Done(part, send(part), None)
    except BaseException as error:
        return _Done(part, None, error)


def _result(done: _Done[P, R]) -> R:
    if done.error is not None:
        raise done.error
    return done.result  # type: ignore[return-value]


def _start(target: Callable[[], None]) -> None:
    threading.Thread(target=target, name="send", daemon=True).start()
