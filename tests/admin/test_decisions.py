"""The page of a publication that needs a decision: what was lost, where to look, and the two answers."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from platforms.models import Account, Event, Publication, Video
from platforms.services import progress
from platforms.values import State, say
from sandbox.server import Answer
from tests import hub
from tests.admin.posting import page_of, text, told
from tests.admin.rows import add_account, add_publication, staff

pytestmark = pytest.mark.django_db


def decide_url(row: Publication) -> str:
    return reverse("admin:platforms_publication_decide", args=[row.pk])


@pytest.fixture
def row(box) -> Publication:
    """A publication whose video is on iQiyi, and the hub does not know it."""
    (sent,) = hub.publish(hub.add_video(), hub.add_account(box, "iqiyi"))
    hub.work([sent])
    error = progress.stored_error("OutcomeUnknown", say("The answer was lost."))
    Publication.objects.update(
        state=State.UNKNOWN, remote_id=None, uploaded_at=None, error=error, state_at=timezone.now()
    )
    return Publication.objects.get()


def test_the_page_leads_there_and_no_button_sends_it_again_at_once(row):
    page = staff("change_publication").get(page_of(row)).content.decode()
    assert f'href="{decide_url(row)}"' in page
    assert "/do/retry/" not in page


def test_it_says_what_was_lost_where_to_look_and_what_may_be_it(row, box):
    page = staff("change_publication").get(decide_url(row))
    words = text(page)
    assert "the answer was lost. Nobody but you can tell" in words
    assert "The answer was lost." in words
    assert f"Look on iQiyi {row.account.name} For a video titled {row.shown_title}" in words
    (video,) = box.videos()
    assert f'value="id:{video["id"]}"' in page.content.decode()
    assert f"{row.shown_title} {video['id']} Published" in words


def test_a_video_that_is_there_is_followed(row, box):
    (video,) = box.videos()
    done = staff("change_publication").post(decide_url(row), {"choice": f"id:{video['id']}"}, follow=True)
    assert "The video is followed from now on." in told(done)
    row.refresh_from_db()
    assert (row.state, row.remote_id) == (State.PUBLISHED, video["id"])
    assert Event.objects.filter(publication=row, kind="processing", actor__startswith="staff").exists()


def test_an_id_may_be_typed_and_a_wrong_one_is_told_beside_it(row):
    client = staff("change_publication")
    page = client.post(decide_url(row), {"choice": "other", "remote_id": "f" * 32})
    assert f"The account “iq” has no video with the id {'f' * 32} on its platform." in text(page)
    assert f'value="{"f" * 32}"' in page.content.decode(), "what was typed is still there"
    row.refresh_from_db()
    assert row.state == State.UNKNOWN


def test_a_video_that_is_not_there_is_sent_again(row):
    Video.objects.update(title="Another lesson")
    done = staff("change_publication").post(decide_url(row), {"choice": "again"}, follow=True)
    assert "It is sent again." in told(done)
    row.refresh_from_db()
    assert row.state == State.QUEUED


def test_a_video_that_is_there_after_all_is_followed_and_not_sent_again(row, box):
    (video,) = box.videos()
    done = staff("change_publication").post(decide_url(row), {"choice": "again"}, follow=True)
    assert f"The platform has the video ({video['id']}): it is followed from now on and not sent again." in told(done)
    row.refresh_from_db()
    assert (row.state, row.remote_id, len(box.videos())) == (State.PUBLISHED, video["id"], 1)


def test_nothing_is_sent_again_as_long_as_the_platform_cannot_be_asked(row, box):
    box.block("/", Answer(503, b""), 100)
    page = staff("change_publication").post(decide_url(row), {"choice": "again"})
    assert "Nothing is sent before the platform has said that it has no such video." in text(page)
    row.refresh_from_db()
    assert row.state == State.UNKNOWN


def test_one_of_the_answers_has_to_be_chosen(row):
    page = staff("change_publication").post(decide_url(row), {})
    assert "Choose what is true." in text(page)


def test_a_platform_that_does_not_answer_is_told_and_the_choices_stay(row, box):
    box.block("/", Answer(503, b""), 100)
    client = staff("change_publication")
    page = client.get(decide_url(row))
    assert "The platform could not be asked which videos the account has." in text(page)
    assert 'value="again"' in page.content.decode()
    refused = client.post(decide_url(row), {"choice": "other", "remote_id": "1"})
    assert "HTTP 503" in text(refused)


def test_where_nothing_is_to_be_decided_one_is_led_back(row):
    Publication.objects.update(state=State.PUBLISHED)
    done = staff("change_publication").get(decide_url(row), follow=True)
    assert "There is nothing to decide: it is “Published”." in told(done)


def test_whoever_may_not_change_publications_may_not_decide(row):
    client = staff("view_publication")
    assert client.get(decide_url(row)).status_code == 403
    assert client.post(decide_url(row), {"choice": "again"}).status_code == 403
    assert staff("change_publication").get(decide_url(row).replace(str(row.pk), "99")).status_code == 404


def test_an_upload_that_was_stopped_says_so_until_its_worker_has_let_go():
    one = add_publication(add_account(), State.PAUSED, lease_holder="box:1")
    live = f"{reverse('admin:live')}?ids={one.pk}"
    client = staff("change_publication")
    Publication.objects.update(lease_until=timezone.now() + progress.LEASE)
    (shown,) = client.get(live).json()["publications"]
    assert (shown["final"], shown["note"]) == (False, "Stopping… its worker has not let go yet.")
    Publication.objects.update(**progress.let_go())
    (shown,) = client.get(live).json()["publications"]
    assert (shown["final"], shown["note"]) == (True, "Resume it to go on.")
    assert Account.objects.count() == 1
