"""Django's verbs for a bucket that no package has them for."""

from __future__ import annotations

import io
import shutil
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files.base import File

from platforms.storage.bucket import MIB, BucketStorage, Found, Missing
from platforms.storage.ranged import RangedSource

READ_BYTES = MIB


class DjangoVerbs(BucketStorage):
    """Opening to read, saving, deleting, and what is asked about a file."""

    def exists(self, name: str) -> bool:
        try:
            self.calls.find(self.key(name))
        except Missing:
            return False
        return True

    def size(self, name: str) -> int:
        return self._found(name).size

    def get_modified_time(self, name: str) -> datetime:
        return self._found(name).modified

    def delete(self, name: str) -> None:
        self.remove(name)

    def _found(self, name: str) -> Found:
        try:
            return self.calls.find(self.key(name))
        except Missing:
            raise FileNotFoundError(name) from None

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        if mode != "rb":
            raise ValueError("files in the bucket are only read; save another instead")
        found = self._found(name)
        source = self.open_ranges(name, called=name, size=found.size, md5="")
        return File(io.BufferedReader(_Reading(source), READ_BYTES), name)

    def _save(self, name: str, content: File[Any]) -> str:
        with tempfile.NamedTemporaryFile() as file:
            content.seek(0)
            shutil.copyfileobj(content, file)
            file.flush()
            self.bring(Path(file.name), name, lambda: None)
        return name


class _Reading(io.RawIOBase):
    """A source as a file: what is read in order comes with one request."""

    def __init__(self, source: RangedSource) -> None:
        self._source, self._at = source, 0
        source.expect(0, source.size)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._source.size}[whence]
        at = max(0, start + offset)
        if at != self._at:
            self._source.expect(at, self._source.size - at)
        self._at = at
        return at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        data = self._source.read(self._at, max(0, min(len(buffer), self._source.size - self._at)))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        self._source.close()
        super().close()
