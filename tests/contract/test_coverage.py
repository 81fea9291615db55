"""All 74 rows of the platforms' documents, sent to the simulated platforms with every parameter that they have.

`pytest -v tests/contract/test_coverage.py` lists them.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from platforms.contract import Call, WrongParameters
from platforms.registry import driver_class
from platforms.transport import http
from sandbox.server import Call as Received
from sandbox.server import Sandbox
from tests.contract.documents import ROWS, Row
from tests.contract.worlds import GIVEN, WORLDS, BaijiayunWorld, World, YoukuWorld
from tests.drivers.lent import MemoryJob, draft_for
from tests.sandbox.receiver import Receiver, receiver

#: Written out apart from the rows, so that none can be lost.
NUMBERS = [
    *(f"YK-{number:02}" for number in range(1, 12)),
    *(f"YK-X{number}" for number in range(1, 9)),
    *(f"IQ-{number:02}" for number in range(1, 12)),
    *(f"BJ-{number:02}" for number in range(1, 41)),
    *(f"BJ-C{number}" for number in range(1, 5)),
]
SENT = [(platform, row) for platform, rows in ROWS.items() for row in rows if row.method]
CALLS = [(platform, call) for platform in ROWS for call in driver_class(platform).documented_calls().values()]


def name_of(value: object) -> str | None:
    if isinstance(value, Row):
        return f"{value.number} {value.method}"
    return f"{value.number} {value.method}" if isinstance(value, Call) else None


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with pytest.MonkeyPatch.context() as patch, Sandbox(pace=0) as box:
        patch.setattr(http, "WAITS", (0.0, 0.0))
        yield box
        assert box.errors == []


@pytest.fixture(scope="module")
def world_of(box: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], World[Any]]:
    """The prepared world of a platform, one for all of its rows."""
    made: dict[str, World[Any]] = {}

    def find(platform: str) -> World[Any]:
        if platform not in made:
            made[platform] = WORLDS[platform](box, tmp_path_factory.mktemp(platform))
        return made[platform]

    return find


# The list.


def test_there_are_74_rows_and_none_is_lost() -> None:
    assert len(NUMBERS) == 74
    assert sorted(row.number for rows in ROWS.values() for row in rows) == sorted(NUMBERS)


@pytest.mark.parametrize("platform", ROWS)
def test_the_driver_lists_the_very_same_rows(platform: str) -> None:
    driver = driver_class(platform)
    sendable = {
        number: call.method for call in driver.documented_calls().values() for number in (call.number, *call.also)
    }
    others = {call.number: "" for call in driver.other_rows}
    assert sendable | others == {row.number: row.method for row in ROWS[platform]}


@pytest.mark.parametrize(("platform", "row"), SENT, ids=name_of)
def test_the_client_takes_every_parameter_of_the_document(platform: str, row: Row) -> None:
    call = driver_class(platform).documented_calls()[row.method]
    required = {parameter.name for parameter in call.parameters if parameter.required}
    optional = {parameter.name for parameter in call.parameters if not parameter.required}
    assert required == {*row.required.split(), *row.address.split(), *row.file.split()}
    assert optional == {*row.optional.split(), *row.beyond.split()}
    assert call.http.split()[0] == row.http


@pytest.mark.parametrize(("platform", "row"), SENT, ids=name_of)
def test_what_destroys_something_must_be_confirmed(platform: str, row: Row) -> None:
    call = driver_class(platform).documented_calls()[row.method]
    assert call.is_dangerous({}) is (row.danger == "always")
    assert call.is_dangerous({row.danger: "1"}) is bool(row.danger)


# Every row, sent.


@pytest.mark.parametrize(("platform", "row"), SENT, ids=name_of)
def test_it_is_sent_with_all_its_parameters_and_answered(
    box: Sandbox, world_of: Callable[[str], World[Any]], platform: str, row: Row
) -> None:
    world = world_of(platform)
    given = GIVEN[row.number](world)
    assert given.keys() == {*f"{row.required} {row.optional} {row.address} {row.file}".split()}
    box.requests.clear()
    answer = opened(world.call(row.method, **given))
    received = the_call(box, world, row)
    assert {name: value for name, value in given.items() if name in parameters(row)} == {
        name: arrived(received).get(name) for name in parameters(row)
    }
    assert lacking(received, row.filled) == []
    assert {*received.values} <= parameters(row) | {name.partition("=")[0] for name in row.filled.split()}
    assert int(received.headers.get("content-length", 0)) >= size_of(given, row)
    assert {*row.answers.split()} <= keys_of(answer)


def parameters(row: Row) -> set[str]:
    return {*row.required.split(), *row.optional.split()}


def the_call(box: Sandbox, world: World[Any], row: Row) -> Received:
    """The one request of the row; calls that were needed to log in came before it."""
    domain = world.access.stored.get("private_domain")
    path = f"/baijiayun/{domain}{row.path}" if row.path.startswith("/openapi") else row.path
    received = box.requests[-1]
    assert (received.method, received.path[: len(path)]) == (row.http, path)
    assert len(box.requests) == 1
    assert received.status in (200, 201)
    return received


def arrived(received: Received) -> dict[str, str]:
    """Parameters, wherever they travelled."""
    return {**received.headers, **received.values}


def lacking(received: Received, filled: str) -> list[str]:
    """What the client should have filled in and has not."""
    there = arrived(received)
    named = [name.partition("=") for name in filled.split()]
    return [name for name, _, value in named if not there.get(name) or value not in ("", there[name])]


def size_of(given: Mapping[str, str], row: Row) -> int:
    return Path(given[row.file]).stat().st_size if row.file else 0


def opened(answer: Any) -> Any:
    """An answer; an address for a browser is opened as a browser does."""
    if isinstance(answer, str) and answer.startswith("http"):
        page = requests.get(answer, timeout=60)
        assert page.headers["Content-Type"].startswith("text/html")
        return {}
    return answer


def keys_of(answer: Any) -> set[str]:
    if isinstance(answer, dict):
        return set(answer).union(*map(keys_of, answer.values()))
    return set().union(*map(keys_of, answer)) if isinstance(answer, list) else set()


# Rows that no client method sends.


def test_yk_05_the_file_goes_to_oss_with_the_temporary_access(
    box: Sandbox, world_of: Callable[[str], World[Any]]
) -> None:
    world = world_of("youku")
    assert isinstance(world, YoukuWorld)
    (row,) = [row for row in ROWS["youku"] if row.number == "YK-05"]
    source = world.source()
    box.requests.clear()
    video_id = world.driver.upload(MemoryJob(source, draft_for(source)))
    sent = box.requests.to(row.path, row.http)
    assert sent
    assert [lacking(each, row.filled) for each in sent] == [[]] * len(sent)
    assert [each["md5"] for each in box.videos("youku") if each["id"] == video_id] == [source.md5]


@pytest.fixture
def owner() -> Iterator[Receiver]:
    with receiver() as owner:
        yield owner


def test_bj_c3_what_became_of_a_video_is_told_signed_and_understood(
    world_of: Callable[[str], World[Any]], owner: Receiver
) -> None:
    world = world_of("baijiayun")
    assert isinstance(world, BaijiayunWorld)
    (row,) = [row for row in ROWS["baijiayun"] if row.number == "BJ-C3"]
    world.call("set_callback_url", url=owner.url)
    video_id = world.video()
    forms = told_about(owner, video_id, 2)
    assert [form["status"] for form in forms] == ["20", "100"]
    assert set(forms[-1]) == {*row.answers.split()}
    told = [world.driver.read_callback(form, datetime.now(UTC)) for form in forms]
    assert [callback.remote_id for callback in told] == [video_id, video_id]
    assert told[-1].definitions


def told_about(owner: Receiver, video_id: str, count: int) -> list[dict[str, str]]:
    """The first forms about a video; those about others of the account are passed over."""
    for all_forms in itertools.count(count):
        forms = [form for form in owner.wait_for(all_forms) if form["video_id"] == video_id]
        if len(forms) >= count:
            return forms
    raise AssertionError("unreachable: waiting ends in a failure of its own")


@pytest.mark.parametrize(("refusal", "plays"), [("", True), ("not yours", False)])
def test_bj_c4_whoever_has_an_access_key_is_asked_about(
    box: Sandbox, world_of: Callable[[str], World[Any]], owner: Receiver, refusal: str, plays: bool
) -> None:
    world = world_of("baijiayun")
    assert isinstance(world, BaijiayunWorld)
    (row,) = [row for row in ROWS["baijiayun"] if row.number == "BJ-C4"]
    video_id = world.video()
    owner.answers = [(200, json.dumps(world.driver.callback_answer(refusal)).encode())]
    box.baijiayun.set_authorization(owner.url)
    page = world.call("get_share_urls", video_id=video_id)["data"]["iframe"]
    shown = requests.get(f"{page}&access_key=viewer-7", timeout=60).text
    box.baijiayun.set_authorization("")
    (form,) = owner.forms
    assert set(form) == {*row.answers.split()}
    asked = world.driver.read_play_request(form)
    assert (asked.access_key, asked.remote_id) == ("viewer-7", video_id)
    assert ("<video" in shown) is plays


# What is given wrongly.


@pytest.mark.parametrize(("platform", "call"), CALLS, ids=name_of)
def test_a_missing_parameter_is_named_and_the_expected_ones_are_listed(platform: str, call: Call) -> None:
    for missing in [parameter.name for parameter in call.parameters if parameter.required]:
        told = refused(platform, call, {p.name: "1" for p in call.parameters if p.required and p.name != missing})
        assert f"“{missing}”" in told
        assert call.expected() in told


@pytest.mark.parametrize(("platform", "call"), CALLS, ids=name_of)
def test_a_parameter_that_the_document_does_not_have_is_named(platform: str, call: Call) -> None:
    told = refused(platform, call, {"no_such": "1"})
    assert "“no_such”" in told
    assert call.expected() in told


def refused(platform: str, call: Call, given: dict[str, str]) -> str:
    with pytest.raises(WrongParameters) as caught:
        driver_class(platform).arguments(call.method, given)
    return caught.value.sentence.text % caught.value.sentence.params
