"""Leases, fences and slices: whoever has lost an upload changes nothing, and whoever takes it over goes on."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.db import OperationalError
from django.utils import timezone
from django_q.models import OrmQ

from platforms import queue, tasks
from platforms.models import Publication, UploadSession
from platforms.services import events, progress, sweep, uploading
from platforms.services.uploads import claims, crew, job
from platforms.transport import checkpoints, sender
from platforms.values import State
from tests import hub
from tests.services.uploads import PROTOCOLS, queued, started

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("attentive")]


def as_stored(row: Publication) -> tuple[dict[str, object], Sequence[object], int]:
    columns: dict[str, object] = dict(Publication.objects.values().get(pk=row.pk))
    for added_by_whoever_ran in ("upload_seconds", "bytes_moved"):
        columns.pop(added_by_whoever_ran)
    sessions = list(UploadSession.objects.values("token", "bytes_done", "updated_at"))
    return columns, sessions, row.events.count()


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_worker_that_has_lost_its_lease_stops_at_its_next_step_and_changes_nothing(box, name, gate):
    row = queued(box, name)
    worker = started(gate)
    taken = hub.take_over(row)
    assert (taken.attempts, taken.fence) == (2, row.fence + 2)
    before, commits = as_stored(row), len(box.requests)
    gate.open()
    worker.finish()
    assert as_stored(row) == before
    assert len(box.requests) - commits <= 8, "what was under way, and nothing after it"
    assert not any(video["md5"] for video in box.videos())


@pytest.mark.parametrize("name", PROTOCOLS)
def test_an_upload_whose_worker_died_goes_on_from_its_session_and_sends_few_bytes_again(box, name, gate):
    row = queued(box, name)
    worker = started(gate)
    taken = hub.take_over(row)
    gate.open()
    worker.finish()
    uploading.run(taken, deadline=time.monotonic() + hub.PATIENCE_SECONDS)
    hub.work([row])
    assert (row.state, row.attempts) == (State.PUBLISHED, 2)
    assert [video["md5"] for video in box.videos()] == [row.video.md5]
    assert len(box.requests.to("/youku/uploads/create.json")) <= 1
    assert hub.bytes_received(box) <= row.bytes_total + 5 * 100 * 1024


def test_a_lease_that_is_alive_is_not_taken_over(box, gate):
    row = queued(box, "oss")
    worker = started(gate)
    assert claims.claim_next() is None
    gate.open()
    worker.finish()
    assert Publication.objects.get(pk=row.pk).state == State.PROCESSING


def test_a_lease_is_renewed_while_a_call_takes_long(box, monkeypatch, gate):
    monkeypatch.setattr(job, "HEARTBEAT_SECONDS", 0.02)
    monkeypatch.setattr(sender, "PULSE_SECONDS", 3600.0)
    row = queued(box, "oss")
    worker = started(gate)
    Publication.objects.filter(pk=row.pk).update(lease_until=timezone.now())
    renewed = Publication.objects.filter(pk=row.pk, lease_until__gt=timezone.now() + progress.LEASE / 2)
    hub.until(renewed.exists)
    gate.open()
    worker.finish()


def test_a_long_call_learns_from_the_heart_beat_that_the_lease_is_lost(box, monkeypatch):
    row = queued(box, "oss")
    claimed = hub.claim(row)
    monkeypatch.setattr(job, "HEARTBEAT_SECONDS", 0.01)
    monkeypatch.setattr(job, "PROGRESS_SECONDS", 3600.0)
    with uploading._open_source(claimed) as source, job.RowJob(claimed, source, deadline=time.monotonic()) as running:
        running._written = time.monotonic()
        running.pulse(1)
        Publication.objects.filter(pk=row.pk).update(fence=99)
        assert running._lost.wait(hub.PATIENCE_SECONDS)
        with pytest.raises(job.LeaseLost):
            running.pulse(2)


@pytest.mark.parametrize("name", ["oss", "ranges", "chunks"])
def test_a_slice_that_is_over_gives_worker_and_attempt_back_and_the_next_goes_on(box, name):
    row = queued(box, name)
    slices = 0
    while row.state in (State.QUEUED, State.UPLOADING):
        assert uploading.run_due(0.001) <= 1
        row.refresh_from_db()
        slices += 1
        assert slices < 100
        assert row.attempts <= 1
        if row.state == State.QUEUED:
            assert (row.attempts, row.lease_until, row.lease_holder) == (0, None, "")
            assert hub.is_due(row)
    assert slices > 1
    hub.work([row])
    assert (row.state, row.error) == (State.PUBLISHED, None)
    assert [video["md5"] for video in box.videos()] == [row.video.md5]
    in_flight = (settings.UPLOAD_CONNECTIONS - 1) * 100 * 1024
    assert hub.bytes_received(box) <= row.bytes_total + slices * in_flight


def test_a_file_asks_running_uploads_to_leave_and_no_other_is_begun(box, gate, monkeypatch, tmp_path):
    rows = [queued(box, "oss"), queued(box, "ranges")]
    drain = tmp_path / "drain"
    monkeypatch.setenv(job.DRAIN_VARIABLE, str(drain))
    worker = started(gate)
    drain.touch()
    gate.open()
    worker.finish()
    for row in rows:
        row.refresh_from_db()
    assert [(row.state, row.attempts) for row in rows] == [(State.QUEUED, 0)] * 2
    assert rows[0].bytes_sent > 0
    assert rows[1].events.count() == 1
    history = rows[0].events.count()
    tasks.run_uploads()
    assert rows[0].events.count() == history
    drain.unlink()
    hub.work(rows)
    assert [row.state for row in rows] == [State.PUBLISHED] * 2


def test_progress_is_written_about_once_a_second_and_not_for_every_byte(
    box, monkeypatch, django_assert_max_num_queries
):
    row = queued(box, "oss")
    claimed = hub.claim(row)
    monkeypatch.setattr(job, "PROGRESS_SECONDS", 3600.0)
    monkeypatch.setattr(checkpoints, "SECONDS_BETWEEN", 3600.0)
    with uploading._open_source(claimed) as source, job.RowJob(claimed, source, deadline=time.monotonic()) as running:
        running.checkpoint({"step": "sending"}, 0)
        with django_assert_max_num_queries(0):
            for count in range(1000):
                running.pulse(count)


def test_an_upload_session_is_about_the_very_bytes_it_was_begun_with(box):
    row = queued(box, "oss")
    claimed = hub.claim(row)
    session = UploadSession.objects.create(publication=row, fingerprint="another file", token={"step": "sending"})
    assert job._stored_token(claimed) == ({}, "")
    assert not UploadSession.objects.filter(pk=session.pk).exists()


def test_what_a_dead_worker_left_is_found_by_the_sweep(box):
    row = queued(box, "oss")
    hub.claim(row)
    OrmQ.objects.all().delete()
    Publication.objects.filter(pk=row.pk).update(lease_until=timezone.now() - progress.LEASE)
    assert sweep.hint().uploads == 1
    assert queue.backlog(queue.UPLOADS) == 1


# A claim that is not finished, and clocks that are set back -----------------------------------------------------------


def test_a_claim_that_ends_in_its_middle_has_taken_nothing_and_counts_no_attempt(box, monkeypatch):
    row = queued(box, "oss")

    def away(*_arguments: object, **_columns: object) -> None:
        raise OperationalError("the database system is shutting down")

    with monkeypatch.context() as patched:
        patched.setattr(events, "record", away)
        with pytest.raises(OperationalError):
            claims.claim_next()
    row.refresh_from_db()
    assert (row.state, row.attempts, row.lease_until, hub.is_due(row)) == (State.QUEUED, 0, None, True)


@pytest.mark.parametrize("ending", [RuntimeError("can't start new thread"), TimeoutError(), SystemExit()])
def test_what_was_claimed_and_cannot_be_begun_is_given_back_at_once(box, settings, monkeypatch, ending):
    settings.UPLOADS_PER_WORKER = 2
    row = queued(box, "oss")

    def fails(_upload: object) -> None:
        raise ending

    monkeypatch.setattr(crew._Upload, "start", fails)
    with pytest.raises(type(ending)):
        uploading.run_due(hub.PATIENCE_SECONDS)
    row.refresh_from_db()
    assert (row.state, row.attempts, row.lease_until, hub.is_due(row)) == (State.QUEUED, 0, None, True)


def test_an_upload_whose_worker_died_before_the_clock_was_set_back_is_taken_over(box):
    row = queued(box, "oss")
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        hub.claim(row)
    hub.work([row])
    assert (row.state, row.attempts) == (State.PUBLISHED, 2)


def test_an_upload_that_was_to_be_tried_again_before_the_clock_was_set_back_is_tried(box):
    row = queued(box, "oss")
    Publication.objects.filter(pk=row.pk).update(next_run_at=timezone.now() + timedelta(days=1))
    assert sweep.due().uploads == 1
    hub.work([row])
    assert row.state == State.PUBLISHED
