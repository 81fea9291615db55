"""The main job as a person does it: log in, add accounts, add a video, publish, watch it play on three platforms."""

from __future__ import annotations

import hashlib

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Hub
from tests.hub import SAMPLE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PLATFORMS = {"youku": "优酷", "iqiyi": "爱奇艺", "baijiayun": "百家云"}


@pytest.fixture(scope="module", autouse=True)
def accounts(hub: Hub) -> None:
    """Two accounts come by command; the third is added in the browser."""
    for platform in ("iqiyi", "baijiayun"):
        hub.add_account(f"{platform}-1", platform)


def test_an_account_is_added_and_checked(inside: Page, hub: Hub):
    inside.goto("/admin/platforms/account/add/?platform=youku")
    inside.fill("input[name=name]", "youku-1")
    for name, value in hub.box.credentials("youku").items():
        inside.fill(f"input[name$={name}]", value)
    inside.get_by_role("button", name="保存并检查").click()
    expect(inside.locator("body")).to_contain_text("youku-1")
    assert hub.manage("account_check", "youku-1")["ok"] is True
    for secret in ("client_secret", "access_token", "refresh_token"):
        assert hub.box.credentials("youku")[secret] not in inside.content()


def test_all_problems_are_shown_at_once_and_the_file_is_kept(inside: Page, hub: Hub):
    inside.goto("/admin/platforms/video/add/")
    inside.set_input_files("input[type=file]", str(SAMPLE))
    inside.fill("input[name=title]", "字" * 61)
    inside.fill("input[name=tags]", "好")
    for platform in PLATFORMS:
        inside.get_by_label(f"{platform}-1").check()
    inside.get_by_role("button", name="发布", exact=True).click()
    errors = inside.locator(".errorlist")
    expect(errors.filter(has_text="60").first).to_be_visible()
    shown = " ".join(errors.all_inner_texts())
    assert "优酷" in shown or "youku-1" in shown
    assert "爱奇艺" in shown or "iqiyi-1" in shown
    expect(inside.locator("body")).to_contain_text("sample.mp4")
    assert hub.manage("publications") == []
    assert hub.box.videos() == []


def test_a_video_is_published_to_three_platforms_and_plays(inside: Page, hub: Hub):
    inside.goto("/admin/platforms/video/add/")
    inside.set_input_files("input[type=file]", str(SAMPLE))
    inside.fill("input[name=title]", "第一课 认识分数")
    inside.fill("textarea[name=description]", "三年级数学")
    inside.fill("input[name=tags]", "数学, 三年级")
    for platform in PLATFORMS:
        inside.get_by_label(f"{platform}-1").check()
    inside.get_by_role("button", name="发布", exact=True).click()
    inside.wait_for_url("**/change/")
    expect(inside.locator(".badge--published")).to_have_count(3)
    md5 = hashlib.md5(SAMPLE.read_bytes()).hexdigest()
    assert sorted((v["platform"], v["md5"]) for v in hub.box.videos()) == [(p, md5) for p in sorted(PLATFORMS)]
    inside.goto("/admin/")
    expect(inside.locator("body")).to_contain_text("第一课 认识分数")


def test_a_person_deletes_a_video_on_a_platform_after_being_asked(inside: Page, hub: Hub):
    inside.goto("/admin/platforms/publication/")
    inside.click("a:has-text('第一课') >> nth=0")
    inside.click("text=在平台上删除")
    expect(inside.locator("body")).to_contain_text("第一课 认识分数")
    inside.locator("input[name=published]").check()
    inside.locator("#content-main form input[type=submit]").click()
    expect(inside.locator(".badge--deleted").first).to_be_visible()
    assert len([v for v in hub.box.videos() if v["state"] == "deleted"]) == 1


def test_the_language_is_switched_by_one_click(inside: Page):
    inside.goto("/admin/platforms/video/")
    inside.click("button[value=en]")
    expect(inside.locator("h1")).to_contain_text("ideo")
    inside.click("button[value=zh-hans]")
    expect(inside.locator("body")).to_contain_text("视频")
