"""iqiyi-video-cloud.txt, section 1.5."""

import pytest

from tests.sandbox.iqiyi_client import iqiyi, some_bytes


@pytest.fixture
def client():
    with iqiyi() as client:
        yield client


def listed(client):
    client.box.clock.advance(60)
    return client.mine("/api/file/videoListForExternal")["data"][0]


def test_it_takes_name_description_tags_and_category(client):
    file_id, _ = client.opened(10)
    answer = client.describe(file_id, "骑车的小人", "一段描述", tags="青春,搞笑", file_type="27")
    assert answer == {"code": "A00000", "msg": ""}
    assert client.row(file_id)["title"] == "骑车的小人"


@pytest.mark.parametrize("name", ["file_name", "description"])
@pytest.mark.parametrize("value", ["", "  "])
def test_it_refuses_a_missing_name_or_description(client, name, value):
    file_id, _ = client.opened(10)
    parameters = {"file_id": file_id, "file_name": "片名", "description": "描述", name: value}
    assert client.mine("/api/file/info", **parameters)["code"] == "Q00001"
    assert client.row(file_id)["title"] == ""


@pytest.mark.parametrize("category", ["11", "14", "18", "23", "29", "0", "教育"])
def test_it_refuses_a_category_outside_the_table(client, category):
    file_id, _ = client.opened(10)
    assert client.describe(file_id, file_type=category)["code"] == "Q00001"


@pytest.mark.parametrize("category", ["1", "10", "28", ""])
def test_it_takes_the_categories_of_the_table(client, category):
    file_id, _ = client.opened(10)
    assert client.describe(file_id, file_type=category)["code"] == "A00000"


def test_it_refuses_a_banned_title(client):
    file_id, _ = client.opened(10)
    assert client.describe(file_id, "违禁 [banned]")["code"] == "Q00001"


def test_it_refuses_an_unknown_file(client):
    assert client.describe("0" * 32)["code"] == "Q00001"


def test_without_metadata_a_complete_file_never_enters_production(client):
    data = some_bytes(10)
    file_id, address = client.opened(10)
    client.send(address, file_id, data)
    assert client.finish(file_id) == {"code": "A00000"}
    client.describe(file_id)
    client.box.clock.advance(3600)
    assert client.status(file_id)["code"] == "A00004"
    assert client.row(file_id)["state"] == "waiting"


def test_metadata_can_be_changed_after_publishing(client):
    file_id = client.published(some_bytes(10), "旧名")
    assert client.describe(file_id, "新名", "新描述")["code"] == "A00000"
    entry = listed(client)
    assert (entry["fileName"], entry["description"]) == ("新名", "新描述")
    assert client.status(file_id)["code"] == "A00000"
