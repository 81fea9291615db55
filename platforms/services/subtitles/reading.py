"""A subtitle file as it arrives: everything that is wrong with it by line, or its text, ready to be kept."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

import webvtt
from webvtt.errors import MalformedCaptionError, MalformedFileError

from platforms.services.subtitles import encoding
from platforms.services.subtitles.blocks import SYNTAXES, Cue, Found, Syntax, cues_of
from platforms.services.subtitles.remarks import Remark, by_line
from platforms.values import Scalar, gettext_noop, say

MIB = 1024 * 1024
MOST_BYTES = 2 * MIB
EXTENSIONS = ("vtt", "srt")

EMPTY = gettext_noop("The file is empty.")
TOO_LARGE = gettext_noop("The file has %(size)s MB. Subtitles have at most %(most)s MB; is it another file?")
WRONG_EXTENSION = gettext_noop("Subtitles are .vtt or .srt files; “%(name)s” is neither.")
NO_CUES = gettext_noop("The file holds no cues.")
ENDS_EARLY = gettext_noop("The cue ends (%(end)s) before it begins (%(start)s).")
NO_TIME = gettext_noop("The cue ends when it begins (%(start)s).")
NOT_TAKEN = gettext_noop("The parser of subtitles reads the file otherwise than it is written: %(detail)s")
CONTROL = gettext_noop("The line holds a character that cannot be shown (%(character)s).")
OVERLAP = gettext_noop("The cue begins before the one of line %(other)s has ended.")
ORDER = gettext_noop("The cue begins earlier than the one above it, of line %(other)s.")
NO_TEXT = gettext_noop("The cue has no text.")
LOST = gettext_noop("The line holds “�”: characters were lost when the file was converted.")
NO_SETTING = gettext_noop("“%(setting)s” is no setting of a cue; players pass over it.")
AFTER_END = gettext_noop("The cue begins after the end of the video (%(end)s).")

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\ufffe\uffff]")
_BLANK = re.compile(r"^[^\S\n]+$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds. With `errors` it is not kept; `warnings` are worth a look.

    `text` is as UTF-8 keeps it: without a mark, its lines end with a line feed. `seconds` is when the last cue ends.
    """

    name: str
    format: str
    text: str = ""
    cues: int = 0
    seconds: float = 0.0
    errors: tuple[Remark, ...] = ()
    warnings: tuple[Remark, ...] = ()


def why_not_read(name: str, size: int) -> tuple[Remark, ...]:
    """What rules a file out before a byte of it is read."""
    if extension_of(name) not in EXTENSIONS:
        return (_about_all(WRONG_EXTENSION, name=name[:100]),)
    if not size:
        return (_about_all(EMPTY),)
    if size > MOST_BYTES:
        return (_about_all(TOO_LARGE, size=round(size / MIB, 1), most=MOST_BYTES // MIB),)
    return ()


def extension_of(name: str) -> str:
    return PurePath(name).suffix.lstrip(".").lower()


def read(name: str, data: bytes, duration: float | None = None) -> Reading:
    """Read a file that people call `name`, of a video of so many seconds; all of its problems at once."""
    kind = extension_of(name)
    if refusals := why_not_read(name, len(data)):
        return Reading(name, kind, errors=refusals)
    decoded = encoding.decode(data)
    if decoded.errors:
        return Reading(name, kind, errors=by_line(decoded.errors))
    text = _normal(decoded.text)
    if not text.strip():
        return Reading(name, kind, errors=(_about_all(EMPTY),))
    syntax = SYNTAXES[kind]
    found = cues_of(text, syntax)
    errors = [*found.errors, *_unseen(text), *_backwards(found.cues)]
    if not errors:
        errors = _unconfirmed(text, syntax, found)
    warnings = [*decoded.remarks, *_loose(found.cues, duration), *_lost(text)]
    seconds = max((cue.end for cue in found.cues), default=0) / 1000
    return Reading(name, kind, text, len(found.cues), seconds, by_line(errors), by_line(warnings))


def _normal(text: str) -> str:
    """Lines end with a line feed, lines of white space are empty, and the last one ends too."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _BLANK.sub("", text).rstrip("\n") + "\n"


def _about_all(text: str, **params: Scalar) -> Remark:
    return Remark(0, say(text, **params))


def _unseen(text: str) -> Iterator[Remark]:
    for number, line in enumerate(text.split("\n"), 1):
        if found := _UNSEEN.search(line):
            yield Remark(number, say(CONTROL, character=f"U+{ord(found[0]):04X}"))


def _lost(text: str) -> Iterator[Remark]:
    return (Remark(number, say(LOST)) for number, line in enumerate(text.split("\n"), 1) if "\ufffd" in line)


def _backwards(cues: Sequence[Cue]) -> Iterator[Remark]:
    for cue in cues:
        if cue.end < cue.start:
            yield Remark(cue.line, say(ENDS_EARLY, start=clock(cue.start), end=clock(cue.end)))
        elif cue.end == cue.start:
            yield Remark(cue.line, say(NO_TIME, start=clock(cue.start)))


def _loose(cues: Sequence[Cue], duration: float | None) -> Iterator[Remark]:
    """What players take and viewers may not like."""
    lasting: Cue | None = None
    for above, cue in zip([None, *cues], cues, strict=False):
        if not cue.text:
            yield Remark(cue.line, say(NO_TEXT))
        if above and cue.start < above.start:
            yield Remark(cue.line, say(ORDER, other=above.line))
        elif lasting and cue.start < lasting.end:
            yield Remark(cue.line, say(OVERLAP, other=lasting.line))
        yield from (Remark(cue.line, say(NO_SETTING, setting=one[:60])) for one in cue.settings.split() if _is_odd(one))
        if duration and cue.start > duration * 1000:
            yield Remark(cue.line, say(AFTER_END, end=clock(round(duration * 1000))))
        if lasting is None or cue.end > lasting.end:
            lasting = cue


def _is_odd(setting: str) -> bool:
    try:
        webvtt.models.CueSettings.from_string(setting, strict=True)
    except MalformedCaptionError:
        return True
    return False


def _unconfirmed(text: str, syntax: Syntax, found: Found) -> list[Remark]:
    """What the parser library has against a file that is whole line by line."""
    if not found.cues:
        return [_about_all(NO_CUES)]
    try:
        captions = parse(text, syntax.name).captions
    except (MalformedFileError, MalformedCaptionError, ValueError) as error:
        return [_about_all(NOT_TAKEN, detail=str(error)[:200])]
    mine = [(cue.start, cue.end) for cue in found.cues if cue.text or syntax.name == "vtt"]
    for cue, other in zip(mine, captions, strict=False):
        if cue != _span(other):
            return [_about_all(NOT_TAKEN, detail=f"{other.start} --> {other.end}")]
    if len(mine) != len(captions):
        return [_about_all(NOT_TAKEN, detail=f"{len(captions)} / {len(mine)}")]
    return []


def parse(text: str, kind: str) -> webvtt.WebVTT:
    """The captions of a checked text as the parser library has them."""
    if kind == "vtt":
        return webvtt.WebVTT.from_string(text)
    return webvtt.WebVTT.from_buffer(io.StringIO(text), format="srt")


def _span(caption: webvtt.Caption) -> tuple[int, int]:
    return caption.start_time.in_milliseconds(), caption.end_time.in_milliseconds()


def clock(milliseconds: int) -> str:
    """`0:01:02.500`."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"
