from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from platforms.drivers.youku.driver import TOKEN_ALREADY_RENEWED, TOKEN_RENEWED, Youku
from platforms.drivers.youku.mapping import RECONNECT
from platforms.errors import LoginExpired, Refused, Temporary
from sandbox.server import Answer, Sandbox
from tests.drivers.on_youku import access_to, lost, refuses, youku

TOKEN, MINE = "/youku/oauth2/token.json", "/youku/videos/by_me.json"


@pytest.mark.parametrize("code", [1007, 1008, 1009])
def test_a_token_that_is_not_accepted_is_renewed_and_the_call_repeated(box: Sandbox, code: int) -> None:
    access = access_to(box)
    box.block(MINE, refuses(code))
    Youku(access).check_account()
    assert access.renewals == 1
    assert [call.status for call in box.requests.to(MINE)] == [400, 200]
    assert access.stored == {**access.stored, **box.credentials("youku")}


def test_refreshing_sends_what_the_document_names(box: Sandbox) -> None:
    access = access_to(box)
    before = access.credentials
    Youku(access).refresh_token()
    (call,) = box.requests.to(TOKEN)
    assert (call.method, call.values) == (
        "POST",
        {
            "client_id": before["client_id"],
            "grant_type": "refresh_token",
            "refresh_token": before["refresh_token"],
        },
    )


def test_both_tokens_are_replaced(box: Sandbox) -> None:
    access = access_to(box)
    before = access.credentials
    report = Youku(access).refresh_token()
    assert report.sentence.text == TOKEN_RENEWED
    assert access.credentials["access_token"] != before["access_token"]
    assert access.credentials["refresh_token"] != before["refresh_token"]


@pytest.mark.parametrize("expires_in", ["3600", 3600, "3600.0"])
def test_the_lifetime_may_be_a_text(box: Sandbox, expires_in: object) -> None:
    tokens = {"access_token": "a" * 32, "refresh_token": "r" * 32, "expires_in": expires_in}
    box.block(TOKEN, Answer(200, json.dumps(tokens).encode(), "application/json"))
    report = youku(box).refresh_token()
    in_an_hour = datetime.now(UTC) + timedelta(hours=1)
    assert report.token_expires_at is not None
    assert abs(report.token_expires_at - in_an_hour) < timedelta(minutes=1)


def test_a_missing_lifetime_or_refresh_token_is_taken_as_unchanged(box: Sandbox) -> None:
    access = access_to(box)
    before = access.credentials["refresh_token"]
    box.block(TOKEN, Answer(200, b'{"access_token": "fresh"}', "application/json"))
    assert Youku(access).refresh_token().token_expires_at is None
    assert (access.credentials["access_token"], access.credentials["refresh_token"]) == ("fresh", before)


def test_a_token_that_another_process_has_renewed_is_not_renewed_again(box: Sandbox) -> None:
    access = access_to(box)
    stale = access.credentials["access_token"]
    Youku(access).refresh_token()
    driver = Youku(access)
    driver.api.renew_access(stale)
    assert len(box.requests.to(TOKEN)) == 1


def test_it_says_when_another_process_was_faster(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    access = access_to(box)
    monkeypatch.setattr(access, "renew", lambda stale, fetch: access.credentials)
    assert Youku(access).refresh_token().sentence.text == TOKEN_ALREADY_RENEWED


def test_a_dead_refresh_token_needs_a_person(box: Sandbox) -> None:
    box.youku.revoke_refresh_token()
    with pytest.raises(LoginExpired) as caught:
        youku(box).refresh_token()
    assert (caught.value.code, caught.value.field) == ("130011207", "refresh_token")
    assert caught.value.sentence.text == RECONNECT


def test_an_expired_token_whose_refresh_token_is_dead_needs_a_person(box: Sandbox) -> None:
    box.youku.expire_access_tokens()
    box.youku.revoke_refresh_token()
    with pytest.raises(LoginExpired) as caught:
        youku(box).check_account()
    assert caught.value.sentence.text == RECONNECT


def test_without_a_refresh_token_nothing_is_asked(box: Sandbox) -> None:
    box.youku.expire_access_tokens()
    with pytest.raises(LoginExpired) as caught:
        youku(box, refresh_token="").check_account()
    assert caught.value.field == "access_token"
    assert box.requests.to(TOKEN) == []


def test_a_refresh_without_a_refresh_token_says_so(box: Sandbox) -> None:
    with pytest.raises(LoginExpired) as caught:
        youku(box, refresh_token="").refresh_token()
    assert caught.value.field == "refresh_token"


@pytest.mark.parametrize("fault", [lost(), Answer(close=True), Answer(502), Answer(200, b"<html>")])
def test_a_refresh_is_never_sent_twice_by_itself(box: Sandbox, fault: Answer) -> None:
    box.block(TOKEN, fault)
    access = access_to(box)
    before = access.credentials
    with pytest.raises(Exception, match="refresh_token"):
        Youku(access).refresh_token()
    assert len(box.requests.to(TOKEN)) == 1
    assert access.credentials == before


def test_a_fresh_token_that_is_refused_too_is_not_renewed_again(box: Sandbox) -> None:
    access = access_to(box)
    box.block(MINE, refuses(1008), times=2)
    with pytest.raises(LoginExpired):
        Youku(access).check_account()
    assert access.renewals == 1


def test_another_login_error_does_not_spend_the_refresh_token(box: Sandbox) -> None:
    access = access_to(box)
    box.block(MINE, refuses(120010004))
    with pytest.raises(LoginExpired):
        Youku(access).check_account()
    assert access.renewals == 0


def test_an_unknown_client_is_named(box: Sandbox) -> None:
    with pytest.raises(Refused) as caught:
        youku(box, client_id="nobody").check_account()
    assert (caught.value.code, caught.value.field) == ("1005", "client_id")


def test_looking_needs_no_token(box: Sandbox) -> None:
    list(youku(box, access_token="", refresh_token="").look(["X1"]))
    assert all("access_token" not in call.values for call in box.requests)


def test_a_login_while_youku_is_down_is_waited_for(box: Sandbox) -> None:
    box.youku.expire_access_tokens()
    box.block(TOKEN, Answer(503))
    with pytest.raises(Temporary):
        youku(box).check_account()
