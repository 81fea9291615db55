"""A person does things with videos on their platforms: one on its page, several from the list, and deletes them."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Hub
from tests.hub import SAMPLE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
LIST = "/admin/platforms/publication/"


@pytest.fixture(scope="module")
def published(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> list[int]:
    """The publications of two videos on Baijiayun and of one of them on Youku, in the order in which they were made."""
    folder = tmp_path_factory.mktemp("videos")
    for platform in ("baijiayun", "youku"):
        hub.add_account(platform, platform)
    ids = []
    for number, accounts in enumerate((("baijiayun", "youku"), ("baijiayun",))):
        file = Path(shutil.copy(SAMPLE, folder / f"{number}.mp4"))
        file.write_bytes(file.read_bytes() + bytes(number))
        words = ("--title", f"第{number}课", "--description", "认识分数", "--tags", "数学,三年级")
        to = [word for account in accounts for word in ("--to", account)]
        ids += [row["id"] for row in hub.publish(file, *words, *to)]
    return ids


def confirm(page: Page) -> None:
    page.locator("#content-main input[type=submit]").click()


def test_one_is_blocked_and_shown_again_on_its_page(inside: Page, published: list[int]):
    inside.goto(f"{LIST}{published[0]}/change/")
    for kind, badge in (("block", ".badge--blocked"), ("unblock", ".badge--published")):
        inside.locator(f"#operations a[href*='/act/{kind}/']").click()
        confirm(inside)
        inside.wait_for_url(f"**{LIST}{published[0]}/change/")
        expect(inside.locator(f"#publication {badge}")).to_be_visible()
    expect(inside.locator("#operations tbody .badge--good")).to_have_count(2)
    inside.locator("#operations details.menu > summary").click()
    expect(inside.locator("#operations .menu__list a").first).to_be_visible()


def test_several_are_transcoded_again_and_the_account_of_it_fills_by_itself(
    inside: Page, published: list[int], tmp_path: Path
):
    inside.goto(LIST)
    inside.locator("#action-toggle").check()
    inside.select_option("select[name=action]", "transcode")
    inside.locator("#changelist button[name=index]").click()
    expect(inside.locator("form section.card").last).to_contain_text("1")  # Youku is left alone
    confirm(inside)
    expect(inside.locator(".errornote")).to_be_visible()
    inside.locator("input[name=baijiayun-definitions]").first.check()
    confirm(inside)
    inside.wait_for_url("**/operation/batch/**")
    expect(inside.locator("#batch tbody tr")).to_have_count(2)
    expect(inside.locator("#batch tbody .badge--good")).to_have_count(2)
    with inside.expect_download() as download:
        inside.locator("#batch a[href$='/csv/']").click()
    download.value.save_as(tmp_path / "account.csv")
    table = list(csv.reader((tmp_path / "account.csv").open(encoding="utf-8-sig")))
    assert {row[0] for row in table[1:]} == {str(published[0]), str(published[2])}


def test_what_is_published_is_deleted_only_when_that_was_confirmed_twice(inside: Page, hub: Hub, published: list[int]):
    row = published[1]  # on Youku; its video stands on Baijiayun as well
    inside.goto(f"{LIST}{row}/change/")
    inside.locator("#publication a.button--danger").click()
    confirm(inside)
    expect(inside.locator(".errornote")).to_be_visible()
    assert {one["state"] for one in hub.manage("publications", "--account", "youku")} == {"published"}
    inside.locator("input[name=published]").check()
    inside.locator("input[name=file]").check()
    confirm(inside)
    expect(inside.locator("#publication .badge--deleted")).to_be_visible()
    expect(inside.locator("#operations tbody .badge--good")).to_have_count(1)
