"""iqiyi-video-cloud.txt, section 7."""

import pytest
import requests

from tests.sandbox.iqiyi_client import IqiyiClient, iqiyi, some_bytes


@pytest.fixture
def client():
    with iqiyi() as client:
        yield client


def delete(client, **parameters):
    return client.mine("/api/file/delete", **parameters)


def ids(client):
    return {entry["fileId"] for entry in client.mine("/api/file/videoListForExternal")["data"]}


def test_it_deletes_the_video_named(client):
    first, second = client.published(some_bytes(10)), client.published(some_bytes(10))
    address = client.mine("/api/file/urllist", file_id=first)["data"]["mp4"]["1"]
    assert delete(client, delete_type="1", file_ids=first) == {"code": "A00000"}
    assert ids(client) == {second}
    assert client.row(first)["state"] == "deleted"
    assert requests.get(address, timeout=60).status_code == 404


@pytest.mark.parametrize("separator", [",", ";"])
def test_it_reads_both_separators_of_the_document(client, separator):
    first, second, third = (client.published(some_bytes(10)) for _ in range(3))
    delete(client, delete_type="1", file_ids=f"{first}{separator}{second}")
    assert ids(client) == {third}


def test_type_0_deletes_everything_in_the_account_and_nothing_elsewhere(client):
    file_id = client.published(some_bytes(10))
    client.opened(10)
    other = IqiyiClient(client.box)
    other.token = client.box.credentials("iqiyi", "second")["access_token"]
    foreign = other.published(some_bytes(10))
    assert delete(client, delete_type="0", file_ids=file_id)["code"] == "A00000"
    assert ids(client) == set()
    assert ids(other) == {foreign}


@pytest.mark.parametrize("kind", ["", "2", "all"])
def test_it_refuses_another_type(client, kind):
    file_id = client.published(some_bytes(10))
    assert delete(client, delete_type=kind, file_ids=file_id)["code"] == "Q00001"
    assert ids(client) == {file_id}


@pytest.mark.parametrize("unknown", ["", "0" * 32])
def test_an_unknown_id_deletes_nothing(client, unknown):
    file_id = client.published(some_bytes(10))
    assert delete(client, delete_type="1", file_ids=f"{file_id},{unknown}")["code"] == "Q00001"
    assert ids(client) == {file_id}


def test_it_does_not_delete_another_account_s_video(client):
    file_id = client.published(some_bytes(10))
    mine, client.token = client.token, client.box.credentials("iqiyi", "second")["access_token"]
    assert delete(client, delete_type="1", file_ids=file_id)["code"] == "Q00001"
    client.token = mine
    assert ids(client) == {file_id}
