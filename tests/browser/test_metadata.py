"""Two people at one video, and a template for many files: as staff do it, in a browser, against the sandbox.

The tests are one walk, in this order.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Hub, log_in
from tests.browsing import follow
from tests.hub import SAMPLE, until

pytestmark = pytest.mark.browser
VIDEO = "/admin/platforms/video/1/change/"
NEW_TEMPLATE = "/admin/platforms/videotemplate/add/"


@pytest.fixture
def published(hub: Hub) -> int:
    """The id of a publication on Youku of the hub's first video."""
    hub.add_account("yk", "youku")
    (row,) = hub.publish(SAMPLE, "--to", "yk", "--title", "第一课", "--tags", "数学")
    return int(row["id"])


def save_by_enter(page: Page) -> None:
    """Press Enter in the title, and wait for the page that answers: it looks like the one before."""
    with page.expect_navigation():
        page.press("#id_title", "Enter")


def test_the_later_of_two_saves_over_deliberately_and_the_platform_gets_it(
    hub: Hub, page: Page, published: int
) -> None:
    page.goto("/admin/")
    log_in(page)
    page.goto(VIDEO)
    other = page.context.new_page()
    other.goto(VIDEO)
    other.fill("#id_title", "别人的标题")
    other.click("[name=_continue]")
    expect(other.locator(".messagelist .success")).to_be_visible()
    other.close()
    page.fill("#id_title", "我的标题")
    save_by_enter(page)
    box = page.locator(".unseen")
    expect(box).to_contain_text("别人的标题")
    expect(box).to_contain_text("第一课")
    save_by_enter(page)
    expect(box).to_be_visible()
    box.locator("[name=_overwrite]").click()
    expect(page.locator(".messagelist")).to_contain_text("我的标题")
    until(lambda: hub.box.videos("youku")[0]["title"] == "我的标题")
    page.goto(f"/admin/platforms/publication/{published}/change/")
    expect(page.locator("#metadata .metadata__differs")).to_have_count(0)


def test_files_that_are_chosen_become_videos_as_the_template_says(page: Page) -> None:
    page.goto(NEW_TEMPLATE)
    page.fill("#id_name", "每周一课")
    page.fill("#id_title", "第{number:2}课 {name}")
    page.get_by_label("yk", exact=True).check()
    follow(page.locator("[name=_save]"))
    page.goto("/admin/platforms/video/upload/")
    page.select_option("#id_template", label="每周一课")
    # Of different content: an empty box more or less behind the film.
    free = (8).to_bytes(4) + b"free"
    files = [
        {"name": f"{name}.mp4", "mimeType": "video/mp4", "buffer": SAMPLE.read_bytes() + free * count}
        for count, name in enumerate(("小数", "百分数"), 1)
    ]
    page.set_input_files("[data-page=input]", files)  # type: ignore[arg-type]
    page.locator("[data-page=publish] button").click()
    expect(page.locator("[name=accounts]")).to_be_checked()
    expect(page.locator("#content")).to_contain_text("第01课")
    expect(page.locator("#content")).to_contain_text("第02课")
