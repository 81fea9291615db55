"""Every code of iQiyi's document becomes its kind of error, its field and its sentence.

The same code means something else in each call. All are answered once word for word; those that the simulated platform
gives by itself are also brought about.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from platforms.drivers.iqiyi import mapping
from platforms.errors import LoginExpired, QuotaReached, Refused, SessionLost, Temporary
from sandbox.iqiyi import answers
from sandbox.server import Answer, Sandbox
from tests.contract.codes import Expected, expected_rows, full_sentence, raised
from tests.contract.documents import IQIYI
from tests.contract.worlds import GIVEN, IqiyiWorld

ANY = "list_videos"  # a call without meanings of its own
#: What the caller does next and at which form field, by call and code: the document's lists in our words.
EXPECTED: dict[str, dict[str, Expected]] = {
    "": expected_rows(
        {
            (LoginExpired, "access_token"): "A21332 A21327",
            (LoginExpired, "client_secret"): "A21324",
            (LoginExpired, "refresh_token"): "A21325",
            (LoginExpired, "client_id"): "A21326 A21330",
            (Refused, ""): "A21322 A21323 A21328 A21329 Q00001 A00010",
            (Temporary, ""): "A21331",
        }
    ),
    "open_upload": expected_rows(
        {
            (LoginExpired, "client_id"): "A00005 A00007 A00008 A00009",
            (Refused, "file"): "A00010",
            (QuotaReached, ""): "A00018",
        }
    ),
    "upload_range": expected_rows({(SessionLost, ""): "A00005"}),
    "finish_upload": expected_rows({(SessionLost, ""): "A00005"}),
    "cancel_upload": expected_rows({(Refused, ""): "A00005"}),
    "set_info": expected_rows({(Refused, "title"): "Q00001"}),
    "authorize": expected_rows({(Temporary, ""): "A00007"}),
}
CASES = [(call, code) for call, codes in EXPECTED.items() for code in codes]


@pytest.fixture
def world(box: Sandbox, tmp_path: Any) -> IqiyiWorld:
    return IqiyiWorld(box, tmp_path)


def says(code: str) -> Answer:
    return Answer(200, json.dumps({"code": code, "msg": "平台的话"}).encode(), "application/json")


def test_the_table_has_the_documents_codes_and_no_other() -> None:
    assert set(mapping.ERRORS) == set(CASES)


@pytest.mark.parametrize(("call", "code"), CASES)
def test_a_code_becomes_its_kind_field_and_sentence(box: Sandbox, world: IqiyiWorld, call: str, code: str) -> None:
    (row,) = [row for row in IQIYI if row.method == (call or ANY)]
    given = GIVEN[row.number](world)
    # Twice: a token that is not accepted is renewed, and the new one is refused as well.
    box.block(row.path, says(code), times=2)
    error = raised(lambda: world.call(row.method, **given))
    assert (type(error), error.field, error.code, error.call) == (*EXPECTED[call][code], code, row.method)
    assert error.sentence.text == mapping.ERRORS[call, code].text
    assert full_sentence(error)


def test_an_unknown_code_keeps_the_platforms_words(box: Sandbox, world: IqiyiWorld) -> None:
    box.block("/iqiyi/api/file/urllist", says("A77777"))
    error = raised(lambda: world.call("get_play_urls", file_id=world.shown))
    assert (type(error), error.code, error.sentence.text) == (Refused, "A77777", mapping.UNKNOWN.text)
    assert "平台的话" in full_sentence(error)


# Brought about.


def with_login(world: IqiyiWorld, **changes: str) -> IqiyiWorld:
    world.access.stored.update(changes)
    return world


def application(code: str) -> Callable[[IqiyiWorld], object]:
    def open_upload(world: IqiyiWorld) -> object:
        world.box.iqiyi.application = code
        return world.opened(world.source())

    return open_upload


def over_quota(world: IqiyiWorld) -> object:
    world.box.iqiyi.quota = 1
    return world.opened(world.source())


def too_early(world: IqiyiWorld) -> object:
    return world.call("finish_upload", file_id=world.opened(world.source())["file_id"])


def to_nobody(world: IqiyiWorld) -> object:
    return world.call("upload_range", **{**world.sending(), "file_id": "0" * 32})


WRONG = "0123456789abcdef"
NATURAL: dict[tuple[str, str], Callable[[IqiyiWorld], object]] = {
    ("", "A21324"): lambda w: with_login(w, client_secret=WRONG).call("authorize"),
    ("", "A21325"): lambda w: with_login(w, refresh_token=WRONG).call("refresh_token"),
    ("", "Q00001"): lambda w: w.call("get_play_urls", file_id="0" * 32),
    ("", "A00010"): too_early,
    ("set_info", "Q00001"): lambda w: w.call("set_info", file_id=w.shown, file_name="[banned]", description="x"),
    ("open_upload", "A00005"): application("A00005"),
    ("open_upload", "A00007"): application("A00007"),
    ("open_upload", "A00008"): application("A00008"),
    ("open_upload", "A00009"): application("A00009"),
    ("open_upload", "A00010"): lambda w: w.call("open_upload", filetype="no type", filesize="1"),
    ("open_upload", "A00018"): over_quota,
    ("upload_range", "A00005"): to_nobody,
    ("finish_upload", "A00005"): lambda w: w.call("finish_upload", file_id="0" * 32),
    ("cancel_upload", "A00005"): lambda w: w.call("cancel_upload", file_id="0" * 32),
}
#: A token that is refused is renewed, so that these reach nobody; and two are for requests that we do not make.
NEVER_OURS = {
    answers.INVALID_ACCESS: "renewed", answers.EXPIRED_ACCESS: "renewed",
    answers.BAD_REQUEST: "no grant type", answers.BAD_GRANT_TYPE: "another grant type",
}  # fmt: skip


@pytest.mark.parametrize(("call", "code"), NATURAL)
def test_what_the_platform_refuses_by_itself_is_understood(world: IqiyiWorld, call: str, code: str) -> None:
    error = raised(lambda: NATURAL[call, code](world))
    assert (type(error), error.field, error.code) == (*EXPECTED[call][code], code)
    assert full_sentence(error)


def test_every_refusal_of_the_simulated_platform_is_brought_about() -> None:
    refusals = {value for name, value in vars(answers).items() if name.isupper() and isinstance(value, str)}
    refusals |= set(answers.APPLICATION_STATES)
    assert refusals - {answers.OK} == {code for _, code in NATURAL} | NEVER_OURS.keys()


def expire(world: IqiyiWorld) -> None:
    world.box.clock.advance(world.box.iqiyi.token_lifetime + 1)


@pytest.mark.parametrize("stale", [lambda w: with_login(w, access_token=WRONG), expire])
def test_a_token_that_is_not_accepted_is_renewed_and_nobody_hears_of_it(
    world: IqiyiWorld, stale: Callable[[IqiyiWorld], object]
) -> None:
    stale(world)
    world.call("get_full_status", file_id=world.shown)
    assert world.access.renewals == 1
