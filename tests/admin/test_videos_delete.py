"""A video leaves the hub only when no platform has it and nothing runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.admin.models import LogEntry

from platforms.models import Event, Publication, Video
from platforms.services import events, publishing, videos
from platforms.services.files import media
from platforms.services.publishing import Metadata
from platforms.values import State
from tests.admin.posting import hidden, text, told
from tests.admin.rows import add_account, add_publication, staff
from tests.hub import SAMPLE

pytestmark = pytest.mark.django_db
LIST = "/admin/platforms/video/"
DELETE = "/admin/platforms/video/delete/"
FREE = {State.DRAFT, State.CANCELLED, State.DELETED, State.MISSING, State.FAILED}


@pytest.mark.parametrize("state", list(State))
def test_only_publications_that_are_over_let_a_video_go(state):
    row = add_publication(add_account(), state)
    assert bool(videos.why_not_delete(row)) == (state not in FREE)
    assert videos.delete(row.video, actor="test") == (state in FREE)
    assert Video.objects.exists() == (state not in FREE)


def test_a_failed_publication_that_reached_the_platform_keeps_its_video():
    row = add_publication(add_account(), State.FAILED, remote_id="there")
    assert videos.why_not_delete(row) == "The platform still has it; delete it there first."
    assert not videos.delete(row.video, actor="test")


def test_the_page_says_what_keeps_it_and_where_to_go(client):
    row = add_publication(add_account(), State.PUBLISHED, remote_id="there")
    client = staff("delete_video", "view_video", "delete_publication")
    page = client.get(f"/admin/platforms/video/{row.video_id}/delete/")
    assert "1 video stays in the hub" in text(page)
    assert "The platform still has it; delete it there first." in text(page)
    assert f"/publication/remove/?ids={row.pk}" in page.content.decode()
    assert '<form method="post" action="/admin/platforms/video/delete/"' not in page.content.decode()


def test_its_file_goes_too_and_its_history_stays(intake, django_capture_on_commit_callbacks):
    video = publishing.create_video(media.keep_copy(SAMPLE), Metadata("Lesson"))
    file = Path(video.source.path)
    row = Publication.objects.create(video=video, account=add_account(), state=State.CANCELLED)
    client = staff("delete_video", "view_video")
    page = client.get(f"/admin/platforms/video/{video.pk}/delete/")
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(DELETE, {"ids": hidden(page, "ids")}, follow=True)
    assert "1 video deleted from the hub." in told(answer)
    assert not file.exists()
    assert not Video.objects.exists()
    event = Event.objects.get(kind="video_deleted")
    assert (event.subject, event.publication, event.text) == (
        str(row), None, "The video “Lesson” was deleted from the hub.",
    )  # fmt: skip
    assert LogEntry.objects.get().object_repr == "Lesson"


def test_the_list_deletes_what_can_go_and_says_what_stays():
    stays = add_publication(add_account(), State.PUBLISHED, remote_id="there").video
    goes = add_publication(add_account("other"), State.DELETED).video
    client = staff("delete_video", "view_video")
    page = client.post(LIST, {"action": "delete_videos", "_selected_action": [stays.pk, goes.pk]})
    assert "1 video stays in the hub" in text(page)
    assert hidden(page, "ids") == str(goes.pk)
    answer = client.post(DELETE, {"ids": f"{stays.pk},{goes.pk}"}, follow=True)
    assert "1 video deleted from the hub. 1 skipped: it is still on a platform or on its way there." in told(answer)
    assert list(Video.objects.all()) == [stays]


def test_a_publication_sent_again_in_that_moment_keeps_its_video(monkeypatch):
    row = add_publication(add_account(), State.CANCELLED)

    def send_again_meanwhile(*_args: object, **_kwargs: object) -> None:
        Publication.objects.filter(pk=row.pk).update(state=State.QUEUED)

    monkeypatch.setattr(events, "record", send_again_meanwhile)
    assert not videos.delete(row.video, actor="test")
    assert Publication.objects.get().video == row.video


def test_without_permission_nothing_is_deleted():
    row = add_publication(add_account(), State.DELETED)
    client = staff("view_video", "change_video")
    assert client.get(f"/admin/platforms/video/{row.video_id}/delete/").status_code == 403
    assert client.post(DELETE, {"ids": str(row.video_id)}).status_code == 403
    assert "delete_videos" not in client.get(LIST).content.decode()
    assert Video.objects.exists()
