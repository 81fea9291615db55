"""Retrying what failed, and nothing else: from a video, from the lists, from the home page."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from platforms.models import Publication, Video
from platforms.values import State
from tests.admin.posting import page_of, text, told
from tests.admin.rows import add_account, add_publication, staff

pytestmark = pytest.mark.django_db
ALL = "/admin/platforms/publication/retry-failed/"
SKIPPED = (State.PUBLISHED, State.CANCELLED, State.DELETED)


@pytest.fixture(autouse=True)
def rows(settings, tmp_path: Path) -> list[Publication]:
    """Two that failed, and one in each of some other states; the files are there."""
    settings.MEDIA_ROOT = str(tmp_path)
    (tmp_path / "a.mp4").write_bytes(b"frames")
    account = add_account()
    made = [add_publication(account, state) for state in (State.FAILED, State.FAILED, *SKIPPED)]
    Video.objects.update(source="a.mp4", tags="maths")
    return made


@pytest.fixture
def client() -> Client:
    return staff("view_video", "view_publication", "change_publication")


def states() -> list[str]:
    return list(Publication.objects.order_by("pk").values_list("state", flat=True))


def select(client: Client, model: str, action: str, rows) -> str:
    ask = {"action": action, "_selected_action": [row.pk for row in rows]}
    return told(client.post(f"/admin/platforms/{model}/", ask, follow=True))


def test_of_selected_publications_only_the_failed_are_sent_again(client, rows):
    said = select(client, "publication", "retry_failed", rows)
    assert said.startswith("2 publications queued.")
    for word in ("Published", "Cancelled", "Deleted"):
        assert f"1 skipped: It is “{word}”." in said
    assert states() == [State.QUEUED, State.QUEUED, *SKIPPED]


def test_of_selected_videos_too(client, rows):
    said = select(client, "video", "retry_failed_of_videos", [row.video for row in rows])
    assert said.startswith("2 publications queued.")
    assert "1 skipped: It is “Published”." in said


def test_a_videos_page_has_the_button_only_when_something_failed(client, rows):
    failed, published = page_of(rows[0].video), page_of(rows[2].video)
    assert "Retry what failed" in text(client.get(failed))
    assert "Retry what failed" not in text(client.get(published))
    answer = client.post(f"/admin/platforms/video/{rows[0].video_id}/retry-failed/", follow=True)
    assert answer.redirect_chain[-1][0] == failed
    assert "1 publication queued." in told(answer)
    assert states()[:2] == [State.QUEUED, State.FAILED]


def test_the_home_page_retries_everything_that_failed(client):
    assert "Retry what failed" in text(client.get("/admin/"))
    assert "2 publications queued." in told(client.post(ALL, follow=True))
    assert "Retry what failed" not in text(client.get("/admin/"))


def test_what_the_platform_has_already_is_skipped_with_its_reason(client, rows):
    Publication.objects.filter(pk=rows[0].pk).update(uploaded_at=rows[0].created_at)
    said = told(client.post(ALL, follow=True))
    assert "1 publication queued." in said
    assert "1 skipped: The platform already has its file." in said


def test_without_the_permission_there_is_no_button_and_no_way(rows):
    viewer = staff("view_video", "view_publication")
    for page in ("/admin/", page_of(rows[0].video), "/admin/platforms/video/", "/admin/platforms/publication/"):
        assert "Retry what failed" not in text(viewer.get(page))
    assert viewer.post(ALL).status_code == 403
    assert viewer.post(f"/admin/platforms/video/{rows[0].video_id}/retry-failed/").status_code == 403
    assert viewer.get(ALL).status_code == 405
    assert states()[0] == State.FAILED
