from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from platforms.drivers.youku.mapping import ERRORS, UNKNOWN, UNKNOWN_FAULT
from platforms.errors import (
    BadAnswer,
    Corrupted,
    Duplicate,
    Gone,
    LoginExpired,
    PlatformError,
    QuotaReached,
    Refused,
    SessionLost,
    Temporary,
)
from sandbox.server import Answer, Sandbox
from tests.drivers.on_youku import refuses, youku

SHOW = "/youku/videos/show.json"
DOCUMENTED = """
    1001 1002 1003 1004 1005 1006 1007 1008 1009 1010 1011 1012 1013
    120010001 120010004 120010005
    120010101 120010102 120010104 120010105 120010106 120010108 120010111 120010113
    120010121 120010122 120010123 102210123 120010124 120010125 120010141 120010142 120010145
    120010151 120010152 120010205 120010206 120010207 120010208 120010210 120010211 120010212 120010213
    120010215 120010216 120010217 120010218 120010219 120010220 120010221 120010222 120010223 120010224
    120010225 12001010225 120010301 120020001
    130011201 130011202 130011203 130011204 130011205 130011206 130011207 130011208 130011209
"""


def failed(box: Sandbox, answer: Answer) -> PlatformError:
    box.block(SHOW, answer)
    with pytest.raises(PlatformError) as caught:
        youku(box).api.show_video("X1")
    return caught.value


def test_a_limit_on_calls_holds_for_as_long_as_youku_says(box: Sandbox) -> None:
    answer = refuses(1003)
    busy = Answer(429, answer.body, answer.content_type, headers={"Retry-After": "1200"})
    error = failed(box, busy)
    assert isinstance(error, QuotaReached)
    assert error.until is not None
    assert timedelta(minutes=19) < error.until - datetime.now(UTC) <= timedelta(minutes=20)


def test_every_documented_code_has_a_meaning() -> None:
    assert set(ERRORS) == {int(code) for code in DOCUMENTED.split()}


@pytest.mark.parametrize(
    ("code", "kind", "field"),
    [
        (1001, Temporary, ""),
        (1003, QuotaReached, ""),
        (1005, Refused, "client_id"),
        (1006, Refused, ""),
        (1009, LoginExpired, "access_token"),
        (120010102, Refused, "title"),
        (120010106, Refused, "tags"),
        (120010108, Refused, "description"),
        (120010111, Duplicate, "file"),
        (120010113, Refused, "file"),
        (120010145, Refused, "watch_password"),
        (120010151, SessionLost, ""),
        (120010210, QuotaReached, ""),
        (120010218, Corrupted, ""),
        (120010223, SessionLost, ""),
        (120010225, Corrupted, ""),
        (120020001, Gone, ""),
        (130011207, LoginExpired, "refresh_token"),
        (130011208, Refused, "client_id"),
    ],
)
def test_a_code_says_what_to_do_next_and_at_which_field(
    box: Sandbox, code: int, kind: type[PlatformError], field: str
) -> None:
    error = failed(box, refuses(code))
    assert (type(error), error.field, error.code, error.call) == (kind, field, str(code), "show_video")
    assert not error.maybe_done


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_every_sentence_can_be_filled_in(box: Sandbox, code: int) -> None:
    sentence = failed(box, refuses(code)).sentence
    assert "%(" not in sentence.text % sentence.params


def test_youkus_own_words_are_kept(box: Sandbox) -> None:
    error = failed(box, refuses(120010104, "标题包含网站禁止内容"))
    assert "标题包含网站禁止内容" in error.sentence.text % error.sentence.params
    assert error.detail == "HTTP 400: 标题包含网站禁止内容"


@pytest.mark.parametrize("code", [987654321, "987654321"])
def test_an_unknown_code_is_refused_in_youkus_words(box: Sandbox, code: object) -> None:
    error = failed(box, refuses(code, "something new"))
    assert (type(error), error.code, error.sentence.text) == (Refused, "987654321", UNKNOWN.text)
    assert error.sentence.params["words"] == "something new"


@pytest.mark.parametrize("status", [500, 503, 429])
def test_an_unknown_code_of_a_broken_server_is_waited_for(box: Sandbox, status: int) -> None:
    box.block(SHOW, refuses(987654321, status=status), times=3)
    with pytest.raises(Temporary) as caught:
        youku(box).api.show_video("X1")
    assert caught.value.sentence.text == UNKNOWN_FAULT.text


@pytest.mark.parametrize(
    "answer",
    [
        refuses(120020001, status=200),
        refuses("120020001"),
        Answer(200, b'{"code": 120020001, "type": "VideosException", "description": "gone"}', "application/json"),
        Answer(400, b"code=120020001&type=VideosException&description=The+video+does+not+exist", "text/html"),
        Answer(200, b"code=120020001", "text/html"),
        Answer(200, b"type=VideosException&code=120020001&description=x", "text/html"),
    ],
)
def test_an_error_is_understood_in_every_form_it_comes_in(box: Sandbox, answer: Answer) -> None:
    assert isinstance(failed(box, answer), Gone)


@pytest.mark.parametrize("error", [{"description": "no code"}, {"code": None}, {"code": "x"}, "words", ["words"], 7])
def test_an_error_of_another_shape_is_never_taken_for_success(box: Sandbox, error: object) -> None:
    body = json.dumps({"id": "X1", "state": "normal", "error": error})
    assert isinstance(failed(box, Answer(200, body.encode(), "application/json")), Refused)


@pytest.mark.parametrize("status", [301, 400, 403, 404])
def test_a_refusal_without_an_error_is_a_bad_answer(box: Sandbox, status: int) -> None:
    error = failed(box, Answer(status, b'{"id": "X1"}', "application/json"))
    assert isinstance(error, BadAnswer)
    assert (error.sentence.params["call"], error.sentence.params["status"]) == ("show_video", status)


def test_a_secret_in_youkus_words_is_masked(box: Sandbox) -> None:
    driver = youku(box)
    token = driver.access.credentials["access_token"]
    box.block(SHOW, refuses(1013, f"bad value {token}"))
    with pytest.raises(Refused) as caught:
        driver.api.show_video("X1")
    assert token not in f"{caught.value}{caught.value.sentence.params}"
