"""One video's page: metadata that can be edited, facts that cannot, publications that live."""

from __future__ import annotations

import pytest

from platforms.models import Video
from platforms.values import State
from tests.admin.posting import page_of, text
from tests.admin.rows import add_account, add_publication, staff

pytestmark = pytest.mark.django_db
EDITED = {"title": "New title", "description": "New", "tags": "new", "_continue": "1"}


def test_metadata_is_edited_and_facts_of_the_file_are_not():
    row = add_publication(add_account(), State.PUBLISHED)
    client = staff("change_video")
    client.post(page_of(row.video), EDITED | {"size": "1", "md5": "f" * 32, "original_name": "x"})
    video = Video.objects.get()
    assert (video.title, video.description, video.tags) == ("New title", "New", "new")
    assert (video.size, video.original_name) == (1000, "lesson.mp4")


def test_what_still_waits_keeps_to_its_platforms_rules():
    row = add_publication(add_account(), State.QUEUED)
    answer = staff("change_video").post(page_of(row.video), EDITED | {"title": "x" * 61, "tags": ""})
    page = text(answer)
    assert "yk: Youku takes at most 60 characters; the title has 61." in page
    assert "yk: Youku needs at least one tag." in page
    assert Video.objects.get().title == "Lesson 1"


def test_what_is_published_already_does_not_hold_the_metadata():
    row = add_publication(add_account(), State.PUBLISHED)
    staff("change_video").post(page_of(row.video), EDITED | {"title": "x" * 61})
    assert Video.objects.get().title == "x" * 61


def test_its_publications_are_shown_with_live_state_and_possible_buttons():
    row = add_publication(add_account(), State.UPLOADING, bytes_sent=500)
    page = staff("view_video", "change_publication").get(page_of(row.video)).content.decode()
    for part in ("badge", "progress", "note"):
        assert f'data-publication="{row.pk}" data-part="{part}"' in page
    assert f"/publication/{row.pk}/do/pause/" in page
    assert f"/publication/{row.pk}/do/retry/" not in page


def test_who_may_only_view_gets_no_buttons():
    row = add_publication(add_account(), State.UPLOADING)
    page = staff("view_video", "view_publication").get(page_of(row.video)).content.decode()
    assert "/do/" not in page
    assert "_save" not in page


def test_who_may_not_view_publications_sees_none():
    row = add_publication(add_account(), State.UPLOADING)
    assert "data-publication" not in staff("view_video").get(page_of(row.video)).content.decode()


def test_it_is_shown_in_a_constant_number_of_queries(django_assert_max_num_queries):
    first = add_publication(add_account(), State.PUBLISHED, remote_id="1")
    for number in range(5):
        other = add_publication(add_account(f"yk-{number}"), State.PUBLISHED, remote_id="1")
        type(other).objects.filter(pk=other.pk).update(video=first.video)
    client = staff("view_video", "change_publication", "delete_publication", "view_account")
    with django_assert_max_num_queries(13):
        client.get(page_of(first.video))


def test_an_unknown_video_is_told_and_not_a_fault():
    client = staff("view_video")
    assert client.get("/admin/platforms/video/99/change/", follow=True).status_code == 200
    assert client.get("/admin/platforms/video/abc/change/", follow=True).status_code == 200
