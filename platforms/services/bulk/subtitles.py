"""The subtitles of a row: found below the ingest folder, checked with the table, and added to its video once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError

from platforms.models import BulkRow, Video
from platforms.models.wording import joined
from platforms.services.bulk import cells
from platforms.services.fetching import folder
from platforms.services.fetching.troubles import Trouble
from platforms.services.subtitles import keeping, reading
from platforms.services.subtitles.content import md5_of
from platforms.services.subtitles.languages import UNDETERMINED, find, guess
from platforms.services.subtitles.reading import Reading
from platforms.values import Sentence, gettext_noop, say

MOST_TOLD = 3
LINE = gettext_noop("%(name)s, line %(line)s: %(reason)s")
WHOLE = gettext_noop("%(name)s: %(reason)s")


def named(text: str, base: str) -> list[dict[str, str]]:
    """What a cell lists below the folder `base`: paths, each alone or after its language (“en=lesson.srt”)."""
    return [_named(part, base) for part in cells.parts(text)]


def _named(text: str, base: str) -> dict[str, str]:
    before, _equals, after = text.partition("=")
    if after.strip() and (language := find(before)):
        return {"path": cells.path_below(base, after), "language": language}
    path = cells.path_below(base, text)
    return {"path": path, "language": guess(folder.name_of(path)) or UNDETERMINED}


def problems(path: str, *, whole: bool = True) -> list[Sentence]:
    """What is wrong with a subtitle file, a few of it at most; unless `whole`, without reading it."""
    try:
        return _told(_read(path, whole=whole))
    except Trouble as trouble:
        return [trouble.sentence]


def _told(found: Reading) -> list[Sentence]:
    return [
        say(LINE, name=found.name, line=error.line, reason=error.text)
        if error.line
        else say(WHOLE, name=found.name, reason=error.text)
        for error in found.errors[:MOST_TOLD]
    ]


def _read(path: str, duration: float | None = None, *, whole: bool = True) -> Reading:
    """Raises `Trouble`."""
    name = folder.name_of(path)
    with folder.opened(Path(settings.INGEST_ROOT), path) as file:
        size = os.fstat(file).st_size
        refusals = reading.why_not_read(name, size)
        if refusals or not whole:
            return Reading(name, reading.extension_of(name), errors=refusals)
        with os.fdopen(os.dup(file), "rb") as source:
            return reading.read(name, source.read(reading.MOST_BYTES + 1), duration)


def add(row: BulkRow, video: Video, *, actor: str) -> list[Sentence]:
    """Add to the video what it has not yet; answers why not, for those that could not be added.

    What is there under the same name and with the same text stays as it is, so that this may be repeated.
    """
    why: list[Sentence] = []
    for wanted in row.subtitles:
        try:
            found = _read(wanted["path"], video.duration)
            why += _told(found) if found.errors else _add(video, found, wanted["language"], actor)
        except Trouble as trouble:
            why.append(trouble.sentence)
    return why


def _add(video: Video, found: Reading, language: str, actor: str) -> Sequence[Sentence]:
    there = list(keeping.of(video))
    new = keeping.New(found, language, is_default=not there)
    if any((one.name, one.md5) == (new.called, md5_of(found.text)) for one in there):
        return ()
    try:
        keeping.add(video, [new], actor=actor)
    except ValidationError as error:
        return [say(WHOLE, name=found.name, reason=joined(error.messages))]
    return ()
