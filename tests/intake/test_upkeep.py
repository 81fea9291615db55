"""What nobody looks after any more is finished or removed, and nothing else is."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from platforms import tasks
from platforms.models import Arrival, Event, IncomingFile, Video, Way
from platforms.services import sweep, waits
from platforms.services.files import incoming, incoming_upkeep, media
from platforms.services.publishing import Metadata
from tests.intake.conftest import add_user
from tests.intake.tus_client import BYTES, MD5

pytestmark = pytest.mark.django_db
# Before a test replaces it.
look = media.probe
WEEK, LONGER = timedelta(days=6), timedelta(days=8)


@pytest.fixture
def begun(folder):
    """Begins a file of which `content` has landed, `age` ago."""
    li = add_user("li", "add_video")

    def begin(content: bytes, age: timedelta, makes_video: bool = False) -> IncomingFile:
        row = incoming.begin(li, Way.BROWSER, "lesson.mp4", len(BYTES), makes_video=makes_video)
        with incoming.writing(row) as writer:
            writer.write(content)
        IncomingFile.objects.filter(pk=row.pk).update(touched_at=timezone.now() - age)
        row.refresh_from_db()
        return row

    return begin


def files(folder) -> set[str]:
    return {path.name.removesuffix(".record") for path in folder.iterdir()}


def test_one_to_which_nothing_happened_for_too_long_is_removed_and_the_history_says_so(begun, folder):
    old, young = begun(BYTES[:100], LONGER), begun(BYTES[:100], WEEK)
    incoming_upkeep.sweep()
    assert list(IncomingFile.objects.all()) == [young]
    assert files(folder) == {str(young.pk)}
    event = Event.objects.get(kind="file_abandoned")
    assert (event.subject, event.text) == ("lesson.mp4", "“lesson.mp4” was removed: nothing happened to it for 7 days.")
    assert str(old.pk) not in files(folder)


def test_the_time_can_be_set(begun, settings):
    settings.INTAKE_KEEP_DAYS = 1
    begun(BYTES[:100], WEEK)
    incoming_upkeep.sweep()
    assert not IncomingFile.objects.exists()


def test_one_that_arrived_and_was_never_taken_is_removed_too(begun, folder):
    row = begun(BYTES, timedelta())
    incoming.finish(row)
    incoming_upkeep.sweep()
    assert files(folder) == {str(row.pk)}
    IncomingFile.objects.update(touched_at=timezone.now() - LONGER)
    incoming_upkeep.sweep()
    assert not IncomingFile.objects.exists()
    assert files(folder) == set()


def test_a_video_keeps_the_file_it_has_taken(begun, folder):
    row = begun(BYTES, timedelta(), makes_video=True)
    incoming.finish(row)
    IncomingFile.objects.update(touched_at=timezone.now() - LONGER)
    incoming_upkeep.sweep()
    assert not IncomingFile.objects.exists()
    assert Video.objects.get().source.open("rb").read() == BYTES
    assert not Event.objects.filter(kind="file_abandoned").exists()


def test_one_that_is_being_fetched_is_left_to_whoever_fetches_it(begun):
    begun(BYTES[:100], LONGER)
    IncomingFile.objects.update(lease_until=timezone.now() + timedelta(minutes=1))
    incoming_upkeep.sweep()
    assert IncomingFile.objects.exists()


def test_a_file_without_a_row_is_removed_after_a_day(begun, folder):
    row = begun(BYTES[:100], WEEK)
    young, old, note = folder / "copy.mp4", folder / "old.mp4", folder / "old.record"
    for path in (young, old, note):
        path.write_bytes(b"x")
    for path in (old, note, folder / str(row.pk)):
        os.utime(path, (0, 0))
    sweep.tidy()
    assert files(folder) == {str(row.pk), "copy.mp4"}


# What a crash left behind ---------------------------------------------------------------------------------------------


def died(row: IncomingFile, **columns: object) -> None:
    IncomingFile.objects.filter(pk=row.pk).update(touched_at=timezone.now() - timedelta(minutes=2), **columns)


def test_one_that_died_after_its_last_byte_becomes_a_video(begun):
    row = begun(BYTES, timedelta(), makes_video=True)
    died(row, received=100)
    incoming_upkeep.sweep()
    assert sweep.due().follow
    tasks.run_due()
    tasks.run_due()
    row.refresh_from_db()
    assert (row.state, row.md5, row.video) == (Arrival.TAKEN, MD5, Video.objects.get())
    assert not sweep.due().follow


def test_one_that_is_just_being_finished_is_left_alone(begun):
    begun(BYTES, timedelta())
    assert not incoming_upkeep.left_behind().exists()


def test_one_that_died_before_its_video_was_made_gets_it(begun):
    row = begun(BYTES, timedelta())
    incoming.finish(row)
    died(row, makes_video=True)
    incoming_upkeep.run_due()
    assert Video.objects.get().md5 == MD5


@pytest.mark.django_db(transaction=True)
def test_one_that_died_between_its_rename_and_its_row_is_taken_once(begun, folder, monkeypatch):
    row = begun(BYTES, timedelta(), makes_video=True)
    monkeypatch.setattr(Video, "save", power_off)
    with pytest.raises(KeyboardInterrupt):
        incoming.finish(row)
    monkeypatch.undo()
    row.refresh_from_db()
    assert (row.state, files(folder)) == (Arrival.READY, {str(row.pk)})
    assert not (folder / str(row.pk)).exists()
    died(row)
    monkeypatch.setattr(media, "probe", lambda _path: pytest.fail("it has been looked at"))
    incoming_upkeep.run_due()
    assert Video.objects.get().source.open("rb").read() == BYTES
    assert files(folder) == set()


def power_off(*_arguments: object, **_more: object) -> None:
    raise KeyboardInterrupt


def test_one_that_was_renamed_for_a_video_which_never_came_is_removed_when_it_is_old(begun, folder, monkeypatch):
    row = begun(BYTES, timedelta(), makes_video=True)
    monkeypatch.setattr(Video, "save", power_off)
    with pytest.raises(KeyboardInterrupt):
        incoming.finish(row)
    IncomingFile.objects.update(touched_at=timezone.now() - LONGER)
    incoming_upkeep.sweep()
    assert not [path for path in folder.parent.rglob("*") if path.is_file()]


@pytest.mark.django_db(transaction=True)
def test_one_that_becomes_a_video_at_the_moment_when_it_is_removed_keeps_its_file_or_does_not_become_one(begun):
    row = begun(BYTES, timedelta())
    incoming.finish(row)
    other = IncomingFile.objects.get()
    read: list[str] = []

    def take_after_the_first_read(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if sql.startswith("SELECT") and "incomingfile" in sql and not read:
            read.append(sql)
            with contextlib.suppress(incoming.Over):
                incoming.take(other, Metadata("第一课"), None)
        return result

    with connection.execute_wrapper(take_after_the_first_read):
        incoming.remove(row)
    assert all(video.source.open("rb").read() == BYTES for video in Video.objects.all())


def test_one_that_somebody_goes_on_with_while_the_abandoned_are_removed_stays(begun, folder, monkeypatch):
    for _file in range(2):
        begun(BYTES[:100], LONGER)
    remove = incoming.remove

    def meanwhile(removed: IncomingFile, **more: Any) -> bool:
        IncomingFile.objects.exclude(pk=removed.pk).update(touched_at=timezone.now())
        return remove(removed, **more)

    monkeypatch.setattr(incoming, "remove", meanwhile)
    incoming_upkeep.sweep()
    assert IncomingFile.objects.count() == 1
    assert files(folder) == {str(IncomingFile.objects.get().pk)}
    assert Event.objects.filter(kind="file_abandoned").count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_disk_has_the_file_under_its_name_before_the_database_has_its_video(begun, monkeypatch):
    row = begun(BYTES, timedelta())
    incoming.finish(row)
    kept: list[str] = []
    for name in ("fsync", "fdatasync"):
        monkeypatch.setattr(os, name, lambda file: kept.append(os.readlink(f"/proc/self/fd/{file}")))
    saved = Video.save
    before: list[str] = []

    def save(video: Video, *arguments: Any, **options: Any) -> None:
        before.extend(kept)
        saved(video, *arguments, **options)

    monkeypatch.setattr(Video, "save", save)
    path = Path(incoming.take(row, Metadata("第一课"), None).source.path)
    assert before[0] == str(incoming.path_of(row)), "its bytes"
    assert before[1:] == [str(folder) for folder in path.parents][:4], "its name, and those of its folders"


# A look that comes to no end ------------------------------------------------------------------------------------------


@pytest.fixture
def stopped(monkeypatch):
    """The media library is stopped from outside, as with the whole service, until `go_on` is called."""

    def never(*_arguments: Any, **_more: Any) -> None:
        raise subprocess.CalledProcessError(-signal.SIGTERM, "probe", stderr=b"")

    with monkeypatch.context() as patched:
        patched.setattr(media, "probe", look)
        patched.setattr(subprocess, "run", never)
        yield patched.undo


def test_a_file_whose_look_was_stopped_from_outside_stays_and_is_looked_at_again(begun, folder, stopped):
    row = begun(BYTES, timedelta(), makes_video=True)
    with pytest.raises(incoming.NotLookedAt), incoming.writing(row) as writer:
        writer.finish()
    row.refresh_from_db()
    assert (row.state, files(folder)) == (Arrival.ARRIVING, {str(row.pk)})
    assert (
        row.error_text
        == "“lesson.mp4” could not be looked at just now: the media library was stopped or did not start."
    )
    stopped()
    died(row)
    tasks.run_due()
    row.refresh_from_db()
    assert (row.state, row.error, row.md5) == (Arrival.TAKEN, None, MD5)


def test_a_look_that_never_comes_to_an_end_is_given_up_with_its_reason(begun, folder, stopped):
    row = begun(BYTES, timedelta(), makes_video=True)
    for _try in range(waits.MOST_ATTEMPTS):
        died(row, received=len(BYTES))
        incoming_upkeep.run_due()
    row.refresh_from_db()
    assert (row.state, files(folder)) == (Arrival.FAILED, set())
    assert "could not be looked at" in row.error_text


def test_two_who_finish_at_once_make_one_video(begun):
    row = begun(BYTES, timedelta(), makes_video=True)
    same = IncomingFile.objects.get()
    incoming.finish(row)
    incoming.finish(same)
    assert Video.objects.count() == 1
