"""A cover that staff choose from the platform's pictures stands for the video in the hub's lists and pages."""

from __future__ import annotations

import re

import pytest
from django.core import signing
from django.urls import reverse

from platforms.models import Publication, Video
from platforms.services.watching import covers
from tests import hub
from tests.admin.posting import page_of, told
from tests.admin.rows import add_account, add_publication, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(box) -> Publication:
    """A published video on Baijiayun."""
    (row,) = hub.publish(hub.add_video(), hub.add_account(box, "baijiayun"))
    hub.work([row])
    return row


def offered(client, row: Publication) -> list[tuple[str, str]]:
    """The pictures of the card: address and what choosing it sends."""
    url = reverse("admin:platforms_publication_screenshots", args=[row.pk])
    words = client.post(url, HTTP_X_REQUESTED_WITH="XMLHttpRequest").content.decode()
    return list(zip(re.findall(r'<img src="([^"]+)"', words), re.findall(r'name="choice" value="([^"]+)"', words),
                    strict=True))  # fmt: skip


def choose(client, row: Publication, choice: str):
    return client.post(reverse("admin:platforms_publication_cover", args=[row.pk]), {"choice": choice}, follow=True)


def listed(client, model: str) -> str:
    return str(client.get(f"/admin/platforms/{model}/").content.decode())


def test_a_chosen_picture_is_shown_in_lists_and_pages(admin_client, row):
    url, choice = offered(admin_client, row)[3]
    assert url not in listed(admin_client, "video")
    assert "is the video's cover in the hub now" in told(choose(admin_client, row, choice))
    assert url in listed(admin_client, "video")
    assert f'poster="{url}"' in admin_client.get(page_of(row.video)).content.decode()
    assert "This is the video&#x27;s cover" in admin_client.get(page_of(row)).content.decode().replace("'", "&#x27;")
    assert hub.last_event(row, kind="cover").actor == "admin"


def test_without_a_choice_the_platform_s_own_cover_is_shown(admin_client, row):
    assert row.cover_url
    assert row.cover_url in listed(admin_client, "video")
    assert row.cover_url in listed(admin_client, "publication")


def test_the_choice_is_taken_back(admin_client, row):
    choose(admin_client, row, offered(admin_client, row)[3][1])
    assert "the platform's own again" in told(choose(admin_client, row, ""))
    row.video.refresh_from_db()
    assert covers.cover_of(row.video) == row.cover_url


def test_only_what_the_platform_has_offered_can_be_chosen(admin_client, row):
    other = add_publication(add_account())
    forged = signing.dumps([row.pk, "http://elsewhere.example/x.png"], salt="another salt")
    of_another = signing.dumps([other.pk, "http://elsewhere.example/x.png"], salt=covers.SALT)
    for choice in ("http://elsewhere.example/x.png", forged, of_another, "x" * 5000):
        assert "no longer offered" in told(choose(admin_client, row, choice))
    assert not Video.objects.exclude(cover="").exists()


def test_a_cover_goes_with_the_video_on_its_platform(admin_client, row):
    url, choice = offered(admin_client, row)[3]
    choose(admin_client, row, choice)
    Publication.objects.filter(pk=row.pk).update(state="deleted")
    page = listed(admin_client, "video")
    assert url not in page
    assert row.cover_url not in page
    assert row.cover_url not in listed(admin_client, "publication")


def test_who_may_not_change_videos_looks_only(row):
    viewer = staff("view_publication", "view_video")
    url = reverse("admin:platforms_publication_screenshots", args=[row.pk])
    words = viewer.post(url, HTTP_X_REQUESTED_WITH="XMLHttpRequest").content.decode()
    assert "<img" in words
    assert "Use as cover" not in words
    assert choose(viewer, row, "x").status_code == 403
    assert viewer.get(reverse("admin:platforms_publication_cover", args=[row.pk])).status_code == 405


def test_a_list_asks_for_covers_with_the_rows(admin_client, row, django_assert_max_num_queries):
    for _ in range(5):
        hub.add_video()
    with django_assert_max_num_queries(14):
        listed(admin_client, "video")
