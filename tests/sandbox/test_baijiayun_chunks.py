"""baijiayun-vod.txt, API-3 and API-4: chunk after chunk, and going on where an upload broke off."""

import pytest
import requests

from sandbox.baijiayun.errors import Code
from tests.sandbox.baijiayun_client import baijiayun, md5, some_bytes


@pytest.fixture
def client():
    with baijiayun() as client:
        yield client


@pytest.mark.parametrize("base", [0, 1])
def test_chunks_become_the_file(client, base):
    client.box.baijiayun.content_range_base = base
    data = some_bytes(2000)
    video_id, address = client.create()
    for start, end in [(0, 500), (500, 501), (501, 2000)]:
        assert client.resume(video_id)["upload_size"] == start
        assert client.chunk(address, data, start + base, end - 1 + base, base=base) == {"code": 1, "msg": "success"}
    row = client.row(video_id)
    assert (row["md5"], row["size"], row["state"]) == (md5(data), 2000, "transcoding")


def test_it_counts_from_1_unless_told_otherwise(client):
    data = some_bytes(2000)
    video_id, address = client.create()
    assert client.chunk(address, data, 0, 499, base=0)["code"] == Code.BAD_RANGE
    assert client.resume(video_id)["upload_size"] == 0
    assert client.chunk(address, data, 1, 500)["code"] == 1
    assert client.resume(video_id)["upload_size"] == 500


def test_counting_from_1_is_refused_where_it_counts_from_0(client):
    client.box.baijiayun.content_range_base = 0
    data = some_bytes(2000)
    video_id, address = client.create()
    assert client.chunk(address, data, 1, 500)["code"] == Code.BAD_RANGE
    assert client.resume(video_id)["upload_size"] == 0


def test_without_support_chunks_are_taken_and_kept_nowhere(client):
    client.box.baijiayun.content_range_base = None
    data = some_bytes(2000)
    video_id, address = client.create()
    assert client.chunk(address, data, 1, 500)["code"] == 1
    assert client.chunk(address, data, 1, 2000)["code"] == 1
    assert client.resume(video_id)["upload_size"] == 0
    assert client.status(video_id) == 10
    assert client.send(address, data)["code"] == 1
    assert client.row(video_id)["md5"] == md5(data)


@pytest.mark.parametrize(("first", "last"), [(1, 500), (502, 1000), (1001, 1500), (401, 900)])
def test_a_chunk_out_of_order_is_refused_and_changes_nothing(client, first, last):
    data = some_bytes(2000)
    video_id, address = client.create()
    client.chunk(address, data, 1, 500)
    other = some_bytes(last - first + 1, seed=2)
    assert client.chunk(address, data, first, last, content=other)["code"] == Code.BAD_RANGE
    assert client.box.baijiayun.upload_size(video_id) == 500
    assert client.chunk(address, data, 501, 2000)["code"] == 1
    assert client.row(video_id)["md5"] == md5(data)


@pytest.mark.parametrize("sent", [0, 499, 501])
def test_a_body_of_another_length_than_the_range_changes_nothing(client, sent):
    data = some_bytes(2000)
    video_id, address = client.create()
    assert client.chunk(address, data, 1, 500, content=some_bytes(sent))["code"] == Code.BAD_BODY
    assert client.resume(video_id)["upload_size"] == 0
    client.chunk(address, data, 1, 2000)
    assert client.row(video_id)["md5"] == md5(data)


@pytest.mark.parametrize(
    "span", ["bytes 1-501/500", "bytes 5-4/2000", "1-500/2000", "bytes 1-500/*", "bytes=1-500/2000"]
)
def test_a_strange_content_range_is_refused(client, span):
    _, address = client.create()
    headers = {"Content-Type": "application/octet-stream", "Content-Range": span}
    answer = requests.post(address, headers=headers, data=some_bytes(500), timeout=60).json()
    assert answer["code"] == Code.BAD_RANGE


def test_the_total_may_not_change_on_the_way(client):
    data = some_bytes(2000)
    _, address = client.create()
    client.chunk(address, data, 1, 500)
    assert client.chunk(address, data, 501, 1000, total=3000)["code"] == Code.BAD_RANGE


def test_resuming_hands_out_a_fresh_address(client):
    data = some_bytes(2000)
    video_id, address = client.create()
    client.chunk(address, data, 1, 500)
    client.box.clock.advance(client.box.baijiayun.upload_lifetime)
    assert client.chunk(address, data, 501, 2000)["code"] == Code.EXPIRED_ADDRESS
    fresh = client.resume(video_id)
    assert fresh["video_id"] == video_id
    assert fresh["upload_size"] == 500
    assert client.chunk(fresh["upload_url"], data, 501, 2000)["code"] == 1
    assert client.row(video_id)["md5"] == md5(data)


def test_it_goes_on_after_a_restart_in_the_middle(tmp_path):
    data = some_bytes(2000)
    with baijiayun(tmp_path) as client:
        video_id, address = client.create()
        client.chunk(address, data, 1, 1200)
    with baijiayun(tmp_path) as client:
        fresh = client.resume(video_id)
        assert fresh["upload_size"] == 1200
        assert client.chunk(fresh["upload_url"], data, 1201, 2000)["code"] == 1
        assert client.row(video_id)["md5"] == md5(data)


def test_a_complete_video_tells_its_whole_size(client):
    data = some_bytes(2000)
    video_id, address = client.create()
    client.chunk(address, data, 1, 2000)
    assert client.resume(video_id)["upload_size"] == 2000
    assert client.chunk(address, data, 1, 2000)["code"] == Code.ALREADY_COMPLETE


def test_a_whole_file_may_follow_chunks(client):
    data = some_bytes(2000)
    video_id, address = client.create()
    client.chunk(address, some_bytes(3000, seed=2), 1, 2500)
    assert client.send(address, data)["code"] == 1
    row = client.row(video_id)
    assert (row["md5"], row["size"]) == (md5(data), 2000)


def test_an_upload_that_stands_still_for_a_day_times_out_and_can_be_resumed(client):
    video_id, address = client.create()
    client.chunk(address, some_bytes(2000), 1, 500)
    client.box.clock.advance(24 * 3600 + 1)
    assert client.data("video/getStatus", video_id=video_id) == {"status": 32, "info": "上传超时"}
    assert client.resume(video_id)["upload_size"] == 500
    assert client.status(video_id) == 10
