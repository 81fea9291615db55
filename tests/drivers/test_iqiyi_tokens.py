from __future__ import annotations

import pytest

from platforms.drivers.iqiyi.driver import Iqiyi
from platforms.errors import LoginExpired, Refused
from sandbox.server import Sandbox
from tests.drivers.on_iqiyi import access_to, iqiyi, job_of, says

LIFETIME = 3600


@pytest.fixture
def short_lived(box: Sandbox) -> Sandbox:
    """A box whose account's tokens end an hour from now."""
    box.iqiyi.token_lifetime = LIFETIME
    box.credentials("iqiyi", "short")
    return box


def test_it_fetches_tokens_with_client_id_and_secret(box: Sandbox) -> None:
    access = access_to(box, access_token="", refresh_token="")
    Iqiyi(access).upload(job_of())
    assert access.stored["access_token"] == box.credentials("iqiyi")["access_token"]
    assert access.stored["refresh_token"] == box.credentials("iqiyi")["refresh_token"]
    assert access.renewals == 1


def test_it_refreshes_an_expired_token_once_and_goes_on(short_lived: Sandbox) -> None:
    box = short_lived
    access = access_to(box, **box.credentials("iqiyi", "short"))
    box.clock.advance(LIFETIME + 1)
    job = job_of()
    Iqiyi(access).upload(job)
    assert access.renewals == 1
    assert len(box.requests.to("/iqiyi/api/oauth2/token")) == 1
    assert [video["md5"] for video in box.videos("iqiyi")] == [job.source.md5]


@pytest.mark.parametrize("code", ["A21332", "A21327"])
def test_it_refreshes_in_the_middle_of_an_upload(box: Sandbox, code: str) -> None:
    access = access_to(box)
    box.block("/iqiyi-upload/uploadfinish", says(code))
    Iqiyi(access).upload(job_of())
    assert access.renewals == 1
    assert box.videos("iqiyi")[0]["md5"]


def test_it_authorizes_anew_when_the_refresh_token_is_dead(box: Sandbox) -> None:
    access = access_to(box, access_token="stale-token", refresh_token="dead-token")
    report = Iqiyi(access).check_account()
    assert access.stored["access_token"] == box.credentials("iqiyi")["access_token"]
    assert report.sentence.params["count"] == 0
    assert len(box.requests.to("/iqiyi/api/iqiyi/authorize")) == 1


def test_it_asks_for_a_person_when_a_fresh_token_is_refused_too(box: Sandbox) -> None:
    box.block("/iqiyi/api/file/videoListForExternal", says("A21332"), times=5)
    access = access_to(box)
    with pytest.raises(LoginExpired):
        Iqiyi(access).check_account()
    assert access.renewals == 1


@pytest.mark.parametrize("wrong", [{"client_secret": "wrong-secret"}, {"client_id": "wrong-id"}])
def test_it_names_client_id_and_secret_when_they_are_wrong(box: Sandbox, wrong: dict[str, str]) -> None:
    driver = iqiyi(box, access_token="", refresh_token="", **wrong)
    with pytest.raises(LoginExpired) as caught:
        driver.check_account()
    assert caught.value.code == "A21324"
    assert "client id and client secret" in caught.value.sentence.text
    assert caught.value.field == "client_secret"


@pytest.mark.parametrize("missing", ["client_id", "client_secret"])
def test_it_names_the_key_that_is_not_there(box: Sandbox, missing: str) -> None:
    with pytest.raises(LoginExpired) as caught:
        iqiyi(box, access_token="", refresh_token="", **{missing: ""}).check_account()
    assert caught.value.field == missing


def test_a_refresh_on_demand_says_until_when_the_token_lives(box: Sandbox) -> None:
    access = access_to(box)
    old = access.stored["access_token"]
    report = Iqiyi(access).refresh_token()
    assert report.token_expires_at is not None
    assert access.stored["access_token"] != old


def test_a_token_that_another_process_has_renewed_is_used_as_it_is(box: Sandbox) -> None:
    access = access_to(box)
    fresh = access.stored["access_token"]
    driver = Iqiyi(access)
    assert not driver.api.renew_token("the token before").is_new
    assert access.stored["access_token"] == fresh
    assert len(box.requests) == 0


def test_a_refused_call_does_not_renew_the_token(box: Sandbox) -> None:
    access = access_to(box)
    box.block("/iqiyi-upload/openupload", says("A00010", msg="filesize"))
    with pytest.raises(Refused):
        Iqiyi(access).upload(job_of())
    assert access.renewals == 0


def test_tokens_are_read_flat_and_inside_data_and_with_the_misprinted_code(box: Sandbox) -> None:
    pair = {"access_token": "token-a", "refresh_token": "token-r", "expires_in": "60"}
    api = iqiyi(box).api
    box.block("/iqiyi/api/iqiyi/authorize", says("A0000", data=pair))
    assert api.authorize().expires_in == 60
    box.block("/iqiyi/api/oauth2/token", says("A00000", **pair))
    assert api.refresh_token().refresh_token == "token-r"


@pytest.mark.parametrize("call", ["authorize", "refresh_token"])
def test_a_pair_that_was_asked_for_is_the_accounts_from_then_on(box: Sandbox, call: str) -> None:
    access = access_to(box)
    old = dict(access.stored)
    pair = getattr(Iqiyi(access).api, call)()
    assert pair.is_new
    assert (access.stored["access_token"], access.stored["refresh_token"]) == (pair.access_token, pair.refresh_token)
    assert access.stored["refresh_token"] != old["refresh_token"]
    assert access.stored == box.credentials("iqiyi")


def test_a_refresh_without_a_refresh_token_asks_for_one(box: Sandbox) -> None:
    with pytest.raises(LoginExpired) as caught:
        iqiyi(box, refresh_token="").api.refresh_token()
    assert caught.value.field == "refresh_token"
    assert len(box.requests) == 0


def test_an_answer_without_a_lifetime_still_tells_that_the_token_is_new(box: Sandbox) -> None:
    box.block("/iqiyi/api/oauth2/token", says("A00000", access_token="token-a", refresh_token="token-r"))
    report = iqiyi(box).refresh_token()
    assert report.token_expires_at is None
    assert "a new access token" in report.sentence.text


def test_tokens_and_keys_are_in_no_representation(box: Sandbox) -> None:
    api = iqiyi(box).api
    box.block(
        "/iqiyi/api/iqiyi/authorize", says("A00000", data={"access_token": "token-a", "refresh_token": "token-r"})
    )
    shown = repr(api.authorize())
    assert "token-a" not in shown
    assert "token-r" not in shown
