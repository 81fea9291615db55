"""Parts of a file: planning them, reading them at their place, hashing them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from platforms.contract import SourceChanged

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Part:
    """`length` bytes from `offset`; `number` counts from 1."""

    number: int
    offset: int
    length: int

    @property
    def last(self) -> int:
        """The offset of the last byte, included."""
        return self.offset + self.length - 1


def plan_parts(size: int, part_size: int) -> Iterator[Part]:
    """The parts of a file of `size` bytes, in order; all but the last are `part_size` long."""
    for number, offset in enumerate(range(0, size, part_size), start=1):
        yield Part(number, offset, min(part_size, size - offset))


def part_size_for(size: int, smallest: int, most_parts: int) -> int:
    """The part size in bytes, a multiple of `smallest`, with which the file has at most `most_parts` parts."""
    return max(1, -(-size // (smallest * most_parts))) * smallest


def md5_hex(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()


class FileSource:
    """A local file read at positions by several threads. Use as a context manager."""

    def __init__(self, path: Path, *, name: str, size: int, md5: str) -> None:
        self.name, self.size, self.md5 = name, size, md5
        self.extension = Path(name).suffix.lstrip(".").lower()
        try:
            self._fd = os.open(path, os.O_RDONLY)
        except OSError as error:
            raise SourceChanged(os.strerror(error.errno or 0)) from error
        found = os.fstat(self._fd).st_size
        if found != size:
            os.close(self._fd)
            raise SourceChanged(f"{found} bytes instead of {size}")

    def read(self, offset: int, length: int) -> bytes:
        data = os.pread(self._fd, length, offset)
        while len(data) < length:
            more = os.pread(self._fd, length - len(data), offset + len(data))
            if not more:
                raise SourceChanged(f"ends at {offset + len(data)} instead of {self.size}")
            data += more
        return data

    def __enter__(self) -> FileSource:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        os.close(self._fd)
