"""One publication's page hands out what its platform tells about playing it: when asked, and kept nowhere."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from platforms.models import Event, Publication
from platforms.services import accounts
from platforms.services.subtitles import keeping
from platforms.services.subtitles.reading import read
from platforms.values import State
from sandbox.server import Answer, Sandbox
from tests import hub
from tests.admin.posting import page_of, text
from tests.admin.rows import add_account, add_publication, staff

pytestmark = pytest.mark.django_db
Publish = Callable[[str], Publication]
ASKED = ("addresses", "embed", "token", "screenshots")
VTT = b"WEBVTT\n\n00:00.000 --> 00:02.000\nHello\n"
HOUR = {"amount": "1", "unit": "hours"}


@pytest.fixture
def published(box: Sandbox) -> Publish:
    """Publishes the sample on an account of a platform."""

    def publish(platform: str) -> Publication:
        (row,) = hub.publish(hub.add_video(), hub.add_account(box, platform))
        hub.work([row])
        assert row.state == State.PUBLISHED
        return row

    return publish


def ask(client: Client, row: Publication, name: str, **data: str):
    """What a script of the page asks for."""
    url = reverse(f"admin:platforms_publication_{name}", args=[row.pk])
    return client.post(url, data, HTTP_X_REQUESTED_WITH="XMLHttpRequest")


def play(client: Client, row: Publication) -> dict[str, Any]:
    told: dict[str, Any] = ask(client, row, "play").json()
    return told


@pytest.mark.parametrize("platform", ["iqiyi", "baijiayun"])
def test_play_answers_what_a_browser_plays_files_first(admin_client, published, platform):
    answer = ask(admin_client, published(platform), "play")
    assert "no-store" in answer["Cache-Control"]
    found = answer.json()["addresses"]
    containers = [one["container"] for one in found]
    assert set(containers) == {"mp4", "m3u8"}
    assert containers == sorted(containers, reverse=True)
    assert all(one["url"].startswith("http") and one["label"].endswith(one["container"]) for one in found)


def test_the_page_itself_asks_nobody_and_names_no_address(admin_client, published, box):
    row = published("iqiyi")
    (address, *_others) = play(admin_client, row)["addresses"]
    before = len(box.requests)
    page = admin_client.get(page_of(row)).content.decode()
    assert len(box.requests) == before
    assert "/iqiyi-media/videos/" not in page
    assert address["url"] not in json.dumps(list(Event.objects.values("sentence", "data")))
    kept = Publication.objects.filter(pk=row.pk).values().get()
    assert not any("/iqiyi-media/videos/" in str(value) for value in kept.values())


@pytest.mark.usefixtures("noon")
def test_the_calls_count_in_the_account_s_budget(admin_client, published):
    row = published("iqiyi")
    row.account.refresh_from_db()
    made = row.account.calls_made
    play(admin_client, row)
    row.account.refresh_from_db()
    assert row.account.calls_made == made + 1


def test_a_page_may_load_films_only_where_one_of_its_platforms_plays(admin_client, published):
    row, other = published("baijiayun"), add_publication(add_account(), State.QUEUED)
    policy = admin_client.get(page_of(row))["Content-Security-Policy"]
    assert "media-src 'self' blob: https: http:" in policy
    assert re.search(r"connect-src 'self' https: http:", policy)
    assert "frame-src" not in policy
    strict = admin_client.get(page_of(other))["Content-Security-Policy"]
    assert "media-src" not in strict
    assert re.search(r"connect-src 'self'(;|$)", strict)
    assert "script-src 'self';" in policy + ";"


def test_a_platform_s_own_player_is_framed_from_its_own_host_alone(admin_client, published, box):
    policy = admin_client.get(page_of(published("youku")))["Content-Security-Policy"]
    assert re.search(rf"frame-src {re.escape(box.url)}(;|$)", policy)


def test_what_a_platform_lacks_is_one_line_and_no_button(admin_client, published):
    page = admin_client.get(page_of(published("youku")))
    words = text(page)
    for line in (
        "Youku does not tell where its videos play.",
        "Youku has no player tokens.",
        "Youku takes no pictures of a video.",
    ):
        assert line in words
    assert "Show the addresses" not in words
    assert "Issue a token" not in words
    assert "Show the pictures" not in words
    assert "Show the code" in words


@pytest.mark.parametrize("name", ["play", "addresses", "token", "screenshots"])
def test_the_service_refuses_what_a_platform_lacks(admin_client, published, name, box):
    row = published("youku")
    before = len(box.requests)
    assert "Youku" in ask(admin_client, row, name, **HOUR).content.decode()
    assert len(box.requests) == before


def test_addresses_are_listed_with_definition_format_and_size(admin_client, published):
    words = ask(admin_client, published("baijiayun"), "addresses").content.decode()
    for part in ("mp4", "m3u8", "flv", "640×360", "748.3", "about 12 hours"):
        assert part in words, part
    assert words.count("data-copy ") == words.count("<input")


def test_the_code_of_the_player_has_sizes_to_choose(admin_client, published):
    words = ask(admin_client, published("baijiayun"), "embed").content.decode()
    assert words.count("data-embed-code=") == 2
    assert "width=&amp;quot;{width}" not in words
    assert "width=&quot;640&quot; height=&quot;360&quot;" in words
    assert "&amp;amp;width=640&amp;amp;height=360" in words
    assert "&amp;amp;width={width}&amp;amp;height={height}" in words


def test_a_player_known_before_needs_no_call(admin_client, published, box):
    row = published("youku")
    before = len(box.requests)
    assert row.embed_url in ask(admin_client, row, "embed").content.decode()
    assert len(box.requests) == before


def test_a_token_is_issued_for_as_long_as_was_asked(admin_client, published):
    row = published("baijiayun")
    answer = ask(admin_client, row, "token", **HOUR)
    token = re.search(r'<input type="text" readonly value="([^"]{20,})"', answer.content.decode())
    assert token
    assert "no-store" in answer["Cache-Control"]
    assert hub.last_event(row, kind="player_token").data == {"seconds": 3600}
    assert "never expires" in ask(admin_client, row, "token", unit="never").content.decode()


@pytest.mark.parametrize("data", [{}, {"amount": "0", "unit": "hours"}, {"amount": "x", "unit": "days"},
                                  {"amount": "99999", "unit": "days"}, {"amount": "5", "unit": "weeks"},
                                  {"amount": "", "unit": "minutes"}])  # fmt: skip
def test_a_wrong_time_is_told_and_no_token_issued(admin_client, published, box, data):
    row = published("baijiayun")
    before = len(box.requests)
    assert "note--bad" in ask(admin_client, row, "token", **data).content.decode()
    assert len(box.requests) == before


def test_troubles_of_the_platform_are_sentences_in_the_card(admin_client, published, box):
    row = published("baijiayun")
    hub.delete_elsewhere(row)
    for name in ASKED:
        words = ask(admin_client, row, name, **HOUR)
        assert words.status_code == 200
        assert "note--bad" in words.content.decode(), name
    assert play(admin_client, row)["error"]
    box.block("/baijiayun", Answer(503), times=9)
    assert "fault of its own" in play(admin_client, row)["error"]
    box.unblock()


def test_an_expired_login_is_a_sentence(admin_client, published):
    row = published("iqiyi")
    wrong = {"client_secret": "wrong", "access_token": "x", "refresh_token": "y"}
    accounts.save_account(row.account.name, "iqiyi", wrong, {}, actor="test")
    assert "iQiyi" in play(admin_client, row)["error"]


def test_nothing_of_it_is_logged(admin_client, published, caplog):
    row = published("baijiayun")
    with caplog.at_level(logging.DEBUG):
        url = play(admin_client, row)["addresses"][0]["url"]
        token = ask(admin_client, row, "token", **HOUR).content.decode().split('value="')[1].split('"')[0]
    assert url not in caplog.text
    assert token not in caplog.text


@pytest.mark.parametrize("state", [State.PROCESSING, State.DELETED, State.MISSING, State.QUEUED, State.FAILED])
def test_what_does_not_play_now_is_not_asked_about(admin_client, published, box, state):
    row = published("baijiayun")
    Publication.objects.filter(pk=row.pk).update(state=state)
    before = len(box.requests)
    assert play(admin_client, row)["error"]
    assert "note--bad" in ask(admin_client, row, "addresses").content.decode()
    assert len(box.requests) == before


def test_who_may_view_may_watch_and_only_who_may_change_gets_tokens(published):
    row = published("baijiayun")
    viewer = staff("view_publication")
    assert play(viewer, row)["addresses"]
    assert ask(viewer, row, "token", **HOUR).status_code == 403
    assert "Issue a token" not in text(viewer.get(page_of(row)))
    stranger = staff("view_video")
    for name in ("play", *ASKED):
        assert ask(stranger, row, name, **HOUR).status_code == 403, name
        assert staff().get(reverse(f"admin:platforms_publication_{name}", args=[row.pk])).status_code == 405


def test_without_scripts_it_is_a_page(admin_client, published):
    row = published("iqiyi")
    page = admin_client.post(reverse("admin:platforms_publication_addresses", args=[row.pk]))
    assert "no-store" in page["Cache-Control"]
    assert "/iqiyi-media/videos/" in page.content.decode()
    assert "<title>" in page.content.decode()


def test_before_it_is_published_the_file_in_the_hub_plays(admin_client, box):
    (row,) = hub.publish(hub.add_video(), hub.add_account(box, "iqiyi"))
    page = admin_client.get(page_of(row)).content.decode()
    assert f"/admin/platforms/video/{row.video_id}/file/" in page
    assert reverse("admin:platforms_publication_play", args=[row.pk]) not in page
    assert "Show the addresses" not in page


def test_a_video_s_page_offers_every_place_where_it_plays(admin_client, published):
    row = published("baijiayun")
    (other,) = hub.publish(row.video, add_account("waiting"))
    page = admin_client.get(page_of(row.video)).content.decode()
    assert f"/admin/platforms/video/{row.video_id}/file/" in page
    assert reverse("admin:platforms_publication_play", args=[row.pk]) in page
    assert reverse("admin:platforms_publication_play", args=[other.pk]) not in page
    seen = staff("view_video").get(page_of(row.video)).content.decode()
    assert reverse("admin:platforms_publication_play", args=[row.pk]) not in seen


def test_subtitles_of_the_video_come_with_the_player(admin_client, published):
    row = published("iqiyi")
    (kept,) = keeping.add(row.video, [keeping.New(read("a.vtt", VTT), "und", "Voices")], actor="li")
    page = admin_client.get(page_of(row)).content.decode()
    address = reverse("admin:platforms_video_subtitle", args=[row.video_id, kept.pk])
    assert re.search(rf'<track kind="subtitles" src="{address}" label="Voices"( default)?>', page)
    seen = staff("view_publication").get(page_of(row)).content.decode()
    assert "<track" not in seen
