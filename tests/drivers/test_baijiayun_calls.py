"""Each documented call that publishing does not need, against the platform."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import requests

from platforms.drivers.baijiayun.api import Api
from platforms.errors import Refused
from platforms.transport.answers import BEIJING
from sandbox.server import Sandbox
from tests.drivers.lent import BytesSource
from tests.drivers.on_baijiayun import baijiayun, path, says, transcoded

VTT = "WEBVTT\n\n00:00.000 --> 00:01.000\n你好\n".encode()


@pytest.fixture
def api(box: Sandbox) -> Api:
    return baijiayun(box).api


@pytest.fixture
def video_id(box: Sandbox) -> str:
    return transcoded(box, baijiayun(box))


def today() -> date:
    return datetime.now(BEIJING).date()


def test_details_of_a_video(box: Sandbox, api: Api, video_id: str) -> None:
    info = api.get_info(video_id)
    assert info is not None
    assert (info.video_id, info.name, info.status, info.total_size) == (video_id, "第一课 认识分数", 100, 100)
    assert info.file_md5 == box.videos("baijiayun")[0]["md5"]
    assert {file.type for file in info.files} == {"mp4", "flv", "m3u8"}
    assert info.created_at is not None
    assert abs(info.created_at - datetime.now(UTC)) < timedelta(hours=2)


def test_status_in_the_platforms_words(api: Api, video_id: str) -> None:
    assert (api.get_status(video_id).status, api.get_status(video_id).info) == (100, "转码成功")


def test_screenshots(api: Api, video_id: str) -> None:
    images = api.get_images(video_id)
    assert images.urls
    assert images.width
    assert images.height


def test_play_addresses_by_definition(api: Api, video_id: str) -> None:
    urls = api.get_play_urls(video_id, format="mp4", expires_in=600)
    assert urls
    assert all(requests.get(found.url, timeout=60).status_code == 200 for found in urls.values())


def test_share_addresses_and_player_tokens(api: Api, video_id: str) -> None:
    share = api.get_share_urls(video_id)
    assert share.iframe.startswith("http")
    assert share.js.startswith("http")
    assert share.flash.startswith("http")
    assert api.get_player_token(video_id, expires_in=60)
    assert set(api.get_player_tokens([video_id], expires_in=60)) == {video_id}


def test_a_video_is_renamed(box: Sandbox, api: Api, video_id: str) -> None:
    api.update_video(video_id, "新名字")
    assert box.videos("baijiayun")[0]["title"] == "新名字"


def test_transcoded_files_are_removed_mp4_last(api: Api, video_id: str) -> None:
    with pytest.raises(Refused):
        api.remove_definition(video_id, ["16"], ["1"])
    api.remove_definition(video_id, ["16"])
    info = api.get_info(video_id)
    assert info is not None
    assert "low" not in {file.definition for file in info.files}


def test_sources_are_deleted_and_then_nothing_is_transcoded_again(api: Api, video_id: str) -> None:
    api.transcode_again(video_id, ["16"], ["1"])
    api.delete_origin_videos([video_id])
    with pytest.raises(Refused):
        api.transcode_again(video_id, ["16"])


def test_a_tree_of_categories_is_built_and_read(api: Api) -> None:
    root = api.add_category("数学")
    child = api.add_category("三年级", root.category_id)
    (tree,) = api.list_categories()
    assert (tree.category_id, tree.parent_id, tree.level) == (root.category_id, "0", 1)
    assert [(below.category_id, below.parent_id, below.level) for below in tree.children] == [
        (child.category_id, root.category_id, 2)
    ]
    assert [below.name for below in api.get_category(root.category_id).children] == ["三年级"]
    api.delete_category(child.category_id)
    assert api.get_category(root.category_id).children == ()


def test_a_video_is_put_into_a_category(api: Api, video_id: str) -> None:
    root = api.add_category("数学")
    child = api.add_category("三年级", root.category_id)
    api.set_video_category(video_id, child.category_id)
    page = api.list_category_videos(root.category_id)
    assert (page.total, [video.video_id for video in page.videos]) == (1, [video_id])
    assert page.videos[0].category_ids == (root.category_id, child.category_id)
    assert api.list_videos().videos[0].category_ids == (root.category_id, child.category_id)
    with pytest.raises(Refused):
        api.delete_category(child.category_id)


def test_videos_are_listed_page_by_page(box: Sandbox, api: Api) -> None:
    ids = [transcoded(box, baijiayun(box), 50 + number) for number in range(3)]
    pages = [api.list_videos(page, 2) for page in (1, 2)]
    assert [page.total for page in pages] == [3, 3]
    assert {video.video_id for page in pages for video in page.videos} == set(ids)


def test_a_subtitle_is_added_renamed_made_default_and_deleted(api: Api, video_id: str) -> None:
    chinese = api.upload_subtitle(video_id, "中文", BytesSource(VTT, "zh.vtt"))
    english = api.upload_subtitle(video_id, "English", BytesSource(VTT, "en.vtt"))
    assert requests.get(chinese.url, timeout=60).status_code == 200
    api.rename_subtitle(english.subtitle_id, "英文")
    api.set_default_subtitle(video_id, english.subtitle_id)
    found = {subtitle.subtitle_id: (subtitle.name, subtitle.is_default) for subtitle in api.list_subtitles(video_id)}
    assert found == {chinese.subtitle_id: ("中文", False), english.subtitle_id: ("英文", True)}
    api.delete_subtitle(chinese.subtitle_id)
    assert [subtitle.subtitle_id for subtitle in api.list_subtitles(video_id)] == [english.subtitle_id]


def test_the_callback_address_is_registered_and_read(api: Api) -> None:
    assert api.get_callback_url() == ""
    assert api.set_callback_url("http://127.0.0.1:9/callbacks/1") == "http://127.0.0.1:9/callbacks/1"
    assert api.get_callback_url() == "http://127.0.0.1:9/callbacks/1"


@pytest.mark.usefixtures("noon")
def test_plays_are_ranked_and_counted_by_day(box: Sandbox, api: Api, video_id: str) -> None:
    box.baijiayun.add_play(int(video_id), datetime.now(UTC).timestamp())
    day = today()
    assert [(found.video_id, found.plays) for found in api.get_play_rank(day, day)] == [(video_id, 1)]
    assert api.get_video_daily_plays(video_id, day - timedelta(days=1), day) == {day - timedelta(days=1): 0, day: 1}
    assert api.get_account_daily_plays(day, day, product_type=5) == {day: 1}
    assert api.get_account_daily_plays(day, day, product_type=1) == {day: 0}


@pytest.mark.usefixtures("noon")
def test_viewings_are_listed_with_their_times(box: Sandbox, api: Api, video_id: str) -> None:
    noon = datetime.combine(today() - timedelta(days=1), datetime.min.time(), BEIJING) + timedelta(hours=12)
    box.baijiayun.add_play(int(video_id), noon.timestamp(), play_length=45, user_name="小明", user_number=7)
    begin, end = noon - timedelta(hours=12), noon + timedelta(hours=11)
    page = api.list_video_play_records(video_id, begin, end)
    (record,) = page.records
    assert (page.total, record.video_id, record.length, record.user_name) == (1, video_id, 45, "小明")
    assert record.began_at == noon
    assert record.ended_at == noon + timedelta(seconds=45)
    assert api.list_account_play_records(begin, end, product_type=5).records == (record,)
    assert api.list_account_play_records(begin, end, product_type=1).total == 0


@pytest.mark.usefixtures("noon")
def test_traffic_is_counted_by_video_account_and_day(box: Sandbox, api: Api, video_id: str) -> None:
    day = today() - timedelta(days=1)
    box.baijiayun.add_flow(int(video_id), 5000, day)
    assert api.get_video_flow(video_id, day, day) == 5000
    assert api.get_account_flow(day, day) == 5000
    assert api.get_daily_flow(day, day) == {day: 5000}
    page = api.list_daily_video_flow(day)
    assert [(flow.video_id, flow.flow) for flow in page.videos] == [(video_id, 5000)]


def test_storage_and_traffic_by_product_line(api: Api, video_id: str) -> None:
    lines = api.get_storage_and_flow()
    assert lines["total"].storage
    assert (lines["doc"].storage, lines["doc"].flow) == (0, None)


def test_the_plan_of_the_account(box: Sandbox, api: Api) -> None:
    info = api.get_account_info()
    assert info.partner_id == box.credentials("baijiayun")["partner_id"]
    assert info.status == 1
    assert info.expires_at is not None
    assert info.expires_at.tzinfo is not None


def test_a_key_is_regenerated_only_when_asked(box: Sandbox, api: Api) -> None:
    before = api.create_key().partner_key
    assert before == box.credentials("baijiayun")["partner_key"]
    after = api.create_key(regenerate=True).partner_key
    assert after != before
    assert after == box.credentials("baijiayun")["partner_key"]


def test_figures_that_cannot_be_read_are_left_out(box: Sandbox, api: Api) -> None:
    counts = {"2016-12-06": "2", "some day": 3, "2016-12-07": None, "2016-12-08": 0}
    box.block(path(box, "video_data/getPartnerDailyPlayCount"), says(0, {"play_count": counts, "new": 1}))
    assert api.get_account_daily_plays(date(2016, 12, 6), date(2016, 12, 8)) == {
        date(2016, 12, 6): 2,
        date(2016, 12, 8): 0,
    }
