"""In a real browser: a video plays from the hub before it is published and from its platform afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from platforms.models import Publication
from platforms.services.subtitles import keeping
from platforms.services.subtitles.reading import read
from sandbox.messages import FOR_ANY_PAGE
from sandbox.server import Answer, Sandbox
from tests import hub
from tests.browser.sending import until
from tests.browsing import signed_in
from tests.services.conftest import box

__all__ = ["box"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]
FLAGS = ("--autoplay-policy=no-user-gesture-required", "--mute-audio")
VIDEO = "document.querySelector('[data-player] video')"
TIME = f"{VIDEO}.currentTime"


@pytest.fixture
def page(chromium, live_server, admin_client, monkeypatch) -> Iterator[Page]:
    """A tab of somebody signed in; its console stays free of errors, but for films that are not there."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        url = str(message.location["url"])
        film = message.text.startswith("Failed to load resource") and (url.endswith("/file/") or "/admin/" not in url)
        if message.type == "error" and not film:
            complaints.append(message.text)

    viewport = {"width": 1300, "height": 1000}
    with signed_in(chromium, live_server, admin_client, *FLAGS, viewport=viewport) as page:
        page.on("console", listen)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
    assert complaints == []


def published(box: Sandbox, platform: str) -> Publication:
    (row,) = hub.publish(hub.add_video(), hub.add_account(box, platform))
    hub.work([row])
    assert row.state == "published", row.error
    return row


def asked(box: Sandbox) -> int:
    """How often iQiyi was asked where a video plays."""
    return len(box.requests.to("/iqiyi/api/file/urllist"))


def goes_on(page: Page, after: float) -> None:
    """Wait until it plays beyond this second. The page's policy forbids what Playwright itself would wait with."""
    until(lambda: page.evaluate(TIME) > after, page)


def test_the_file_plays_with_its_subtitles_before_anything_is_published(page, box):
    video = hub.add_video()
    reading = read("lesson.vtt", "WEBVTT\n\n00:00.000 --> 00:08.000\n你好\n".encode())
    keeping.add(video, [keeping.New(reading, "zh-Hans", "简体中文", is_default=True)], actor="li")
    page.goto(f"/admin/platforms/video/{video.pk}/change/")
    page.click(".player__start")
    goes_on(page, 0.5)
    assert page.evaluate(f"{VIDEO}.videoWidth") == 1280
    # The browser fetches subtitles beside the film, and may have them later.
    cues = f"[...({VIDEO}.textTracks[0].activeCues ?? [])].map((cue) => cue.text)"
    until(lambda: page.evaluate(cues) == ["你好"], page)
    track = f"(({{label, language, mode}}) => [label, language, mode])({VIDEO}.textTracks[0])"
    assert page.evaluate(track) == ["简体中文", "zh-Hans", "showing"]
    assert len(box.requests) == 0

    video.source.storage.delete(str(video.source.name))
    page.reload()
    page.click(".player__start")
    expect(page.locator(".player__says")).to_contain_text("no longer where the hub keeps it")


def test_it_plays_from_the_platform_and_goes_on_when_an_address_has_expired(page, box):
    row = published(box, "iqiyi")
    page.goto(f"/admin/platforms/publication/{row.pk}/change/")
    assert asked(box) == 0, "nobody has pressed Play"
    page.click(".player__start")
    goes_on(page, 1.0)
    assert asked(box) == 1
    assert page.evaluate("typeof Hls") == "undefined", "files play without it"

    box.clock.advance(16 * 60)
    at = page.evaluate(f"{VIDEO}.pause(), {TIME}")
    definitions = page.locator("[data-player-definition]")
    definitions.select_option(index=1)
    goes_on(page, at)
    assert asked(box) == 2
    assert definitions.evaluate("select => select.selectedIndex") == 1

    page.reload()
    page.click(".player__start")
    goes_on(page, 0.1)
    calls, piece = asked(box), f"/iqiyi-media/videos/{row.remote_id}/1_3.m4s"
    box.block(piece, Answer(403, headers=FOR_ANY_PAGE))
    definitions.select_option(label="Smooth, m3u8")
    goes_on(page, 6.3)
    assert page.evaluate("Hls.version") == "1.7.4"
    assert asked(box) == calls + 1
    # hls.js may ask twice for what it has: what counts is that the refused piece was not jumped over.
    refused, *given = [call.status for call in box.requests.to(piece)]
    assert (refused, {*given}) == (403, {200})
    expect(page.locator(".player__says")).to_be_hidden()


def test_a_platform_s_own_player_is_framed_and_its_code_copied_or_selected(page, box, live_server):
    row = published(box, "youku")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live_server.url)
    page.goto(f"/admin/platforms/publication/{row.pk}/change/")
    assert page.locator("iframe").count() == 0
    page.click(".player__start")
    expect(page.frame_locator(".player__frame").locator("video")).to_have_count(1)

    page.get_by_role("button", name="Show the code").click()
    page.get_by_role("spinbutton", name="Width").fill("800")
    button, code = page.locator("[data-copy]"), page.locator("[data-embed-code]")
    button.click()
    expect(button).to_have_text("Copied")
    assert f'src="{row.embed_url}" width="800" height="360"' in code.input_value()
    assert page.evaluate("navigator.clipboard.readText()") == code.input_value()

    # As on a hub without https, whose pages a browser gives no clipboard to.
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.evaluate("document.execCommand = () => false")
    button.click()
    expect(button).to_have_text("Selected: press Ctrl+C")
    assert page.evaluate("getSelection().toString()") == code.input_value()
