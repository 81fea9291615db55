"""Reading a table of videos: CSV as Excel and others save it, or XLSX. What is read is text; nothing is executed."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from platforms.services.bulk import workbook
from platforms.services.bulk.columns import BY_NAME, meant_by
from platforms.services.bulk.troubles import Unreadable
from platforms.values import gettext_noop, say

MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 5000
MOST_COLUMNS = 50
#: How many rows are looked through: people leave empty ones.
MOST_LINES = 4 * MOST_ROWS
LONGEST_CELL = 32_767
DELIMITERS = (",", ";", "\t")

EMPTY = gettext_noop("The table is empty.")
TOO_LARGE = gettext_noop("The table is larger than %(megabytes)s MB.")
MANY_ROWS = gettext_noop("The table has more than %(most)s rows; split it.")
MANY_COLUMNS = gettext_noop("Row %(row)s has more than %(most)s columns.")
LONG_CELL = gettext_noop("Row %(row)s has a cell of more than %(most)s letters; a quotation mark may be missing.")
NO_HEADINGS = gettext_noop("The first row does not name the columns. It needs headings such as “File”, “Title”.")
TWICE = gettext_noop("Two columns are called “%(heading)s”.")
NOT_TEXT = gettext_noop("The table is neither an .xlsx file nor a text in UTF-8 or GB18030.")
QUOTES = gettext_noop("Row %(row)s cannot be read as CSV; look at its quotation marks.")

Cells = Sequence[str]


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its number as a spreadsheet counts it, and its cells by the names of columns."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A table that could be read. `headings` maps columns to what they are called there; `unknown` are the others."""

    headings: dict[str, str]
    unknown: list[str]
    lines: list[Line]


def read(content: bytes) -> Table:
    """The table in a file, whatever it is called; raises `Unreadable`."""
    if len(content) > MOST_BYTES:
        raise Unreadable(say(TOO_LARGE, megabytes=MOST_BYTES // 1024**2))
    if workbook.is_one(content):
        return _table(workbook.rows(content, MOST_COLUMNS + 1))
    return _table(_csv_rows(_decoded(content)))


def _table(rows: Iterable[Cells]) -> Table:
    filled = ((number, cells) for number, cells in enumerate(rows, start=1) if any(cells))
    _number, first = next(filled, (0, ()))
    if not first:
        raise Unreadable(say(EMPTY))
    headings, unknown = _headings(first)
    lines: list[Line] = []
    for number, cells in filled:
        if len(lines) == MOST_ROWS or number > MOST_LINES:
            raise Unreadable(say(MANY_ROWS, most=MOST_ROWS))
        _check_size(number, cells)
        lines.append(Line(number, {name: cells[at] for at, name in headings.items() if at < len(cells)}))
    if not lines:
        raise Unreadable(say(EMPTY))
    return Table({name: first[at] for at, name in headings.items()}, unknown, lines)


def _headings(cells: Cells) -> tuple[dict[int, str], list[str]]:
    """Which column stands where, and the headings that mean none."""
    _check_size(1, cells)
    found: dict[int, str] = {}
    for at, cell in enumerate(cells):
        if name := meant_by(cell):
            if name in found.values():
                raise Unreadable(say(TWICE, heading=cell))
            found[at] = name
    if not found:
        raise Unreadable(say(NO_HEADINGS))
    return found, [cell for at, cell in enumerate(cells) if cell and at not in found]


def _check_size(number: int, cells: Cells) -> None:
    if len(cells) > MOST_COLUMNS and any(cells[MOST_COLUMNS:]):
        raise Unreadable(say(MANY_COLUMNS, row=number, most=MOST_COLUMNS))
    if any(len(cell) > LONGEST_CELL for cell in cells):
        raise Unreadable(say(LONG_CELL, row=number, most=LONGEST_CELL))


# CSV ------------------------------------------------------------------------------------------------------------------


def _decoded(content: bytes) -> str:
    """The text; Excel in China saves CSV as GB18030 without saying so."""
    marks = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
    marked = [encoding for mark, encoding in marks.items() if content.startswith(mark)]
    for encoding in marked or ("utf-8", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Unreadable(say(NOT_TEXT))


def _csv_rows(text: str) -> Iterator[Cells]:
    named = text[:4].casefold() == "sep=" and text[4:5]
    # Excel's own line that names the delimiter counts as a row of its own.
    if named:
        yield ()
        text = text[5:].lstrip("\r").removeprefix("\n")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=named or _delimiter(text), strict=True)
    number = 1 if named else 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise Unreadable(say(QUOTES, row=number)) from None
        yield [_tidy(cell) for cell in cells]


def _delimiter(text: str) -> str:
    """The one by which the headings make most sense."""
    first = next((line for line in io.StringIO(text) if line.strip()), "")

    def sense(delimiter: str) -> tuple[int, int]:
        cells = [cell.strip().strip('"') for cell in first.split(delimiter)]
        return len({name for name in map(meant_by, cells) if name in BY_NAME}), len(cells)

    return max(DELIMITERS, key=sense)


def _tidy(cell: str) -> str:
    return cell.replace("\r\n", "\n").strip()
