"""`resume` for a publication that needs a decision: `--remote-id` when it is there, `--again` when it is not."""

from __future__ import annotations

import pytest

from platforms.models import Publication, Video
from platforms.values import State
from sandbox.server import Answer
from tests import hub

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(box) -> Publication:
    """A publication whose video is on iQiyi, and the hub does not know it."""
    (sent,) = hub.publish(hub.add_video(), hub.add_account(box, "iqiyi"))
    hub.work([sent])
    Publication.objects.update(state=State.UNKNOWN, remote_id=None, uploaded_at=None)
    return Publication.objects.get()


def test_without_a_decision_it_says_what_to_say(row, manage):
    ran = manage("resume", str(row.pk), "--json")
    assert ran.code == 2
    assert "say --remote-id X if the platform has the video, or --again if not" in ran.problem["message"]


def test_a_video_that_is_there_is_followed(row, box, manage):
    (video,) = box.videos()
    ran = manage("resume", str(row.pk), "--remote-id", video["id"], "--json")
    assert ran.code == 0
    assert (ran.document["state"], ran.document["remote_id"]) == ("published", video["id"])


def test_a_video_that_is_not_there_is_sent_again(row, box, manage):
    Video.objects.update(title="Another lesson")
    ran = manage("resume", str(row.pk), "--again", "--json")
    assert ran.code == 0
    assert (ran.document["state"], ran.document["remote_id"]) == ("queued", None)


def test_a_video_that_is_there_after_all_is_followed_and_not_sent_again(row, box, manage):
    (video,) = box.videos()
    ran = manage("resume", str(row.pk), "--again", "--json")
    assert ran.code == 0
    assert (ran.document["state"], ran.document["remote_id"]) == ("published", video["id"])
    assert f"The platform has the video ({video['id']}): it is followed from now on and not sent again." in ran.err


def test_nothing_is_sent_again_as_long_as_the_platform_cannot_be_asked(row, box, manage):
    box.block("/", Answer(503, b""), 100)
    ran = manage("resume", str(row.pk), "--again", "--json")
    assert (ran.code, ran.problem["kind"]) == (1, "Temporary")
    row.refresh_from_db()
    assert row.state == State.UNKNOWN


def test_an_id_that_the_platform_does_not_know_is_bad_input(row, manage):
    ran = manage("resume", str(row.pk), "--remote-id", "f" * 32, "--json")
    assert ran.code == 2
    assert ran.problem["message"] == f"The account “iq” has no video with the id {'f' * 32} on its platform."


def test_a_platform_that_does_not_answer_is_told_as_its_failure(row, box, manage):
    box.block("/", Answer(503, b""), 100)
    ran = manage("resume", str(row.pk), "--remote-id", "f" * 32, "--json")
    assert (ran.code, ran.problem["kind"]) == (1, "Temporary")


def test_nothing_is_decided_about_what_needs_no_decision(row, manage):
    Publication.objects.update(state=State.PAUSED)
    ran = manage("resume", str(row.pk), "--again", "--json")
    assert (ran.code, ran.problem["message"]) == (2, "There is nothing to decide: it is “Paused”.")
    assert manage("resume", str(row.pk), "--json").document["state"] == "queued"


def test_an_upload_in_the_foreground_is_not_begun_without_a_decision(row, manage):
    ran = manage("upload", str(row.pk), "--json")
    assert (ran.code, ran.problem["message"]) == (2, "It needs a decision; open it.")
