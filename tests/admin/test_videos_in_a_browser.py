"""What the script of the add form does for a person, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from platforms.models import Publication, Video
from tests.admin.posting import GOOD, add_one_account_each
from tests.admin.test_in_a_browser import page
from tests.hub import SAMPLE

__all__ = ["page"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ADD = "/admin/platforms/video/add/"


@pytest.fixture
def adding(page: Page, intake) -> Page:
    """The add form with a file chosen, and one account of each platform to tick."""
    add_one_account_each()
    page.goto(ADD)
    page.set_input_files("#id_file", str(SAMPLE))
    return page


def test_the_title_comes_from_the_file_unless_one_was_typed(adding: Page):
    expect(adding.locator("#id_title")).to_have_value("sample")
    adding.fill("#id_title", "Mine")
    adding.set_input_files("#id_file", {"name": "other.mp4", "mimeType": "video/mp4", "buffer": b"frames"})
    expect(adding.locator("#id_title")).to_have_value("Mine")


def test_the_options_of_a_platform_show_once_its_account_is_ticked(adding: Page):
    options = adding.locator("#id_youku-public_type")
    expect(options).to_be_hidden()
    adding.get_by_label("youku", exact=True).check()
    expect(options).to_be_visible()
    expect(adding.locator("#id_baijiayun-encrypt")).to_be_hidden()


def test_errors_come_without_losing_the_file_and_the_second_press_sends_no_bytes_again(adding: Page):
    for name in ("youku", "iqiyi", "baijiayun"):
        adding.get_by_label(name, exact=True).check()
    adding.get_by_role("button", name="Publish", exact=True).click()
    expect(adding.get_by_text("iqiyi: iQiyi needs a description.")).to_be_visible()
    expect(adding.get_by_text("sample.mp4 (748.3 KB, 0:09, 1280×720) is kept")).to_be_visible()
    assert not Video.objects.exists()
    for name, value in GOOD.items():
        adding.fill(f"#id_{name}", value)
    with adding.expect_request(lambda request: request.method == "POST") as sent:
        adding.get_by_role("button", name="Publish", exact=True).click()
    adding.wait_for_url("**/change/")
    assert 0 < len(sent.value.post_data_buffer or b"") < 100_000 < SAMPLE.stat().st_size
    expect(adding.locator(".badge--queued")).to_have_count(3)
    assert Publication.objects.count() == 3
    assert adding.complaints == []  # type: ignore[attr-defined]
