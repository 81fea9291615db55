"""Parts of a file: planning them, reading them at their place, hashing them."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
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


@dataclass(frozen=True, slots=True)
class ByteRange:
    """The bytes from offset `first` to offset `last`, both included."""

    first: int
    last: int

    @classmethod
    def parse(cls, text: str) -> ByteRange:
        """From "0-1023"; raises ValueError for anything else."""
        found = re.fullmatch(r"(\d{1,18})-(\d{1,18})", text.strip(), re.ASCII)
        if not found or int(found[1]) > int(found[2]):
            raise ValueError(f"no range of bytes: {text}")
        return cls(int(found[1]), int(found[2]))

    def __len__(self) -> int:
        return self.last - self.first + 1

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"


def plan_parts(size: int, part_size: int) -> Iterator[Part]:
    """The parts of a file of `size` bytes, in order; all but the last are `part_size` long."""
    for number, offset in enumerate(range(0, size, part_size), start=1):
        yield Part(number, offset, min(part_size, size - offset))


def md5_hex(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()


class LocalFile:
    """A file by its path, as it is at each read; it is never in memory as a whole. Raises OSError when it is none.

    For a file that was not taken in: nothing is known that it would have to agree with.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with path.open("rb") as file:
            self.size = os.fstat(file.fileno()).st_size
        self.name = path.name
        self.extension = path.suffix.lstrip(".").lower()

    @cached_property
    def md5(self) -> str:
        with self._path.open("rb") as file:
            return hashlib.file_digest(file, "md5").hexdigest()

    def read(self, offset: int, length: int) -> bytes:
        with self._path.open("rb") as file:
            file.seek(offset)
            data = file.read(length)
        if len(data) < length:
            raise SourceChanged(f"{self.size} bytes")
        return data


class FileSource:
    """A local file read at positions by several threads. Use as a context manager.

    A thread that is left behind by a stop may still read when the file is closed: it gets `SourceChanged`, never the
    bytes of another file that has been given the same descriptor.
    """

    def __init__(self, path: Path, *, name: str, size: int, md5: str) -> None:
        self.name, self.size, self.md5 = name, size, md5
        self.extension = Path(name).suffix.lstrip(".").lower()
        self._lock = threading.Lock()
        self._users = 1
        self._open = True
        try:
            self._fd = os.open(path, os.O_RDONLY)
        except OSError as error:
            raise SourceChanged(os.strerror(error.errno or 0)) from error
        found = os.fstat(self._fd).st_size
        if found != size:
            os.close(self._fd)
            raise SourceChanged(f"{found} bytes instead of {size}")

    def read(self, offset: int, length: int) -> bytes:
        self._enter()
        try:
            return self._read(offset, length)
        finally:
            self._leave()

    def close(self) -> None:
        """Refuse further reads; the file is closed once the last one under way has ended."""
        with self._lock:
            if not self._open:
                return
            self._open = False
        self._leave()

    def _read(self, offset: int, length: int) -> bytes:
        data = os.pread(self._fd, length, offset)
        while len(data) < length:
            more = os.pread(self._fd, length - len(data), offset + len(data))
            if not more:
                raise SourceChanged(f"ends at {offset + len(data)} instead of {self.size}")
            data += more
        return data

    def _enter(self) -> None:
        with self._lock:
            if not self._open:
                raise SourceChanged("closed")
            self._users += 1

    def _leave(self) -> None:
        with self._lock:
            self._users -= 1
            last = self._users == 0
        if last:
            os.close(self._fd)

    def __enter__(self) -> FileSource:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()
