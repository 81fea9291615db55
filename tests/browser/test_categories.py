"""Categories as a person keeps them: a tree is grown and cut, mapped once, and a video is published with it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Hub
from tests.drivers.on_baijiayun import baijiayun
from tests.hub import SAMPLE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
TREE = "/admin/platforms/category/"


@pytest.fixture(scope="module", autouse=True)
def accounts(hub: Hub) -> None:
    for platform in ("youku", "baijiayun"):
        hub.add_account(f"{platform}-1", platform)


@pytest.fixture(autouse=True)
def english(page: Page, hub: Hub) -> None:
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": hub.url}])


def expect_rows(page: Page, *names: str) -> None:
    expect(page.locator("#tree tbody th")).to_have_text(list(names), use_inner_text=True)


def row_of(page: Page, name: str):
    return page.locator("#tree tbody tr").filter(has=page.locator("th", has_text=re.compile(f"^{name}$")))


def add(page: Page, name: str) -> None:
    page.fill("#id_name", name)
    page.locator(".submit-row").get_by_role("button").click()
    expect(page.locator(".messagelist .success")).to_contain_text(name)


def test_a_tree_is_grown_refreshed_and_cut(inside: Page, hub: Hub):
    inside.goto(TREE)
    inside.get_by_role("link", name="Add a category").click()
    add(inside, "数学")
    row_of(inside, "数学").get_by_role("link", name="Add below").click()
    add(inside, "三年级")
    expect_rows(inside, "数学", "三年级")
    there = baijiayun(hub.box)
    there.add_category("四年级", there.list_categories()[0].remote_id)
    row_of(inside, "数学").get_by_role("button", name="Refresh").click()
    expect(row_of(inside, "四年级")).to_be_visible()
    row_of(inside, "四年级").get_by_role("link", name="Delete…").click()
    inside.locator("input[type=submit]").click()
    expect(inside.locator(".messagelist .success")).to_contain_text("四年级")
    expect_rows(inside, "数学", "三年级")
    for number in range(16):
        there.add_category(f"专题 {number}")
    inside.get_by_role("button", name="Sync from the platform").click()
    expect(row_of(inside, "专题 15")).to_be_visible()


def test_a_video_is_published_with_what_its_category_stands_for(inside: Page, hub: Hub):
    inside.goto("/admin/platforms/hubcategory/add/")
    inside.fill("#id_name", "理科")
    inside.get_by_label("youku-1").select_option("科技", force=True)
    search(inside, "baijiayun-1", "三年", "数学 / 三年级")
    inside.locator("input[name=_save]").click()
    expect(inside.locator("#result_list")).to_contain_text("数学 / 三年级")
    inside.goto("/admin/platforms/video/add/")
    inside.set_input_files("input[type=file]", str(SAMPLE))
    inside.fill("input[name=title]", "第一课 认识分数")
    inside.fill("textarea[name=description]", "三年级数学")
    inside.fill("input[name=tags]", "数学, 三年级")
    inside.select_option("#id_category", label="理科")
    for name in ("youku-1", "baijiayun-1"):
        inside.get_by_label(name).check()
    expect(inside.locator(".publish")).to_contain_text("As the video's category: 数学 / 三年级")
    inside.locator("button[name=_publish]").click()
    inside.wait_for_url("**/change/")
    expect(inside.locator(".badge--published")).to_have_count(2)
    inside.goto(TREE)
    expect(row_of(inside, "三年级").locator("td").first).to_have_text("1")
    row_of(inside, "三年级").get_by_role("link", name="Videos").click()
    expect(inside.locator("#content-main")).to_contain_text("第一课 认识分数")
    inside.goto(TREE)
    row_of(inside, "三年级").get_by_role("link", name="Delete…").click()
    inside.locator("input[type=submit]").click()
    expect(inside.locator(".messagelist .error")).to_contain_text("分类下有视频")
    expect(inside.locator("#tree tbody th").nth(1)).to_have_text("三年级", use_inner_text=True)


def search(page: Page, label: str, words: str, path: str) -> None:
    """Choose in a list that is searched."""
    row = page.locator(".mapping tr").filter(has_text=label)
    row.locator(".select2-selection").click()
    page.locator(".select2-search__field").fill(words)
    page.locator(".select2-results__option", has_text=re.compile(f"^{path}$")).click()
