"""Every documented call of Youku, by the names that its documents use."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from platforms.contract import WrongParameters
from platforms.drivers.youku.driver import Youku
from platforms.drivers.youku.results import SliceTask
from platforms.errors import BadAnswer, Corrupted, SessionLost, Temporary
from platforms.transport import http
from sandbox.server import Answer, Sandbox
from tests.drivers.lent import BytesSource
from tests.drivers.on_youku import published, youku
from tests.drivers.test_youku_consent import BACK, agree

ROWS = {
    *(f"YK-{number:02}" for number in range(1, 12)),
    *(f"YK-X{number}" for number in range(1, 9)),
}
FILLED_IN = {
    "client_id", "client_secret", "access_token", "refresh_token", "grant_type", "response_type",
}  # fmt: skip
DATA = bytes(range(256)) * 600  # 150 KiB: a slice of 100 KiB and a rest
FACTS = {
    "title": "第一课", "tags": "数学,三年级", "file_name": "lesson.mp4", "file_size": str(len(DATA)),
    "file_md5": hashlib.md5(DATA).hexdigest(),
}  # fmt: skip
SENTENCES = {
    "category": "教育", "thumbnail": "http://pictures.example.com/1.jpg", "description": "说明",
    "copyright_type": "reproduced", "public_type": "password", "watch_password": "abc123", "deshake": "1",
}  # fmt: skip


@dataclass
class Hand:
    """A person who calls one thing after the other."""

    driver: Youku
    file: Path
    values: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, **given: str) -> Any:
        return self.driver.call(method, self.driver.arguments(method, given))

    def created(self, **changes: str) -> dict[str, str]:
        """The server and token of a slice upload."""
        answer = self.call("create_upload", **FACTS | changes)
        return {"upload_server": answer["upload_server_uri"], "upload_token": answer["upload_token"]}

    def file_created(self) -> dict[str, str]:
        where = self.created()
        self.call("create_file", **where, file_size=str(len(DATA)), ext="mp4", slice_length="100")
        return where

    def task(self, where: Mapping[str, str]) -> dict[str, str]:
        return self.piece(self.call("new_slice", **where))

    def piece(self, task: Mapping[str, Any]) -> dict[str, str]:
        """What sends the piece that an answer asks for."""
        return {name: str(task[name]) for name in ("slice_task_id", "offset", "length")} | {"file": str(self.file)}

    def sent(self) -> dict[str, str]:
        where = self.file_created()
        task = self.call("new_slice", **where)
        while task["slice_task_id"]:
            task = self.call("upload_slice", **where, **self.piece(task))
        return where


@pytest.fixture
def hand(box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hand:
    monkeypatch.setattr(http, "WAITS", (0.0, 0.0))
    box.youku.slices.lag = 0.0
    path = tmp_path / "lesson.mp4"
    path.write_bytes(DATA)
    return Hand(youku(box), path)


def over_oss(hand: Hand) -> dict[str, str]:
    answer = hand.call("create_upload", **FACTS, isnew="1")
    return {name: answer[name] for name in ("upload_token", "oss_bucket", "oss_object")}


def commit(hand: Hand) -> dict[str, str]:
    return {"upload_token": hand.sent()["upload_token"], "upload_server_ip": "127.0.0.1"}


def slice_of(hand: Hand) -> dict[str, str]:
    where = hand.file_created()
    task, piece = hand.task(where), DATA[: 100 * 1024]
    return {**where, **task, "hash": hashlib.md5(piece).hexdigest(), "crc": f"{zlib.crc32(piece):x}"}


def video(hand: Hand, box: Sandbox) -> str:
    return published(box, hand.driver)


# What each call is given: every parameter that its document lists. And where the call goes.
GIVEN: Mapping[str, tuple[str, Callable[[Hand, Sandbox], Mapping[str, str]]]] = {
    "refresh_token": ("/youku/oauth2/token.json", lambda hand, box: {}),
    "create_upload": (
        "/youku/uploads/create.json", lambda hand, box: {**FACTS, **SENTENCES, "isweb": "1", "isnew": "0"},
    ),
    "renew_sts": ("/youku/uploads/get_sts_inf.json", lambda hand, box: over_oss(hand)),
    "commit_upload": (
        "/youku/uploads/commit.json", lambda hand, box: {**commit(hand), "upload_server_name": "a server"},
    ),
    "create_file": (
        "/gupload/create_file",
        lambda hand, box: {**hand.created(), "file_size": str(len(DATA)), "ext": "mp4", "slice_length": "100"},
    ),
    "new_slice": ("/gupload/new_slice", lambda hand, box: hand.file_created()),
    "upload_slice": ("/gupload/upload_slice", lambda hand, box: slice_of(hand)),
    "check_upload": ("/gupload/check", lambda hand, box: hand.file_created()),
    "show_video": ("/youku/videos/show.json", lambda hand, box: {"video_id": video(hand, box), "ext": "thumbnails"}),
    "cancel_upload": (
        "/youku/uploads/cancel.json",
        lambda hand, box: {"upload_token": hand.file_created()["upload_token"], "upload_server_ip": "127.0.0.1"},
    ),
    "list_my_videos": (
        "/youku/videos/by_me.json", lambda hand, box: {"page": "1", "count": "50", "orderby": "view-count"},
    ),
    "exchange_code": (
        "/youku/v2/oauth2/token",
        lambda hand, box: {"code": agree(hand.driver.consent_url(BACK, "s"))["code"], "redirect_uri": BACK},
    ),
    "show_videos": (
        "/youku/v2/videos/show_batch.json",
        lambda hand, box: {"video_ids": f"{video(hand, box)},XMTIz", "ext": "thumbnails,tags"},
    ),
    "update_video": (
        "/youku/v2/videos/update.json",
        lambda hand, box: {
            "video_id": video(hand, box), "title": "改名", "tags": "一二,三四", "category": "音乐",
            "copyright_type": "original", "public_type": "password", "watch_password": "xyz789",
            "description": "别的说明", "thumbnail_seq": "2",
        },
    ),
    "delete_video": ("/youku/v2/videos/destroy.json", lambda hand, box: {"video_id": video(hand, box)}),
    "list_categories": ("/youku/v2/schemas/video/category.json", lambda hand, box: {}),
}  # fmt: skip
NOT_IN_PARAMETERS = {"upload_server", "file"}


def test_every_row_of_the_documents_is_covered() -> None:
    calls = Youku.documented_calls()
    covered = [number for call in calls.values() for number in (call.number, *call.also)]
    assert sorted([*covered, *(row.number for row in Youku.other_rows)]) == sorted(ROWS)
    assert calls.keys() == GIVEN.keys() | {"authorize_url"}
    assert all(call.source and call.http for call in [*calls.values(), *Youku.other_rows])


def test_what_the_account_knows_is_filled_in_and_not_asked_for() -> None:
    asked = {parameter.name for call in Youku.documented_calls().values() for parameter in call.parameters}
    assert asked.isdisjoint(FILLED_IN)


def test_what_destroys_says_so() -> None:
    assert {name for name, call in Youku.documented_calls().items() if call.danger} == {"delete_video", "cancel_upload"}


@pytest.mark.parametrize("method", GIVEN)
def test_it_sends_every_parameter_as_it_was_given(box: Sandbox, hand: Hand, method: str) -> None:
    path, given_for = GIVEN[method]
    given = given_for(hand, box)
    assert {parameter.name for parameter in Youku.documented_calls()[method].parameters} == given.keys()
    box.requests.clear()
    hand.call(method, **given)
    (call,) = box.requests.to(path)
    assert call.status < 300
    sent = {name: value for name, value in call.values.items() if name not in FILLED_IN}
    assert sent == {name: value for name, value in given.items() if name not in NOT_IN_PARAMETERS}


@pytest.mark.parametrize("method", GIVEN)
def test_the_answer_is_the_platforms_own(box: Sandbox, hand: Hand, method: str) -> None:
    answer = hand.call(method, **GIVEN[method][1](hand, box))
    assert isinstance(answer, dict)
    assert "error" not in answer


@pytest.mark.parametrize("method", GIVEN)
@pytest.mark.parametrize(
    "body", [b"<html>", b"", b'{"vid', b"[]", b"null"], ids=["page", "empty", "cut", "list", "null"]
)
def test_an_answer_that_cannot_be_read_names_the_call(box: Sandbox, hand: Hand, method: str, body: bytes) -> None:
    path, given_for = GIVEN[method]
    given = given_for(hand, box)
    box.block(path, Answer(200, body, "application/json"))
    with pytest.raises(BadAnswer) as caught:
        hand.call(method, **given)
    assert caught.value.call == method
    assert caught.value.sentence.params["call"] == method


@pytest.mark.parametrize("method", GIVEN)
def test_a_platform_that_is_down_is_waited_for(box: Sandbox, hand: Hand, method: str) -> None:
    path, given_for = GIVEN[method]
    given = given_for(hand, box)
    box.block(path, Answer(503, b"<html>busy"), times=3)
    with pytest.raises(Temporary) as caught:
        hand.call(method, **given)
    assert caught.value.call == method


ONCE = ("refresh_token", "create_upload", "commit_upload", "cancel_upload", "exchange_code", "delete_video")


@pytest.mark.parametrize("method", GIVEN)
def test_only_what_is_safe_to_repeat_is_repeated(box: Sandbox, hand: Hand, method: str) -> None:
    path, given_for = GIVEN[method]
    given = given_for(hand, box)
    box.requests.clear()
    box.block(path, Answer(close=True))
    if method in ONCE:
        with pytest.raises(Temporary):
            hand.call(method, **given)
    else:
        hand.call(method, **given)
    assert len(box.requests.to(path)) == (1 if method in ONCE else 2)


def test_an_upload_in_slices_by_hand_becomes_a_video(box: Sandbox, hand: Hand) -> None:
    where = hand.sent()
    assert hand.call("new_slice", **where)["slice_task_id"] == 0
    check = hand.call("check_upload", **where)
    assert (check["status"], check["finished"]) == (1, True)
    hand.call("commit_upload", upload_token=where["upload_token"], upload_server_ip=check["upload_server_ip"])
    assert [row["md5"] for row in box.videos("youku")] == [FACTS["file_md5"]]


def test_only_the_piece_that_is_asked_for_is_read(hand: Hand) -> None:
    where, source = hand.file_created(), BytesSource(DATA)
    task = hand.task(where)
    api = hand.driver.api
    following = api.upload_slice(
        where["upload_server"], where["upload_token"], int(task["slice_task_id"]), 0, int(task["length"]), source
    )
    assert following == SliceTask(2, 100 * 1024, 50 * 1024, transferred=100 * 1024)
    assert source.reads == [(0, 100 * 1024)]


@pytest.mark.parametrize(("name", "value"), [("hash", "0" * 32), ("crc", "0")])
def test_a_wrong_checksum_is_told_as_a_damaged_piece(hand: Hand, name: str, value: str) -> None:
    where = hand.file_created()
    with pytest.raises(Corrupted):
        hand.call("upload_slice", **where, **hand.task(where), **{name: value})


def test_a_file_that_is_too_short_is_not_sent(box: Sandbox, hand: Hand) -> None:
    where = hand.file_created()
    task = hand.task(where)
    hand.file.write_bytes(b"short")
    with pytest.raises(WrongParameters):
        hand.call("upload_slice", **where, **task)
    assert box.requests.to("/gupload/upload_slice") == []


def test_a_web_upload_may_leave_out_the_md5_and_names_its_server(box: Sandbox, hand: Hand) -> None:
    facts = {name: value for name, value in FACTS.items() if name != "file_md5"}
    created = hand.call("create_upload", **facts, isweb="1")
    where = {"upload_server": created["upload_server_uri"], "upload_token": created["upload_token"]}
    hand.call("create_file", **where, file_size=str(len(DATA)), ext="mp4", slice_length="200")
    hand.call("upload_slice", **where, **hand.task(where))
    hand.call("commit_upload", upload_token=where["upload_token"], upload_server_name=where["upload_server"])
    assert [row["md5"] for row in box.videos("youku")] == [FACTS["file_md5"]]


def test_what_may_be_left_out_is_left_out(box: Sandbox, hand: Hand) -> None:
    hand.call("create_upload", **FACTS)
    (call,) = box.requests.to("/youku/uploads/create.json")
    assert call.values.keys() - FILLED_IN == FACTS.keys() | {"isnew"}


def test_a_refresh_by_hand_is_stored(box: Sandbox, hand: Hand) -> None:
    before = dict(hand.driver.access.credentials)
    answer = hand.call("refresh_token")
    stored = hand.driver.access.credentials
    assert (stored["access_token"], stored["refresh_token"]) == (answer["access_token"], answer["refresh_token"])
    assert stored["access_token"] != before["access_token"]
    hand.driver.check_account()
    assert hand.call("refresh_token")["access_token"] != stored["access_token"]


def test_a_refresh_that_another_process_has_just_done_sends_nothing(box: Sandbox, hand: Hand, monkeypatch) -> None:
    access = hand.driver.access
    monkeypatch.setattr(access, "renew", lambda stale, fetch: access.credentials)
    assert hand.call("refresh_token") is None
    assert len(box.requests) == 0


def test_an_expired_token_is_renewed_also_for_a_call_by_hand(box: Sandbox, hand: Hand) -> None:
    box.youku.expire_access_tokens()
    assert hand.call("list_my_videos")["total"] == 0
    assert hand.driver.access.credentials == box.credentials("youku")


def test_a_cancelled_upload_is_gone(hand: Hand) -> None:
    where = hand.file_created()
    token = {"upload_token": where["upload_token"]}
    assert hand.call("cancel_upload", **token, upload_server_ip="127.0.0.1") == token
    with pytest.raises(SessionLost):
        hand.call("check_upload", **where)
