"""A lost answer, and a person who looks: the video is there under an id, or it is sent again. One video in the end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from platforms import tasks
from platforms.errors import PlatformError
from platforms.models import Account, Publication, UploadSession, Video
from platforms.services import lending
from platforms.services.uploads import deciding
from platforms.values import State
from sandbox.server import Answer, Sandbox
from tests import hub

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english(settings) -> None:
    settings.LANGUAGE_CODE = "en"


def lost(box: Sandbox, platform: str) -> Publication:
    """A publication whose platform has its video, while the hub knows nothing of it and asks a person."""
    (row,) = hub.publish(hub.add_video(), hub.add_account(box, platform))
    hub.work([row])
    Publication.objects.filter(pk=row.pk).update(
        state=State.UNKNOWN, remote_id=None, uploaded_at=None, bytes_sent=0, page_url=""
    )
    UploadSession.objects.create(publication=row, fingerprint="f", token={"step": "creating"})
    return Publication.objects.get(pk=row.pk)


def id_there(box: Sandbox) -> str:
    (video,) = box.videos()
    return str(video["id"])


@pytest.mark.parametrize("platform", hub.NAMES)
def test_a_video_that_is_there_is_followed_from_then_on(box, platform):
    row = lost(box, platform)
    remote_id = id_there(box)
    assert deciding.adopt(row, f" {remote_id} ", actor="li") == ""
    assert (row.remote_id, row.percent, row.error) == (remote_id, 100, None)
    assert not UploadSession.objects.exists()
    hub.work([row])
    assert row.state == State.PUBLISHED
    assert len(box.videos()) == 1
    told = row.events.filter(actor="li").order_by("id").first()
    assert told is not None
    assert told.text == f"A person has found the video on the platform: its id is {remote_id}."


@pytest.mark.parametrize("platform", hub.NAMES)
def test_what_may_be_the_lost_video_is_found_where_the_platform_lists_it(box, platform):
    row = lost(box, platform)
    (found,) = deciding.candidates(row)
    assert found.remote_id == id_there(box)
    assert found.title in (row.shown_title, f"{row.shown_title}.mp4")
    assert found.created_at is not None


def test_a_video_that_another_publication_has_is_neither_offered_nor_taken(box):
    row = lost(box, "iqiyi")
    (second,) = hub.publish(hub.add_video(), row.account)
    hub.work([second])
    taken = second.remote_id or ""
    assert taken not in [found.remote_id for found in deciding.candidates(row)]
    told = deciding.adopt(row, taken, actor="li")
    assert told == f"The id {taken} belongs to another publication: “{second}” (#{second.pk})."
    row.refresh_from_db()
    assert (row.state, row.remote_id) == (State.UNKNOWN, None)


@pytest.mark.parametrize("platform", hub.NAMES)
def test_an_id_that_the_platform_does_not_know_is_told_as_such(box, platform):
    row = lost(box, platform)
    told = deciding.adopt(row, "123456", actor="li")
    assert told == f"The account “{row.account.name}” has no video with the id 123456 on its platform."
    assert row.state == State.UNKNOWN


def test_somebody_elses_video_is_not_adopted(box):
    row = lost(box, "youku")
    other = hub.add_account(box, "youku", "another", login="other")
    (theirs,) = hub.publish(hub.add_video(), other)
    hub.work([theirs])
    assert "has no video with the id" in deciding.adopt(row, theirs.remote_id or "", actor="li")


@pytest.mark.parametrize("remote_id", ["", "  "])
def test_an_empty_id_is_asked_for(box, remote_id):
    assert (
        deciding.adopt(lost(box, "iqiyi"), remote_id, actor="li") == "Enter the id that the video has on the platform."
    )


def test_a_video_that_is_not_there_is_sent_again(box):
    row = lost(box, "youku")
    hub_driver = lending.driver_for(row.account)
    hub_driver.delete_video(id_there(box))  # type: ignore[attr-defined]
    assert deciding.send_again(row, actor="li") == ""
    assert not UploadSession.objects.exists()
    assert row.events.filter(kind="decision", actor="li").count() == 1
    hub.work([row])
    assert row.state == State.PUBLISHED
    assert len([video for video in box.videos() if video["state"] != "deleted"]) == 1


@pytest.mark.parametrize("state", [state for state in State if state != State.UNKNOWN])
def test_there_is_nothing_to_decide_in_any_other_state(box, state):
    row = lost(box, "iqiyi")
    Publication.objects.update(state=state)
    row.refresh_from_db()
    told = f"There is nothing to decide: it is “{row.get_state_display()}”."
    assert deciding.adopt(row, "1", actor="li") == told
    assert deciding.send_again(row, actor="li") == told
    row.refresh_from_db()
    assert row.state == state


def test_of_two_people_who_decide_at_once_the_first_counts(box):
    row = lost(box, "iqiyi")
    late = Publication.objects.get(pk=row.pk)
    remote_id = id_there(box)
    assert deciding.adopt(row, remote_id, actor="li") == ""
    assert deciding.send_again(late, actor="wang")
    row.refresh_from_db()
    assert (row.state, row.remote_id) == (State.PUBLISHED, remote_id)


@pytest.mark.parametrize("platform", hub.NAMES)
def test_what_is_to_be_sent_again_is_followed_instead_when_the_platform_has_it_after_all(box, platform):
    row = lost(box, platform)
    remote_id = id_there(box)
    assert deciding.send_again(row, actor="li") == ""
    assert row.remote_id == remote_id
    assert not UploadSession.objects.exists()
    hub.work([row])
    assert (row.state, len(box.videos())) == (State.PUBLISHED, 1)
    told = row.events.filter(actor="li").order_by("id").first()
    assert told is not None
    assert told.text == f"Before it was sent again the platform was asked, and has the video: its id is {remote_id}."


def test_of_several_that_may_be_it_a_person_has_to_name_one(box):
    row = lost(box, "iqiyi")
    (second,) = hub.publish(hub.add_video(), row.account)
    hub.work([second])
    Publication.objects.filter(pk=second.pk).update(remote_id=None)
    told = deciding.send_again(row, actor="li")
    assert told.startswith("The platform has several videos that may be it: ")
    assert all(video["id"] in told for video in box.videos())
    row.refresh_from_db()
    assert (row.state, row.remote_id) == (State.UNKNOWN, None)


def test_a_video_of_another_title_is_not_the_lost_one(box):
    row = lost(box, "youku")
    Video.objects.filter(pk=row.video_id).update(title="Another lesson")
    row = Publication.objects.get(pk=row.pk)
    assert deciding.send_again(row, actor="li") == ""
    assert (row.state, row.remote_id) == (State.QUEUED, None)


def test_a_video_from_before_it_was_published_is_not_the_lost_one(box):
    row = lost(box, "youku")
    Publication.objects.filter(pk=row.pk).update(created_at=timezone.now() + timedelta(days=1))
    row = Publication.objects.get(pk=row.pk)
    assert deciding.send_again(row, actor="li") == ""
    assert (row.state, row.remote_id) == (State.QUEUED, None)


def test_a_platform_that_does_not_answer_changes_nothing(box):
    row = lost(box, "iqiyi")
    box.block("/", Answer(503, b""), 100)
    with pytest.raises(PlatformError):
        deciding.adopt(row, "1", actor="li")
    with pytest.raises(PlatformError):
        deciding.candidates(row)
    with pytest.raises(PlatformError):
        deciding.send_again(row, actor="li")
    row.refresh_from_db()
    assert row.state == State.UNKNOWN


def test_nothing_is_sent_before_somebody_has_decided(box):
    row = lost(box, "youku")
    calls = len(box.requests)
    Account.objects.update(troubles=0)
    tasks.run_uploads()
    tasks.run_due()
    assert len(box.requests) == calls
    row.refresh_from_db()
    assert row.state == State.UNKNOWN
