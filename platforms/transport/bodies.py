"""Request bodies that are read from a file while they are sent, so that no copy of the file is in memory."""

from __future__ import annotations

import secrets
import threading

from platforms.contract import Interrupted, Source
from platforms.transport.slices import MIB

BLOCK = MIB


class FileBody:
    """`length` bytes of a source from `offset`. One thread reads it, any may `stop` it.

    `sent` counts the bytes of the file that were handed out.
    """

    def __init__(self, source: Source, offset: int, length: int) -> None:
        self.sent = 0
        self._source, self._offset, self._length = source, offset, length
        self._size, self._ready, self._tail = length, memoryview(b""), b""
        self._stopped = threading.Event()

    def __len__(self) -> int:
        return self._size

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes, b"" at the end. Raises `Interrupted` once stopped, `SourceChanged` as the source does."""
        if self._stopped.is_set():
            raise Interrupted
        if not self._ready:
            self._ready = memoryview(self._next())
        end = len(self._ready) if size < 0 else size
        data, self._ready = self._ready[:end], self._ready[end:]
        return bytes(data)

    def as_form(self, field: str) -> str:
        """Become a form whose one field is the file, before the first read; answers the form's Content-Type."""
        boundary = secrets.token_hex(16)
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; '
            f'filename="video.{self._source.extension}"\r\nContent-Type: application/octet-stream\r\n\r\n'
        ).encode()
        self._ready, self._tail = memoryview(head), f"\r\n--{boundary}--\r\n".encode()
        self._size = len(head) + self._length + len(self._tail)
        return f"multipart/form-data; boundary={boundary}"

    def stop(self) -> None:
        """Make the next `read` raise: the connection breaks and the sending thread ends."""
        self._stopped.set()

    def _next(self) -> bytes:
        if self.sent < self._length:
            block = self._source.read(self._offset + self.sent, min(BLOCK, self._length - self.sent))
            self.sent += len(block)
            return block
        tail, self._tail = self._tail, b""
        return tail
