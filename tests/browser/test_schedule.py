"""A video is published at a time: chosen in the form, seen on the schedule, moved there, and done by the workers."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Hub, log_in
from tests.browser.sending import until
from tests.hub import SAMPLE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SCHEDULE = "/admin/platforms/publication/schedule/"
# Where pictures of the walk are kept, for whoever wants to see the pages.
PICTURES = os.environ.get("TEST_PICTURES", "")


@pytest.fixture
def accounts(hub: Hub) -> None:
    for name, platform in (("百家云主账号", "baijiayun"), ("优酷主账号", "youku")):
        hub.add_account(name, platform)


def in_shanghai(days: int) -> str:
    return (datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(days=days)).strftime("%Y-%m-%dT08:00")


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def state(hub: Hub, account: str) -> str:
    return str(hub.manage("publications", "--account", account)[0]["state"])


def publish_at(page: Page, at: str) -> None:
    page.goto("/admin/platforms/video/add/")
    if page.locator("#id_username").count():
        log_in(page)
    page.set_input_files("#id_file", str(SAMPLE))
    page.fill("#id_title", "第一课 认识分数")
    page.fill("#id_description", "三年级数学")
    page.fill("#id_tags", "数学")
    for box in page.locator("[name=accounts]").all():
        box.check()
    page.fill("#id_publish_at", at)
    picture(page, "form")
    page.locator("[name=_publish]").click()
    page.wait_for_url("**/change/")


def test_a_time_is_chosen_moved_and_kept(page: Page, hub: Hub, accounts: None):
    publish_at(page, in_shanghai(2))
    until(lambda: state(hub, "百家云主账号") == "blocked", page)
    assert state(hub, "优酷主账号") == "queued"
    page.goto(SCHEDULE)
    picture(page, "schedule")
    rows = page.locator(".agenda__row")
    expect(rows).to_have_count(2)
    blocked = rows.filter(has_text="百家云主账号")
    blocked.locator("summary").click()
    later = in_shanghai(5)
    blocked.locator("[name=at]").fill(later)
    picture(page, "schedule-change")
    blocked.locator("[value=move]").click()
    expect(rows.filter(has_text="百家云主账号").locator("time")).to_have_attribute("datetime", in_utc(later))
    rows.filter(has_text="优酷主账号").locator("[value=cancel]").click()
    until(lambda: state(hub, "优酷主账号") == "cancelled", page)
    rows.filter(has_text="百家云主账号").locator(".agenda__video a").click()
    picture(page, "publication")
    page.locator("#schedule [value=now]").click()
    until(lambda: state(hub, "百家云主账号") == "published", page)
    page.goto(SCHEDULE)
    picture(page, "schedule-done")


def in_utc(written: str) -> str:
    at = datetime.fromisoformat(written).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    return at.astimezone(ZoneInfo("UTC")).isoformat()
