"""A file that is not what was taken in is never sent: gone, cut short, or other bytes of the same length."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from platforms import tasks
from platforms.contract import Source
from platforms.models import Publication, UploadSession
from platforms.services import uploading
from platforms.services.files import intact
from platforms.values import State
from tests import hub
from tests.services.uploads import PROTOCOLS, queued, started

LATER = time.time() + 24 * 3600


@pytest.fixture(autouse=True)
def english(settings) -> None:
    settings.LANGUAGE_CODE = "en"


def file_of(row: Publication) -> Path:
    return Path(row.video.source.path)


def overwrite(row: Publication) -> None:
    """Other bytes of the same length, as somebody writes them an hour after the intake."""
    file = file_of(row)
    data = bytearray(file.read_bytes())
    data[1000:1010] = b"other data"
    file.write_bytes(data)
    os.utime(file, (LATER, LATER))


@pytest.mark.django_db
@pytest.mark.parametrize("name", PROTOCOLS)
def test_other_bytes_of_the_same_length_are_noticed_before_anything_is_sent(box, name):
    row = queued(box, name)
    overwrite(row)
    tasks.run_uploads()
    row.refresh_from_db()
    assert row.state == State.FAILED
    assert row.error_text == "The video's file has changed on the disk: its content is not what was taken in."
    assert len(box.requests) == 0


@pytest.mark.django_db
def test_a_file_that_was_only_touched_is_read_again_and_sent(box):
    row = queued(box, "oss")
    os.utime(file_of(row), (LATER, LATER))
    hub.work([row])
    assert row.state == State.PUBLISHED
    assert [video["md5"] for video in box.videos()] == [row.video.md5]


@pytest.mark.django_db
def test_a_file_that_nobody_touched_is_not_read_twice(box, monkeypatch):
    read = []
    monkeypatch.setattr(intact, "read_again", lambda source, on_block: read.append(source))
    row = queued(box, "oss")
    hub.work([row])
    assert row.state == State.PUBLISHED
    assert not read


@pytest.mark.django_db
@pytest.mark.usefixtures("small_parts")
def test_a_file_in_doubt_is_read_again_once_and_not_for_every_slice(box, monkeypatch):
    read, again = list[object](), intact.read_again

    def watched(source: Source, on_block: Callable[[], None]) -> None:
        read.append(source)
        again(source, on_block)

    monkeypatch.setattr(intact, "read_again", watched)
    row = queued(box, "ranges")
    os.utime(file_of(row), (LATER, LATER))
    slices = 0
    while row.state in (State.QUEUED, State.UPLOADING):
        uploading.run_due(0.001)
        row.refresh_from_db()
        slices += 1
    assert slices > 1
    assert len(read) == 1
    assert row.state == State.PROCESSING


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("attentive")
@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_file_that_is_written_to_while_it_is_sent_stops_the_upload(box, name, gate):
    row = queued(box, name)
    worker = started(gate)
    overwrite(row)
    gate.open()
    worker.finish()
    row.refresh_from_db()
    assert row.state == State.FAILED
    assert "changed on the disk" in row.error_text
    assert not any(video["md5"] for video in box.videos())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("size", "words"), [(1000, "has 1000 bytes instead of"), (None, "no longer on the hub's disk")]
)
def test_a_file_that_is_cut_short_or_gone_is_told_as_such(box, size, words):
    row = queued(box, "oss")
    if size is None:
        file_of(row).unlink()
    else:
        os.truncate(file_of(row), size)
    tasks.run_uploads()
    row.refresh_from_db()
    assert (row.state, len(box.requests)) == (State.FAILED, 0)
    assert words in row.error_text


@pytest.mark.django_db
def test_a_session_says_which_very_file_it_is_about(box):
    row = queued(box, "oss")
    found = intact.look(row.video)
    mark = intact.mark_of(found)
    assert len(mark) == 16
    os.utime(file_of(row))
    assert intact.mark_of(intact.look(row.video)) != mark
    longest = f"{row.video.md5}:{10**15}@{mark}"
    assert len(longest) <= (UploadSession._meta.get_field("fingerprint").max_length or 0)
