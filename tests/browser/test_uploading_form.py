"""The form that adds a video: its file is sent while the person fills in the rest, and the form waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Hub, log_in
from tests.browser.sending import (
    Line,
    Pieces,
    kill_web,
    make_video,
    percent,
    row,
    sha256,
    stored,
    until,
)
from tests.browsing import new_context
from tests.hub import SAMPLE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
ADD = "/admin/platforms/video/add/"


@pytest.fixture
def adding(browser_context: BrowserContext) -> Iterator[Page]:
    """The add form of somebody who is logged in."""
    page = browser_context.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(ADD)
    if page.locator("#id_password").count():
        log_in(page)
    page.wait_for_selector("[data-field=zone]:visible")
    yield page
    page.close()


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return make_video(tmp_path / f"{tmp_path.name}.mp4", 60)


def save(page: Page) -> None:
    page.locator("[name=_save]").click()


def is_saved(page: Page, file: Path, hub: Hub) -> None:
    page.wait_for_url("**/change/")
    assert sha256(file) in stored(hub)


def test_pressing_a_button_while_the_file_arrives_waits_and_then_sends_the_form(adding: Page, hub: Hub, video: Path):
    line = Line(adding)
    line.slow(6)
    adding.set_input_files("#id_file", str(video))
    until(lambda: percent(adding, video.name) > 10, adding)
    line.crawl()
    adding.fill("#id_title", "第一课 认识分数")
    save(adding)
    expect(adding.locator(".sending")).to_be_visible()
    expect(adding.locator("[name=_save]")).to_be_disabled()
    assert percent(adding, video.name) < 100
    line.fast()
    is_saved(adding, video, hub)
    expect(adding.locator("#id_title")).to_have_value("第一课 认识分数")


def test_errors_keep_the_file_and_no_byte_is_sent_again(adding: Page, hub: Hub, video: Path):
    pieces = Pieces(adding.context)
    adding.set_input_files("#id_file", str(video))
    expect(row(adding, video.name)).to_have_attribute("data-phase", "ready")
    sent = len(pieces.offsets)
    adding.fill("#id_title", "")
    save(adding)
    expect(adding.locator(".errornote")).to_be_visible()
    expect(adding.locator("[data-kept]")).to_contain_text(video.name)
    adding.fill("#id_title", "With a title")
    save(adding)
    is_saved(adding, video, hub)
    assert len(pieces.offsets) == sent


def test_a_form_that_waits_is_sent_after_a_restart_of_the_server_too(adding: Page, hub: Hub, video: Path):
    pieces, line = Pieces(adding.context), Line(adding)
    line.slow(6)
    adding.set_input_files("#id_file", str(video))
    until(lambda: percent(adding, video.name) >= 30, adding)
    line.crawl()
    save(adding)
    kill_web(hub)
    expect(row(adding, video.name)).to_have_attribute("data-phase", "waiting")
    hub.start_web()
    line.fast()
    is_saved(adding, video, hub)
    assert pieces.offsets.count(0) == 1


def test_a_log_in_that_ended_keeps_what_was_typed(adding: Page, hub: Hub, video: Path):
    adding.set_input_files("#id_file", str(video))
    expect(row(adding, video.name)).to_have_attribute("data-phase", "ready")
    adding.fill("#id_title", "Typed before")
    adding.context.clear_cookies(name="sessionid")
    save(adding)
    with adding.context.expect_page() as opened:
        adding.locator(".sending [data-again]").click()
    log_in(opened.value)
    opened.value.close()
    save(adding)
    is_saved(adding, video, hub)
    expect(adding.locator("#id_title")).to_have_value("Typed before")


def test_without_javascript_the_form_takes_a_small_file_and_says_so(browser_context: BrowserContext, hub: Hub):
    assert browser_context.browser
    plain = new_context(browser_context.browser, base_url=hub.url, java_script_enabled=False)
    page = plain.new_page()
    page.goto(ADD)
    log_in(page)
    expect(page.locator("noscript p")).to_be_visible()
    expect(page.locator("[data-field=zone]")).to_be_hidden()
    page.set_input_files("#id_file", str(SAMPLE))
    page.fill("#id_title", "Without scripts")
    save(page)
    is_saved(page, SAMPLE, hub)
    plain.close()
