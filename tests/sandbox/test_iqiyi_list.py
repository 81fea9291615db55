"""iqiyi-video-cloud.txt, section 5: published videos only, by page or by id."""

import time

import pytest

from tests.sandbox.iqiyi_client import iqiyi, some_bytes


@pytest.fixture
def client():
    with iqiyi() as client:
        yield client


def listing(client, **parameters):
    return client.mine("/api/file/videoListForExternal", **parameters)


def test_it_lists_what_the_document_shows_of_a_video(client):
    file_id = client.published(some_bytes(300_000), "骑车", description="一段描述")
    client.box.iqiyi.add_plays(file_id, 24)
    answer = listing(client)
    assert (answer["code"], answer["count"]) == ("A00000", 1)
    entry = answer["data"][0]
    expected = {
        "fileId": file_id,
        "fileName": "骑车",
        "description": "一段描述",
        "fileSize": 300_000,
        "fileStatus": 2,
        "playCount": 24,
        "duration": 2,
        "thumbnail": "",
    }
    assert expected.items() <= entry.items()
    assert abs(entry["createTime"] - time.time()) < 60
    assert {"img", "originalImg", "pageUrl"} < entry.keys()


def test_it_lists_only_what_is_published(client):
    published = client.published(some_bytes(10))
    client.published(some_bytes(10), "[reject]")
    client.published(some_bytes(10), "[fail]")
    client.upload(some_bytes(10))
    client.opened(10)
    assert [entry["fileId"] for entry in listing(client)["data"]] == [published]


def test_it_gives_pages_and_counts_all(client):
    ids = [client.upload(some_bytes(10), f"第 {number} 个") for number in range(5)]
    client.box.clock.advance(60)
    pages = [listing(client, page_size=2, page=page) for page in (1, 2, 3, 4)]
    assert [page["count"] for page in pages] == [5, 5, 5, 5]
    assert [entry["fileId"] for page in pages for entry in page["data"]] == ids[::-1]


def test_it_gives_the_videos_asked_for(client):
    ids = [client.published(some_bytes(10)) for _ in range(3)]
    answer = listing(client, file_ids=f"{ids[0]},{ids[2]},{'0' * 32}")
    assert {entry["fileId"] for entry in answer["data"]} == {ids[0], ids[2]}
    assert answer["count"] == 2


def test_it_shows_nothing_of_another_account(client):
    client.published(some_bytes(10))
    client.token = client.box.credentials("iqiyi", "second")["access_token"]
    assert listing(client) == {"code": "A00000", "count": 0, "data": []}


@pytest.mark.parametrize(
    "parameters", [{"page_size": 101}, {"page_size": 0}, {"page": 0}, {"page": "x"}, {"page_size": -1}]
)
def test_it_refuses_a_strange_page(client, parameters):
    assert listing(client, **parameters)["code"] == "Q00001"


def test_a_page_of_100_is_allowed(client):
    assert listing(client, page_size=100)["code"] == "A00000"
