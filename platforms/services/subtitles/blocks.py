"""The blocks of a subtitle file with their line numbers, and the cues in them, broken or whole.

A parser library tells that a file is broken; staff need every line at which it is. What this module takes, the library
takes as well, with the same cues: `reading.py` has it confirm that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from platforms.services.subtitles.remarks import Remark
from platforms.values import Scalar, gettext_noop, say

ARROW = "-->"
SHOWN = 60
# What stands before the arrow of a line that is meant to be times, however wrong they are.
_MEANT_AS_TIMES = re.compile(r"[\s\d:.,;：，。]*-->")
_NUMBER = re.compile(r"\s*\d+\s*")
_FULL_WIDTH = re.compile("[：，。０-９－＞]")
_CLOCK = re.compile(r"\d[:：]\d\d")

NO_HEADER = gettext_noop("A .vtt file begins with a line “WEBVTT”; this one begins with “%(shown)s”.")
IS_VTT = gettext_noop("This is a WebVTT file: give it the ending .vtt.")
NO_BLANK_AFTER_HEADER = gettext_noop("An empty line is missing between “WEBVTT” and the first cue.")
NO_BLANK = gettext_noop("An empty line is missing above this cue.")
NO_TIMES = gettext_noop("“%(shown)s” stands outside any cue: times such as %(example)s are missing above it.")
BAD_TIMES = gettext_noop("“%(shown)s” are not two times such as %(example)s.")
WIDE_TIMES = gettext_noop("“%(shown)s” has full-width characters; times are written as %(example)s.")
NO_NUMBER = gettext_noop("The number of the cue is missing above its times.")
BAD_NUMBER = gettext_noop("“%(shown)s” stands where the number of the cue is expected.")
TOO_LATE = gettext_noop("A %(kind)s block must stand above the first cue.")


@dataclass(frozen=True, slots=True)
class Cue:
    """What is shown from `start` to `end`, both in milliseconds; `line` is where its times stand.

    `settings` is what a .vtt file says behind the times about where it is shown.
    """

    line: int
    start: int
    end: int
    text: tuple[str, ...]
    settings: str = ""


@dataclass(frozen=True, slots=True)
class Syntax:
    """How a format writes its cues. `numbered`: with a number above the times; `example`: two times."""

    name: str
    numbered: bool
    times: re.Pattern[str]
    example: str


def _times(hours: str, separator: str) -> re.Pattern[str]:
    time = rf"{hours}([0-5]\d):([0-5]\d){separator}(\d{{3}})"
    return re.compile(rf"[ \t]*{time}[ \t]*-->[ \t]*{time}(?:[ \t](.*))?")


VTT = Syntax("vtt", False, _times(r"(?:(\d{2,4}):)?", r"\."), "00:01:02.500 --> 00:01:05.000")
SRT = Syntax("srt", True, _times(r"(\d{2,4}):", ","), "00:01:02,500 --> 00:01:05,000")
SYNTAXES = {syntax.name: syntax for syntax in (VTT, SRT)}

Line = tuple[int, str]


@dataclass
class Found:
    """The cues of a file in its order, and what is broken."""

    cues: list[Cue] = field(default_factory=list)
    errors: list[Remark] = field(default_factory=list)

    def complain(self, line: int, text: str, **params: Scalar) -> None:
        self.errors.append(Remark(line, say(text, **params)))


def cues_of(text: str, syntax: Syntax) -> Found:
    """The cues of a text whose lines end with a line feed and hold more than white space, or nothing."""
    found = Found()
    lines = list(enumerate(text.split("\n"), 1))
    blocks = _blocks(lines)
    if syntax is VTT:
        blocks = _without_header(lines, found)
    elif lines[0][1].startswith("WEBVTT"):
        found.complain(1, IS_VTT)
        return found
    for block in blocks:
        if syntax is VTT and _is_remark_or_style(block, found):
            continue
        for part in _split(block, syntax, found):
            _take_cue(part, syntax, found)
    return found


def _blocks(lines: list[Line]) -> Iterator[list[Line]]:
    block: list[Line] = []
    for number, line in lines:
        if line:
            block.append((number, line))
        elif block:
            yield block
            block = []
    if block:
        yield block


def _without_header(lines: list[Line], found: Found) -> Iterator[list[Line]]:
    """The blocks below the line “WEBVTT” and what may stand directly under it."""
    first = lines[0][1]
    if not re.fullmatch(r"WEBVTT(?:[ \t].*)?", first):
        found.complain(1, NO_HEADER, shown=first[:SHOWN])
        return _blocks(lines)
    header = next(_blocks(lines))
    times = [number for number, line in header if ARROW in line]
    if not times:
        return _blocks(lines[len(header) :])
    found.complain(times[0], NO_BLANK_AFTER_HEADER)
    return _blocks(lines[times[0] - 1 :])


def _is_remark_or_style(block: list[Line], found: Found) -> bool:
    """Whether a block of WebVTT is none of cues."""
    number, first = block[0]
    if any(ARROW in line for _number, line in block):
        return False
    for kind in ("STYLE", "REGION"):
        if first.rstrip() == kind:
            if found.cues:
                found.complain(number, TOO_LATE, kind=kind)
            return True
    return re.match(r"NOTE(?:[ \t]|$)", first) is not None


def are_times(line: str, syntax: Syntax) -> bool:
    """Whether a line is, or is meant as, the times of a cue. In an .srt file an arrow may be part of what is said."""
    if syntax is VTT:
        return ARROW in line
    return _MEANT_AS_TIMES.match(line) is not None


def _split(block: list[Line], syntax: Syntax, found: Found) -> Iterator[list[Line]]:
    """One part a cue, of a block that holds one unless an empty line is missing."""
    starts: list[int] = []
    for index, (number, line) in enumerate(block):
        if not are_times(line, syntax):
            continue
        has_number = index > 0 and _NUMBER.fullmatch(block[index - 1][1]) is not None
        start = index - 1 if has_number or (index == 1 and not starts) else index
        if starts and start <= starts[-1]:
            start = index
        if starts or start:
            _complain_of_gap(block, start, number, bool(starts), syntax, found)
        starts.append(start)
    if not starts:
        _complain_of_text(block, syntax, found)
        return
    for start, end in zip(starts, [*starts[1:], len(block)], strict=True):
        yield block[start:end]


def _complain_of_text(block: list[Line], syntax: Syntax, found: Found) -> None:
    """A block without an arrow: its times are written otherwise, or it belongs to no cue."""
    for number, line in block[:2]:
        if len(_CLOCK.findall(line)) > 1:
            _complain_of_times(number, line, syntax, found)
            return
    found.complain(block[0][0], NO_TIMES, shown=block[0][1][:SHOWN], example=syntax.example)


def _complain_of_times(number: int, line: str, syntax: Syntax, found: Found) -> None:
    sentence = WIDE_TIMES if _FULL_WIDTH.search(line) else BAD_TIMES
    found.complain(number, sentence, shown=line.strip()[:SHOWN], example=syntax.example)


def _complain_of_gap(block: list[Line], start: int, number: int, again: bool, syntax: Syntax, found: Found) -> None:
    """What stands directly above a cue that is not the first of its block, or of which more than one line is above."""
    if again:
        found.complain(block[start][0], NO_BLANK)
    else:
        above, text = block[0]
        found.complain(above, NO_TIMES, shown=text[:SHOWN], example=syntax.example)


def _take_cue(part: list[Line], syntax: Syntax, found: Found) -> None:
    named = not are_times(part[0][1], syntax)
    number, line = part[1] if named else part[0]
    if syntax.numbered and not named:
        found.complain(number, NO_NUMBER)
    elif syntax.numbered and not _NUMBER.fullmatch(part[0][1]):
        found.complain(part[0][0], BAD_NUMBER, shown=part[0][1][:SHOWN])
    matched = syntax.times.fullmatch(line)
    if matched is None:
        _complain_of_times(number, line, syntax, found)
        return
    *times, settings = matched.groups()
    values = [int(value or 0) for value in times]
    text = tuple(line for _number, line in part[2 if named else 1 :])
    settings = settings or "" if syntax is VTT else ""
    found.cues.append(Cue(number, _milliseconds(values[:4]), _milliseconds(values[4:]), text, settings))


def _milliseconds(values: list[int]) -> int:
    hours, minutes, seconds, rest = values
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + rest
