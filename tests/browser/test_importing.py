"""Staff bring in what already is on an account: from its page, through the workers, into the list of videos."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from sandbox.core import Planted
from tests.browser.conftest import Hub

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def shot(page: Page, name: str) -> None:
    """A picture of the page, where somebody wants to look at it."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=str(Path(folder) / f"importing-{name}.png"), full_page=True)


def add_account(hub: Hub) -> None:
    """A Youku account with videos that were there before the hub."""
    titles = [f"三年级数学 第 {number} 课 认识分数" for number in range(1, 31)]
    hub.box.youku.plant(Planted(title, time.time() - 3600, 0) for title in titles)
    hub.add_account("youku-1", "youku")


def test_what_is_on_an_account_is_looked_at_first_and_then_brought_in(hub: Hub, inside: Page) -> None:
    page = inside
    add_account(hub)
    page.goto("/admin/platforms/account/")
    page.get_by_role("link", name="youku-1").first.click()
    page.locator("#library-job form", has=page.locator("[name=dry_run]")).get_by_role("button").click()
    done = page.locator("#library-job .badge--good")
    expect(done).to_be_visible()  # the card refreshes by itself
    examples = page.locator(".library__examples")
    examples.locator("summary").first.click()
    expect(examples.locator("li").first).to_be_visible()
    shot(page, "dry-run")
    with page.expect_navigation():
        page.locator("#library-job form").first.get_by_role("button").click()
    expect(page.locator("#library-job .badge--good")).to_be_visible()
    shot(page, "done")
    page.locator("#library .more").click()
    expect(page.locator("#result_list tbody tr")).to_have_count(30)
    shot(page, "list")
    page.locator("#result_list tbody tr th a, #result_list tbody tr .field-title a").first.click()
    expect(page.locator(".card .note--info").first).to_be_visible()
    shot(page, "video")
