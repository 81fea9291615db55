"""Tables as people save them: encodings, delimiters, spreadsheets, and files that mean no good."""

from __future__ import annotations

import contextlib
import io
import zipfile
from datetime import datetime

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from platforms.services.bulk import columns, examples, reading, workbook
from platforms.services.bulk.reading import read
from platforms.services.bulk.troubles import Unreadable
from tests.bulk.tables import csv_of, xlsx_of

ROW = {"file": "a.mp4", "title": "第一课, 认识；分数", "accounts": "yk"}
TEXT = st.text(st.characters(codec="gb18030", exclude_categories=("Cs", "Cc")), max_size=40)


def text(delimiter: str = ",") -> str:
    return f'文件{delimiter}标题{delimiter}账号\r\na.mp4{delimiter}"第一课, 认识；分数"{delimiter}yk\r\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_is_read_however_it_was_saved(encoding, delimiter):
    (line,) = read(text(delimiter).encode(encoding)).lines
    assert (line.number, line.cells) == (2, ROW)


def test_the_line_by_which_excel_names_its_delimiter_is_no_heading():
    (line,) = read(("sep=;\r\n" + text(";")).encode()).lines
    assert (line.number, line.cells) == (3, ROW)


@pytest.mark.parametrize("column", columns.COLUMNS, ids=lambda column: column.name)
def test_every_heading_is_known_in_both_languages_and_however_it_is_written(column):
    for heading in (column.name, column.heading, *column.others):
        for written in (heading, heading.upper(), f" {heading} *", f"{heading}（必填）", heading.replace(" ", "_")):
            assert columns.meant_by(written) == column.name


def test_a_spreadsheet_is_read_with_its_numbers_and_times():
    at = datetime(2026, 12, 1, 8, 0)  # noqa: DTZ001 (spreadsheets know no zones)
    content = xlsx_of(["文件", "标题", "发布时间"], [], ["a.mp4", 3.0, at])
    (line,) = read(content).lines
    assert (line.number, line.cells) == (3, {"file": "a.mp4", "title": "3", "publish_at": "2026-12-01 08:00:00"})


def test_formulas_are_not_worked_out():
    (line,) = read(xlsx_of(["file", "title"], ["a.mp4", '=HYPERLINK("http://example.com")'])).lines
    assert line.cells == {"file": "a.mp4"}


def test_rows_are_numbered_as_a_spreadsheet_does_also_with_lines_in_cells():
    lines = read(csv_of(["a.mp4", "one\ntwo"], ["", ""], ["b.mp4", "x"], headings=("file", "title"))).lines
    assert [(line.number, line.cells["title"]) for line in lines] == [(2, "one\ntwo"), (4, "x")]


def replaced(content: bytes, part: str, by: bytes) -> bytes:
    """A spreadsheet with one of its parts exchanged."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, by if name == part else old.read(name))
    return stream.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
WHOLE = xlsx_of(["file", "title"], ["a", "b"])
ENTITIES = (b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
            b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
            b'<c t="inlineStr"><is><t>file&b;</t></is></c></row></sheetData></worksheet>')  # fmt: skip
GAP = (b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
       b'<row r="9999999999"><c t="inlineStr"><is><t>file</t></is></c></row></sheetData></worksheet>')  # fmt: skip


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"file,title\r\n", "empty"),
        (b"a,b\r\n1,2\r\n", "does not name the columns"),
        (b"file,path\r\na,b\r\n", "Two columns"),
        (b'file,title\r\na.mp4,"no end', "Row 2"),
        (b"\x81", "neither"),
        (b"file\0,title", "neither"),
        (b"\xd0\xcf\x11\xe0 an old one", "old or protected"),
        (b"PK\x03\x04 no archive", "damaged"),
        (replaced(xlsx_of(["file"]), SHEET, ENTITIES), "damaged"),
        (replaced(xlsx_of(["file"]), SHEET, b"<worksheet"), "damaged"),
        (replaced(xlsx_of(["file"]), SHEET, GAP), "goes on beyond row"),
        (replaced(xlsx_of(["file"]), SHEET, b" " * (workbook.MOST_UNPACKED + 1)), "unpacks to more"),
        (b"file\r\n" + b"a\r\n" * (reading.MOST_ROWS + 1), "more than 5000 rows"),
        (b"file\r\n" + b"a" * (reading.LONGEST_CELL + 1), "Row 2"),
        (b"file\r\n" + b"a," * 60 + b"b", "columns"),
        (b"x" * (reading.MOST_BYTES + 1), "larger than 10 MB"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_reason(content, told):
    with translation.override("en"), pytest.raises(Unreadable, match=told):
        read(content)


@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=5), st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]))
def test_whatever_is_written_in_cells_comes_back(rows, encoding):
    content = csv_of(*rows, headings=("file", "title")).decode().encode(encoding)
    wanted = [(file.strip(), title.strip()) for file, title in rows if file.strip() or title.strip()]
    try:
        found = [(line.cells["file"], line.cells["title"]) for line in read(content).lines]
    except Unreadable:
        found = []
    assert found == wanted


@given(st.binary(max_size=300))
def test_whatever_bytes_come_they_are_read_or_refused(content):
    for start in (b"", b"file,title\n", b"PK\x03\x04", WHOLE[:-30], WHOLE[:500]):
        with contextlib.suppress(Unreadable):
            assert read(start + content).lines


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_example_is_a_table_that_is_understood(language):
    with translation.override(language):
        for content in (examples.as_csv(), examples.as_xlsx()):
            table = read(content)
            assert set(table.headings) == {column.name for column in columns.COLUMNS}
            assert len(table.lines) == 2
            assert not table.unknown
