"""Ports for servers that a test starts, ends and starts again."""

from __future__ import annotations

import socket
from typing import Self


class Port:
    """A port of 127.0.0.1 on which a server may listen any number of times; nobody else is given it until `close`.

    The system hands it out to no other socket while this one is bound to it, and lets a server that says SO_REUSEADDR,
    as all of them do, listen on it as long as this one does not listen itself.
    """

    def __init__(self) -> None:
        self._held = socket.socket()
        self._held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._held.bind(("127.0.0.1", 0))
        self.number: int = self._held.getsockname()[1]

    def close(self) -> None:
        self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()
