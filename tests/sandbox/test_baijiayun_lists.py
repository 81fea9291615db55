"""baijiayun-vod.txt, API-16 and API-31."""

import pytest

from sandbox.baijiayun.errors import Code
from sandbox.core import beijing_time
from tests.sandbox.baijiayun_client import baijiayun, tiny_mp4


@pytest.fixture
def client():
    with baijiayun() as client:
        yield client


def test_it_lists_a_video_as_the_document_shows_it(client):
    data = tiny_mp4(seconds=1252)
    video_id = client.published(data, "0.11 五十音图")
    answer = client.data("video/getVideoList")
    entry = answer.pop("list")[0]
    assert answer == {"total": 1, "page": 1, "page_size": 20}
    assert entry.pop("create_time") == beijing_time(client.row(video_id)["created"])
    assert entry.pop("preface_url").startswith("http")
    assert entry == {
        "video_id": video_id,
        "name": "0.11 五十音图",
        "status": 100,
        "total_size": len(data),
        "length": 1252,
        "publish_status": 1,
    }


def test_it_gives_pages_newest_first(client):
    ids = [client.create()[0] for _ in range(5)]
    pages = [client.data("video/getVideoList", page_size="2", page=str(page)) for page in (1, 2, 3, 4)]
    assert [entry["video_id"] for page in pages for entry in page["list"]] == ids[::-1]
    assert {page["total"] for page in pages} == {5}


@pytest.mark.parametrize("values", [{"page_size": "1001"}, {"page_size": "0"}, {"page": "0"}, {"page": "-1"}])
def test_a_strange_page_is_refused(client, values):
    assert client.refused("video/getVideoList", **values) == Code.BAD_PARAMETER


def test_a_page_of_1000_is_allowed(client):
    assert client.data("video/getVideoList", page_size="1000")["page_size"] == 1000


def test_it_selects_by_time_of_creation(client):
    client.create()
    client.box.clock.advance(3600)
    later = client.create()[0]
    since = beijing_time(client.row(later)["created"])
    answer = client.data("video/getVideoList", create_time=since)
    assert [entry["video_id"] for entry in answer["list"]] == [later]
    assert client.refused("video/getVideoList", create_time="2020-01-01") == Code.BAD_PARAMETER


def test_it_shows_the_categories_of_a_video_only_when_it_has_one(client):
    video_id, other = client.create()[0], client.create()[0]
    number = client.data("video/addCategory", name="教育")["id"]
    client.data("video/setVideoCategory", video_id=video_id, category_id=number)
    entries = {entry["video_id"]: entry for entry in client.data("video/getVideoList")["list"]}
    assert "category" not in entries[other]
    assert entries[video_id]["category"] == {
        "category_level1_id": number,
        "category_level2_id": 0,
        "category_level3_id": 0,
        "category_level4_id": 0,
        "category_level5_id": 0,
    }


def test_a_category_lists_its_own_videos_and_those_below(client):
    top = client.data("video/addCategory", name="教育")["id"]
    below = client.data("video/addCategory", name="数学", parent_id=top)["id"]
    first, second, _ = (client.create()[0] for _ in range(3))
    client.data("video/setVideoCategory", video_id=first, category_id=top)
    client.data("video/setVideoCategory", video_id=second, category_id=below)
    answer = client.data("video/getCategoryVideo", category_id=top)
    assert (answer["total"], answer["page"], answer["page_size"]) == ("2", "1", "20")
    assert [entry["video_id"] for entry in answer["list"]] == [second, first]
    assert (answer["list"][0]["category_level1_id"], answer["list"][0]["category_level2_id"]) == (top, below)
    assert isinstance(answer["list"][0]["create_time"], int)
    assert client.data("video/getCategoryVideo", category_id=below)["total"] == "1"


def test_a_category_gives_pages_of_100_at_most(client):
    number = client.data("video/addCategory", name="教育")["id"]
    assert client.data("video/getCategoryVideo", category_id=number, page_size="100")["page_size"] == "100"
    assert client.refused("video/getCategoryVideo", category_id=number, page_size="101") == Code.BAD_PARAMETER
    assert client.refused("video/getCategoryVideo", category_id="1") == Code.NO_CATEGORY
