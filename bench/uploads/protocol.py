"""What a simulated platform needs of the sink."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from bench.uploads.material import Material
from bench.uploads.wire import Reply, Request

Calls = dict[str, Callable[[Request], Reply]]


class Receiver(Protocol):
    """The sink: where it listens (`host` with its port, `url`), what it knows of the file, and how it takes bytes."""

    material: Material
    host: str
    url: str

    def receive(self, request: Request, offset: int | None = None) -> tuple[int, int]:
        """Take the rest of a body; answers which range of the file (offset, length) it is."""

    def receive_form(self, request: Request) -> tuple[int, int]:
        """As `receive`, of a multipart form whose one part is the file."""
