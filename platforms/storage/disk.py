"""Video files on a disk of this machine, or on one that all machines share."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from django.core.files.storage import FileSystemStorage

from platforms.contract import SourceChanged
from platforms.storage.kinds import Look, MediaStorage, mark_of
from platforms.transport.slices import FileSource


class DiskStorage(FileSystemStorage, MediaStorage):
    """Below MEDIA_ROOT."""

    def look(self, name: str) -> Look:
        try:
            found = os.stat(self.path(name))
        except OSError as error:
            raise SourceChanged(os.strerror(error.errno or 0)) from error
        # The time of an inode cannot be set back.
        touched = datetime.fromtimestamp(max(found.st_mtime, found.st_ctime), UTC)
        identity = f"{found.st_ino}:{found.st_size}:{found.st_mtime_ns}"
        mark = mark_of(found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        return Look(found.st_size, touched, identity, mark)

    def open_ranges(self, name: str, *, called: str, size: int, md5: str) -> FileSource:
        return FileSource(Path(self.path(name)), name=called, size=size, md5=md5)
