"""Tables of videos, and what the workers do with them."""

from __future__ import annotations

import io
import struct
import time
from collections.abc import Sequence
from typing import Any

import openpyxl

from platforms import tasks
from platforms.models import Account, BulkRow, BulkState, BulkUpload
from platforms.services.bulk import checking, jobs, reading
from platforms.services.bulk.checking import Checked, Defaults
from tests import hub
from tests.fetching.fetched import FILM

HEADINGS = ("file", "title", "description", "tags", "accounts")


def csv_of(*rows: Sequence[str], headings: Sequence[str] = HEADINGS) -> bytes:
    """A CSV in UTF-8, every cell in quotes."""
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in (headings, *rows)]
    return ("\r\n".join(quoted) + "\r\n").encode()


def xlsx_of(*rows: Sequence[Any]) -> bytes:
    """A spreadsheet with these rows."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def film(number: int) -> bytes:
    """A film of its own: the sample with a box at its end that every player skips."""
    return FILM + struct.pack(">I4sI", 12, b"free", number)


def good(file: str = "lesson.mp4", title: str = "第一课", accounts: str = "yk, iq, bj") -> tuple[str, ...]:
    """A row that every platform takes."""
    return (file, title, "三年级数学", "数学, 三年级", accounts)


def check(*rows: Sequence[str], headings: Sequence[str] = HEADINGS, **defaults: Any) -> Checked:
    """What the check says of a CSV of these rows."""
    return checking.check_table(reading.read(csv_of(*rows, headings=headings)), Defaults(**defaults))


def problems(checked: Checked) -> list[tuple[int, str, str, str]]:
    """Row, column, account and words of every problem."""
    return [
        (row.number, problem["column"], problem["account"], problem["sentence"]["text"] % problem["sentence"]["params"])
        for row in checked.rows
        for problem in row.problems
    ]


def queued(*rows: Sequence[str], headings: Sequence[str] = HEADINGS, **defaults: Any) -> BulkUpload:
    """A bulk upload of these rows that the workers may begin."""
    checked = check(*rows, headings=headings, **defaults)
    assert not checked.wrong, problems(checked)
    job = jobs.keep(checked, "lessons.csv", actor="li")
    jobs.start(job)
    return job


def run(job: BulkUpload) -> BulkUpload:
    """Do what the workers do with the files until the bulk upload is over; then it is as stored."""
    deadline = time.monotonic() + hub.PATIENCE_SECONDS
    job.refresh_from_db()
    while job.state == BulkState.RUNNING:
        tasks.run_fetches()
        job.refresh_from_db()
        assert time.monotonic() < deadline, [(row.number, row.state) for row in job.rows.all()]
    return job


def outcomes(row: BulkRow) -> dict[str, str]:
    """What became of a row by account."""
    return {outcome["account"]: outcome["what"] for outcome in row.outcomes}


def account(name: str) -> Account:
    return Account.objects.get(name=name)
