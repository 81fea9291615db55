"""iqiyi-video-cloud.txt, section 1.4."""

import pytest

from tests.sandbox.iqiyi_client import iqiyi, some_bytes


@pytest.fixture
def client():
    with iqiyi() as client:
        yield client


def test_it_cancels_a_running_upload(client):
    data = some_bytes(1000)
    file_id, address = client.opened(1000)
    client.send(address, file_id, data, 0, 499)
    assert client.cancel(file_id) == {"code": "A00000"}
    assert client.status(file_id)["code"] == "A00006"
    assert client.send(address, file_id, data, 500, 999)["code"] == "A00005"
    assert client.finish(file_id)["code"] == "A00005"
    assert client.row(file_id)["state"] == "cancelled"


def test_cancelling_twice_is_no_mistake(client):
    file_id, _ = client.opened(1000)
    client.cancel(file_id)
    assert client.cancel(file_id) == {"code": "A00000"}


def test_it_refuses_another_status_than_2(client):
    file_id, _ = client.opened(1000)
    assert client.cancel(file_id, status="1")["code"] == "A00010"


def test_it_refuses_to_cancel_what_is_complete(client):
    file_id = client.upload(some_bytes(10))
    assert client.cancel(file_id)["code"] == "A00005"
    assert client.status(file_id)["code"] == "A00001"


def test_it_refuses_to_cancel_an_unknown_file(client):
    assert client.cancel("0" * 32)["code"] == "A00005"


def test_it_wants_a_token_to_cancel(client):
    file_id, _ = client.opened(1000)
    assert client.cancel(file_id, access_token="wrong")["code"] == "A21332"
