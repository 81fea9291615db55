"""Youku's own page hands an account its tokens."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from platforms.drivers.youku.driver import CONNECTED, Youku
from platforms.drivers.youku.mapping import NO_LOGIN
from platforms.errors import BadAnswer, LoginExpired, Refused, Temporary
from sandbox.server import Answer, Sandbox
from tests.drivers.lent import MemoryAccess
from tests.drivers.on_youku import access_to, lost, refuses, youku

BACK = "https://hub.example.com/connected?from=youku"
EXCHANGE = "/youku/v2/oauth2/token"


def agree(url: str, decision: str = "allow") -> dict[str, str]:
    """What the owner's browser brings back after a click on the page at `url`."""
    page = requests.get(url, timeout=60)
    assert page.status_code == 200, page.text
    form = dict(parse_qsl(urlsplit(url).query)) | {"decision": decision}
    answer = requests.post(url.split("?", maxsplit=1)[0], data=form, allow_redirects=False, timeout=60)
    location = answer.headers["Location"]
    assert location.startswith(BACK)
    return dict(parse_qsl(urlsplit(location).query))


def without_tokens(box: Sandbox) -> MemoryAccess:
    return access_to(box, access_token="", refresh_token="")


def test_the_owner_is_sent_to_youkus_page_and_comes_back_with_the_state(box: Sandbox) -> None:
    url = youku(box).consent_url(BACK, "a state & more")
    query = dict(parse_qsl(urlsplit(url).query))
    assert query == {
        "client_id": box.credentials("youku")["client_id"], "response_type": "code", "redirect_uri": BACK,
        "state": "a state & more",
    }  # fmt: skip
    assert agree(url)["state"] == "a state & more"
    assert agree(url, "deny")["error"] == "access_denied"


def test_the_page_is_only_an_address(box: Sandbox) -> None:
    driver = youku(box)
    driver.consent_url(BACK, "s")
    assert (driver.calls, len(box.requests)) == (0, 0)


def test_a_code_connects_an_account_that_has_no_tokens(box: Sandbox) -> None:
    access = without_tokens(box)
    driver = Youku(access)
    with pytest.raises(LoginExpired):
        driver.check_account()
    report = driver.accept_code(agree(driver.consent_url(BACK, "s"))["code"], BACK)
    assert report.sentence.text == CONNECTED
    assert report.token_expires_at is not None
    assert abs(report.token_expires_at - datetime.now(UTC) - timedelta(hours=1)) < timedelta(minutes=1)
    assert access.stored == box.credentials("youku")
    driver.check_account()


def test_the_exchange_sends_what_the_document_names(box: Sandbox) -> None:
    driver = youku(box)
    code = agree(driver.consent_url(BACK, "s"))["code"]
    stored = dict(driver.access.credentials)
    driver.accept_code(code, BACK)
    (call,) = box.requests.to(EXCHANGE)
    assert (call.method, call.values) == (
        "POST",
        {
            "client_id": stored["client_id"],
            "client_secret": stored["client_secret"],
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": BACK,
        },
    )


def test_a_code_is_good_for_one_exchange_and_one_address(box: Sandbox) -> None:
    driver = youku(box)
    code = agree(driver.consent_url(BACK, "s"))["code"]
    with pytest.raises(Refused) as caught:
        driver.accept_code(code, "https://elsewhere.example.com/")
    assert caught.value.code == "130011207"
    driver.accept_code(code, BACK)
    with pytest.raises(Refused) as caught:
        driver.accept_code(code, BACK)
    assert "code" in caught.value.sentence.text


def test_a_refused_code_leaves_the_account_as_it_was(box: Sandbox) -> None:
    access = access_to(box)
    before = dict(access.stored)
    with pytest.raises(Refused):
        Youku(access).accept_code("wrong", BACK)
    assert access.stored == before
    Youku(access).check_account()


@pytest.mark.parametrize(("secret", "asked"), [("", 0), ("wrong", 1)])
def test_without_the_right_client_secret_its_field_is_named(box: Sandbox, secret: str, asked: int) -> None:
    driver = youku(box, client_secret=secret)
    code = agree(driver.consent_url(BACK, "s"))["code"]
    with pytest.raises(Refused) as caught:
        driver.accept_code(code, BACK)
    assert caught.value.field == "client_secret"
    assert len(box.requests.to(EXCHANGE)) == asked


@pytest.mark.parametrize(
    ("fault", "kind"),
    [(lost(), Temporary), (Answer(502), Temporary), (Answer(200, b"<html>"), BadAnswer), (refuses(1002), Temporary)],
)
def test_an_exchange_is_never_sent_twice_by_itself(box: Sandbox, fault: Answer, kind: type[Exception]) -> None:
    driver = youku(box)
    code = agree(driver.consent_url(BACK, "s"))["code"]
    box.block(EXCHANGE, fault)
    with pytest.raises(kind, match="exchange_code"):
        driver.accept_code(code, BACK)
    assert len(box.requests.to(EXCHANGE)) == 1


def test_a_renewal_by_another_process_does_not_cost_the_code(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    access = access_to(box)
    driver, renew, renewed = Youku(access), access.renew, threading.Event()

    def renew_after_another(*arguments):
        if not renewed.is_set():
            renewed.set()
            Youku(MemoryAccess(access.addresses, access.stored)).refresh_token()
        return renew(*arguments)

    code = agree(driver.consent_url(BACK, "s"))["code"]
    monkeypatch.setattr(access, "renew", renew_after_another)
    assert driver.accept_code(code, BACK).sentence.text == CONNECTED
    assert len(box.requests.to(EXCHANGE)) == 1
    driver.check_account()


def test_the_code_and_the_tokens_are_masked(box: Sandbox) -> None:
    driver = youku(box)
    box.block(EXCHANGE, refuses(1013, "the code is abcdef0123456789"))
    with pytest.raises(Refused) as caught:
        driver.accept_code("abcdef0123456789", BACK)
    assert "abcdef" not in f"{caught.value}{dict(caught.value.sentence.params)}"
    tokens = driver.api.exchange_code(agree(driver.consent_url(BACK, "s"))["code"], BACK)
    assert tokens.access_token not in repr(tokens)
    assert tokens.refresh_token not in repr(tokens)


@pytest.mark.parametrize(
    ("credentials", "fields"),
    [
        ({"client_id": "a"}, ["access_token"]),
        ({"client_id": "a", "client_secret": "b"}, []),
        ({"client_id": "a", "access_token": "c"}, []),
    ],
)
def test_an_account_has_a_token_or_what_it_takes_to_get_one(credentials: dict[str, str], fields: list[str]) -> None:
    problems = Youku.credential_problems(credentials)
    assert [(problem.field, problem.sentence.text) for problem in problems] == [(field, NO_LOGIN) for field in fields]
