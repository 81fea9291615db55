"""The page that uploads many files: it goes on after everything that may happen in the middle."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect

from tests.browser.conftest import Hub, log_in
from tests.browser.sending import (
    MIB,
    UPLOAD,
    Line,
    Pieces,
    kill_web,
    landed,
    make_video,
    percent,
    row,
    sha256,
    stored,
    until,
)
from tests.browsing import follow, new_context
from tests.hub import SAMPLE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SIZE = 60


def is_fault(message: ConsoleMessage) -> bool:
    """An error of the page's own: a request that the test cuts or refuses is reported by the browser itself."""
    return message.type == "error" and not message.text.startswith("Failed to load resource")


def tab_of(context: BrowserContext, complaints: list[str]) -> Page:
    """A tab with the upload page, of somebody who is logged in."""
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text) if is_fault(message) else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(UPLOAD)
    if page.locator("#id_password").count():
        log_in(page)
    page.wait_for_selector("[data-page=zone]:visible")
    return page


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What consoles complain of: nothing, a violated security policy included."""
    said: list[str] = []
    yield said
    assert said == []


@pytest.fixture
def tab(browser_context: BrowserContext, complaints: list[str]) -> Iterator[Page]:
    page = tab_of(browser_context, complaints)
    yield page
    page.close()


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return make_video(tmp_path / f"{tmp_path.name}.mp4", SIZE)


def choose(page: Page, *files: Path) -> None:
    page.set_input_files("[data-page=input]", [str(file) for file in files])


def arrives(page: Page, file: Path, hub: Hub) -> None:
    """The file becomes a video, and every byte of it is right."""
    expect(row(page, file.name)).to_have_attribute("data-phase", "taken")
    assert sha256(file) in stored(hub)


def test_dropped_files_become_videos_that_can_be_published_together(tab: Page):
    names = ["第一课.mp4", "second.mp4", "third.mp4", "notes.mp4"]
    bodies = [base64.b64encode(SAMPLE.read_bytes()).decode()] * 3 + [base64.b64encode(b"no video").decode()]
    carried = tab.evaluate_handle(
        """async ([names, bodies]) => {
            const carried = new DataTransfer();
            for (const [place, name] of names.entries()) {
                const bytes = Uint8Array.from(atob(bodies[place]), (letter) => letter.charCodeAt(0));
                carried.items.add(new File([bytes], name, {lastModified: 1000 + place}));
            }
            return carried;
        }""",
        [names, bodies],
    )
    tab.dispatch_event("[data-page=zone]", "drop", {"dataTransfer": carried})
    for name in names[:3]:
        expect(row(tab, name)).to_have_attribute("data-phase", "taken")
    expect(row(tab, "notes.mp4").locator(".upload__note")).to_contain_text("notes.mp4")
    expect(row(tab, "notes.mp4")).to_have_attribute("data-phase", "failed")
    expect(row(tab, names[0]).locator("[data-part=publish]")).to_be_visible()
    follow(tab.locator("[data-page=publish] button"))
    assert len(tab.locator("[name=ids]").get_attribute("value").split(",")) == 3  # type: ignore[union-attr]


def test_a_pause_stops_the_bytes_and_resuming_goes_on_from_there(tab: Page, hub: Hub, video: Path):
    pieces, line = Pieces(tab.context), Line(tab)
    line.slow(6)
    choose(tab, video)
    until(lambda: percent(tab, video.name) > 20, tab)
    line.crawl()
    assert tab.title().split(" ")[0].isdecimal()
    row(tab, video.name).locator("[data-part=pause]").click()
    expect(row(tab, video.name)).to_have_attribute("data-phase", "paused")
    line.fast()
    tab.wait_for_timeout(500)  # a pause that stops nothing would let everything through
    expect(row(tab, video.name)).to_have_attribute("data-phase", "paused")
    assert percent(tab, video.name) < 100
    row(tab, video.name).locator("[data-part=resume]").click()
    arrives(tab, video, hub)
    assert pieces.offsets.count(0) == 1


def test_a_server_killed_at_30_percent_and_started_again_has_the_same_bytes(tab: Page, hub: Hub, video: Path):
    pieces, line = Pieces(tab.context), Line(tab)
    line.slow(6)
    choose(tab, video)
    until(lambda: landed(hub) >= 0.3 * SIZE * MIB, tab)
    line.crawl()
    kill_web(hub)
    expect(row(tab, video.name)).to_have_attribute("data-phase", "waiting")
    hub.start_web()
    line.fast()
    arrives(tab, video, hub)
    assert pieces.offsets.count(0) == 1
    assert max(pieces.offsets) >= 0.25 * SIZE * MIB


def test_a_tab_closed_at_40_percent_goes_on_when_another_browser_chooses_the_same_file(
    browser_context: BrowserContext, hub: Hub, video: Path, complaints: list[str]
):
    first = tab_of(browser_context, complaints)
    line = Line(first)
    line.slow(6)
    choose(first, video)
    until(lambda: landed(hub) >= 0.4 * SIZE * MIB, first)
    line.crawl()
    first.close()
    assert browser_context.browser
    elsewhere = new_context(browser_context.browser, base_url=hub.url, locale="zh-CN")
    second = tab_of(elsewhere, complaints)
    expect(row(second, video.name)).to_have_attribute("data-phase", "unfinished")
    pieces = Pieces(elsewhere)
    choose(second, video)
    arrives(second, video, hub)
    assert pieces.offsets[0] >= 0.3 * SIZE * MIB
    expect(second.locator(".upload", has_text=video.name)).to_have_count(1)
    elsewhere.close()


def test_after_logging_out_and_in_again_in_another_tab_it_goes_on_by_itself(tab: Page, hub: Hub, video: Path):
    pieces, line = Pieces(tab.context), Line(tab)
    line.slow(6)
    choose(tab, video)
    until(lambda: percent(tab, video.name) > 20, tab)
    line.crawl()
    other = tab.context.new_page()
    other.goto("/admin/")
    other.locator("details.menu summary").click()
    other.locator("#logout-form button").click()
    expect(other.locator("#logout-form")).to_have_count(0)
    other.close()
    line.fast()  # the next piece is refused
    expect(row(tab, video.name)).to_have_attribute("data-phase", "login")
    with tab.context.expect_page() as opened:
        row(tab, video.name).locator("[data-part=login]").click()
    log_in(opened.value)
    arrives(tab, video, hub)
    opened.value.close()
    assert pieces.offsets.count(0) == 1


def test_a_full_disk_is_told_and_nothing_is_lost(tab: Page, hub: Hub, video: Path):
    words = "磁盘已满"
    refusal = {"status": 507, "content_type": "application/json", "body": f'{{"error": "{words}"}}'}
    tab.route("**/intake/files/", lambda route: route.fulfill(**refusal))
    choose(tab, video)
    expect(row(tab, video.name)).to_have_attribute("data-phase", "full")
    expect(row(tab, video.name)).to_contain_text(words)
    tab.unroute("**/intake/files/")
    row(tab, video.name).locator("[data-part=resume]").click()
    arrives(tab, video, hub)


def test_what_is_removed_in_the_middle_is_gone_from_the_hub(tab: Page, video: Path):
    line = Line(tab)
    line.slow(6)
    choose(tab, video)
    until(lambda: percent(tab, video.name) > 5, tab)
    line.crawl()
    row(tab, video.name).locator("[data-part=remove]").click()
    expect(row(tab, video.name)).to_have_count(0)
    tab.reload()
    tab.wait_for_load_state("networkidle")
    expect(row(tab, video.name)).to_have_count(0)


def test_a_file_of_the_servers_folder_becomes_a_video_too(tab: Page, hub: Hub):
    inside = Path(hub.environment["INGEST_ROOT"]) / "课程"
    inside.mkdir()
    make_video(inside / "from the folder.mp4", 2)
    tab.locator(".drop [data-folder]").click()
    tab.get_by_role("button", name="课程", exact=True).click()
    tab.get_by_label("from the folder.mp4").check()
    tab.locator("#upload-folder [type=submit]").click()
    arrives(tab, inside / "from the folder.mp4", hub)


def test_an_address_that_the_hub_may_not_ask_is_refused_in_the_dialog(tab: Page):
    tab.locator(".drop [data-address]").click()
    tab.fill("#upload-address input", "ftp://example.com/lesson.mp4")
    tab.keyboard.press("Enter")
    expect(tab.locator("#upload-address [role=alert]")).to_be_visible()
    tab.keyboard.press("Escape")
    expect(tab.locator("#upload-address")).to_be_hidden()


def test_progress_and_changes_can_be_heard(tab: Page, video: Path):
    line = Line(tab)
    line.slow(6)
    choose(tab, video)
    until(lambda: percent(tab, video.name) > 2, tab)
    line.crawl()
    expect(tab.get_by_role("progressbar", name=video.name)).to_be_visible()
    tab.get_by_role("button", name=video.name).first.focus()
    tab.keyboard.press("Enter")
    expect(row(tab, video.name)).to_have_attribute("data-phase", "paused")
    expect(tab.get_by_role("status").filter(has_text=video.name)).to_be_attached()
    expect(row(tab, video.name).locator("[data-part=resume]")).to_be_focused()
