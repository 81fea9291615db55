"""baijiayun-vod.txt, API-1."""

import pytest
import requests

from sandbox.baijiayun.errors import Code
from tests.sandbox.baijiayun_client import BaijiayunClient, baijiayun, sign


@pytest.fixture
def client():
    with baijiayun() as client:
        yield client


def create_key(client, **values):
    values = {"partner_id": client.keys["partner_id"], "secret_key": client.keys["secret_key"], **values}
    return requests.post(client.address("partner/createkey"), data=values, timeout=60).json()


def test_the_secret_key_alone_gives_the_present_key(client):
    assert create_key(client)["data"] == {"partner_key": client.keys["partner_key"]}


@pytest.mark.parametrize("key", ["partner_key", "secret_key"])
def test_a_sign_with_either_key_is_taken(client, key):
    values = client.signed(secret_key=client.keys["secret_key"])
    del values["sign"]
    answer = create_key(client, **values, sign=sign(values, client.keys[key]))
    assert answer["data"]["partner_key"] == client.keys["partner_key"]


def test_a_wrong_sign_is_refused(client):
    assert create_key(client, sign="0" * 32)["code"] == Code.BAD_SIGN


def test_regenerating_makes_the_old_key_useless(client):
    new = create_key(client, regenerate="1")["data"]["partner_key"]
    assert new != client.keys["partner_key"]
    assert len(new) <= 128
    assert client.refused("video/getVideoList") == Code.BAD_SIGN
    again = BaijiayunClient(client.box)
    assert again.keys["partner_key"] == new
    assert again.data("video/getVideoList")["total"] == 0


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"secret_key": "x"}, Code.BAD_SECRET),
        ({"secret_key": ""}, Code.MISSING_PARAMETER),
        ({"partner_id": "1"}, Code.UNKNOWN_PARTNER),
        ({"regenerate": "2"}, Code.BAD_PARAMETER),
        ({"timestamp": "1596096142"}, Code.STALE_TIMESTAMP),
    ],
)
def test_wrong_values_are_refused_and_change_nothing(client, values, code):
    assert create_key(client, **{"regenerate": "1", **values})["code"] == code
    assert client.data("video/getVideoList")["total"] == 0


def test_keys_live_on_after_a_restart(tmp_path):
    with baijiayun(tmp_path) as client:
        keys = client.keys
    with baijiayun(tmp_path) as client:
        assert client.keys == keys
