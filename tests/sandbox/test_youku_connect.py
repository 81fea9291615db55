"""The owner of an account gives an app its tokens: authorize, code, exchange."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from sandbox.server import Sandbox
from tests.sandbox.youku_client import YoukuClient, code

BACK = "https://hub.example.com/connected?from=youku"


@pytest.fixture
def address(box: Sandbox) -> str:
    return f"{box.environment()['YOUKU_OPENAPI_URL']}/oauth2"


def decide(address: str, youku: YoukuClient, decision: str = "allow") -> dict[str, str]:
    values = {"client_id": youku.credentials["client_id"], "redirect_uri": BACK, "state": "s 1"}
    page = requests.get(f"{address}/authorize", params={**values, "response_type": "code"})
    assert 'name="decision"' in page.text
    answer = requests.post(f"{address}/authorize", data={**values, "decision": decision}, allow_redirects=False)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(BACK)
    return {name: texts[0] for name, texts in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def exchange(address: str, youku: YoukuClient, **values: str) -> requests.Response:
    login = {name: youku.credentials[name] for name in ("client_id", "client_secret")}
    fixed = {"grant_type": "authorization_code", "redirect_uri": BACK}
    return requests.post(f"{address}/token", data={**login, **fixed, **values})


def test_a_code_becomes_tokens_once(box: Sandbox, youku: YoukuClient, address: str):
    back = decide(address, youku)

    answer = exchange(address, youku, code=back["code"])

    assert (back["state"], back["from"]) == ("s 1", "youku")
    assert answer.json()["access_token"] == box.credentials("youku")["access_token"]
    assert code(exchange(address, youku, code=back["code"])) == 130011207


def test_the_owner_may_say_no(youku: YoukuClient, address: str):
    assert decide(address, youku, "deny")["error"] == "access_denied"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"redirect_uri": "https://elsewhere.example.com/"}, 130011207),
        ({"client_secret": "wrong"}, 130011208),
        ({"code": "wrong"}, 130011207),
        ({"code": ""}, 130011201),
    ],
)
def test_an_exchange_that_is_wrong(youku: YoukuClient, address: str, changes: dict[str, str], expected: int):
    values = {"code": decide(address, youku)["code"], **changes}

    assert code(exchange(address, youku, **values)) == expected


def test_a_code_lives_ten_minutes(box: Sandbox, youku: YoukuClient, address: str):
    back = decide(address, youku)
    box.clock.advance(601)

    assert code(exchange(address, youku, code=back["code"])) == 130011207


def test_authorize_wants_a_known_app_and_somewhere_to_go(youku: YoukuClient, address: str):
    values = {"response_type": "code", "redirect_uri": BACK, "client_id": "nobody"}

    assert code(requests.get(f"{address}/authorize", params=values)) == 130011208
    assert code(requests.get(f"{address}/authorize", params={"client_id": "nobody"})) == 130011201
