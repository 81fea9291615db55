"""Answers that are not quite the documented ones: what can be read is read, the rest is named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from platforms.drivers.iqiyi.api import Api
from platforms.drivers.iqiyi.driver import Iqiyi
from platforms.errors import BadAnswer
from platforms.transport.slices import ByteRange
from platforms.values import State
from sandbox.server import Answer, Sandbox
from tests.drivers.lent import BytesSource
from tests.drivers.on_iqiyi import iqiyi, says

STATUS, LIST = "/iqiyi/api/file/fullStatus", "/iqiyi/api/file/videoListForExternal"
FILE = BytesSource(b"0123456789")

# Every call, and where it is answered.
CALLS: dict[str, tuple[str, Callable[[Api], object]]] = {
    "open_upload": ("/iqiyi-upload/openupload", lambda api: api.open_upload("mp4", 10)),
    "upload_range": ("/iqiyi-upload/", lambda api: api.upload_range(_node(api), "f", 10, ByteRange(0, 9), FILE)),
    "finish_upload": ("/iqiyi-upload/uploadfinish", lambda api: api.finish_upload("f")),
    "cancel_upload": ("/iqiyi-upload/cancelupload", lambda api: api.cancel_upload("f")),
    "set_info": ("/iqiyi/api/file/info", lambda api: api.set_info("f", "name", "words")),
    "authorize": ("/iqiyi/api/iqiyi/authorize", lambda api: api.authorize()),
    "refresh_token": ("/iqiyi/api/oauth2/token", lambda api: api.refresh_token()),
    "get_full_status": (STATUS, lambda api: api.get_full_status("f")),
    "list_videos": (LIST, lambda api: api.list_videos()),
    "get_play_urls": ("/iqiyi/api/file/urllist", lambda api: api.get_play_urls("f")),
    "delete_video": ("/iqiyi/api/file/delete", lambda api: api.delete_video("f")),
}
UNREADABLE = {
    "html": b"<html><h1>502</h1></html>", "nothing": b"", "cut": b'{"code": "A00', "list": b"[]", "null": b"null",
}  # fmt: skip


def _node(api: Api) -> str:
    return f"{api._access.address('IQIYI_UPLOAD_URL')}/node/upload"


@pytest.fixture
def api(box: Sandbox) -> Api:
    return iqiyi(box).api


def test_every_documented_call_is_here() -> None:
    assert set(CALLS) == set(Iqiyi.documented_calls())


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
@pytest.mark.parametrize("name", CALLS)
def test_what_cannot_be_read_names_the_call(box: Sandbox, api: Api, name: str, body: bytes) -> None:
    path, send = CALLS[name]
    box.block(path, Answer(200, body))
    with pytest.raises(BadAnswer) as caught:
        send(api)
    assert (caught.value.call, caught.value.sentence.params["call"]) == (name, name)


def test_numbers_may_be_texts_and_times_beijings(box: Sandbox, api: Api) -> None:
    entry = {
        "fileId": "f1", "fileName": "一", "createTime": "2011-07-15 09:00:42", "fileSize": "3600",
        "fileStatus": "2", "playCount": "24", "duration": "2675.36", "new": {"field": 1},
    }  # fmt: skip
    box.block(LIST, says("A0000", count="1", data=[entry], surprise=[]))
    page = api.list_videos()
    (video,) = page.videos
    assert page.count == 1
    assert video.created_at == datetime(2011, 7, 15, 1, 0, 42, tzinfo=UTC)
    assert (video.size, video.status, video.plays, video.duration) == (3600, "2", 24, 2675.36)


def test_a_moment_in_milliseconds_is_the_same_moment(box: Sandbox, api: Api) -> None:
    moments = [1364191124, "1364191124", 1364191124000]
    box.block(LIST, says("A00000", count=3, data=[{"fileId": str(i), "createTime": m} for i, m in enumerate(moments)]))
    assert {video.created_at for video in api.list_videos().videos} == {datetime(2013, 3, 25, 5, 58, 44, tzinfo=UTC)}


def test_what_is_missing_is_not_said(box: Sandbox, api: Api) -> None:
    box.block(LIST, says("A00000", data=[{"fileId": "f1"}, {"fileName": "without an id"}, "no object"]))
    page = api.list_videos()
    (video,) = page.videos
    assert (video.created_at, video.size, video.plays, video.duration, page.count) == (None,) * 5
    assert (video.status, video.image, video.page_url, video.description) == ("", "", "", None)


def test_a_list_that_does_not_say_how_long_it_is_is_read_to_its_end(box: Sandbox) -> None:
    for ids in (["f1", "f2"], ["f3"], []):
        box.block(LIST, says("A00000", data=[{"fileId": each} for each in ids]))
    assert [video.remote_id for video in iqiyi(box).every_video()] == ["f1", "f2", "f3"]


@pytest.mark.parametrize("status", [7, "99", None, "new"])
def test_an_unknown_status_of_a_file_changes_no_state(box: Sandbox, status: object) -> None:
    box.block(LIST, says("A00000", count=1, data=[{"fileId": "f1", "fileStatus": status}]))
    (video,) = iqiyi(box).look(["f1"])
    assert (video.state, video.raw_state) == (None, f"fileStatus {status}" if status else "")


def test_an_unknown_code_of_a_state_is_kept_as_it_is(box: Sandbox, api: Api) -> None:
    box.block(STATUS, says("A00099", msg="新状态"))
    status = api.get_full_status("f1")
    assert (status.code, status.state, status.words) == ("A00099", None, "新状态")


@pytest.mark.parametrize("data", [None, [], {}, {"urllist": []}, {"urllist": {"mp4": None}}])
def test_a_state_without_addresses_is_still_a_state(box: Sandbox, api: Api, data: object) -> None:
    box.block(STATUS, says("A00000", data=data))
    status = api.get_full_status("f1")
    assert status.state == State.PUBLISHED
    assert not any(status.play_urls.values())


@pytest.mark.parametrize(("expires_in", "expected"), [("60", 60), (60, 60), (None, None), ("soon", None)])
def test_a_lifetime_may_be_a_text_or_missing(box: Sandbox, api: Api, expires_in: object, expected: int | None) -> None:
    pair = {"access_token": "token-a", "refresh_token": "token-r"}
    box.block("/iqiyi/api/oauth2/token", says("A00000", **pair, expires_in=expires_in))
    assert api.refresh_token().expires_in == expected


def test_an_upload_address_without_a_scheme_is_http(box: Sandbox, api: Api) -> None:
    box.block("/iqiyi-upload/openupload", says("A00000", data={"upload_url": "1.2.3.4:80/upload", "file_id": "f"}))
    assert api.open_upload("mp4", 10).upload_url == "http://1.2.3.4:80/upload"
