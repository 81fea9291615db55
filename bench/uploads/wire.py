"""The receiving end of HTTP/1.1: heads are read, bodies are thrown away, at full speed or over a slow line."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

KIB, MIB = 1024, 1024 * 1024
# Linux drops what a TCP socket is asked for with MSG_TRUNC without copying it: nothing is ever written here.
NOWHERE = memoryview(bytearray(8 * MIB))
DROP = getattr(socket, "MSG_TRUNC", 0)
HEAD_BLOCK = 16 * KIB
# A slow line goes on delivering while the sink is not let to run; so many seconds of it are made up for.
CATCH_UP = 0.1
SLOW_BLOCK, SLOW_BUFFER, FAST_BUFFER = 64 * KIB, 256 * KIB, 512 * KIB


@dataclass(frozen=True, slots=True)
class Link:
    """The line: seconds before each answer, and bytes a second of each connection (0: no limit)."""

    delay: float = 0.0
    rate: float = 0.0


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def json_reply(body: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(body).encode(), {"Content-Type": "application/json"})


class ClientGone(Exception):
    """The client has closed the connection."""


class Request:
    """One request. What is not read of its body is dropped before the answer."""

    def __init__(self, line: str, headers: Mapping[str, str], connection: Connection) -> None:
        self.method, target, _ = line.split(" ", 2)
        parts = urlsplit(target)
        self.path = unquote(parts.path)
        self.query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.headers = headers
        self.left = int(headers.get("content-length", 0))
        self._connection = connection

    def read(self, count: int) -> bytes:
        """So many bytes of the body, fewer at its end."""
        data = self._connection.read(min(count, self.left))
        self.left -= len(data)
        return data

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.read(self.left).decode(), keep_blank_values=True))

    def drop(self, count: int) -> None:
        """Throw so many bytes of the body away."""
        self._connection.drop(min(count, self.left))
        self.left -= min(count, self.left)


class Connection:
    """One client's connection, served by a thread of its own."""

    def __init__(self, sock: socket.socket, link: Link) -> None:
        self._socket, self._link = sock, link
        self._ready = b""
        self._idle, self._free_at = True, 0.0
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def serve(self, answer: Callable[[Request], Reply]) -> None:
        """Answer requests until the client leaves."""
        with self._socket:
            try:
                while request := self._request():
                    reply = answer(request)
                    request.drop(request.left)
                    time.sleep(self._link.delay)
                    self._socket.sendall(_encoded(reply, request.method))
                    self._idle = True
            except (ClientGone, OSError):
                return

    def read(self, count: int) -> bytes:
        data, self._ready = bytearray(self._ready[:count]), self._ready[count:]
        while len(data) < count:
            self._receive()
            wanted = count - len(data)
            data += self._ready[:wanted]
            self._ready = self._ready[wanted:]
        return bytes(data)

    def drop(self, count: int) -> None:
        skipped = min(count, len(self._ready))
        self._ready = self._ready[skipped:]
        left = count - skipped
        while left:
            if self._link.rate:
                got = self._socket.recv_into(NOWHERE, min(left, SLOW_BLOCK), DROP)
            else:
                got = self._socket.recv_into(NOWHERE, min(left, len(NOWHERE)), DROP | socket.MSG_WAITALL)
            if not got:
                raise ClientGone
            self._pace(got)
            left -= got

    def _request(self) -> Request | None:
        while b"\r\n\r\n" not in self._ready:
            try:
                self._receive()
            except ClientGone:
                return None
        head, _, self._ready = self._ready.partition(b"\r\n\r\n")
        line, *rest = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (entry.partition(":") for entry in rest)}
        if headers.get("expect", "").lower() == "100-continue":
            self._socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        return Request(line, headers, self)

    def _receive(self) -> None:
        data = self._socket.recv(HEAD_BLOCK)
        if not data:
            raise ClientGone
        self._pace(len(data))
        self._ready += data

    def _pace(self, count: int) -> None:
        """Take the next bytes off the line no sooner than its speed allows; the buffers of both ends fill up."""
        if self._link.rate:
            now = time.monotonic()
            earliest, self._idle = now if self._idle else now - CATCH_UP, False
            self._free_at = max(self._free_at, earliest) + count / self._link.rate
            time.sleep(max(0.0, self._free_at - now))


def listen(link: Link) -> socket.socket:
    """A listening socket at a free port of this machine."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Connections inherit it. On a slow line it is small, so that the sender notices the pace at once.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SLOW_BUFFER if link.rate else FAST_BUFFER)
    listener.bind(("127.0.0.1", 0))
    listener.listen(256)
    return listener


def serve(listener: socket.socket, link: Link, answer: Callable[[Request], Reply]) -> None:
    """Answer whoever connects, for ever."""
    while True:
        sock, _ = listener.accept()
        threading.Thread(target=Connection(sock, link).serve, args=(answer,), daemon=True).start()


def _encoded(reply: Reply, method: str) -> bytes:
    headers = {"Content-Length": str(len(reply.body)), **reply.headers}
    head = f"HTTP/1.1 {reply.status} OK\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return head.encode("latin-1") + b"\r\n" + (b"" if method == "HEAD" else reply.body)
