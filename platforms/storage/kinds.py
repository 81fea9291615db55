"""What the hub asks of a storage beside Django's own verbs, and what a far one can do beside."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, cast

from django.core.files.storage import Storage
from django.db.models.fields.files import FieldFile

from platforms.contract import Source


@dataclass(frozen=True, slots=True)
class Look:
    """How a file is at this moment: `size` in bytes, and `touched_at` when something of it changed last (aware).

    `identity` changes when it is written to or another is put in its place, `mark` (sixteen characters) also when it
    is moved or only touched.
    """

    size: int
    touched_at: datetime
    identity: str
    mark: str


def mark_of(*facts: object) -> str:
    """Sixteen characters that change with any of the facts."""
    return hashlib.sha256(":".join(map(str, facts)).encode()).hexdigest()[:16]


class ClosingSource(Source, Protocol):
    """A source that is open: use it in `with`."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None: ...


class MediaStorage(Storage):
    """A storage of video files. Both verbs raise `SourceChanged` when there is no such file."""

    @abstractmethod
    def look(self, name: str) -> Look:
        """How the file is now; raises `SourceAway` while nobody can tell."""

    @abstractmethod
    def open_ranges(self, name: str, *, called: str, size: int, md5: str) -> ClosingSource:
        """The file, which people call `called` and which has `size` bytes and this md5, to be read at positions.

        Raises `SourceChanged` when it has another size, and `SourceAway`.
        """


def storage_of(file: FieldFile) -> MediaStorage:
    """The storage that keeps the file of a row: the one that the settings have chosen."""
    return cast(MediaStorage, file.storage)


class FarStorage(MediaStorage):
    """A storage to which files must be brought. It takes minutes and may break off: a worker does it (`storing.py`).

    Every read of `open_ranges` is of the very file that was opened, or fails with `SourceChanged`.
    """

    @abstractmethod
    def bring(self, path: Path, name: str, pulse: Callable[[], None]) -> Look:
        """Put the file at `path` under `name`, and answer how it is there. What an earlier try has brought is used.

        `pulse` is called several times a second; what it raises ends the work, and another call goes on. Raises
        `SourceAway`.
        """

    @abstractmethod
    def remove(self, name: str) -> None:
        """Remove a file, and what has been brought of it so far; nothing happens without one. Raises `SourceAway`."""

    @abstractmethod
    def trouble(self) -> str:
        """Why the storage cannot be used now, in English and without secrets; empty when it can. Quick."""
