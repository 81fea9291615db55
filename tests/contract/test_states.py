"""Every state that a platform can answer becomes ours, with its words; one that we do not know changes nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from platforms.drivers.baijiayun import mapping as baijiayun_mapping
from platforms.drivers.baijiayun.client import sign
from platforms.drivers.iqiyi import mapping as iqiyi_mapping
from platforms.drivers.youku import mapping as youku_mapping
from platforms.values import RemoteVideo, State
from sandbox.iqiyi.library import State as IqiyiState
from sandbox.server import Answer, Sandbox
from tests.contract.worlds import BaijiayunWorld, IqiyiWorld, World, YoukuWorld


def seen(world: World[Any], remote_id: str) -> RemoteVideo:
    video: RemoteVideo
    (video,) = world.driver.look([remote_id])
    assert video.remote_id == remote_id
    return video


def as_json(**body: object) -> Answer:
    return Answer(200, json.dumps(body).encode(), "application/json")


# Youku.

YOUKU = {
    "normal": State.PUBLISHED,
    "encoding": State.PROCESSING,
    "in_review": State.REVIEWING,
    "fail": State.FAILED,
    "limited": State.BLOCKED,
    "blocked": State.BLOCKED,
}


def test_youku_has_these_states() -> None:
    assert {raw: state for raw, (state, _) in youku_mapping.STATES.items()} == YOUKU


@pytest.mark.parametrize("raw", YOUKU)
def test_a_state_of_youku(box: Sandbox, tmp_path: Path, raw: str) -> None:
    world = YoukuWorld(box, tmp_path)
    box.youku.set_state(world.shown, raw)
    video = seen(world, world.shown)
    assert (video.state, video.raw_state, video.words) == (YOUKU[raw], raw, youku_mapping.STATES[raw][1])


def test_an_unknown_state_of_youku(box: Sandbox, tmp_path: Path) -> None:
    world = YoukuWorld(box, tmp_path)
    box.block("/youku/videos/show.json", as_json(id=world.shown, title="a", state="something new"))
    video = seen(world, world.shown)
    assert (video.state, video.raw_state) == (None, "something new")


# iQiyi.

IQIYI = {
    "A00000": State.PUBLISHED,
    "A0000": State.PUBLISHED,
    "A00001": State.PROCESSING,
    "A00002": State.REJECTED,
    "A00003": State.MISSING,
    "A00004": State.PROCESSING,
    "A00006": State.FAILED,
    "A00007": State.FAILED,
    "Q00001": State.FAILED,
}
IQIYI_LISTED = {
    1: State.PROCESSING,
    2: State.PUBLISHED,
    3: State.REJECTED,
    4: State.MISSING,
    5: State.PROCESSING,
    6: State.FAILED,
}
#: What the simulated platform calls them; a published video is found in the list.
IQIYI_NATURAL = {
    IqiyiState.PUBLISHING: "A00001",
    IqiyiState.REJECTED: "A00002",
    IqiyiState.DELETED: "A00003",
    IqiyiState.UPLOADING: "A00004",
    IqiyiState.WAITING: "A00004",
    IqiyiState.CANCELLED: "A00006",
    IqiyiState.FAILED: "A00007",
}
STATUS, LIST = "/iqiyi/api/file/fullStatus", "/iqiyi/api/file/videoListForExternal"


def test_iqiyi_has_these_states() -> None:
    assert {raw: state for raw, (state, _) in iqiyi_mapping.FULL_STATES.items()} == IQIYI
    assert {raw: state for raw, (state, _) in iqiyi_mapping.FILE_STATES.items()} == IQIYI_LISTED
    assert IQIYI_NATURAL.keys() | {IqiyiState.PUBLISHED} == set(IqiyiState)


@pytest.mark.parametrize("code", IQIYI)
def test_a_state_of_iqiyi(box: Sandbox, tmp_path: Path, code: str) -> None:
    world = IqiyiWorld(box, tmp_path)
    box.block(LIST, as_json(code="A00000", count=0, data=[]))
    box.block(STATUS, as_json(code=code, data={}))
    video = seen(world, world.shown)
    assert (video.state, video.raw_state, video.words) == (IQIYI[code], code, iqiyi_mapping.FULL_STATES[code][1])


@pytest.mark.parametrize("state", IQIYI_NATURAL)
def test_a_state_that_a_file_comes_to_at_iqiyi(box: Sandbox, tmp_path: Path, state: IqiyiState) -> None:
    world = IqiyiWorld(box, tmp_path)
    box.iqiyi.set_state(world.shown, state)
    video, code = seen(world, world.shown), IQIYI_NATURAL[state]
    assert (video.state, video.raw_state) == (IQIYI[code], code)
    assert video.words


@pytest.mark.parametrize("number", IQIYI_LISTED)
def test_a_state_in_iqiyis_list(box: Sandbox, tmp_path: Path, number: int) -> None:
    world = IqiyiWorld(box, tmp_path)
    box.block(LIST, as_json(code="A00000", count=1, data=[{"fileId": world.shown, "fileStatus": str(number)}]))
    video = seen(world, world.shown)
    assert (video.state, video.raw_state) == (IQIYI_LISTED[number], f"fileStatus {number}")
    assert video.words == iqiyi_mapping.FILE_STATES[number][1]


def test_an_unknown_state_of_iqiyi(box: Sandbox, tmp_path: Path) -> None:
    world = IqiyiWorld(box, tmp_path)
    box.block(LIST, as_json(code="A00000", count=1, data=[{"fileId": world.shown, "fileStatus": 77}]))
    assert (seen(world, world.shown).state, seen(world, world.shown).state) == (None, State.PUBLISHED)
    box.block(LIST, as_json(code="A00000", count=0, data=[]))
    box.block(STATUS, as_json(code="A00077", data={"msg": "something new"}))
    video = seen(world, world.shown)
    assert (video.state, video.raw_state, video.words) == (None, "A00077", "something new")


# Baijiayun.

BAIJIAYUN = {
    10: State.PROCESSING,
    20: State.PROCESSING,
    30: State.FAILED,
    31: State.FAILED,
    32: State.FAILED,
}
#: `audit_status` and `publish_status` of a video that is transcoded.
TRANSCODED = {
    (0, 1): State.PUBLISHED,
    (1, 1): State.PUBLISHED,
    (1, 2): State.BLOCKED,
    (2, 1): State.REJECTED,
    (2, 2): State.REJECTED,
}
TOLD = {20: State.PROCESSING, 30: State.FAILED, 100: None, 77: None}


def test_baijiayun_has_these_states() -> None:
    assert {raw: state for raw, (state, _) in baijiayun_mapping.STATUSES.items()} == BAIJIAYUN
    assert {raw: state for raw, (state, _) in baijiayun_mapping.CALLBACK_STATUSES.items()} == {
        raw: state for raw, state in TOLD.items() if raw != 77
    }


@pytest.mark.parametrize("status", BAIJIAYUN)
def test_a_state_of_baijiayun(box: Sandbox, tmp_path: Path, status: int) -> None:
    world = BaijiayunWorld(box, tmp_path)
    box.baijiayun.set_status(int(world.shown), status)
    video = seen(world, world.shown)
    assert (video.state, video.words) == (BAIJIAYUN[status], baijiayun_mapping.STATUSES[status][1])
    assert f"status {status}" in video.raw_state


@pytest.mark.parametrize(("audit", "publish"), TRANSCODED)
def test_a_transcoded_video_is_shown_blocked_or_refused(box: Sandbox, tmp_path: Path, audit: int, publish: int) -> None:
    world = BaijiayunWorld(box, tmp_path)
    world.call("set_publish_status", video_id=world.shown, status=str(publish))
    box.baijiayun.set_audit(int(world.shown), audit)
    video = seen(world, world.shown)
    assert video.state == TRANSCODED[audit, publish]
    assert video.words


def test_an_unknown_state_of_baijiayun(box: Sandbox, tmp_path: Path) -> None:
    world = BaijiayunWorld(box, tmp_path)
    path = f"/baijiayun/{world.access.stored['private_domain']}/openapi/video/getInfo"
    box.block(path, as_json(code=0, data={"video_id": world.shown, "name": "a", "status": 77}))
    video = seen(world, world.shown)
    assert (video.state, video.raw_state) == (None, "status 77")


@pytest.mark.parametrize("status", TOLD)
def test_a_state_that_baijiayun_tells(box: Sandbox, tmp_path: Path, status: int) -> None:
    world, now = BaijiayunWorld(box, tmp_path), datetime.now(UTC)
    form = {"video_id": "1", "status": str(status), "qid": "q", "timestamp": str(int(now.timestamp()))}
    form["sign"] = sign(form, world.access.stored["partner_key"])
    callback = world.driver.read_callback(form, now)
    assert (callback.state, callback.raw_state) == (TOLD[status], f"status {status}")
    assert callback.words == baijiayun_mapping.CALLBACK_STATUSES.get(status, (None, ""))[1]
