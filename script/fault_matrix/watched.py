"""A sandbox that is looked at closely: its calls are numbered, its bytes counted, and at a chosen moment it acts."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from sandbox.blocks import Answer, Blocks
from sandbox.messages import Body, Request
from sandbox.server import Call, CallLog, Sandbox

BLOCK = 64 * 1024
LOOK_SECONDS = 0.01
WITH_BYTES = " (bytes)"
#: A call has come in and nothing has been done about it; its work is done and not answered; so many bytes are here.
ARRIVES, WORKED, BYTES = "arrives", "worked", "bytes"


@dataclass(frozen=True)
class Moment:
    """A point of an upload. `at`: the number of a call, from 1; for `BYTES` the number of bytes that have arrived."""

    kind: str
    at: int

    def __str__(self) -> str:
        return f"{self.kind} {self.at}"


@dataclass(frozen=True)
class Seen:
    """What had come in so far. `calls`: one short name a call; `received`: bytes of the bodies that carried a file,
    repeated ones and what is around the file in a form too; `largest`: of these bodies."""

    calls: tuple[str, ...] = ()
    received: int = 0
    largest: int = 0


class Watched(Sandbox):
    """`rate`: bytes a second that all uploads together get through; None: no limit."""

    def __init__(self, data: Path, port: int = 0, pace: float = 0.0, rate: float | None = None) -> None:
        super().__init__(data, port, pace)
        self.rate = rate
        self.blocks = _Door(self._came)
        self.requests = _Log(self._worked)
        self._watch = threading.Lock()
        self._seen = Seen()
        self._moment: Moment | None = None
        self._action: Callable[[], None] = _nothing
        self._mine = threading.local()
        self._free_at = 0.0
        self._under_way = 0

    def start(self) -> Self:
        super().start()
        if self._server is not None:
            # Otherwise whole parts of a worker that is killed are in the kernel's hands, and arrive all the same.
            self._server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BLOCK)
        return self

    @property
    def seen(self) -> Seen:
        return self._seen

    def act_at(self, moment: Moment, action: Callable[[], None]) -> None:
        """Do this once, in the thread that serves the call, when that moment comes."""
        with self._watch:
            self._moment, self._action = moment, action

    def settle(self, seconds: float) -> bool:
        """Wait until nothing is under way any more; False when something still is after so long.

        What a dead worker had given to the kernel arrives all the same. Time must not pass before it has.
        """
        deadline = time.monotonic() + seconds
        while self._under_way and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)
        return not self._under_way

    def cut(self) -> None:
        """Break every connection, as when the other machine dies: what lies in the kernels is lost."""
        for connection in list(self._server._connections) if self._server else ():
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _came(self, request: Request) -> None:
        service = self.service_for(request.path)
        brings = service is not None and bool(service.upload_key(request))
        name = service.call_of(request).rpartition("/")[2].removesuffix(".json") if service else request.path
        number = self._mine.number = self._note(name + WITH_BYTES * brings, request if brings else None)
        if brings:
            request.body = _Counted(request.body, self._arrived)
        if self._reached(ARRIVES, number):
            raise ConnectionError("nothing was done about it")

    def _note(self, name: str, carrier: Request | None) -> int:
        """The number of this call."""
        length = int(carrier.header("Content-Length") or 0) if carrier else 0
        with self._watch:
            seen = self._seen
            self._seen = replace(seen, calls=(*seen.calls, name), largest=max(seen.largest, length))
            self._under_way += 1
            return len(self._seen.calls)

    def _worked(self) -> None:
        with self._watch:
            self._under_way -= 1
        self._reached(WORKED, getattr(self._mine, "number", 0))

    def _arrived(self, count: int) -> None:
        with self._watch:
            self._seen = replace(self._seen, received=self._seen.received + count)
            now, received = time.monotonic(), self._seen.received
            if self.rate:
                self._free_at = max(self._free_at, now) + count / self.rate
        if self.rate:
            time.sleep(max(0.0, self._free_at - now))
        self._reached(BYTES, received)

    def _reached(self, kind: str, at: int) -> bool:
        with self._watch:
            moment = self._moment
            if moment is None or moment.kind != kind or at < moment.at:
                return False
            self._moment = None
        self._action()
        return True


class _Door(Blocks):
    """Tells of each call before anything is done about it."""

    def __init__(self, told: Callable[[Request], None]) -> None:
        super().__init__()
        self._told = told

    def take(self, request: Request) -> Answer | None:
        self._told(request)
        return super().take(request)


class _Log(CallLog):
    """Tells of each call as its answer is about to leave."""

    def __init__(self, worked: Callable[[], None]) -> None:
        super().__init__()
        self._told = worked

    def add(self, call: Call) -> None:
        super().add(call)
        self._told()


class _Counted:
    """A body read in small pieces, each told."""

    def __init__(self, body: Body, arrived: Callable[[int], None]) -> None:
        self._body, self._arrived = body, arrived

    def read(self, size: int = -1) -> bytes:
        if size < 0:
            return b"".join(iter(lambda: self.read(BLOCK), b""))
        data = self._body.read(min(size, BLOCK))
        if data:
            self._arrived(len(data))
        return data


def _nothing() -> None:
    """Until something is asked for."""
