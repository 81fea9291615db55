"""The bytes of a file land once and in order, whatever ends the process that writes them."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platforms.services.files import landing, running_md5
from platforms.services.files.landing import Busy, DiskFull, Landing, Vanished
from tests.hub import until

ROOT = Path(__file__).resolve().parent.parent.parent
CONTENT = random.Random(4).randbytes(5000)
WRITE_FOR_EVER = """
import sys
from pathlib import Path
from platforms.services.files import landing
landing.RECORD_EVERY, landing.CONFIRM_EVERY = 150_000, 400_000
block = bytes(range(256)) * 256
with landing.Landing(Path(sys.argv[1])) as file:
    while True:
        file.write(block)
"""


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


@pytest.fixture(params=["saved md5", "md5 at the end"])
def either_way(request, monkeypatch) -> None:
    """With a library whose md5 can be saved, and without."""
    if request.param == "md5 at the end":
        monkeypatch.setattr(running_md5, "AVAILABLE", False)


def append(path: Path, content: bytes) -> tuple[int, str]:
    """How many bytes there are afterwards, and their md5."""
    with Landing(path) as file:
        if content:
            file.write(content)
        return file.offset, file.md5()


def test_it_goes_on_at_every_offset(path, either_way):
    for cut in range(200):
        landing.remove(path)
        assert append(path, CONTENT[:cut]) == (cut, md5(CONTENT[:cut]))
        assert append(path, CONTENT[cut:200]) == (200, md5(CONTENT[:200]))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_it_agrees_with_a_model_over_random_pieces_and_deaths(tmp_path_factory, data: st.DataObject):
    """Pieces of any size; after some, the process dies before it has written its record, or the record is lost."""
    path = tmp_path_factory.mktemp("model") / "file"
    model, pieces = b"", data.draw(st.lists(st.integers(0, 700), max_size=8))
    for size in pieces:
        note = landing.record_path(path)
        before = note.read_bytes() if note.exists() else b""
        piece = CONTENT[len(model) : len(model) + size]
        model += piece
        assert append(path, piece) == (len(model), md5(model))
        match data.draw(st.sampled_from(["lives", "dies", "loses its record", "leaves half a record"])):
            case "dies":
                note.write_bytes(before)
            case "loses its record":
                note.unlink()
            case "leaves half a record":
                note.write_bytes(note.read_bytes()[:50])
    assert append(path, b"") == (len(model), md5(model))
    assert path.read_bytes() == model if path.exists() else model == b""


@pytest.mark.parametrize("number", range(6))
def test_killed_at_a_random_moment_it_goes_on_with_the_right_md5(path, number):
    process = subprocess.Popen([sys.executable, "-c", WRITE_FOR_EVER, str(path)], cwd=ROOT)
    try:
        until(lambda: path.exists() and path.stat().st_size > 0)
        time.sleep(random.Random(number).uniform(0, 0.1))
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    there = path.read_bytes()
    assert append(path, b"the rest") == (len(there) + 8, md5(there + b"the rest"))


def test_only_one_appends(path):
    with Landing(path) as first:
        first.write(b"first")
        with pytest.raises(Busy), Landing(path):
            pass
    assert append(path, b"") == (5, md5(b"first"))


def test_one_that_is_removed_meanwhile_does_not_come_back(path):
    with Landing(path) as file:
        file.write(b"x" * 100)
        landing.remove(path)
        file.write(b"y" * 100)
    assert list(path.parent.iterdir()) == []


def test_an_old_handle_does_not_append_to_what_was_removed(path, monkeypatch):
    path.touch()
    monkeypatch.setattr(fcntl, "flock", lambda *_arguments: landing.remove(path))
    with pytest.raises(Vanished), Landing(path):
        pass


def test_it_can_begin_anew(path):
    with Landing(path) as file:
        file.write(CONTENT)
        file.restart()
        file.write(b"another file")
        assert (file.offset, file.md5()) == (12, md5(b"another file"))
    assert append(path, b"") == (12, md5(b"another file"))


def test_what_lands_between_two_confirmations_is_recorded(path, monkeypatch):
    monkeypatch.setattr(landing, "RECORD_EVERY", 500)
    monkeypatch.setattr(landing, "CONFIRM_EVERY", 1000)
    with Landing(path) as file:
        for at in range(0, 5000, 100):
            file.write(CONTENT[at : at + 100])
        file.confirm()
        record = landing.Record.unpack(landing.record_path(path).read_bytes())
        assert record is not None
        assert record.confirmed.offset == record.hashed.offset == 4992


# A disk that does not keep what it took -----------------------------------------------------------------------------


@pytest.fixture
def refuses(monkeypatch):
    """The disk refuses to keep what it has taken, once; `with_error` says why."""
    real = os.fdatasync

    def refuse(with_error: int) -> None:
        def fails(_file: int) -> None:
            monkeypatch.setattr(os, "fdatasync", real)
            raise OSError(with_error, os.strerror(with_error))

        monkeypatch.setattr(os, "fdatasync", fails)

    return refuse


@pytest.mark.parametrize(("with_error", "raised"), [(errno.ENOSPC, DiskFull), (errno.EIO, OSError)])
def test_what_the_disk_could_not_keep_is_sent_again(path, refuses, with_error, raised):
    with Landing(path) as file:
        file.write(CONTENT[:1000])
        file.confirm()
        file.write(CONTENT[1000:])
        refuses(with_error)
        with pytest.raises(raised):
            file.confirm()
    at = landing.landed(path)
    assert at == 960  # the last whole block of the md5 that the disk had confirmed
    assert append(path, CONTENT[at:]) == (5000, md5(CONTENT))
    assert path.read_bytes() == CONTENT


def test_what_the_disk_could_not_keep_between_two_pieces_is_sent_again(path, refuses, monkeypatch):
    monkeypatch.setattr(landing, "CONFIRM_EVERY", 1000)
    with Landing(path) as file:
        refuses(errno.EIO)
        file.write(CONTENT[:2000])
        with pytest.raises(OSError, match="Input/output error"):
            file.confirm()
        assert file.offset == 0
        file.write(CONTENT)
        assert file.md5() == md5(CONTENT)
    assert path.read_bytes() == CONTENT


def test_a_disk_that_is_too_full_for_a_name_says_so(path, monkeypatch):
    real = os.open

    def full(name, *arguments, **options):
        if str(name).endswith(landing.RECORD_SUFFIX):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(name, *arguments, **options)

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", full)
        with pytest.raises(DiskFull), Landing(path):
            pass
    assert append(path, CONTENT) == (5000, md5(CONTENT))


# A power cut --------------------------------------------------------------------------------------------------------


@pytest.fixture
def cut_power(path, monkeypatch):
    """The machine starts again, with the file as the disk has it."""

    def cut(content: bytes) -> None:
        path.write_bytes(content)
        monkeypatch.setattr(landing, "this_boot", lambda: b"another start!!!")

    return cut


def lands(path: Path, confirmed: int, end: int) -> None:
    with Landing(path) as file:
        file.write(CONTENT[:confirmed])
        file.confirm()
        file.write(CONTENT[confirmed:end])


def test_after_a_power_cut_that_lost_nothing_nothing_is_sent_again(path, cut_power):
    lands(path, 1000, 3200)
    cut_power(CONTENT[:3200])
    assert landing.landed(path) == 3200
    assert append(path, CONTENT[3200:]) == (5000, md5(CONTENT))


def test_after_a_power_cut_what_the_disk_did_not_write_is_sent_again(path, cut_power):
    lands(path, 1000, 3200)
    cut_power(CONTENT[:2000])
    at = landing.landed(path)
    assert at == 960  # the last whole block of the md5 that the disk had confirmed
    assert append(path, CONTENT[at:]) == (5000, md5(CONTENT))


def test_after_a_power_cut_zeros_in_the_place_of_bytes_are_found_out(path, cut_power):
    lands(path, 1000, 3200)
    cut_power(CONTENT[:2000] + bytes(1200))
    at = landing.landed(path)
    assert at == 960
    assert append(path, CONTENT[at:]) == (5000, md5(CONTENT))
    assert path.read_bytes() == CONTENT


def test_after_a_power_cut_what_nobody_had_hashed_is_sent_again(path, cut_power):
    lands(path, 1000, 3200)
    cut_power(CONTENT[:3200] + bytes(500))
    assert landing.landed(path) == 3200


def test_after_a_power_cut_that_took_even_what_was_confirmed_it_begins_anew(path, cut_power):
    lands(path, 1000, 3200)
    cut_power(CONTENT[:500])
    at = landing.landed(path)
    assert append(path, CONTENT[at:]) == (5000, md5(CONTENT))
