"""Access tokens expire, refresh tokens rotate, and each mistake has its code."""

import json
from pathlib import Path

import pytest
import requests

from sandbox.server import Sandbox
from tests.sandbox.youku_client import YoukuClient, code, some_bytes

DATA = some_bytes(100)


def refresh(youku: YoukuClient, **changes: str) -> requests.Response:
    names = {name: youku.credentials[name] for name in ("client_id", "refresh_token")}
    values = {**names, "grant_type": "refresh_token", **changes}
    return requests.post(f"{youku.base}/oauth2/token.json", data=values)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"client_id": ""}, 1004),
        ({"client_id": "nobody"}, 1005),
        ({"access_token": ""}, 1007),
        ({"access_token": "wrong"}, 1008),
    ],
)
def test_a_call_without_its_login(youku: YoukuClient, changes: dict[str, str], expected: int):
    assert code(youku.create(DATA, **changes)) == expected


def test_the_token_of_another_app(box: Sandbox, youku: YoukuClient):
    other = box.credentials("youku", "second")

    assert code(youku.create(DATA, access_token=other["access_token"])) == 1008


def test_an_access_token_expires_by_the_clock(box: Sandbox, youku: YoukuClient):
    box.clock.advance(3601)

    assert code(youku.create(DATA)) == 1009


def test_access_tokens_can_be_made_to_expire(box: Sandbox, youku: YoukuClient):
    box.youku.expire_access_tokens()

    assert code(youku.create(DATA)) == 1009


def test_a_refresh_answers_new_tokens_and_kills_the_old(box: Sandbox, youku: YoukuClient):
    answer = refresh(youku)

    assert answer.status_code == 200
    assert answer.json()["expires_in"] == "3600"
    fresh = box.credentials("youku")
    assert {name: answer.json()[name] for name in ("access_token", "refresh_token")}.items() <= fresh.items()
    assert code(refresh(youku)) == 130011207
    assert code(youku.create(DATA)) == 1008
    assert YoukuClient(box).create(DATA).status_code == 201


def test_the_credentials_file_follows_and_is_private(box: Sandbox, youku: YoukuClient):
    path = Path(box.data / "credentials" / "youku.json")
    before = json.loads(path.read_text())
    refresh(youku)

    after = json.loads(path.read_text())
    assert set(before) == {"client_id", "client_secret", "access_token", "refresh_token"}
    assert before == youku.credentials
    assert after == box.credentials("youku") != before
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"grant_type": "password"}, 130011202),
        ({"grant_type": "authorization_code"}, 130011202),
        ({"grant_type": ""}, 130011201),
        ({"refresh_token": ""}, 130011201),
        ({"refresh_token": "wrong"}, 130011207),
        ({"client_id": "nobody"}, 130011208),
    ],
)
def test_a_refresh_that_is_wrong(youku: YoukuClient, changes: dict[str, str], expected: int):
    assert code(refresh(youku, **changes)) == expected
    assert refresh(youku).status_code == 200


def test_a_refresh_token_belongs_to_one_app(box: Sandbox, youku: YoukuClient):
    other = box.credentials("youku", "second")

    assert code(refresh(youku, client_id=other["client_id"])) == 130011208


def test_a_refresh_token_can_be_revoked(box: Sandbox, youku: YoukuClient):
    box.youku.revoke_refresh_token()

    assert code(refresh(youku)) == 130011207


def test_the_authorization_server_wants_a_post(youku: YoukuClient):
    assert code(requests.get(f"{youku.base}/oauth2/token.json")) == 130011203
