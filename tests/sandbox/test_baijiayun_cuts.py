"""A chunk or a file that breaks off does not count, and the upload goes on."""

import pytest

from tests.sandbox.baijiayun_client import baijiayun, md5, some_bytes
from tests.sandbox.cut import send_and_cut


@pytest.fixture
def client():
    with baijiayun() as client:
        yield client


def test_a_chunk_that_breaks_off_does_not_count(client):
    data = some_bytes(2000)
    video_id, address = client.create()
    client.chunk(address, data, 1, 500)
    headers = {"Content-Type": "application/octet-stream", "Content-Range": "bytes 501-2000/2000"}
    assert send_and_cut(address, headers, 1500, data[500:1200]) == b""
    fresh = client.resume(video_id)
    assert fresh["upload_size"] == 500
    assert client.chunk(fresh["upload_url"], data, 501, 2000)["code"] == 1
    assert client.row(video_id)["md5"] == md5(data)


def test_what_a_broken_chunk_left_behind_is_no_part_of_a_shorter_file(client):
    data = some_bytes(2000)
    video_id, address = client.create()
    headers = {"Content-Type": "application/octet-stream", "Content-Range": "bytes 1-3000/3000"}
    assert send_and_cut(address, headers, 3000, some_bytes(2500, seed=2)) == b""
    assert client.chunk(address, data, 1, 2000)["code"] == 1
    row = client.row(video_id)
    assert (row["md5"], row["size"]) == (md5(data), 2000)


def test_a_whole_file_that_breaks_off_does_not_count(client):
    video_id, address = client.create()
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    body = b'--b\r\nContent-Disposition: form-data; name="data"; filename="f.mp4"\r\n\r\nhalf a film'
    assert send_and_cut(address, headers, 100_000, body) == b""
    assert client.status(video_id) == 10
    assert client.resume(video_id)["upload_size"] == 0
    assert [path.name for path in client.box.world.folder("baijiayun").iterdir()] == []
    assert client.send(address, b"film")["code"] == 1
