"""What an owner can do with the account's videos after publishing."""

from __future__ import annotations

import pytest

from platforms.contract import CanBlock, CanRename, HasStatistics, HasSubtitles
from platforms.drivers.iqiyi import driver as iqiyi_driver
from platforms.drivers.iqiyi.driver import Iqiyi
from platforms.values import Details, State
from sandbox.server import Sandbox
from tests.drivers.on_iqiyi import access_to, iqiyi, job_of, published


def test_every_finished_video_is_listed_once_over_all_pages(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    driver = iqiyi(box)
    ids = {published(box, driver, title=f"第{number}课") for number in range(5)}
    monkeypatch.setattr(iqiyi_driver, "MOST_A_PAGE", 2)
    videos = list(driver.every_video())
    assert len(videos) == 5
    assert {video.remote_id for video in videos} == ids
    assert {video.state for video in videos} == {State.PUBLISHED}
    assert len(box.requests.to("/iqiyi/api/file/videoListForExternal")) == 3


def test_a_video_under_way_is_in_no_library(box: Sandbox) -> None:
    driver = iqiyi(box)
    driver.upload(job_of())
    assert list(driver.every_video()) == []


def test_metadata_is_replaced_as_a_whole(box: Sandbox) -> None:
    driver = iqiyi(box)
    file_id = published(box, driver, category="12")
    driver.edit_video(file_id, Details("新标题", "新简介", ("新",), "17"))
    (video,) = driver.api.list_videos([file_id]).videos
    assert (video.file_name, video.description) == ("新标题", "新简介")
    sent = box.requests.to("/iqiyi/api/file/info")[-1].values
    assert (sent["tags"], sent["file_type"]) == ("新", "17")


def test_categories_are_the_documents_table_and_ask_nobody(box: Sandbox) -> None:
    categories = {category.remote_id: category for category in iqiyi(box).list_categories()}
    assert len(categories) == 23
    assert (categories["12"].name, categories["12"].level, categories["12"].parent_id) == ("Education", 1, "")
    assert len(box.requests) == 0


def test_play_addresses_come_with_container_and_definition(box: Sandbox) -> None:
    driver = iqiyi(box)
    addresses = driver.play_addresses(published(box, driver))
    assert {(address.container, address.definition) for address in addresses} == {
        ("mp4", "Smooth"), ("mp4", "High (HD)"), ("m3u8", "Smooth"), ("m3u8", "Fastest"),
    }  # fmt: skip
    assert all(address.url.startswith("http") and address.url not in repr(address) for address in addresses)


def test_the_account_is_connected_with_key_and_secret(box: Sandbox) -> None:
    access = access_to(box, access_token="", refresh_token="")
    report = Iqiyi(access).authorize()
    assert report.token_expires_at is not None
    assert access.stored == box.credentials("iqiyi")


def test_what_iqiyi_has_no_call_for_is_no_capability() -> None:
    assert not [missing for missing in (CanBlock, CanRename, HasStatistics, HasSubtitles) if issubclass(Iqiyi, missing)]
