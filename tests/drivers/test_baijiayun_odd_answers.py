"""Answers that are not quite the documented ones: what can be read is read, the rest is named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from platforms.drivers.baijiayun.api import Api
from platforms.drivers.baijiayun.driver import Baijiayun
from platforms.errors import BadAnswer, Refused
from platforms.transport.answers import BEIJING
from platforms.values import State
from sandbox.server import Answer, Sandbox
from tests.drivers.lent import BytesSource
from tests.drivers.on_baijiayun import baijiayun, path, says

DAY = date(2026, 11, 1)
NOON, ONE = datetime(2026, 11, 1, 12, tzinfo=BEIJING), datetime(2026, 11, 1, 13, tzinfo=BEIJING)
VTT = BytesSource(b"WEBVTT\n", "zh.vtt")

# Every call, and where it is answered.
CALLS: dict[str, tuple[str, Callable[[Api], object]]] = {
    "create_key": ("partner/createkey", lambda api: api.create_key()),
    "get_upload_url": ("video/getUploadUrl", lambda api: api.get_upload_url("a.mp4", ["16"])),
    "upload_file": ("", lambda api: api.upload_file(_upload_address(api), BytesSource(b"film"))),
    "get_resume_upload_url": ("video/getResumeUploadUrl", lambda api: api.get_resume_upload_url("1")),
    "get_status": ("video/getStatus", lambda api: api.get_status("1")),
    "get_info": ("video/getInfo", lambda api: api.get_info("1")),
    "get_images": ("video/getImage", lambda api: api.get_images("1")),
    "remove_definition": ("video/removeDefinition", lambda api: api.remove_definition("1", ["16"])),
    "delete_origin_videos": ("video/deleteOriginVideo", lambda api: api.delete_origin_videos(["1"])),
    "update_video": ("video/update", lambda api: api.update_video("1", "name")),
    "delete_video": ("video/delete", lambda api: api.delete_video("1")),
    "list_categories": ("video/getCategoryList", lambda api: api.list_categories()),
    "get_category": ("video/getCategoryInfo", lambda api: api.get_category()),
    "add_category": ("video/addCategory", lambda api: api.add_category("name")),
    "delete_category": ("video/deleteCategory", lambda api: api.delete_category("1")),
    "list_category_videos": ("video/getCategoryVideo", lambda api: api.list_category_videos("1")),
    "set_video_category": ("video/setVideoCategory", lambda api: api.set_video_category("1", "2")),
    "get_player_token": ("video/getPlayerToken", lambda api: api.get_player_token("1")),
    "get_player_tokens": ("video/getPlayerTokenBatch", lambda api: api.get_player_tokens(["1"], 60)),
    "get_account_info": ("video_account/getAccountInfo", lambda api: api.get_account_info()),
    "get_video_flow": ("video_data/getUsedFlow", lambda api: api.get_video_flow("1", DAY, DAY)),
    "get_account_flow": ("video_account/getUsedFlow", lambda api: api.get_account_flow(DAY, DAY)),
    "get_play_urls": ("video/getUrl", lambda api: api.get_play_urls("1")),
    "list_video_play_records": (
        "video_data/getVideoPlayRecord", lambda api: api.list_video_play_records("1", NOON, ONE)
    ),
    "list_account_play_records": (
        "video_data/exportVideoReportBatch", lambda api: api.list_account_play_records(NOON, ONE)
    ),
    "set_publish_status": ("video/setPublishStatus", lambda api: api.set_publish_status("1", 2)),
    "get_share_urls": ("video/getShareUrl", lambda api: api.get_share_urls("1")),
    "get_play_rank": ("video_data/getVideoPlayCountRank", lambda api: api.get_play_rank(DAY, DAY)),
    "get_video_daily_plays": (
        "video_data/getVideoDailyPlayCount", lambda api: api.get_video_daily_plays("1", DAY, DAY)
    ),
    "get_account_daily_plays": (
        "video_data/getPartnerDailyPlayCount", lambda api: api.get_account_daily_plays(DAY, DAY)
    ),
    "list_videos": ("video/getVideoList", lambda api: api.list_videos()),
    "upload_subtitle": ("video/uploadSubtitle", lambda api: api.upload_subtitle("1", "name", VTT)),
    "list_subtitles": ("video/getSubtitleList", lambda api: api.list_subtitles("1")),
    "rename_subtitle": ("video/updateSubtitle", lambda api: api.rename_subtitle("1", "name")),
    "set_default_subtitle": ("video/setDefaultSubtitle", lambda api: api.set_default_subtitle("1", "2")),
    "delete_subtitle": ("video/deleteSubtitle", lambda api: api.delete_subtitle("1")),
    "get_daily_flow": ("video_account/getUsedFlowDetail", lambda api: api.get_daily_flow(DAY, DAY)),
    "list_daily_video_flow": ("video_data/getUsedFlowDetail", lambda api: api.list_daily_video_flow(DAY)),
    "get_storage_and_flow": ("video_account/getStorgeAndFlowInfo", lambda api: api.get_storage_and_flow()),
    "transcode_again": ("video/transcodeAgain", lambda api: api.transcode_again("1", ["16"])),
    "set_callback_url": ("video_account/setTranscodeCallbackUrl", lambda api: api.set_callback_url("http://a/")),
    "get_callback_url": ("video_account/getTranscodeCallbackUrl", lambda api: api.get_callback_url()),
}  # fmt: skip
UNREADABLE = {"html": b"<html><h1>502</h1></html>", "nothing": b"", "cut": b'{"code": 0, "da', "no code": b"{}"}


def _upload_address(api: Api) -> str:
    base = api._access.address("BAIJIAYUN_API_URL").partition("/baijiayun/")[0]
    return f"{base}/baijiayun-upload/upload"


@pytest.fixture
def api(box: Sandbox) -> Api:
    return baijiayun(box).api


def test_every_documented_call_is_here() -> None:
    assert set(CALLS) == set(Baijiayun.documented_calls())


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
@pytest.mark.parametrize("name", CALLS)
def test_what_cannot_be_read_names_the_call(box: Sandbox, api: Api, name: str, body: bytes) -> None:
    call_path, send = CALLS[name]
    box.block(path(box, call_path) if call_path else "/baijiayun-upload/", Answer(200, body))
    with pytest.raises(BadAnswer) as caught:
        send(api)
    assert (caught.value.call, caught.value.sentence.params["call"]) == (name, name)


@pytest.mark.parametrize("name", CALLS)
def test_a_refusal_keeps_the_platforms_own_code_and_words(box: Sandbox, api: Api, name: str) -> None:
    """The document lists not one error code: there is nothing more that could be known of any."""
    call_path, send = CALLS[name]
    box.block(path(box, call_path) if call_path else "/baijiayun-upload/", says("4711", msg="平台的话"))
    with pytest.raises(Refused) as caught:
        send(api)
    assert (caught.value.code, caught.value.call) == ("4711", name)
    assert caught.value.sentence.params["words"] == "平台的话"


def test_details_may_be_texts_and_have_fields_that_nobody_knows(box: Sandbox, api: Api) -> None:
    data = {
        "video_id": "123", "name": "课", "status": "100", "total_size": "4185679", "total_transcode_size": "7816254",
        "create_time": "2017-01-03 13:50:40", "length": "2675.36", "audit_status": "1", "publish_status": "1",
        "file_md5": " 778308DEE20CA64575F4B437E970C22E ", "origin_definition": "4k", "later": {"new": []},
        "transcode_info": [{"definition": "8k", "type": "av1", "size": "578208"}, "no object"],
        "category": [{"id": "492", "level": "1", "name": "片头"}, {"id": 692, "level": 2, "name": "图片"}],
    }  # fmt: skip
    box.block(path(box, "video/getInfo"), says("0", data))
    info = api.get_info("123")
    assert info is not None
    assert (info.status, info.total_size, info.total_transcode_size, info.duration) == (100, 4185679, 7816254, 2675.36)
    assert info.created_at == datetime(2017, 1, 3, 5, 50, 40, tzinfo=UTC)
    assert info.file_md5 == "778308dee20ca64575f4b437e970c22e"
    assert (info.files[0].definition, info.files[0].type, info.files[0].size) == ("8k", "av1", 578208)
    assert [(found.category_id, found.name, found.level) for found in info.categories] == [
        ("492", "片头", 1), ("692", "图片", 2)
    ]  # fmt: skip


def test_details_may_be_missing(box: Sandbox, api: Api) -> None:
    box.block(path(box, "video/getInfo"), says(0, {"video_id": 5}))
    info = api.get_info("5")
    assert info is not None
    assert (info.status, info.total_size, info.created_at, info.duration, info.publish_status) == (None,) * 5
    assert (info.name, info.files, info.categories) == ("", (), ())


@pytest.mark.parametrize("moment", [1483422640, "1483422640", "2017-01-03 13:50:40", "2017-1-3 13:50:40"])
def test_a_time_is_the_same_in_every_form(box: Sandbox, api: Api, moment: object) -> None:
    box.block(path(box, "video/getInfo"), says(0, {"create_time": moment}))
    info = api.get_info("5")
    assert info is not None
    assert info.created_at == datetime(2017, 1, 3, 5, 50, 40, tzinfo=UTC)


@pytest.mark.parametrize("status", [40, "999", "archived"])
def test_an_unknown_status_is_kept_and_changes_no_state(box: Sandbox, status: object) -> None:
    box.block(path(box, "video/getInfo"), says(0, {"status": status, "publish_status": 1}))
    (video,) = baijiayun(box).look(["5"])
    assert video.state is None
    assert str(status) in video.raw_state
    box.block(path(box, "video/getVideoList"), says(0, {"total": 1, "list": [{"video_id": 5, "status": status}]}))
    (listed,) = baijiayun(box).every_video()
    assert (listed.state, listed.presumed) == (None, None)
    assert str(status) in listed.raw_state


@pytest.mark.parametrize(
    ("publish_status", "state"), [(1, State.PUBLISHED), (0, State.BLOCKED), (2, State.BLOCKED), (102, State.BLOCKED)]
)
def test_only_one_publish_status_is_published(box: Sandbox, publish_status: int, state: State) -> None:
    box.block(path(box, "video/getInfo"), says(0, {"status": 100, "audit_status": 0, "publish_status": publish_status}))
    (video,) = baijiayun(box).look(["5"])
    assert video.state == state


def test_a_tree_mixes_numbers_and_texts(box: Sandbox, api: Api) -> None:
    child = {"id": "51", "name": "育教于乐", "level": "2", "parent_id": "50"}
    box.block(path(box, "video/getCategoryList"), says(0, {"list": [
        {"id": 50, "name": "教育", "parent_id": 0, "level": 1, "children": [child], "colour": "red"}
    ]}))  # fmt: skip
    (root,) = api.list_categories()
    assert (root.category_id, root.parent_id, root.level) == ("50", "0", 1)
    assert [(below.category_id, below.parent_id, below.level, below.children) for below in root.children] == [
        ("51", "50", 2, ())
    ]


def test_a_play_record_may_lack_who_and_where(box: Sandbox, api: Api) -> None:
    entry = {"guid": "G1", "video_id": "148691", "play_begin_time": "2017-09-08 10:29:25", "play_length": "45",
             "client_type": "9", "room_id": 17061987494184, "user_number": 0, "area": None}  # fmt: skip
    box.block(path(box, "video_data/getVideoPlayRecord"), says(0, {"total": "1", "list": [entry]}))
    (record,) = api.list_video_play_records("148691", NOON, ONE).records
    assert record.began_at == datetime(2017, 9, 8, 2, 29, 25, tzinfo=UTC)
    assert (record.ended_at, record.length, record.client_type) == (None, 45, 9)
    assert (record.room_id, record.user_number, record.area) == ("17061987494184", "0", "")


def test_a_plan_by_total_traffic_has_no_monthly_limit(box: Sandbox, api: Api) -> None:
    data = {"partner_id": 1, "charge_type": "1", "total_flow_limit": "1000", "expire_time": "2018-02-06 23:59:59",
            "mobile": "18701218237"}  # fmt: skip
    box.block(path(box, "video_account/getAccountInfo"), says(0, data))
    info = api.get_account_info()
    assert (info.charge_type, info.total_flow_limit, info.month_flow_limit) == (1, 1000, None)
    assert info.expires_at == datetime(2018, 2, 6, 15, 59, 59, tzinfo=UTC)
    assert info.mobile == "18701218237"
    assert info.mobile not in repr(info)


def test_an_account_without_a_callback_address_has_none(box: Sandbox, api: Api) -> None:
    answers: list[object] = [None, [], {}, {"url": None}, {"url": ""}]
    for data in answers:
        box.block(path(box, "video_account/getTranscodeCallbackUrl"), says(0, data))
        assert api.get_callback_url() == ""


def test_tokens_that_are_empty_are_left_out(box: Sandbox, api: Api) -> None:
    box.block(path(box, "video/getPlayerTokenBatch"), says(0, {"1": "token", "2": "", "3": None}))
    assert api.get_player_tokens(["1", "2", "3"], 60) == {"1": "token"}


def test_product_lines_that_are_new_are_shown_too(box: Sandbox, api: Api) -> None:
    data = {"video": {"storage": "5", "flow": "7"}, "holograms": {"storage": 1}, "total": {"storage": 6, "flow": 7}}
    box.block(path(box, "video_account/getStorgeAndFlowInfo"), says(0, data))
    lines = api.get_storage_and_flow()
    assert (lines["video"].storage, lines["video"].flow) == (5, 7)
    assert (lines["holograms"].storage, lines["holograms"].flow) == (1, None)
