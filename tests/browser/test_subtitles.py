"""A person adds subtitles: what is wrong is shown by line, several files come at once, and the platform gets them."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.conftest import Hub, log_in
from tests.browsing import follow
from tests.hub import SAMPLE
from tests.subtitles.files import SRT, VTT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
BROKEN = SRT.replace("00:00:05,000 --> 00:00:07,000", "00:00:05,000 - 00:00:07,000")


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    texts = {"broken.srt": BROKEN.encode(), "lesson.srt": SRT.encode("gb18030"), "lesson.en.vtt": VTT.encode()}
    for name, data in texts.items():
        (tmp_path / name).write_bytes(data)
    return {name: tmp_path / name for name in texts}


@pytest.fixture
def publication(hub: Hub) -> dict[str, object]:
    """A video that is published on Baijiayun."""
    hub.add_account("bj", "baijiayun")
    (row,) = hub.publish(SAMPLE, "--to", "bj", "--title", "第一课 认识分数", "--option", "definition=16")
    return row


def test_it_is_checked_by_line_added_and_seen_on_the_platform(page: Page, hub: Hub, publication, files):
    page.goto(f"/admin/platforms/video/{publication['video']}/change/")
    log_in(page)
    follow(page.locator("#subtitles a[href$='/subtitles/add/']"))
    rows = page.locator(".subtitle-file")
    rows.nth(0).locator("input[type=file]").set_input_files(str(files["broken.srt"]))
    follow(page.locator("#subtitle-files button[type=submit]"))
    problem = rows.nth(0).locator(".lines li")
    expect(problem).to_have_count(1)
    expect(problem).to_contain_text("11")
    expect(problem).to_contain_text("00:01:02,500 --> 00:01:05,000")

    chosen = [str(files["lesson.srt"]), str(files["lesson.en.vtt"])]
    rows.nth(0).locator("input[type=file]").set_input_files(chosen)
    expect(rows.nth(1).locator("select")).to_have_value("en")
    page.locator("#another-file").click()
    expect(rows).to_have_count(4)
    rows.nth(0).locator("input[type=checkbox]").check()
    page.locator("#subtitle-files button[type=submit]").click()

    expect(page.locator("#subtitles .subtitle")).to_have_count(2)
    expect(page.locator("#subtitles .subtitle__copies .badge--good")).to_have_count(2)
    documents = hub.manage("subtitles", str(publication["video"]))
    assert [(one["name"], one["language"], one["default"]) for one in documents] == [
        ("简体中文", "zh-Hans", True), ("English", "en", False),
    ]  # fmt: skip
    answer = hub.manage("call", "bj", "list_subtitles", f"video_id={publication['remote_id']}")
    there = {one["subtitle_name"]: one for one in answer["data"]}
    assert {name: one["is_default"] for name, one in there.items()} == {"简体中文": 1, "English": 0}
    assert requests.get(there["简体中文"]["subtitle_path"], timeout=60).content == SRT.encode()
