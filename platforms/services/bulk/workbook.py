"""XLSX: a spreadsheet's first sheet as rows of text. What its formulas last showed is read; none is worked out."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from platforms.later import Later
from platforms.services.bulk.troubles import Unreadable
from platforms.values import gettext_noop, say

openpyxl = Later("openpyxl")

ZIP, OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
MOST_UNPACKED = 48 * 1024 * 1024
MOST_PARTS = 500
#: Empty rows are walked through one by one.
LAST_ROW = 100_000

OLD_EXCEL = gettext_noop("This is an old or protected Excel file. Save it as .xlsx without a password, or as CSV.")
TOO_MUCH = gettext_noop("The .xlsx file unpacks to more than %(megabytes)s MB.")
LONG_SHEET = gettext_noop("The sheet goes on beyond row %(row)s. Delete the empty rows below the list.")
BROKEN = gettext_noop("The .xlsx file is damaged or is none. Save it again, or save it as CSV.")


def is_one(content: bytes) -> bool:
    """Whether a file is a spreadsheet by its first bytes; raises `Unreadable` for one of the old kind."""
    if content.startswith(OLD):
        raise Unreadable(say(OLD_EXCEL))
    return content.startswith(ZIP)


def rows(content: bytes, most_columns: int) -> Iterator[list[str]]:
    """The rows of the first sheet, empty ones too; raises `Unreadable`."""
    _refuse_bombs(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            sheet = book.worksheets[0]
            # What a file says of its own size may be wrong.
            sheet.reset_dimensions()
            for number, cells in enumerate(sheet.iter_rows(max_col=most_columns, values_only=True)):
                if number == LAST_ROW:
                    raise Unreadable(say(LONG_SHEET, row=LAST_ROW))
                yield _without_end([as_text(cell) for cell in cells])
        finally:
            book.close()
    except Unreadable:
        raise
    except (openpyxl.utils.exceptions.InvalidFileException, zipfile.BadZipFile, *_ODD) as error:
        raise Unreadable(say(BROKEN)) from error


# A file from outside may be wrong in any of its parts, and the library says so in as many ways.
_ODD = (KeyError, ValueError, TypeError, IndexError, AttributeError, SyntaxError, OSError, EOFError, OverflowError,
        NotImplementedError, RuntimeError, ArithmeticError, AssertionError)  # fmt: skip


def _refuse_bombs(content: bytes) -> None:
    """A part unpacks to no more than it announces; the library of archives sees to that."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, *_ODD) as error:
        raise Unreadable(say(BROKEN)) from error
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Unreadable(say(TOO_MUCH, megabytes=MOST_UNPACKED // 1024**2))


def as_text(cell: Any) -> str:
    """What a cell shows, nearly: times as “2026-12-01 08:00:00”, whole numbers without a point."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).replace("\r\n", "\n").replace("_x000D_", "").replace("\0", "").strip()


def _without_end(cells: list[str]) -> list[str]:
    """Without the empty cells after the last one: a sheet may be formatted far beyond what is written."""
    while cells and not cells[-1]:
        cells.pop()
    return cells
