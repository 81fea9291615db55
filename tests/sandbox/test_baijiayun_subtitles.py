"""baijiayun-vod.txt, API-32 to API-36."""

import re

import pytest
import requests

from sandbox.baijiayun.errors import Code
from tests.sandbox.baijiayun_client import BaijiayunClient, baijiayun

VTT = "WEBVTT\n\n00:00.000 --> 00:02.000\n你好\n".encode()
SRT = "1\n00:00:00,000 --> 00:00:02,000\n你好\n".encode()


@pytest.fixture
def client():
    with baijiayun() as client:
        yield client


@pytest.fixture
def video_id(client):
    return client.published()


def upload(client, video_id, content=VTT, file_name="a.vtt", name="字幕文件", field="subtitle"):
    values = client.signed(video_id=video_id, name=name)
    files = {field: (file_name, content)} if field else {"nothing": (None, "")}
    if not field:
        values = client.signed(video_id=video_id, name=name, nothing="")
    return requests.post(client.address("video/uploadSubtitle"), data=values, files=files, timeout=60).json()


def uploaded(client, video_id, **values):
    answer = upload(client, video_id, **values)
    assert answer["code"] == 0, answer
    return int(answer["data"]["subtitle_id"])


def listed(client, video_id):
    return client.data("video/getSubtitleList", video_id=video_id)


@pytest.mark.parametrize(("file_name", "content"), [("a.vtt", VTT), ("A.SRT", SRT), ("b.vtt", b"\xef\xbb\xbf" + VTT)])
def test_it_stores_a_subtitle(client, video_id, file_name, content):
    data = upload(client, video_id, content, file_name)["data"]
    assert sorted(data) == ["create_time", "subtitle_id", "subtitle_name", "subtitle_path"]
    assert data["subtitle_id"].isdigit()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", data["create_time"])
    assert requests.get(data["subtitle_path"], timeout=60).content == content


def test_it_lists_the_subtitles_of_one_video(client, video_id):
    number = uploaded(client, video_id)
    uploaded(client, client.published())
    entry = listed(client, video_id)[0]
    assert len(listed(client, video_id)) == 1
    assert (entry["subtitle_id"], entry["subtitle_name"], entry["is_default"]) == (number, "字幕文件", 0)
    assert entry["update_time"] == entry["create_time"]


@pytest.mark.parametrize(
    ("file_name", "content"), [("a.txt", VTT), ("a.vtt", SRT), ("a.srt", b"no cues"), ("a.vtt", b""), ("vtt.ass", VTT)]
)
def test_a_file_that_is_no_subtitle_is_refused(client, video_id, file_name, content):
    assert upload(client, video_id, content, file_name)["code"] == Code.BAD_SUBTITLE
    assert listed(client, video_id) == []


def test_the_file_and_the_name_are_required(client, video_id):
    assert upload(client, video_id, field="")["code"] == Code.MISSING_PARAMETER
    assert upload(client, video_id, field="file")["code"] == Code.MISSING_PARAMETER
    assert upload(client, video_id, name="")["code"] == Code.MISSING_PARAMETER
    assert upload(client, 1)["code"] == Code.NO_VIDEO


def test_the_file_takes_no_part_in_the_sign_but_the_name_does(client, video_id):
    values = {**client.signed(video_id=video_id, name="甲"), "name": "乙"}
    files = {"subtitle": ("a.vtt", VTT)}
    answer = requests.post(client.address("video/uploadSubtitle"), data=values, files=files, timeout=60).json()
    assert answer["code"] == Code.BAD_SIGN
    assert listed(client, video_id) == []


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_it_renames(client, video_id, method):
    number = uploaded(client, video_id)
    client.box.clock.advance(90)
    assert client.data("video/updateSubtitle", method, subtitle_id=number, name="中文") is None
    entry = listed(client, video_id)[0]
    assert entry["subtitle_name"] == "中文"
    assert entry["update_time"] > entry["create_time"]


def test_a_video_has_one_default(client, video_id):
    first, second = uploaded(client, video_id), uploaded(client, video_id)
    for number in (first, second):
        assert client.data("video/setDefaultSubtitle", video_id=video_id, subtitle_id=number) is None
    assert {entry["subtitle_id"]: entry["is_default"] for entry in listed(client, video_id)} == {first: 0, second: 1}


def test_a_default_must_be_the_video_s_own(client, video_id):
    number, other = uploaded(client, video_id), client.published()
    assert client.refused("video/setDefaultSubtitle", video_id=other, subtitle_id=number) == Code.NO_SUBTITLE


def test_it_deletes(client, video_id):
    number = uploaded(client, video_id)
    path = listed(client, video_id)[0]["subtitle_path"]
    assert client.data("video/deleteSubtitle", subtitle_id=number) is None
    assert listed(client, video_id) == []
    assert requests.get(path, timeout=60).status_code == 404
    assert client.refused("video/deleteSubtitle", subtitle_id=number) == Code.NO_SUBTITLE


def test_another_account_cannot_touch_it(client, video_id):
    number = uploaded(client, video_id)
    other = BaijiayunClient(client.box, "second")
    assert other.refused("video/deleteSubtitle", subtitle_id=number) == Code.NO_SUBTITLE
    assert other.refused("video/updateSubtitle", subtitle_id=number, name="x") == Code.NO_SUBTITLE
    assert other.refused("video/getSubtitleList", video_id=video_id) == Code.NO_VIDEO


def test_subtitles_live_on_after_a_restart(tmp_path):
    with baijiayun(tmp_path) as client:
        video_id = client.published()
        uploaded(client, video_id)
    with baijiayun(tmp_path) as client:
        assert requests.get(listed(client, video_id)[0]["subtitle_path"], timeout=60).content == VTT
