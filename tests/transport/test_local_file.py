"""A file by its path, and ranges of its bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from platforms.contract import SourceChanged
from platforms.transport.slices import ByteRange, LocalFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "Lesson.MP4"
    found.write_bytes(b"0123456789")
    return found


def test_it_says_what_the_file_is(path: Path) -> None:
    file = LocalFile(path)
    assert (file.name, file.extension, file.size) == ("Lesson.MP4", "mp4", 10)
    assert file.md5 == hashlib.md5(b"0123456789").hexdigest()


def test_it_reads_any_part(path: Path) -> None:
    assert LocalFile(path).read(3, 4) == b"3456"


def test_bytes_that_are_not_there_are_a_changed_file(path: Path) -> None:
    file = LocalFile(path)
    with pytest.raises(SourceChanged):
        file.read(8, 3)
    path.write_bytes(b"01")
    with pytest.raises(SourceChanged):
        file.read(0, 10)


def test_what_is_no_file_is_refused_at_once(path: Path) -> None:
    for wrong in (path.parent, path.with_name("other")):
        with pytest.raises((IsADirectoryError, FileNotFoundError)):
            LocalFile(wrong)


def test_a_range_has_both_ends_included() -> None:
    found = ByteRange.parse(" 512-1023 ")
    assert (found.first, found.last, len(found), str(found)) == (512, 1023, 512, "512-1023")


@pytest.mark.parametrize("text", ["", "5", "-5", "5-", "6-5", "0-1-2", "a-b", "٣-٤", "0 - 1"])
def test_anything_else_is_no_range(text: str) -> None:
    with pytest.raises(ValueError, match="no range"):
        ByteRange.parse(text)
