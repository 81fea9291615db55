"""A file that several threads read, also those that a stop has left behind."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from platforms.contract import SourceChanged
from platforms.transport.slices import FileSource


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"0123456789")
    return path


def opened(path: Path, size: int = 10) -> FileSource:
    return FileSource(path, name="film.mp4", size=size, md5="")


def test_it_reads_at_positions(film: Path) -> None:
    with opened(film) as source:
        assert (source.read(3, 4), source.read(0, 1)) == (b"3456", b"0")


def test_a_file_of_another_size_is_refused(film: Path) -> None:
    with pytest.raises(SourceChanged):
        opened(film, 11)


def test_a_file_that_was_cut_off_ends_the_read(film: Path) -> None:
    with opened(film) as source:
        os.truncate(film, 5)
        with pytest.raises(SourceChanged):
            source.read(3, 4)


def test_a_closed_file_is_not_read_any_more(film: Path, tmp_path: Path) -> None:
    """Its descriptor may be another file's by then."""
    with opened(film) as source:
        pass
    (tmp_path / "other").write_bytes(b"x" * 10)
    with (tmp_path / "other").open("rb"), pytest.raises(SourceChanged):
        source.read(0, 4)
    source.close()


def test_a_read_under_way_ends_before_the_file_is_closed(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, go_on, read = threading.Event(), threading.Event(), os.pread

    def slow(fd: int, length: int, offset: int) -> bytes:
        reading.set()
        go_on.wait(60)
        return read(fd, length, offset)

    monkeypatch.setattr(os, "pread", slow)
    source, found = opened(film), []
    thread = threading.Thread(target=lambda: found.append(source.read(2, 3)), daemon=True)
    thread.start()
    assert reading.wait(60)
    source.close()
    go_on.set()
    thread.join(60)
    assert found == [b"234"]
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(source._fd)
