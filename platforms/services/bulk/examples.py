"""A table to start from, with headings in the reader's language: as CSV for any program, and as XLSX."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from platforms.later import Later
from platforms.models import Account
from platforms.services.bulk.columns import COLUMNS, REQUIRED
from platforms.values import gettext_noop

openpyxl = Later("openpyxl")

MOST_ACCOUNTS = 3
WIDTHS = {"file": 28, "title": 30, "description": 36, "tags": 18, "accounts": 20, "publish_at": 18, "block_at": 18}
LESSON = gettext_noop("Lesson %(number)s: fractions")
ABOUT = gettext_noop("Mathematics, third grade")
TAGS = gettext_noop("mathematics,third grade")
MEANS = gettext_noop("What the columns mean")


def rows() -> list[list[str]]:
    """Headings and two rows, with the names of accounts that there are."""
    accounts = ",".join(Account.objects.order_by("name").values_list("name", flat=True)[:MOST_ACCOUNTS]) or "-"
    words = {"description": _(ABOUT), "tags": _(TAGS), "accounts": accounts}
    lessons = [
        {"file": f"lesson-{number}.mp4", "title": _(LESSON) % {"number": number}, **words} for number in (1, 2)
    ]  # fmt: skip
    return [headings(), *([lesson.get(column.name, "") for column in COLUMNS] for lesson in lessons)]


def headings() -> list[str]:
    return [_(column.heading) for column in COLUMNS]


def as_csv() -> bytes:
    """In UTF-8 with its mark, by which Excel knows it."""
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows(rows())
    return stream.getvalue().encode("utf-8-sig")


def as_xlsx() -> bytes:
    """With a second sheet that says what the columns mean; only the first one is read."""
    book = openpyxl.Workbook()
    first = book.active
    first.title = _("Videos")
    for at, cells in enumerate(rows(), start=1):
        _write(first, at, cells)
    for at, column in enumerate(COLUMNS, start=1):
        first.column_dimensions[first.cell(1, at).column_letter].width = WIDTHS.get(column.name, 16)
    first.freeze_panes = "A2"
    _explain(book.create_sheet(_(MEANS)))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _explain(sheet: Any) -> None:
    for at, column in enumerate(COLUMNS, start=2):
        needed = _("needed") if column.name in REQUIRED else ""
        _write(sheet, at, [_(column.heading), needed, _(column.meaning)])
    _write(sheet, 1, [_("Column"), "", _("What it holds")])
    for letter, width in (("A", 16), ("B", 10), ("C", 90)):
        sheet.column_dimensions[letter].width = width


def _write(sheet: Any, at: int, cells: Sequence[str]) -> None:
    """A row of texts, never of formulas; the first row of a sheet are its headings, wherever they come from."""
    styles = openpyxl.styles
    for column, text in enumerate(cells, start=1):
        cell = sheet.cell(at, column, text)
        cell.data_type = openpyxl.cell.cell.TYPE_STRING
        cell.alignment = styles.Alignment(vertical="top", wrap_text=True)
        if at == 1:
            cell.font = styles.Font(bold=True)
            cell.fill = styles.PatternFill("solid", fgColor="E8EEF7")
