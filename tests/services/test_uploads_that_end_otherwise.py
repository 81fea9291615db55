"""Uploads that do not end in a video: each says why, and nothing spins."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from django.utils.translation import override

from platforms import registry, tasks
from platforms.drivers.youku.driver import Youku
from platforms.errors import Corrupted, OutcomeUnknown, QuotaReached, SessionLost, Temporary
from platforms.models import Account, Health, Publication, UploadSession
from platforms.services import account_health, publishing, sweep, uploading
from platforms.services.publishing import Metadata
from platforms.services.uploads import claims, deciding
from platforms.services.waits import MOST_ATTEMPTS
from platforms.transport.slices import FileSource
from platforms.values import Platform, State, say
from sandbox.server import Sandbox
from tests import hub

pytestmark = pytest.mark.django_db


class Faulty(Youku):
    """A Youku driver with a fault of its own: `fault` is raised in the middle of each upload."""

    fault: BaseException = RuntimeError("a bug")

    def upload(self, job):
        job.checkpoint({"step": "sending"}, 10)
        raise self.fault


@pytest.fixture
def faulty(monkeypatch) -> type[Faulty]:
    monkeypatch.setitem(registry.DRIVERS, Platform.YOUKU, Faulty)
    return Faulty


@pytest.fixture
def row(box: Sandbox) -> Publication:
    (queued,) = hub.publish(hub.add_video(), hub.add_account(box, "youku"))
    return queued


def run(row: Publication) -> Publication:
    hub.hurry(row)
    tasks.run_uploads()
    row.refresh_from_db()
    return row


def test_a_second_upload_of_the_same_file_says_which_publication_has_it(row, box):
    hub.work([row])
    (second,) = hub.publish(hub.add_video(Metadata("另一个标题", "说明", "数学")), row.account)
    run(second)
    error = hub.error_of(second)
    assert (second.state, error["kind"], error["code"]) == (State.FAILED, "Duplicate", "120010111")
    assert f"“第一课 认识分数” (#{row.pk})" in second.error_text
    calls = len(box.requests)
    tasks.run_uploads()
    assert len(box.requests) == calls, "it is not tried again"


def test_a_copy_that_is_still_waiting_here_is_not_said_to_be_on_the_platform(row):
    hub.publish(hub.add_video(), row.account)
    assert publishing.duplicates_of(row) == []


def test_a_file_that_was_deleted_before_its_upload_fails_it_with_that_reason(row, box):
    Path(row.video.source.path).unlink()
    run(row)
    assert row.state == State.FAILED
    with override("en"):
        assert row.error_text == uploading.FILE_GONE
    assert row.next_run_at is None
    assert len(box.requests) == 0
    assert publishing.why_not_send(row)
    assert not publishing.send_again(row, actor="li")
    assert row.state == State.FAILED


def test_a_video_whose_file_is_gone_is_an_obstacle_at_its_field_before_anything_is_sent(row, box):
    Path(row.video.source.path).unlink()
    target = hub.target(hub.add_account(box, "iqiyi"))
    (obstacle,) = publishing.obstacles(hub.LESSON, row.video, [target])
    assert (obstacle.account, obstacle.field) == (target.account, "file")
    assert obstacle.text


def test_a_file_that_was_cut_short_fails_it_with_that_reason(row):
    os.truncate(row.video.source.path, 1000)
    run(row)
    assert row.state == State.FAILED
    assert "1000" in row.error_text
    assert str(row.video.size) in row.error_text


@pytest.mark.usefixtures("small_parts")
def test_a_file_that_is_cut_short_in_mid_upload_fails_it_with_that_reason(row, box, monkeypatch):
    path, read, reads = row.video.source.path, FileSource.read, []

    def cut_it_first(source, offset, length):
        reads.append(offset)
        if len(reads) == 3:
            os.truncate(path, 1000)
        return read(source, offset, length)

    monkeypatch.setattr(FileSource, "read", cut_it_first)
    run(row)
    assert row.state == State.FAILED
    assert "1000" in row.error_text
    assert all(not video["md5"] for video in box.videos())


def test_a_file_with_other_bytes_of_the_same_length_never_becomes_a_video(row, box):
    path = Path(row.video.source.path)
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    run(row)
    assert row.state in (State.QUEUED, State.FAILED)
    assert row.error_text
    assert all(not video["md5"] for video in box.videos())


def test_a_quota_that_is_used_up_pauses_the_account_and_the_publication_waits(box):
    account = hub.add_account(box, "iqiyi")
    (row,) = hub.publish(hub.add_video(), account)
    box.iqiyi.quota = 10
    run(row)
    account.refresh_from_db()
    assert account.health == Health.PAUSED
    assert Account.objects.filter(pk=account.pk, paused_until__gt=timezone.now()).exists()
    assert (row.state, hub.error_of(row)["kind"], row.error_text) == (State.QUEUED, "QuotaReached", account.health_text)

    calls = len(box.requests)
    run(row)
    assert len(box.requests) == calls, "a paused account is left alone"

    box.iqiyi.quota = None
    Account.objects.filter(pk=account.pk).update(paused_until=timezone.now())
    sweep.hint()
    account.refresh_from_db()
    assert (account.health, account.paused_until) == (Health.OK, None)
    hub.hurry(row)
    hub.work([row])
    assert row.state == State.PUBLISHED


def test_a_pause_lasts_until_the_time_that_the_platform_names(row):
    until = timezone.now() + timedelta(hours=7)
    account_health.note_trouble(row.account, QuotaReached(say("enough"), until=until), actor="worker")
    assert row.account.paused_until == until
    assert claims.claim_next() is None


def test_a_job_that_kills_its_workers_is_given_up_after_so_many_attempts(row, box):
    over = timezone.now() - timedelta(seconds=1)
    for _attempt in range(MOST_ATTEMPTS):
        assert claims.claim_next() is not None
        Publication.objects.filter(pk=row.pk).update(lease_until=over)
    run(row)
    assert row.state == State.FAILED
    assert str(MOST_ATTEMPTS) in row.error_text
    assert len(box.requests) == 0
    assert publishing.send_again(row, actor="li")
    assert row.attempts == 0


def test_a_fault_in_the_hub_pushes_the_next_try_ahead_and_is_logged_once(row, faulty, caplog):
    run(row)
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [RuntimeError]
    assert (row.state, hub.error_of(row)["kind"], row.attempts) == (State.QUEUED, "Internal", 1)
    assert hub.waits(row)
    assert "a bug" not in row.error_text
    assert row.lease_until is None


def test_a_fault_in_the_hub_that_stays_ends_as_one(row, faulty):
    for _attempt in range(MOST_ATTEMPTS):
        run(row)
    assert (row.state, hub.error_of(row)["kind"], row.attempts) == (State.FAILED, "Internal", MOST_ATTEMPTS)


def test_one_video_with_a_fault_does_not_keep_the_others_from_going_on(row, box, faulty):
    (other,) = hub.publish(row.video, hub.add_account(box, "iqiyi"))
    tasks.run_uploads()
    hub.work([other])
    assert other.state == State.PUBLISHED


def test_a_lost_session_is_forgotten_and_the_upload_starts_again(row, faulty, monkeypatch):
    monkeypatch.setattr(Faulty, "fault", SessionLost(say("gone"), code="120010223"))
    Publication.objects.filter(pk=row.pk).update(remote_id="XOLD")
    run(row)
    assert (row.state, row.remote_id, row.bytes_sent, row.attempts) == (State.QUEUED, None, 0, 1)
    assert not UploadSession.objects.exists()


def test_a_lost_session_is_no_business_of_a_worker_that_has_lost_its_lease(row, faulty):
    claimed = hub.claim(row)
    UploadSession.objects.create(publication=row, fingerprint="x", token={"step": "the next worker's"})
    hub.take_over(row)
    before = Publication.objects.values().get(pk=row.pk)
    uploading._take_error(claimed, SessionLost(say("gone")), moved=False)
    assert UploadSession.objects.get().token == {"step": "the next worker's"}
    assert Publication.objects.values().get(pk=row.pk) == before


def test_a_try_that_brought_bytes_across_starts_the_count_of_attempts_again(row, faulty, monkeypatch):
    monkeypatch.setattr(Faulty, "fault", Temporary(say("away")))
    Publication.objects.filter(pk=row.pk).update(attempts=MOST_ATTEMPTS - 1)
    run(row)
    assert (row.state, row.attempts, row.bytes_sent) == (State.QUEUED, 1, 10)
    run(row)
    assert row.attempts == 2


def test_bytes_that_keep_arriving_damaged_are_given_up_in_the_end(row, faulty, monkeypatch):
    monkeypatch.setattr(Faulty, "fault", Corrupted(say("damaged")))
    run(row)
    assert row.state == State.QUEUED
    Publication.objects.filter(pk=row.pk).update(attempts=MOST_ATTEMPTS - 1)
    run(row)
    assert (row.state, hub.error_of(row)["kind"]) == (State.FAILED, "Corrupted")


def test_a_call_whose_outcome_nobody_knows_waits_for_a_person_who_starts_it_anew(row, faulty, monkeypatch):
    monkeypatch.setattr(Faulty, "fault", OutcomeUnknown(say("lost")))
    run(row)
    assert (row.state, hub.error_of(row)["kind"], row.next_run_at) == (State.UNKNOWN, "OutcomeUnknown", None)
    tasks.run_uploads()
    row.refresh_from_db()
    assert row.state == State.UNKNOWN
    assert not publishing.send_again(row, actor="li"), "nobody has decided yet"
    assert deciding.send_again(row, actor="li") == ""
    assert not UploadSession.objects.exists()
    monkeypatch.setitem(registry.DRIVERS, Platform.YOUKU, Youku)
    hub.work([row])
    assert row.state == State.PUBLISHED


def test_an_id_that_another_publication_has_already_is_told_to_both(row, box, monkeypatch):
    hub.work([row])
    taken = row.remote_id
    (second,) = hub.publish(hub.add_video(), row.account)

    class Echo(Faulty):
        def upload(self, job):
            job.announce(taken)
            raise AssertionError("it goes no further")

    monkeypatch.setitem(registry.DRIVERS, Platform.YOUKU, Echo)
    run(second)
    assert (second.state, hub.error_of(second)["kind"], second.remote_id) == (State.UNKNOWN, "OutcomeUnknown", None)
    assert taken in second.error_text
    assert str(second) in row.events.filter(kind="remote_id").first().text


def test_a_slow_worker_that_finishes_under_an_id_that_is_taken_tells_a_person(row, monkeypatch):
    hub.work([row])
    (second,) = hub.publish(hub.add_video(), row.account)
    monkeypatch.setattr(Youku, "upload", lambda driver, job: row.remote_id)
    run(second)
    assert (second.state, hub.error_of(second)["kind"]) == (State.UNKNOWN, "OutcomeUnknown")
