"""Deleting on the platform: once, looked up before it is repeated, and refused with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from platforms import registry, tasks
from platforms.contract import Driver
from platforms.drivers.youku.driver import Youku
from platforms.errors import Refused, Temporary
from platforms.models import Account, Event, Health, Publication
from platforms.services import accounts, publishing, removal, videos
from platforms.services.publishing import Metadata
from platforms.services.uploads import control
from platforms.values import Platform, RemoteVideo, State, say
from sandbox.server import Answer, Sandbox
from tests import hub

pytestmark = pytest.mark.django_db

PLATFORMS = ("youku", "iqiyi", "baijiayun")
DELETE = "/youku/v2/videos/destroy.json"


def published(box: Sandbox, platform: str = "youku") -> Publication:
    (row,) = hub.publish(hub.add_video(), hub.add_account(box, platform))
    hub.work([row])
    assert row.state == State.PUBLISHED
    return row


def delete(row: Publication) -> Publication:
    hub.hurry(row)
    tasks.run_due()
    row.refresh_from_db()
    return row


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_video_is_deleted_on_its_platform_and_can_be_published_again(box, platform):
    row = published(box, platform)
    first_id = row.remote_id
    assert removal.ask([row], actor="li") == 1
    assert row.state == State.DELETING
    delete(row)
    assert (row.state, row.error, row.next_run_at) == (State.DELETED, None, None)
    assert [video["state"] for video in box.videos()] == ["deleted"]
    assert [event.actor for event in row.events.filter(kind="deleting")] == ["li"]
    assert removal.ask([row], actor="li") == 0

    assert publishing.send_again(row, actor="li")
    assert (row.remote_id, row.page_url, row.bytes_sent) == (None, "", 0)
    hub.work([row])
    assert row.state == State.PUBLISHED
    assert row.remote_id != first_id


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_video_that_was_already_gone_is_a_success(box, platform):
    row = published(box, platform)
    hub.delete_elsewhere(row)
    removal.ask([row], actor="li")
    delete(row)
    assert (row.state, row.error) == (State.DELETED, None)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_deletion_whose_answer_was_lost_is_looked_up_before_it_is_repeated(box, platform):
    row = published(box, platform)
    path, method = {"youku": (DELETE, "POST"), "iqiyi": ("/iqiyi/api/file/delete", "GET"),
                    "baijiayun": ("/baijiayun/", "POST")}[platform]  # fmt: skip
    box.block(path, hub.LOST, method=method)
    removal.ask([row], actor="li")
    delete(row)
    assert (row.state, hub.error_of(row)["kind"]) == (State.DELETING, "Temporary")
    assert hub.waits(row)
    box.requests.clear()
    delete(row)
    assert row.state == State.DELETED
    assert not [call for call in box.requests if "delete" in call.path or "destroy" in call.path]


def test_a_deletion_that_never_arrived_is_repeated(box):
    row = published(box)
    box.block(DELETE, Answer(502, b"<html>"))
    removal.ask([row], actor="li")
    delete(row)
    assert row.state == State.DELETING
    delete(row)
    assert row.state == State.DELETED


def test_a_refused_deletion_keeps_the_state_and_shows_the_reason(box, monkeypatch):
    row = published(box)
    monkeypatch.setattr(Youku, "delete_video", raising(Refused(say("Not yours."), code="1006")))
    removal.ask([row], actor="li")
    delete(row)
    assert (row.state, hub.error_of(row)["code"], row.next_run_at) == (State.PUBLISHED, "1006", None)
    assert hub.last_event(row).sentence["text"] == "Not yours."


def test_a_refused_deletion_keeps_the_state_although_the_platform_cannot_be_asked_for_it(box, monkeypatch):
    row = published(box)
    monkeypatch.setattr(Youku, "delete_video", raising(Refused(say("Not yours."))))
    monkeypatch.setattr(Youku, "look", raising(Temporary(say("Away."))))
    removal.ask([row], actor="li")
    delete(row)
    assert row.state == State.PUBLISHED


def test_a_video_whose_deletion_is_refused_while_it_is_transcoded_is_followed_on(box, monkeypatch):
    (row,) = hub.publish(hub.add_video(), hub.add_account(box, "youku"))
    hub.work([row], until=(State.PROCESSING,))
    box.youku.set_state(row.remote_id, "encoding")
    with monkeypatch.context() as patch:
        patch.setattr(Youku, "delete_video", raising(Refused(say("Not now."))))
        removal.ask([row], actor="li")
        delete(row)
    assert row.state == State.PROCESSING
    assert row.next_run_at
    box.youku.set_state(row.remote_id, None)
    hub.work([row])
    assert row.state == State.PUBLISHED


def test_wrong_credentials_make_the_deletion_wait_for_a_person(box):
    row = published(box)
    Account.objects.update(credentials=row.account.credentials | {"access_token": "0" * 32, "refresh_token": ""})
    removal.ask([row], actor="li")
    delete(row)
    assert row.state == State.DELETING
    assert Account.objects.get().health == Health.NEEDS_PERSON
    calls = len(box.requests)
    delete(row)
    assert len(box.requests) == calls
    accounts.save_account("yk", "youku", box.credentials("youku"), {}, actor="li")
    delete(row)
    assert row.state == State.DELETED


def test_of_two_workers_one_deletes(box, monkeypatch):
    row = published(box)
    deleted = []

    def slow(driver, remote_id):
        deleted.append(remote_id)
        removal.run_due(actor="another worker")

    monkeypatch.setattr(Youku, "delete_video", slow)
    removal.ask([row], actor="li")
    delete(row)
    assert len(deleted) == 1
    assert row.state == State.DELETED


def test_a_command_that_deletes_now_leaves_nothing_to_the_workers(box, monkeypatch):
    row = published(box)
    monkeypatch.setattr(Youku, "delete_video", lambda driver, remote_id: removal.run_due(actor="a worker"))
    removal.remove_now(row, actor="li")
    assert (row.state, row.attempts) == (State.DELETED, 1)


def test_a_worker_that_died_while_deleting_is_followed_by_one_who_looks_first(box, monkeypatch):
    row = published(box)
    removal.ask([row], actor="li")
    monkeypatch.setattr(Youku, "delete_video", raising(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        tasks.run_due()
    row.refresh_from_db()
    assert (row.state, row.attempts) == (State.DELETING, 1)
    assert hub.waits(row)
    monkeypatch.setattr(Youku, "look", lambda driver, ids, *closely: [RemoteVideo(ids[0], State.MISSING, "gone")])
    delete(row)
    assert row.state == State.DELETED


def test_what_is_not_on_a_platform_cannot_be_deleted_there(box):
    (row,) = hub.publish(hub.add_video(), hub.add_account(box, "youku"))
    assert removal.why_not(row)
    assert removal.ask([row], actor="li") == 0
    assert row.state == State.QUEUED


def test_a_platform_without_deletion_says_so(box, monkeypatch):
    row = published(box)

    class Keeper(Driver):
        platform = Platform.YOUKU

    monkeypatch.setitem(registry.DRIVERS, Platform.YOUKU, Keeper)
    assert removal.why_not(row)
    assert removal.ask([row], actor="li") == 0


def test_a_failed_video_that_the_platform_has_is_deleted_there_before_it_is_sent_again(box):
    (row,) = hub.publish(
        hub.add_video(Metadata("[fail] 第一课", "说明", "数学, 三年级")), hub.add_account(box, "youku")
    )
    hub.work([row])
    assert row.state == State.FAILED
    assert publishing.why_not_send(row)
    assert not publishing.send_again(row, actor="li")
    assert not control.cancel(row, actor="li")
    removal.ask([row], actor="li")
    delete(row)
    assert row.state == State.DELETED
    assert publishing.why_not_send(row) == ""


def test_a_video_leaves_the_hub_only_when_no_platform_has_it(box, django_capture_on_commit_callbacks):
    row = published(box)
    video, path = row.video, row.video.source.path
    assert not videos.delete(video, actor="li")
    assert videos.why_not_delete(row)
    removal.ask([row], actor="li")
    assert not videos.delete(video, actor="li")
    delete(row)
    history = row.events.count()
    with django_capture_on_commit_callbacks(execute=True):
        assert videos.delete(video, actor="li")
    assert not Publication.objects.exists()
    assert not Path(path).exists()
    assert Event.objects.filter(subject__contains="第一课").count() >= history


def raising(error: BaseException):
    def fail(*arguments):
        raise error

    return fail
