"""iqiyi-video-cloud.txt, sections 2 and 3, and what every call does with a bad token."""

import pytest

from tests.sandbox.iqiyi_client import iqiyi, some_bytes


@pytest.fixture
def client():
    with iqiyi() as client:
        yield client


def authorize(client, **changes):
    parameters = {"client_id": client.secrets["client_id"], "client_secret": client.secrets["client_secret"], **changes}
    return client.api("/api/iqiyi/authorize", **parameters)


def refresh(client, **changes):
    usual = {
        "client_id": client.secrets["client_id"],
        "grant_type": "refresh_token",
        "refresh_token": client.secrets["refresh_token"],
    }
    return client.api("/api/oauth2/token", **{**usual, **changes})


def test_key_and_secret_give_tokens_inside_data(client):
    client.box.iqiyi.token_lifetime = 60
    answer = authorize(client)
    assert answer["code"] == "A00000"
    assert sorted(answer["data"]) == ["access_token", "expires_in", "refresh_token"]
    assert answer["data"]["expires_in"] == 60
    client.token = answer["data"]["access_token"]
    assert client.open(10)["code"] == "A00000"


@pytest.mark.parametrize(
    "changes", [{"client_id": "x"}, {"client_secret": "x"}, {"client_id": ""}, {"client_secret": ""}]
)
def test_it_refuses_a_wrong_key_or_secret(client, changes):
    assert authorize(client, **changes)["code"] == "A21324"


def test_a_refresh_token_gives_flat_tokens(client):
    answer = refresh(client)
    assert sorted(answer) == ["access_token", "expires_in", "refresh_token"]
    client.token = answer["access_token"]
    assert client.open(10)["code"] == "A00000"


def test_a_refresh_token_works_once(client):
    fresh = refresh(client)["refresh_token"]
    assert refresh(client)["code"] == "A21325"
    assert "access_token" in refresh(client, refresh_token=fresh)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"client_id": "x"}, "A21324"),
        ({"grant_type": "password"}, "A21328"),
        ({"grant_type": ""}, "A21323"),
        ({"refresh_token": ""}, "A21323"),
        ({"refresh_token": "x"}, "A21325"),
    ],
)
def test_it_refuses_a_wrong_refresh(client, changes, code):
    assert refresh(client, **changes)["code"] == code
    assert "access_token" in refresh(client)


def test_it_refuses_the_refresh_token_of_another_account(client):
    other = client.box.credentials("iqiyi", "second")
    assert refresh(client, refresh_token=other["refresh_token"])["code"] == "A21325"


def test_credentials_show_the_newest_tokens(client):
    fresh = refresh(client)
    now = client.box.credentials("iqiyi")
    assert (now["access_token"], now["refresh_token"]) == (fresh["access_token"], fresh["refresh_token"])


def calls(client):
    file_id, address = client.opened(10)
    client.describe(file_id)
    client.send(address, file_id, some_bytes(10))

    def ask(path, **parameters):
        return lambda: client.mine(path, **parameters)

    return [
        lambda: client.open(10),
        lambda: client.finish(file_id),
        lambda: client.cancel(file_id),
        lambda: client.describe(file_id),
        lambda: client.status(file_id),
        ask("/api/file/videoListForExternal"),
        ask("/api/file/urllist", file_id=file_id),
        ask("/api/file/delete", file_ids=file_id, delete_type="1"),
    ]


@pytest.mark.parametrize("token", ["", "0" * 32])
def test_every_call_refuses_an_invalid_token(client, token):
    prepared = calls(client)
    client.token = token
    assert {call()["code"] for call in prepared} == {"A21332"}


def test_every_call_refuses_an_expired_token(client):
    prepared = calls(client)
    client.box.clock.advance(client.box.iqiyi.token_lifetime)
    assert {call()["code"] for call in prepared} == {"A21327"}


def test_an_expired_token_can_be_refreshed(client):
    client.box.clock.advance(client.box.iqiyi.token_lifetime)
    client.token = refresh(client)["access_token"]
    assert client.open(10)["code"] == "A00000"


def test_tokens_live_on_after_a_restart(tmp_path):
    with iqiyi(tmp_path) as client:
        secrets = client.secrets
    with iqiyi(tmp_path) as client:
        assert client.secrets == secrets
        assert client.open(10)["code"] == "A00000"
