"""Request bodies that are handed out in blocks while they are sent: counted, limited, and broken off between blocks."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from typing import Protocol

from platforms.contract import Lane, ReadsAhead, Source, SourceChanged

BLOCK = 256 * 1024  # fits a core's cache, so that reading, hashing and sending meet the bytes there


class Digest(Protocol):
    """A running checksum."""

    def update(self, data: bytes, /) -> object: ...

    def hexdigest(self) -> str: ...


class LanedSource:
    """A source whose bytes are sent as a lane allows."""

    def __init__(self, source: Source, lane: Lane) -> None:
        self.lane, self.read, self._source = lane, source.read, source
        self.name, self.size, self.md5, self.extension = source.name, source.size, source.md5, source.extension

    def expect(self, offset: int, length: int) -> None:
        """Hand on what is about to be read to a source whose bytes come from far."""
        if isinstance(self._source, ReadsAhead):
            self._source.expect(offset, length)


class FileBody:
    """`length` bytes of a source from `offset`, never in memory as a whole. It may be sent again from its beginning.

    Every block of a `LanedSource` waits for its turn; sending ends with `Interrupted` once the lane is closed. `sent`
    counts the bytes of the file that were handed out. Raises `SourceChanged` at once when the source is too short for
    it, and while sending as the source does.
    """

    def __init__(
        self, source: Source, offset: int, length: int, new_digest: Callable[[], Digest] | None = None
    ) -> None:
        if offset + length > source.size:
            raise SourceChanged(f"{source.size} bytes")
        self.sent = 0
        self._source, self._offset, self._length, self._lane = source, offset, length, lane_of(source)
        self._new_digest = new_digest
        self._digest: Digest | None = None
        self._head = self._tail = b""

    def __len__(self) -> int:
        return len(self._head) + self._length + len(self._tail)

    def __iter__(self) -> Iterator[bytes]:
        self.sent = 0
        self._digest = self._new_digest() if self._new_digest else None
        if self._lane is not None:
            # A second try after the stop reads nothing any more.
            self._lane.spend(0)
        if isinstance(self._source, ReadsAhead):
            self._source.expect(self._offset, self._length)
        if self._head:
            yield self._head
        while self.sent < self._length:
            yield self._next()
        if self._tail:
            yield self._tail

    def hexdigest(self) -> str:
        """The checksum of the file's bytes as they were sent last; "" when none was asked for."""
        return self._digest.hexdigest() if self._digest else ""

    def as_form(self, field: str) -> str:
        """Become a form whose one field is the file; answers the form's Content-Type."""
        boundary = secrets.token_hex(16)
        self._head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; '
            f'filename="video.{self._source.extension}"\r\nContent-Type: application/octet-stream\r\n\r\n'
        ).encode()
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        return f"multipart/form-data; boundary={boundary}"

    def _next(self) -> bytes:
        length = min(_block(self._lane), self._length - self.sent)
        block = self._source.read(self._offset + self.sent, length)
        if self._digest is not None:
            self._digest.update(block)
        if self._lane is not None:
            self._lane.spend(length)
        self.sent += length
        return block


class BytesBody:
    """Bytes that are in memory already, on the same terms as `FileBody`."""

    def __init__(self, data: bytes, lane: Lane | None = None) -> None:
        self.data, self._lane = data, lane

    def __len__(self) -> int:
        return len(self.data)

    def __iter__(self) -> Iterator[memoryview]:
        view, start = memoryview(self.data), 0
        while start < len(view):
            block = view[start : start + _block(self._lane)]
            if self._lane is not None:
                self._lane.spend(len(block))
            start += len(block)
            yield block


def lane_of(source: Source) -> Lane | None:
    return source.lane if isinstance(source, LanedSource) else None


def _block(lane: Lane | None) -> int:
    return BLOCK if lane is None else min(BLOCK, lane.block)
