"""From the bytes of a subtitle to its text: UTF-8, UTF-16 with its mark, or GB18030, and nothing that is guessed.

Many encodings of East Asia read each other's bytes without an error, as other words. So GB18030 is taken only where the
statistics of charset-normalizer find no encoding that suits the bytes better.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass

from charset_normalizer import CharsetMatch, from_bytes

from platforms.services.subtitles.remarks import Remark
from platforms.values import gettext_noop, say

# The longer marks first: the one of UTF-32 begins like the one of UTF-16.
MARKS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
RIVALS = {
    "gb18030": "GB18030", "big5": "Big5", "euc_kr": "EUC-KR", "euc_jp": "EUC-JP", "shift_jis": "Shift_JIS",
    "cp1252": "Windows-1252", "cp1251": "Windows-1251",
}  # fmt: skip
SAMPLE_BYTES = 64 * 1024

CONVERTED = gettext_noop("The file was in %(encoding)s; it is kept as UTF-8.")
BINARY = gettext_noop("This is not a text file.")
NO_MARK = gettext_noop("The file looks like UTF-16 without the mark at its beginning; save it as UTF-8.")
NOT_UTF8 = gettext_noop("The line has bytes that are not UTF-8 as the rest of the file is.")
NOT_GB = gettext_noop("The line has bytes that are not GB18030 as the rest of the file is.")
NOT_MARKED = gettext_noop("The file begins with the mark of %(encoding)s and goes on in something else.")
OTHER = gettext_noop("The file is neither in UTF-8 nor in GB18030 but, it seems, in %(encoding)s; save it as UTF-8.")
UNKNOWN = gettext_noop("The file is neither in UTF-8 nor in GB18030; save it as UTF-8.")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text without a mark, with what is to be said about its encoding; `errors`: it cannot be used."""

    text: str
    remarks: tuple[Remark, ...] = ()
    errors: tuple[Remark, ...] = ()


def decode(data: bytes) -> Decoded:
    """The text that the bytes of a whole file stand for."""
    for mark, codec, name in MARKS:
        if data.startswith(mark):
            return _marked(data[len(mark) :], codec, name)
    if b"\0" in data:
        return _refused(NO_MARK if _is_utf16(data) else BINARY)
    try:
        return Decoded(data.decode("utf-8"))
    except UnicodeDecodeError:
        return _legacy(data)


def _marked(data: bytes, codec: str, name: str) -> Decoded:
    if codec == "utf-8":
        wrong = _undecodable(data, codec)
        return Decoded("", errors=_at_lines(wrong, NOT_UTF8)) if wrong else Decoded(data.decode(codec))
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return _refused(NOT_MARKED, encoding=name)
    return Decoded(text, (Remark(0, say(CONVERTED, encoding=name)),))


def _is_utf16(data: bytes) -> bool:
    """Whether every other byte of what must be ASCII in each subtitle, the times, is nothing."""
    return any("-->".encode(codec) in data for codec in ("utf-16-le", "utf-16-be"))


def _legacy(data: bytes) -> Decoded:
    """What is not UTF-8 as a whole: UTF-8 or GB18030 with some broken lines, GB18030, or something else."""
    lines = [line for line in data.splitlines() if not line.isascii()]
    no_utf8 = _undecodable(data, "utf-8")
    if len(no_utf8) * 2 < len(lines):
        return Decoded("", errors=_at_lines(no_utf8, NOT_UTF8))
    no_gb = _undecodable(data, "gb18030")
    if no_gb and len(no_gb) * 4 < len(lines) and _best(_without(data, no_gb)) == "gb18030":
        return Decoded("", errors=_at_lines(no_gb, NOT_GB))
    best = _best(data)
    if best == "gb18030":
        return Decoded(data.decode(best), (Remark(0, say(CONVERTED, encoding=RIVALS[best])),))
    return _refused(OTHER, encoding=RIVALS[best]) if best else _refused(UNKNOWN)


def _best(data: bytes) -> str:
    """The encoding that suits the bytes best; "" when none does. What is as good as another is GB18030."""
    lines = b"\n".join(line for line in data.splitlines() if not line.isascii())[:SAMPLE_BYTES]
    candidates = [name for name in RIVALS if not _undecodable(data, name)]
    if not candidates:
        return ""
    matches: Sequence[CharsetMatch] = list(from_bytes(_whole_lines(lines), cp_isolation=candidates))
    if not matches:
        return ""
    least = min(match.chaos for match in matches)
    best = [match for match in matches if match.chaos == least]
    most = max(match.coherence for match in best)
    names = [match.encoding for match in best if match.coherence == most]
    return "gb18030" if "gb18030" in names else names[0]


def _whole_lines(sample: bytes) -> bytes:
    """A sample that was cut off, without its last line."""
    return sample if len(sample) < SAMPLE_BYTES else sample[: sample.rfind(b"\n") + 1]


def _undecodable(data: bytes, codec: str) -> list[int]:
    """The numbers of the lines that are not in an encoding, from 1. ASCII line ends are the same in all of them."""
    wrong = []
    for number, line in enumerate(data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"), 1):
        try:
            line.decode(codec)
        except UnicodeDecodeError:
            wrong.append(number)
    return wrong


def _without(data: bytes, numbers: Sequence[int]) -> bytes:
    left_out = set(numbers)
    lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    return b"\n".join(line for number, line in enumerate(lines, 1) if number not in left_out)


def _at_lines(numbers: Sequence[int], text: str) -> tuple[Remark, ...]:
    return tuple(Remark(number, say(text)) for number in numbers)


def _refused(text: str, **params: str) -> Decoded:
    return Decoded("", errors=(Remark(0, say(text, **params)),))
