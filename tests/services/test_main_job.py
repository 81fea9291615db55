"""One video, three platforms: every byte arrives once, whoever wakes up how often."""

from __future__ import annotations

import threading

import pytest

from platforms import tasks
from platforms.models import Event, Publication, UploadSession
from platforms.services import progress, publishing, uploading
from platforms.services.uploads import claims
from platforms.values import State
from sandbox.server import Sandbox
from tests import hub

PLATFORMS = ("youku", "iqiyi", "baijiayun")


def everywhere(box: Sandbox) -> list[Publication]:
    """The sample, queued for an account on every platform and for a Youku account that uploads in slices."""
    accounts = [hub.add_account(box, platform) for platform in PLATFORMS]
    slices = hub.add_account(box, "youku", "yk slices", login="second", upload_method="slices")
    return hub.publish(hub.add_video(), *accounts, slices)


def assert_arrived_once(box: Sandbox, rows: list[Publication]) -> None:
    assert [row.state for row in rows] == [State.PUBLISHED] * len(rows)
    arrived = box.videos()
    assert sorted(video["id"] for video in arrived) == sorted(str(row.remote_id) for row in rows)
    assert {video["md5"] for video in arrived} == {rows[0].video.md5}
    assert not UploadSession.objects.exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("small_parts")
def test_one_video_is_published_everywhere_with_the_very_bytes_of_the_file(box):
    rows = everywhere(box)
    assert [row.state for row in rows] == [State.QUEUED] * 4
    hub.work(rows)
    assert_arrived_once(box, rows)
    assert all(row.bytes_sent == row.bytes_total == hub.SAMPLE.stat().st_size for row in rows)
    assert all(row.attempts == 1 and row.error is None and row.upload_seconds > 0 and row.uploaded_at for row in rows)
    assert all(row.page_url for row in rows)


@pytest.mark.django_db
def test_every_remote_id_is_in_the_history_before_the_upload_is_over(box):
    rows = everywhere(box)
    hub.work(rows)
    for row in rows:
        kinds = list(row.events.order_by("id").values_list("kind", flat=True))
        assert kinds == ["queued", "uploading", "remote_id", "processing", *kinds[4:]]
        assert kinds[-1] == "published"
        assert str(row.remote_id) in row.events.get(kind="remote_id").text


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("small_parts")
def test_nothing_happens_twice_when_hints_are_doubled_and_workers_run_side_by_side(box):
    rows = everywhere(box)
    workers = [hub.Worker(task) for task in [tasks.run_uploads] * 3]
    hub.join(workers)
    followers = [hub.Worker(lambda: hub.work(rows)) for _ in range(2)]
    hub.join(followers)
    for row in rows:
        row.refresh_from_db()
    assert_arrived_once(box, rows)
    assert [row.attempts for row in rows] == [1] * 4
    for path in ("/youku/uploads/create.json", "/youku/uploads/commit.json"):
        assert len(box.requests.to(path)) == 2
    assert len(box.requests.to("/iqiyi-upload/openupload")) == 1
    assert Event.objects.filter(kind="published").count() == 4


@pytest.mark.django_db
def test_tasks_that_run_again_when_all_is_done_call_nobody(box):
    hub.work(everywhere(box))
    box.requests.clear()
    tasks.run_uploads()
    tasks.run_due()
    assert len(box.requests) == 0


@pytest.mark.django_db(transaction=True)
def test_two_people_who_press_publish_at_once_get_one_publication_an_account(box):
    accounts = [hub.add_account(box, platform) for platform in PLATFORMS]
    video = hub.add_video()
    targets = [hub.target(account) for account in accounts]
    together, queued = threading.Barrier(4), []

    def press() -> None:
        together.wait()
        queued.extend(publishing.publish(video, targets, actor="li"))

    hub.join([hub.Worker(press) for _ in range(4)])
    assert len(queued) == 12
    assert sum(each.new for each in queued) == 3
    assert Publication.objects.count() == 3
    assert Event.objects.filter(kind="queued").count() == 3


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_that_pick_the_same_job_one_yields(box, monkeypatch):
    (row,) = hub.publish(hub.add_video(), hub.add_account(box, "youku"))
    gate = hub.Gate(monkeypatch)
    first = hub.Worker(tasks.run_uploads)
    first.start()
    gate.wait()
    assert claims.claim_next() is None
    assert not uploading.run_here(Publication.objects.get(pk=row.pk))
    gate.open()
    first.finish()
    hub.work([row])
    assert row.attempts == 1
    assert len(box.videos()) == 1


@pytest.mark.django_db
def test_pressing_publish_again_while_it_runs_changes_nothing(box):
    account = hub.add_account(box, "youku")
    (row,) = hub.publish(hub.add_video(), account)
    before = Publication.objects.values().get(pk=row.pk)
    (again,) = publishing.publish(row.video, [hub.target(account, public_type="friend")], actor="wang")
    assert not again.new
    assert Publication.objects.values().get(pk=row.pk) == before


@pytest.mark.django_db(transaction=True)
def test_a_retry_that_was_decided_on_an_older_state_does_not_stop_a_running_upload(box):
    (row,) = hub.publish(hub.add_video(), hub.add_account(box, "youku"))
    Publication.objects.filter(pk=row.pk).update(state=State.FAILED)
    seen_by_li = Publication.objects.get(pk=row.pk)
    assert publishing.send_again(Publication.objects.get(pk=row.pk), actor="wang")
    running = claims.claim_next()
    assert running is not None
    assert not publishing.send_again(seen_by_li, actor="li")
    assert progress.hold(running, running.fence)


@pytest.mark.django_db
def test_the_same_video_goes_to_another_account_later(box):
    video = hub.add_video()
    (first,) = hub.publish(video, hub.add_account(box, "youku"))
    hub.work([first])
    second = hub.add_account(box, "youku", "yk 2", login="second")
    rows = hub.publish(video, first.account, second)
    hub.work(rows)
    assert rows[0].pk == first.pk
    assert {(each["account"], each["md5"]) for each in box.videos()} == {("main", video.md5), ("second", video.md5)}
