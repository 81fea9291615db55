"""Baijiayun's document lists no codes: every refusal keeps the platform's own words, and the account is told apart."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from platforms.drivers.baijiayun import client, mapping
from platforms.errors import LoginExpired, Refused
from sandbox.baijiayun.errors import MESSAGES, Code
from sandbox.server import Answer, Sandbox
from tests.contract.codes import full_sentence, raised
from tests.contract.worlds import BaijiayunWorld


@pytest.fixture
def world(box: Sandbox, tmp_path: Any) -> BaijiayunWorld:
    return BaijiayunWorld(box, tmp_path)


@pytest.mark.parametrize("code", Code)
def test_any_code_is_a_refusal_in_the_platforms_words(box: Sandbox, world: BaijiayunWorld, code: Code) -> None:
    body = {"code": code.value, "data": None, "msg": MESSAGES[code]}
    box.block(path(world, "video/getInfo"), Answer(200, json.dumps(body).encode(), "application/json"))
    error = raised(lambda: world.call("get_info", video_id=world.shown))
    assert (type(error), error.field, error.code, error.call) == (Refused, "", str(code.value), "get_info")
    assert error.sentence.text == mapping.UNKNOWN.text
    assert MESSAGES[code] in full_sentence(error)


def path(world: BaijiayunWorld, call: str) -> str:
    return f"/baijiayun/{world.access.stored['private_domain']}/openapi/{call}"


def blocked(world: BaijiayunWorld) -> object:
    video_id = world.video()
    world.call("set_publish_status", video_id=video_id, status="2")
    return world.call("get_play_urls", video_id=video_id)


def rejected(world: BaijiayunWorld) -> object:
    video_id = world.video()
    world.box.baijiayun.set_audit(int(video_id), 2)
    return world.call("get_play_urls", video_id=video_id)


def unfinished(world: BaijiayunWorld) -> object:
    return world.call("get_play_urls", video_id=world.begun()["video_id"])


def without_origin(world: BaijiayunWorld) -> object:
    video_id = world.video()
    world.call("delete_origin_videos", video_ids=video_id)
    return world.call("transcode_again", video_id=video_id, definition="2")


def expired_address(world: BaijiayunWorld) -> object:
    begun = world.begun()
    world.box.clock.advance(world.box.baijiayun.upload_lifetime + 1)
    return send(world, begun["upload_url"])


def send(world: BaijiayunWorld, url: str, **given: str) -> object:
    return world.call("upload_file", upload_url=url, file=world.path(world.source()), **given)


def sent_twice(world: BaijiayunWorld) -> object:
    url = world.begun()["upload_url"]
    send(world, url)
    return send(world, url)


def sixth_level(world: BaijiayunWorld) -> object:
    parent = world.child
    for _ in range(3):
        parent = world.new_category(parent)
    return world.new_category(parent)


def stale(world: BaijiayunWorld) -> object:
    an_hour_ago = time.time() - 3600
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "time", SimpleNamespace(time=lambda: an_hour_ago))
        return world.call("get_info", video_id=world.shown)


def no_subtitle_file(world: BaijiayunWorld) -> object:
    path = world.folder / "wrong.vtt"
    path.write_bytes(b"this is no subtitle")
    return world.call("upload_subtitle", video_id=world.shown, name="a", subtitle=str(path))


def new_upload(world: BaijiayunWorld, **given: str) -> object:
    return world.call("get_upload_url", **{"file_name": "a.mp4", "definition": "16", **given})


def with_login(world: BaijiayunWorld, **changes: str) -> BaijiayunWorld:
    world.access.stored.update(changes)
    return world


NATURAL: dict[Code, Callable[[BaijiayunWorld], object]] = {
    Code.UNKNOWN_PARTNER: lambda w: with_login(w, partner_id="1").call("get_info", video_id=w.shown),
    Code.BAD_SIGN: lambda w: with_login(w, partner_key="wrong key").call("get_info", video_id=w.shown),
    Code.STALE_TIMESTAMP: stale,
    Code.MISSING_PARAMETER: lambda w: w.driver.api.get_info(""),
    Code.BAD_PARAMETER: lambda w: new_upload(w, definition="77"),
    Code.BAD_SECRET: lambda w: with_login(w, secret_key="wrong key").call("create_key"),
    Code.NO_VIDEO: lambda w: w.call("get_info", video_id="1"),
    Code.NOT_TRANSCODED: unfinished,
    Code.BLOCKED: blocked,
    Code.REJECTED: rejected,
    Code.BAD_EXTENSION: lambda w: new_upload(w, file_name="a.exe"),
    Code.BANNED_NAME: lambda w: new_upload(w, file_name="[banned].mp4"),
    Code.NO_SUCH_FILE: lambda w: w.call("remove_definition", video_id=w.shown, definition="8", type="2"),
    Code.NO_ENCRYPTION: lambda w: new_upload(w, encrypt="1"),
    Code.MP4_IS_LAST: lambda w: w.call("remove_definition", video_id=w.shown, definition="16", type="1"),
    Code.NO_ORIGIN: without_origin,
    Code.BAD_ADDRESS: lambda w: send(w, f"{w.box.url}/baijiayun-upload/upload?fid=1&ts=1&token=a"),
    Code.EXPIRED_ADDRESS: expired_address,
    Code.BAD_RANGE: lambda w: send(w, w.begun()["upload_url"], content_range="bytes 900-2899/5000"),
    Code.ALREADY_COMPLETE: sent_twice,
    Code.NO_CATEGORY: lambda w: w.call("get_category", category_id="1"),
    Code.TOO_DEEP: sixth_level,
    Code.CATEGORY_IN_USE: lambda w: w.call("delete_category", category_id=w.category),
    Code.NO_SUBTITLE: lambda w: w.call("rename_subtitle", subtitle_id="1", name="a"),
    Code.BAD_SUBTITLE: no_subtitle_file,
}
#: What our client cannot bring about: it knows each path and method, and its bodies are whole.
NEVER_OURS = {Code.NO_SUCH_CALL, Code.WRONG_METHOD, Code.BAD_BODY}


@pytest.mark.parametrize("code", NATURAL)
def test_what_the_platform_refuses_by_itself_is_understood(world: BaijiayunWorld, code: Code) -> None:
    error = raised(lambda: NATURAL[code](world))
    assert (type(error), error.code) == (Refused, str(code.value))
    assert MESSAGES[code] in full_sentence(error)


def test_every_refusal_of_the_simulated_platform_is_brought_about() -> None:
    assert set(Code) == NATURAL.keys() | NEVER_OURS


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"partner_id": "1"}, "partner_key"),
        ({"partner_key": "wrong key", "secret_key": ""}, "partner_key"),
        ({"partner_key": "", "secret_key": "wrong key"}, "secret_key"),
    ],
)
def test_an_account_that_is_refused_altogether_needs_a_person(
    world: BaijiayunWorld, changes: dict[str, str], field: str
) -> None:
    error = raised(with_login(world, **changes).driver.check_account)
    assert (type(error), error.field, error.sentence.text) == (LoginExpired, field, mapping.CHECK_CREDENTIALS)
    assert full_sentence(error)


@pytest.mark.parametrize("status", mapping.SERVICE_STATES)
def test_a_service_that_does_not_run_is_said(box: Sandbox, world: BaijiayunWorld, status: int) -> None:
    box.baijiayun.set_plan(status=status)
    error = raised(world.driver.check_account)
    assert (type(error), error.sentence.text) == (Refused, mapping.SERVICE_STATES[status])
    assert full_sentence(error)
