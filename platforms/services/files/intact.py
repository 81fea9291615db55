"""Whether a video's file is still what was taken in: the same bytes, not only as many.

At intake the size and md5 are known and the file is moved to its place before its row is saved. A file that was
touched after that (its times say so, and its inode's time cannot be set back) is read again before it is sent. A mark
of its inode, size and times is kept with the upload session, so that this is done once and not for every slice. Of a
file in a far storage the mark is kept with the video, as it was when it had been brought there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

from platforms.contract import ReadsAhead, Source, SourceChanged
from platforms.models import Video
from platforms.storage import FarStorage, Look, storage_of

# Clocks of a file server and of the database may differ by so much.
SLACK = timedelta(seconds=5)
BLOCK = 4 * 1024 * 1024
OTHER_BYTES = "other bytes"


def look(video: Video) -> Look:
    """How the file is now; raises `SourceChanged` when it is not there, `SourceAway` while nobody can tell."""
    return storage_of(video.source).look(video.source.name or "")


def mark_of(found: Look) -> str:
    """Sixteen characters that change with the file's place, size or times."""
    return found.mark


def is_in_doubt(video: Video, found: Look) -> bool:
    """Whether the file was touched after it was taken in, or is not as it was brought into a far storage."""
    if video.mark and isinstance(video.source.storage, FarStorage):
        return found.mark != video.mark
    return bool(video.md5) and found.touched_at > video.created_at + SLACK


def is_watched(video: Video) -> bool:
    """Whether every read is of the very file that was opened, so that nobody needs to look at it again."""
    return isinstance(video.source.storage, FarStorage)


def same_file(before: Look, now: Look) -> bool:
    """Whether nothing has been written to the file, and no other put in its place."""
    return before.identity == now.identity


def read_again(source: Source, on_block: Callable[[], None]) -> None:
    """Hash the whole file; raises `SourceChanged` unless it has the md5 that it was taken in with."""
    digest, offset = hashlib.md5(), 0
    if isinstance(source, ReadsAhead):
        source.expect(0, source.size)
    while offset < source.size:
        block = source.read(offset, min(BLOCK, source.size - offset))
        digest.update(block)
        offset += len(block)
        on_block()
    if digest.hexdigest() != source.md5:
        raise SourceChanged(OTHER_BYTES)
