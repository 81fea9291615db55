"""Where one streamed file ends up: inside its own span of a file on disk, whatever the client sends."""

import hashlib
import os
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

from sandbox.messages import BLOCK, Body


class Sink:
    """Writes what it is given at ``offset`` of ``path``, never more than ``limit`` bytes, and counts all of it.

    ``size`` and ``md5`` describe every byte received, also those beyond ``limit``. Use it in ``with``.
    """

    def __init__(self, path: Path, offset: int = 0, limit: int | None = None) -> None:
        self.size = 0
        self._limit = limit
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o644), "wb")
        self._file.seek(offset)

    @property
    def md5(self) -> str:
        """Lower-case hex."""
        return self._md5.hexdigest()

    def write(self, data: bytes | bytearray) -> int:
        """All of ``data`` counts as received."""
        room = len(data) if self._limit is None else max(0, self._limit - self.size)
        self._file.write(memoryview(data)[:room])
        self._md5.update(data)
        self.size += len(data)
        return len(data)

    def close(self) -> None:
        self._file.close()

    def take(self, body: Body) -> Self:
        """Everything that is left of a body. Raises ClientGone when the client stopped in the middle."""
        while block := body.read(BLOCK):
            self.write(block)
        return self

    def as_file(self) -> BinaryIO:
        """The sink where a binary file opened for writing is expected."""
        return cast(BinaryIO, self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
