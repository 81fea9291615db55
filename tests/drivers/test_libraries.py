"""The list of an account's videos page by page, on every platform: from its beginning, and from any page on."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from platforms.contract import Driver, HasLibrary
from platforms.drivers.baijiayun import look
from platforms.drivers.iqiyi import driver as iqiyi
from platforms.drivers.youku import driver as youku
from platforms.registry import driver_class
from sandbox.core import Planted
from sandbox.server import Sandbox
from tests.drivers.lent import MemoryAccess

PLATFORMS = ("youku", "iqiyi", "baijiayun")


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setattr(youku, "BATCH", 2)
    monkeypatch.setattr(iqiyi, "MOST_A_PAGE", 2)
    monkeypatch.setattr(look, "MOST_A_PAGE", 2)
    monkeypatch.setattr(look, "MOST_A_CATEGORY_PAGE", 2)
    with Sandbox() as running:
        yield running
        assert running.errors == []


def planted(box: Sandbox, platform: str, count: int) -> tuple[Driver, set[str]]:
    titles = [f"第 {number} 课" for number in range(count)]
    driver = driver_class(platform)(MemoryAccess(box.environment(), box.credentials(platform)))
    return driver, set(box.platforms[platform].plant(Planted(title, time.time() - 60, 0) for title in titles))


@pytest.mark.parametrize("platform", PLATFORMS)
def test_pages_hold_every_video_and_say_how_many_there_are(platform: str, box: Sandbox) -> None:
    driver, ids = planted(box, platform, 5)
    assert isinstance(driver, HasLibrary)
    pages = list(driver.library())
    assert [len(page.videos) for page in pages] == [2, 2, 1]
    assert {video.remote_id for page in pages for video in page.videos} == ids
    assert {page.total for page in pages} == {5}
    assert len({page.cursor for page in pages}) == 3


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_cursor_names_the_page_to_go_on_with(platform: str, box: Sandbox) -> None:
    driver, _ids = planted(box, platform, 5)
    assert isinstance(driver, HasLibrary)
    pages = list(driver.library())
    for place, page in enumerate(pages):
        assert list(driver.library(page.cursor)) == pages[place:]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_page_beyond_the_end_ends_the_list(platform: str, box: Sandbox) -> None:
    driver, _ids = planted(box, platform, 5)
    assert isinstance(driver, HasLibrary)
    assert list(driver.library("9")) == []


@pytest.mark.parametrize("platform", PLATFORMS)
def test_an_account_without_videos_has_no_pages(platform: str, box: Sandbox) -> None:
    driver, _ids = planted(box, platform, 0)
    assert isinstance(driver, HasLibrary)
    assert list(driver.library()) == []


def test_the_videos_of_a_category_come_in_pages_too(box: Sandbox) -> None:
    driver, ids = planted(box, "baijiayun", 3)
    assert isinstance(driver, driver_class("baijiayun"))
    category = driver.add_category("数学").remote_id  # type: ignore[attr-defined]
    for remote_id in ids:
        driver.set_category(remote_id, category)  # type: ignore[attr-defined]
    pages = list(driver.category_library(category))  # type: ignore[attr-defined]
    assert {video.remote_id for page in pages for video in page.videos} == ids
    assert list(driver.category_library(category, pages[1].cursor)) == pages[1:]  # type: ignore[attr-defined]
