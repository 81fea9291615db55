"""baijiayun-vod.txt, API-5, API-6, API-7 and API-26: what becomes of a video and what is told of it."""

import time

import pytest
import requests

from sandbox.baijiayun.errors import Code
from tests.sandbox.baijiayun_client import baijiayun, md5, some_bytes, tiny_mp4


@pytest.fixture
def client():
    with baijiayun() as client:
        yield client


def status(client, video_id):
    return client.data("video/getStatus", video_id=video_id)


def test_it_goes_from_uploading_over_transcoding_to_done(client):
    video_id, address = client.create()
    assert status(client, video_id) == {"status": 10, "info": "上传中"}
    client.send(address, tiny_mp4())
    assert status(client, video_id) == {"status": 20, "info": "转码中"}
    client.box.clock.advance(11)
    assert status(client, video_id) == {"status": 100, "info": "转码成功"}


def test_the_review_comes_after_the_transcoding(client):
    video_id = client.upload(tiny_mp4())
    seen = []
    for _ in range(3):
        info = client.info(video_id)
        seen.append((info["status"], info["audit_status"]))
        client.box.clock.advance(11)
    assert seen == [(20, 0), (100, 0), (100, 1)]


@pytest.mark.parametrize(
    ("name", "number", "audit", "state"), [("转码失败", 30, 0, "failed"), ("a [reject] clip", 100, 2, "rejected")]
)
def test_a_title_may_ask_for_a_bad_end(client, name, number, audit, state):
    video_id = client.published(name=name)
    info = client.info(video_id)
    assert (info["status"], info["audit_status"]) == (number, audit)
    assert client.row(video_id)["state"] == state


def test_details_of_a_finished_video(client):
    data = tiny_mp4(seconds=5, width=1280, height=720)
    video_id = client.published(data, "骑车的小人", definition="16,4", format="1,4")
    info = client.info(video_id)
    assert abs(info.pop("create_time") - time.time()) < 100
    assert requests.get(info.pop("preface_url"), timeout=60).headers["Content-Type"] == "image/svg+xml"
    assert info == {
        "video_id": video_id,
        "name": "骑车的小人",
        "status": 100,
        "total_size": len(data),
        "total_transcode_size": 5 * len(data),
        "origin_definition": "super",
        "length": 5,
        "publish_status": 1,
        "audit_status": 1,
        "file_md5": md5(data),
        "transcode_info": [
            {"definition": "super", "type": "mp4", "size": len(data)},
            {"definition": "super", "type": "m3u8", "size": len(data)},
            {"definition": "low", "type": "mp4", "size": len(data)},
            {"definition": "low", "type": "m3u8", "size": len(data)},
        ],
        "category": [],
    }


def test_an_unfinished_video_has_no_size_yet(client):
    info = client.info(client.upload(tiny_mp4()))
    assert (info["total_size"], info["length"], info["preface_url"], info["transcode_info"]) == (0, 0, "", [])


@pytest.mark.parametrize(
    ("wanted", "made"), [("16,2", ["std", "low"]), ("16,1,2", ["std", "low"]), ("8", ["std"]), ("16", ["low"])]
)
def test_nothing_is_made_better_than_its_source(client, wanted, made):
    """The notes of API-2; "std" comes from a source of 360 lines."""
    video_id = client.published(tiny_mp4(width=640, height=360), definition=wanted, format="1")
    found = [copy["definition"] for copy in client.info(video_id)["transcode_info"]]
    assert found == [name for name in made if name != "std" or "1" in wanted.split(",") or wanted == "8"]


def test_bytes_that_are_no_film_still_have_a_length(client):
    info = client.info(client.published(some_bytes(300_000)))
    assert (info["length"], info["origin_definition"]) == (2, "super")


def test_screenshots_are_pictures(client):
    video_id = client.published(tiny_mp4(width=1920, height=1080))
    data = client.data("video/getImage", video_id=video_id)
    assert (data["video_id"], data["width"], data["height"]) == (str(video_id), 1280, 720)
    assert data["img_count"] == len(set(data["imgs"])) == 5
    for address in data["imgs"]:
        assert requests.get(address, timeout=60).headers["Content-Type"] == "image/svg+xml"


def test_before_transcoding_there_are_no_screenshots(client):
    data = client.data("video/getImage", video_id=client.upload(tiny_mp4()))
    assert (data["img_count"], data["imgs"]) == (0, [])


def test_blocking_and_publishing_again(client):
    video_id = client.published()
    assert client.data("video/setPublishStatus", video_id=video_id, status="2") == {"status": 2}
    assert client.info(video_id)["publish_status"] == 2
    assert client.row(video_id)["state"] == "blocked"
    assert client.refused("video/getUrl", video_id=video_id) == Code.BLOCKED
    assert client.data("video/setPublishStatus", video_id=video_id, status="1") == {"status": 1}
    assert client.row(video_id)["state"] == "published"
    assert client.data("video/getUrl", video_id=video_id)["play_info"]


@pytest.mark.parametrize("value", ["0", "3", "blocked"])
def test_another_publish_status_is_refused(client, value):
    assert client.refused("video/setPublishStatus", video_id=client.published(), status=value) == Code.BAD_PARAMETER


@pytest.mark.parametrize("path", ["getStatus", "getInfo", "getImage", "getUrl", "delete", "update", "getShareUrl"])
@pytest.mark.parametrize(
    ("video_id", "code"), [("1", Code.NO_VIDEO), ("", Code.MISSING_PARAMETER), ("x", Code.BAD_PARAMETER)]
)
def test_an_unknown_video_is_refused(client, path, video_id, code):
    assert client.refused(f"video/{path}", video_id=video_id) == code


@pytest.mark.parametrize(("number", "state"), [(30, "failed"), (31, "timeout"), (32, "timeout")])
def test_a_status_can_be_fixed_and_set_free(client, number, state):
    video_id = client.published()
    client.box.baijiayun.set_status(video_id, number)
    assert client.status(video_id) == number
    assert client.row(video_id)["state"] == state
    assert client.refused("video/getUrl", video_id=video_id) == Code.NOT_TRANSCODED
    client.box.baijiayun.set_status(video_id, None)
    assert client.status(video_id) == 100


def test_an_audit_can_be_fixed(client):
    video_id = client.published()
    client.box.baijiayun.set_audit(video_id, 2)
    assert client.info(video_id)["audit_status"] == 2
    assert client.row(video_id)["state"] == "rejected"
