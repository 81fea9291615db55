"""The file of a video as a browser plays it before it is published: read in ranges from wherever it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from platforms.contract import ReadsAhead, SourceAway, SourceChanged
from platforms.models import Video
from platforms.services.files import storing
from platforms.storage import ClosingSource, storage_of
from platforms.transport.slices import FileSource
from platforms.values import Sentence, gettext_noop, say

BLOCK = 256 * 1024
# What browsers are told that a file is, by its extension. Anything else is only bytes to them, and never a page.
CONTENT_TYPES = {
    "mp4": "video/mp4", "m4v": "video/mp4", "f4v": "video/mp4", "mov": "video/quicktime", "qt": "video/quicktime",
    "webm": "video/webm", "mkv": "video/x-matroska", "ogv": "video/ogg", "ogg": "video/ogg", "avi": "video/x-msvideo",
    "flv": "video/x-flv", "wmv": "video/x-ms-wmv", "asf": "video/x-ms-asf", "mpg": "video/mpeg", "mpeg": "video/mpeg",
    "ts": "video/mp2t", "mts": "video/mp2t", "m2ts": "video/mp2t", "3gp": "video/3gpp",
    "mp3": "audio/mpeg", "m4a": "audio/mp4", "wav": "audio/wav", "wma": "audio/x-ms-wma",
}  # fmt: skip
ONLY_BYTES = "application/octet-stream"

NO_FILE = gettext_noop("The hub has no file of this video.")
NOT_THERE = gettext_noop("The file is no longer where the hub keeps it, or is another one by now (%(reason)s).")


class NoFile(Exception):
    """The file cannot be read; `sentence` says why. `passing`: it may be there in a while."""

    def __init__(self, sentence: Sentence, *, passing: bool = False) -> None:
        super().__init__(sentence.text)
        self.sentence, self.passing = sentence, passing

    @classmethod
    def because(cls, error: SourceAway | SourceChanged) -> NoFile:
        """What a source says when it cannot be read."""
        if isinstance(error, SourceAway):
            return cls(error.sentence, passing=True)
        return cls(say(NOT_THERE, reason=str(error)))


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file that is open: close its `source`. `mark` is another for other bytes."""

    source: ClosingSource
    size: int
    content_type: str
    mark: str

    def close(self) -> None:
        self.source.__exit__(None, None, None)

    def blocks(self, first: int, last: int) -> Iterator[bytes]:
        """The bytes from offset `first` to offset `last`, both included, a little at a time; then it is closed.

        Raises `SourceChanged` or `SourceAway` when it breaks off.
        """
        with self.source as source:
            if isinstance(source, ReadsAhead):
                source.expect(first, last + 1 - first)
            for offset in range(first, last + 1, BLOCK):
                yield source.read(offset, min(BLOCK, last + 1 - offset))


def has_file(video: Video) -> bool:
    """Whether the hub keeps the video's file, here or in a bucket."""
    return bool(video.source)


def open_file(video: Video) -> OpenFile:
    """The video's file; raises `NoFile`. While it is on its way into a bucket it plays from this machine's disk."""
    name = video.source.name or ""
    if not name:
        raise NoFile(say(NO_FILE))
    content_type = CONTENT_TYPES.get(video.extension, ONLY_BYTES)
    try:
        source = _source(video, name)
    except (SourceChanged, SourceAway) as error:
        raise NoFile.because(error) from None
    return OpenFile(source, video.size, content_type, video.md5 or PurePath(name).stem)


def _source(video: Video, name: str) -> ClosingSource:
    if storing.is_coming(video):
        here: Path = storing.path_of(name)
        if not here.is_file():
            raise SourceAway(say(storing.COMING), passing=True)
        return FileSource(here, name=video.original_name, size=video.size, md5=video.md5)
    storage = storage_of(video.source)
    return storage.open_ranges(name, called=video.original_name, size=video.size, md5=video.md5)
