"""The files of subtitles where the hub keeps its media, on whichever storage that is."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from platforms import queue
from platforms.contract import SourceAway, SourceChanged
from platforms.models import Errand, FileErrand, Subtitle
from platforms.models.subtitle import subtitle_path
from platforms.services.subtitles.converting import convert
from platforms.storage import FarStorage, MediaStorage, storage_of
from platforms.values import Sentence, gettext_noop, say

NO_FILE = gettext_noop("The hub no longer has the file of the subtitle “%(name)s”.")


class NoContent(Exception):
    """The file cannot be read now; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class TextSource:
    """A `Source` over the text of a subtitle in format `kind`."""

    def __init__(self, text: str, kind: str) -> None:
        self._data = text.encode()
        self.name, self.extension = f"subtitle.{kind}", kind
        self.size, self.md5 = len(self._data), md5_of(text)

    def read(self, offset: int, length: int) -> bytes:
        return self._data[offset : offset + length]


def save(subtitle: Subtitle, text: str) -> None:
    """Put the text where media are kept and name it on the (unsaved) subtitle.

    No transaction is open, because the storage may be far. Raises `NoContent` while the storage is away.
    """
    data = text.encode()
    subtitle.size, subtitle.md5 = len(data), md5_of(text)
    storage, name = storage_of(subtitle.file), subtitle_path(subtitle, "")
    try:
        subtitle.file.name = _put(storage, data, name)
    except SourceAway as error:
        raise NoContent(error.sentence) from None


def _put(storage: MediaStorage, data: bytes, name: str) -> str:
    """Where it lies. Django's own verb does not tell by `SourceAway` that a bucket is away."""
    if not isinstance(storage, FarStorage):
        return storage.save(name, ContentFile(data))
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        storage.bring(Path(file.name), name, lambda: None)
    return name


def md5_of(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def text_of(subtitle: Subtitle) -> str:
    """The text as it is kept; raises `NoContent`."""
    try:
        with storage_of(subtitle.file).open_ranges(
            subtitle.file.name or "", called=subtitle.name, size=subtitle.size, md5=subtitle.md5
        ) as source:
            return source.read(0, subtitle.size).decode()
    except SourceAway as error:
        raise NoContent(error.sentence) from None
    except (OSError, SourceChanged, ValueError):
        raise NoContent(say(NO_FILE, name=subtitle.name)) from None


def as_format(subtitle: Subtitle, to: str) -> str:
    """The text in format `to` ("vtt" or "srt"); raises `NoContent`."""
    return convert(text_of(subtitle), subtitle.format, to)


def source_for(subtitle: Subtitle, extensions: frozenset[str]) -> TextSource:
    """What a platform is sent that takes these extensions; raises `NoContent`."""
    to = subtitle.format if subtitle.format in extensions else next(iter(sorted(extensions, reverse=True)))
    return TextSource(as_format(subtitle, to), to)


def forget(subtitle: Subtitle) -> None:
    """In the transaction that deletes the row: its file goes too."""
    storage, name = storage_of(subtitle.file), subtitle.file.name or ""
    if not name:
        return
    if isinstance(storage, FarStorage):
        FileErrand.objects.create(kind=Errand.REMOVE, name=name, next_run_at=timezone.now())
        queue.wake_fetches()
    else:
        transaction.on_commit(lambda: storage.delete(name))
