"""baijiayun-vod.txt, API-2 and API-3: a video is created, and its whole file sent as a form."""

import pytest
import requests

from sandbox.baijiayun.errors import Code
from tests.sandbox.baijiayun_client import BaijiayunClient, baijiayun, md5, some_bytes


@pytest.fixture
def client():
    with baijiayun() as client:
        yield client


@pytest.mark.parametrize("field", ["data", "file", "Filedata"])
def test_it_stores_the_file_of_a_form_whatever_its_field(client, field):
    data = some_bytes(3_000_001)
    video_id, address = client.create("骑车的小人")
    assert client.send(address, data, field) == {"code": 1, "msg": "success"}
    row = client.row(video_id)
    assert (row["md5"], row["size"], row["title"]) == (md5(data), len(data), "骑车的小人")
    assert row["state"] == "transcoding"


def test_a_video_id_is_a_number_and_new_each_time(client):
    ids = [client.create()[0] for _ in range(3)]
    assert all(isinstance(video_id, int) for video_id in ids)
    assert len(set(ids)) == 3


def test_https_gives_an_address_that_works(client):
    video_id, address = client.create(use_https="1")
    assert client.send(address, b"film")["code"] == 1
    assert client.status(video_id) == 20


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"file_name": ""}, Code.MISSING_PARAMETER),
        ({"definition": ""}, Code.MISSING_PARAMETER),
        ({"definition": "3"}, Code.BAD_PARAMETER),
        ({"definition": "16,"}, Code.BAD_PARAMETER),
        ({"definition": "16,16"}, Code.BAD_PARAMETER),
        ({"definition": "16;1"}, Code.BAD_PARAMETER),
        ({"format": "3"}, Code.BAD_PARAMETER),
        ({"format": "8"}, Code.BAD_PARAMETER),
        ({"encrypt": "0"}, Code.BAD_PARAMETER),
        ({"audio_with_view": "2"}, Code.BAD_PARAMETER),
        ({"use_https": "yes"}, Code.BAD_PARAMETER),
        ({"file_name": "film"}, Code.BAD_EXTENSION),
        ({"file_name": ".mp4"}, Code.BAD_EXTENSION),
        ({"file_name": "film.exe"}, Code.BAD_EXTENSION),
        ({"file_name": "film.webm"}, Code.BAD_EXTENSION),
        ({"file_name": "违禁.mp4"}, Code.BANNED_NAME),
    ],
)
def test_wrong_parameters_are_refused_and_create_nothing(client, values, code):
    values = {"file_name": "film.mp4", "definition": "16", **values}
    assert client.refused("video/getUploadUrl", **values) == code
    assert client.box.videos("baijiayun") == []


@pytest.mark.parametrize("extension", ["mp4", "MKV", "rmvb", "mod", "ram"])
def test_the_documented_extensions_are_taken(client, extension):
    client.data("video/getUploadUrl", file_name=f"film.{extension}", definition="16,1,2,4,8", format="1,2,4")


@pytest.mark.parametrize("extension", ["mp3", "M4A", "ogg"])
def test_sound_is_taken_as_sound_alone(client, extension):
    values = {"file_name": f"song.{extension}", "definition": "16"}
    assert client.refused("video/getUploadUrl", **values) == Code.BAD_PARAMETER
    assert client.data("video/getUploadUrl", **values, audio_with_view="1")["video_id"]


def test_encryption_needs_the_permission(client):
    values = {"file_name": "film.mp4", "definition": "16"}
    assert client.refused("video/getUploadUrl", **values, encrypt="1") == Code.NO_ENCRYPTION
    assert client.data("video/getUploadUrl", **values, encrypt="2")["video_id"]


@pytest.mark.parametrize(("old", "new"), [("token=", "token=0"), ("fid=", "fid=0"), ("ts=", "ts=9")])
def test_an_upload_address_cannot_be_made_up(client, old, new):
    video_id, address = client.create()
    assert client.send(address.replace(old, new), b"film")["code"] == Code.BAD_ADDRESS
    assert client.row(video_id)["state"] == "uploading"


def test_an_upload_address_expires(client):
    video_id, address = client.create()
    client.box.clock.advance(client.box.baijiayun.upload_lifetime)
    assert client.send(address, b"film")["code"] == Code.EXPIRED_ADDRESS
    fresh = client.resume(video_id)["upload_url"]
    assert client.send(fresh, b"film")["code"] == 1


def test_a_form_without_a_file_or_with_two_is_refused(client):
    video_id, address = client.create()
    two = {"a": ("a.mp4", b"one"), "b": ("b.mp4", b"two")}
    assert requests.post(address, files=two, timeout=60).json()["code"] == Code.BAD_BODY
    none = {"data": (None, "text")}
    assert requests.post(address, files=none, timeout=60).json()["code"] == Code.BAD_BODY
    assert client.row(video_id)["state"] == "uploading"
    assert client.send(address, b"film")["code"] == 1


def test_an_empty_file_is_refused(client):
    _, address = client.create()
    assert client.send(address, b"")["code"] == Code.BAD_BODY


@pytest.mark.parametrize("kind", ["application/octet-stream", "video/mp4", "application/x-www-form-urlencoded"])
def test_bare_bytes_are_refused(client, kind):
    video_id, address = client.create()
    answer = requests.post(address, headers={"Content-Type": kind}, data=b"film", timeout=60).json()
    assert answer["code"] == Code.BAD_BODY
    assert client.row(video_id)["state"] == "uploading"


def test_a_form_that_is_cut_changes_nothing(client):
    video_id, address = client.create()
    body = b'--b\r\nContent-Disposition: form-data; name="data"; filename="f.mp4"\r\n\r\nhalf a film'
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    assert requests.post(address, headers=headers, data=body, timeout=60).json()["code"] == Code.BAD_BODY
    assert client.row(video_id)["state"] == "uploading"
    assert client.resume(video_id)["upload_size"] == 0


def test_a_complete_video_takes_no_second_file(client):
    video_id, address = client.create()
    client.send(address, b"film")
    assert client.send(address, b"other")["code"] == Code.ALREADY_COMPLETE
    assert client.row(video_id)["md5"] == md5(b"film")


def test_a_deleted_video_takes_no_file(client):
    video_id, address = client.create()
    client.data("video/delete", video_id=video_id)
    assert client.send(address, b"film")["code"] == Code.BAD_ADDRESS


def test_accounts_do_not_see_each_other(client):
    video_id, _ = client.create()
    other = BaijiayunClient(client.box, "second")
    assert other.refused("video/getStatus", video_id=video_id) == Code.NO_VIDEO
    assert other.refused("video/getResumeUploadUrl", video_id=video_id) == Code.NO_VIDEO
    assert other.data("video/getVideoList")["total"] == 0
