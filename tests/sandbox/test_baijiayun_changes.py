"""baijiayun-vod.txt, API-8 to API-11 and API-40: changing and deleting what is there."""

import pytest
import requests

from sandbox.baijiayun.errors import Code
from tests.sandbox.baijiayun_client import baijiayun, tiny_mp4


@pytest.fixture
def client():
    with baijiayun() as client:
        yield client


def copies(client, video_id):
    return {(copy["definition"], copy["type"]) for copy in client.info(video_id)["transcode_info"]}


def test_it_renames(client):
    video_id = client.published()
    assert client.data("video/update", video_id=video_id, name="英语语法基础") == {"video_id": video_id}
    assert client.info(video_id)["name"] == "英语语法基础"
    client.data("video/update", video_id=video_id)
    assert client.info(video_id)["name"] == "英语语法基础"


def test_it_deletes(client):
    video_id, other = client.published(), client.published()
    address = client.data("video/getUrl", video_id=video_id)["play_info"]["low"]["url"]
    assert client.data("video/delete", video_id=video_id) == {"video_id": video_id}
    assert client.refused("video/getInfo", video_id=video_id) == Code.NO_VIDEO
    assert client.refused("video/delete", video_id=video_id) == Code.NO_VIDEO
    assert [entry["video_id"] for entry in client.data("video/getVideoList")["list"]] == [other]
    assert requests.get(address, timeout=60).status_code == 404
    assert client.row(video_id)["state"] == "deleted"


def test_it_removes_a_definition(client):
    video_id = client.published(definition="16,8", format="1,2")
    answer = client.data("video/removeDefinition", video_id=video_id, definition="8")
    assert answer == {"video_id": str(video_id), "definition": "8"}
    assert copies(client, video_id) == {("low", "mp4"), ("low", "flv")}


def test_it_removes_a_type_and_says_which(client):
    video_id = client.published(definition="16", format="1,2,4")
    answer = client.data("video/removeDefinition", video_id=video_id, definition="16", type="2,4")
    assert answer == {"video_id": str(video_id), "definition": "16", "type": "2,4"}
    assert copies(client, video_id) == {("low", "mp4")}


def test_mp4_goes_last(client):
    video_id = client.published(definition="16", format="1,2")
    values = {"video_id": video_id, "definition": "16"}
    for kinds in ("1", "1,2"):
        assert client.refused("video/removeDefinition", **values, type=kinds) == Code.MP4_IS_LAST
    assert copies(client, video_id) == {("low", "mp4"), ("low", "flv")}
    client.data("video/removeDefinition", **values, type="2")
    client.data("video/removeDefinition", **values, type="1")
    assert copies(client, video_id) == set()


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"definition": "8"}, Code.NO_SUCH_FILE),
        ({"definition": "16", "type": "4"}, Code.NO_SUCH_FILE),
        ({"definition": "5"}, Code.BAD_PARAMETER),
        ({"definition": "16", "type": "3"}, Code.BAD_PARAMETER),
        ({}, Code.MISSING_PARAMETER),
    ],
)
def test_it_refuses_to_remove_what_is_not_there(client, values, code):
    video_id = client.published(definition="16", format="1")
    assert client.refused("video/removeDefinition", video_id=video_id, **values) == code


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_it_deletes_source_files(client, method):
    data = tiny_mp4()
    ids = [client.published(data, definition="16", format="1") for _ in range(2)]
    assert client.data("video/deleteOriginVideo", method, video_ids=f"{ids[0]},{ids[1]}") is None
    for video_id in ids:
        assert client.info(video_id)["total_transcode_size"] == len(data)
        assert client.data("video/getUrl", video_id=video_id)["play_info"]


def test_one_unknown_id_keeps_all_source_files(client):
    data = tiny_mp4()
    video_id = client.published(data, definition="16", format="1")
    assert client.refused("video/deleteOriginVideo", video_ids=f"{video_id},1") == Code.NO_VIDEO
    assert client.refused("video/deleteOriginVideo", video_ids=f"{video_id};1") == Code.BAD_PARAMETER
    assert client.info(video_id)["total_transcode_size"] == 2 * len(data)


def test_it_transcodes_again_and_plays_meanwhile(client):
    video_id = client.published(definition="16", format="1")
    answer = client.data("video/transcodeAgain", video_id=video_id, definition="8,4", format="2")
    assert answer == {"video_id": str(video_id), "definition": "8,4"}
    assert client.status(video_id) == 20
    assert copies(client, video_id) == {("low", "mp4")}
    assert client.data("video/getUrl", video_id=video_id)["play_info"]
    client.box.clock.advance(11)
    assert client.status(video_id) == 100
    assert copies(client, video_id) == {("low", "mp4"), ("super", "flv"), ("1080p", "flv")}


def test_it_does_not_transcode_without_a_finished_file_or_its_source(client):
    uploading = client.create()[0]
    assert client.refused("video/transcodeAgain", video_id=uploading, definition="8") == Code.NOT_TRANSCODED
    video_id = client.published()
    client.data("video/deleteOriginVideo", video_ids=video_id)
    assert client.refused("video/transcodeAgain", video_id=video_id, definition="8") == Code.NO_ORIGIN


def test_a_timed_out_transcoding_can_be_repeated(client):
    video_id = client.published()
    client.box.baijiayun.set_status(video_id, 31)
    client.data("video/transcodeAgain", video_id=video_id, definition="8")
    client.box.clock.advance(11)
    assert client.status(video_id) == 100
