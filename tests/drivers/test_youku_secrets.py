"""Tokens, keys and passwords of Youku's calls stand in nothing that is written."""

from __future__ import annotations

import json
import logging

import pytest

from platforms.drivers.youku.driver import Youku
from platforms.errors import PlatformError
from sandbox.server import Answer, Sandbox
from tests.drivers.test_youku_calls import GIVEN, Hand, hand

__all__ = ["hand"]

SENDING_SECRETS = sorted(GIVEN.keys() - {"list_categories"})
ANY_OBJECT = ("create_file", "cancel_upload", "delete_video")
KEYS = ("access_token", "refresh_token", "security_token", "temp_access_secret", "temp_access_id")


@pytest.fixture(autouse=True)
def everything_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "platforms")


def secrets_of(hand: Hand, given: dict[str, str]) -> set[str]:
    stored = hand.driver.access.credentials
    named = {given[name] for name in ("upload_token", "watch_password", "code") if name in given}
    return named | {stored[name] for name in ("client_secret", "access_token", "refresh_token")}


def said(error: PlatformError) -> str:
    return f"{error}{error.detail}{error.sentence.text}{dict(error.sentence.params)}{error!r}{error.__cause__}"


def echo(secrets: set[str]) -> dict[str, Answer]:
    """Answers that repeat what they must not, as pages of proxies and careless error messages do."""
    all_of_them = " ".join(sorted(secrets))
    error = {"code": 1013, "type": "SystemException", "description": f"bad value: {all_of_them}"}
    return {
        "a refusal": Answer(400, json.dumps({"error": error}).encode(), "application/json"),
        "a page": Answer(200, f"<html>{all_of_them}</html>".encode()),
        "a broken server": Answer(500, f"Traceback: {all_of_them}".encode()),
        "nothing": Answer(close=True),
        "another shape": Answer(
            200, json.dumps({"data": dict.fromkeys(KEYS, all_of_them)}).encode(), "application/json"
        ),
    }


@pytest.mark.parametrize("method", SENDING_SECRETS)
@pytest.mark.parametrize("fault", echo(set()))
def test_no_call_that_fails_tells_a_secret(
    box: Sandbox, hand: Hand, caplog: pytest.LogCaptureFixture, method: str, fault: str
) -> None:
    path, given_for = GIVEN[method]
    given = dict(given_for(hand, box))
    secrets = secrets_of(hand, given)
    box.block(path, echo(secrets)[fault], times=3)
    told = ""
    try:
        hand.call(method, **given)
    except PlatformError as error:
        told = said(error)
    # Three calls want nothing of their answer but that it is an object.
    assert told or (method in ANY_OBJECT and fault == "another shape")
    written = told + caplog.text
    assert [secret for secret in secrets if secret in written] == []


@pytest.mark.parametrize("method", GIVEN)
def test_no_call_that_works_writes_a_secret(
    box: Sandbox, hand: Hand, caplog: pytest.LogCaptureFixture, method: str
) -> None:
    given = dict(GIVEN[method][1](hand, box))
    before = secrets_of(hand, given)
    answer = hand.call(method, **given)
    keys = {str(answer[name]) for name in (*KEYS, "upload_token") if name in answer}
    assert [secret for secret in before | keys | secrets_of(hand, given) if secret in caplog.text] == []


@pytest.mark.parametrize("method", ["refresh_token", "exchange_code", "create_upload", "renew_sts"])
def test_a_result_does_not_show_its_keys(box: Sandbox, hand: Hand, method: str) -> None:
    given = dict(GIVEN[method][1](hand, box)) | ({"isnew": "1"} if method == "create_upload" else {})
    result = getattr(hand.driver.api, method)(**Youku.arguments(method, given))
    last = hand.driver.api.http.last_answer
    assert last is not None
    answer = json.loads(last.body)
    keys = {answer[name] for name in (*KEYS, "upload_token") if name in answer}
    assert keys
    assert [key for key in keys if key in repr(result) or key in repr(last)] == []
