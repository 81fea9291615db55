"""Videos that a platform has without a byte being sent: thousands at once, each with a pace of its own."""

import time

import pytest
import time_machine

from sandbox.core import Planted
from sandbox.server import Sandbox
from tests.sandbox.baijiayun_client import BaijiayunClient
from tests.sandbox.iqiyi_client import IqiyiClient
from tests.sandbox.youku_client import YoukuClient

PLATFORMS = ("youku", "iqiyi", "baijiayun")
NOW = 1_900_000_000.0
DONE = {"youku": "normal", "iqiyi": "published", "baijiayun": "published"}
FAILED = {"youku": "fail", "iqiyi": "failed", "baijiayun": "failed"}
#: In how many states a video is before it is done.
STATES = {"youku": 2, "iqiyi": 1, "baijiayun": 1}


@pytest.fixture
def held(box: Sandbox) -> Sandbox:
    box.clock.hold(NOW)
    return box


def states(box: Sandbox) -> list[str]:
    return [row["state"] for row in box.videos()]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_each_is_done_in_its_own_time(held: Sandbox, platform: str):
    plan = [Planted("quick", NOW, 60), Planted("slow", NOW, 3600), Planted("older", NOW - 3600, 3600)]
    ids = held.platforms[platform].plant(plan)
    assert [row["id"] for row in held.videos()] == ids
    assert DONE[platform] not in states(held)[:2]
    held.clock.hold(NOW + 60 * STATES[platform])
    assert [state == DONE[platform] for state in states(held)] == [True, False, STATES[platform] == 1]
    held.clock.hold(NOW + 3600 * STATES[platform])
    assert states(held) == [DONE[platform]] * 3


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_title_asks_for_another_ending(held: Sandbox, platform: str):
    held.platforms[platform].plant([Planted("[fail]", NOW, 60)])
    held.clock.hold(NOW + 59)
    assert states(held) != [FAILED[platform]]
    held.clock.hold(NOW + 60)
    assert states(held) == [FAILED[platform]]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_one_that_is_removed_is_there_no_more(held: Sandbox, platform: str):
    _kept, gone = held.platforms[platform].plant([Planted("kept", NOW, 0), Planted("gone", NOW, 60)])
    held.platforms[platform].remove(gone)
    assert states(held) == [DONE[platform], "deleted"]
    with pytest.raises(LookupError):
        held.platforms[platform].remove(gone)


def test_calls_answer_them_like_any_other(box: Sandbox):
    planted = {name: box.platforms[name].plant([Planted("课", time.time(), 0)])[0] for name in PLATFORMS}
    youku, baijiayun = YoukuClient(box), BaijiayunClient(box)
    assert youku.get("/videos/show.json", video_id=planted["youku"]).json()["state"] == "normal"
    listed = IqiyiClient(box).mine("/api/file/videoListForExternal", file_ids=planted["iqiyi"])
    assert [entry["fileId"] for entry in listed["data"]] == [planted["iqiyi"]]
    info = baijiayun.call("video/getInfo", video_id=planted["baijiayun"])["data"]
    assert (info["status"], info["audit_status"], info["name"]) == (100, 1, "课")


def test_one_that_is_yet_to_arrive_is_not_listed(held: Sandbox):
    first, later = held.baijiayun.plant([Planted("first", NOW, 60), Planted("later", NOW + 60, 60)])
    with time_machine.travel(NOW, tick=False):
        listed = BaijiayunClient(held).call("video/getVideoList", page=1)["data"]
    assert ([str(entry["video_id"]) for entry in listed["list"]], listed["total"]) == ([first], 1)
    held.clock.hold(NOW + 60)
    with time_machine.travel(NOW + 60, tick=False):
        listed = BaijiayunClient(held).call("video/getVideoList", page=1)["data"]
    assert [str(entry["video_id"]) for entry in listed["list"]] == [later, first]


def test_thousands_have_ids_of_their_own(box: Sandbox):
    for platform in PLATFORMS:
        ids = box.platforms[platform].plant(Planted(f"{number}", NOW, 60) for number in range(2000))
        assert len(set(ids)) == 2000


def test_calls_are_counted_beyond_those_that_are_remembered(box: Sandbox):
    client = BaijiayunClient(box)
    for _ in range(3):
        client.call("video/getVideoList", page=1)
    path = next(path for platform, path in box.requests.counts if platform == "baijiayun")
    assert path.endswith("/openapi/video/getVideoList")
    assert box.requests.counts["baijiayun", path] == 3
