"""A line to a server that can be cut: connections that end in the middle of an answer, or are not made at all."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Self

BLOCK = 64 * 1024


class Line:
    """Forwards a port to another. `requests` are the first lines of what was asked.

    `break_next(after, times)`: so many answers of a request end after `after` bytes. `down`: nobody is let through.
    """

    def __init__(self, port: int) -> None:
        self.requests: list[str] = []
        self.down = False
        self._target, self._after, self._breaks = port, 0, 0
        self._lock = threading.Lock()
        self._server = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.getsockname()[1]}"

    def break_next(self, after: int, times: int = 1) -> None:
        with self._lock:
            self._after, self._breaks = after, times

    @property
    def breaks_left(self) -> int:
        return self._breaks

    def cut(self) -> None:
        """End every connection."""
        for each in list(self._open):
            _end(each)

    def asked(self, method: str) -> list[str]:
        return [each for each in self.requests if each.startswith(f"{method} ")]

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _address = self._server.accept()
                if self.down:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self._target))
                self._open |= {near, far}
                relay = _Relay(self, near, far)
                for work in (relay.up, relay.back):
                    threading.Thread(target=work, daemon=True).start()

    def take_break(self, relayed: int) -> bool:
        with self._lock:
            if not self._breaks or relayed < self._after:
                return False
            self._breaks -= 1
            return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        _end(self._server)
        self.cut()


class _Relay:
    """One connection; what comes back is counted from the last request on."""

    def __init__(self, line: Line, near: socket.socket, far: socket.socket) -> None:
        self._line, self._near, self._far = line, near, far
        self._relayed = 0

    def up(self) -> None:
        with suppress(OSError):
            while data := self._near.recv(BLOCK):
                head = data[:16].split(b" ")[0]
                if head in (b"GET", b"PUT", b"POST", b"DELETE", b"HEAD"):
                    self._line.requests.append(data.split(b"\r\n", 1)[0].decode())
                    self._relayed = 0
                self._far.sendall(data)
        _end(self._far)

    def back(self) -> None:
        with suppress(OSError):
            while data := self._far.recv(BLOCK):
                self._near.sendall(data)
                self._relayed += len(data)
                if self._line.take_break(self._relayed):
                    break
        _end(self._near)
        _end(self._far)


def _end(each: socket.socket) -> None:
    with suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    each.close()
