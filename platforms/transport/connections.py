"""Kept-alive connections that another thread can cut."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Any
from weakref import WeakSet

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

CONNECT_SECONDS, READ_SECONDS = 10, 30


class _Connection(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        _allow_slow_sending(self.sock)


class _TlsConnection(HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        _allow_slow_sending(self.sock)


class _Opened:
    """The connections of a pool that still exist, those in use among them: the pool itself knows only the idle ones."""

    def __init__(self) -> None:
        self._lock, self._connections = threading.Lock(), WeakSet[HTTPConnection]()

    def add(self, connection: HTTPConnection) -> None:
        with self._lock:
            self._connections.add(connection)

    def cut(self) -> None:
        with self._lock:
            for connection in self._connections:
                _cut(connection)


class _Watched(HTTPConnectionPool):
    """A pool that knows each connection it has opened."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.opened = _Opened()

    def _new_conn(self) -> Any:
        connection = super()._new_conn()
        self.opened.add(connection)  # type: ignore[arg-type]
        return connection


class _Pool(_Watched):
    ConnectionCls = _Connection


class _TlsPool(_Watched, HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class Adapter(HTTPAdapter):
    """Up to `connections` kept-alive connections to a host; threads may share it."""

    def __init__(self, connections: int) -> None:
        super().__init__(pool_connections=connections, pool_maxsize=connections)

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        super().init_poolmanager(*args, **more)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    def break_off(self) -> None:
        """Cut every connection: whoever sends or waits on one gets an error, also in the middle of a system call."""
        for key in self.poolmanager.pools.keys():  # noqa: SIM118 - the container has no iterator
            pool = self.poolmanager.pools.get(key)
            if isinstance(pool, _Watched):
                pool.opened.cut()


def _allow_slow_sending(sock: Any) -> None:
    """The time to connect is over: what follows is the time that sending one block may take."""
    sock.settimeout(READ_SECONDS)


def _cut(connection: HTTPConnection) -> None:
    if (sock := connection.sock) is not None:
        # Not the TLS socket's own way: that one changes what the other thread is just using.
        with suppress(OSError):
            socket.socket.shutdown(sock, socket.SHUT_RDWR)
