"""The simulator's clock: time that passes, and clocks that are wrong."""

from pathlib import Path

import pytest
import time_machine
from oss2.exceptions import OssError

from sandbox.baijiayun.errors import Code
from sandbox.server import Sandbox
from tests.sandbox.baijiayun_client import BaijiayunClient
from tests.sandbox.iqiyi_client import IqiyiClient
from tests.sandbox.youku_client import YoukuClient, bucket, some_bytes

DATA = some_bytes(10_000)
HOUR = 3600


def renewed(box: Sandbox) -> YoukuClient:
    """A client whose token has not expired meanwhile."""
    client = YoukuClient(box)
    token = client.credentials["refresh_token"]
    client.credentials |= client.post("/oauth2/token.json", grant_type="refresh_token", refresh_token=token).json()
    return client


@pytest.mark.parametrize("hours", [-30, -3, 3, 30])
def test_every_platform_takes_uploads_whatever_time_it_thinks_it_is(hours: int):
    with Sandbox(pace=0) as box:
        box.clock.advance(hours * HOUR)
        renewed(box).publish(DATA)
        IqiyiClient(box).upload(DATA)
        BaijiayunClient(box).upload(DATA)

        assert [row["state"] for row in box.videos()] == ["normal", "published", "published"]
        assert box.errors == []


def test_time_taken_back_brings_no_video_into_trouble(slow_box: Sandbox):
    client = IqiyiClient(slow_box)
    file_id = client.upload(DATA)
    slow_box.clock.advance(-5 * HOUR)
    assert client.row(file_id)["state"] == "publishing"
    slow_box.clock.advance(5 * HOUR + 200)
    assert client.row(file_id)["state"] == "published"


@pytest.mark.parametrize(("minutes", "refused"), [(-16, True), (-14, False), (14, False), (16, True), (180, True)])
def test_oss_refuses_signatures_that_are_15_minutes_off_its_clock(box: Sandbox, minutes: int, refused: bool):
    box.clock.skew(minutes * 60)
    youku = renewed(box)
    upload = youku.create(DATA).json()

    if refused:
        with pytest.raises(OssError) as caught:
            bucket(upload).put_object(upload["oss_object"], DATA)
        assert caught.value.details["Code"] == "RequestTimeTooSkewed"
    else:
        assert bucket(upload).put_object(upload["oss_object"], DATA).status == 200


@pytest.mark.parametrize(("seconds", "answer"), [(-310, Code.STALE_TIMESTAMP), (-290, 0), (290, 0), (7200, 1003)])
def test_baijiayun_refuses_signs_that_are_5_minutes_off_its_clock(box: Sandbox, seconds: int, answer: int):
    box.clock.skew(seconds)

    assert BaijiayunClient(box).call("video/getVideoList", page=1)["code"] == answer


def test_time_that_is_held_is_everybodys(slow_box: Sandbox):
    moment = 1_900_000_000.0
    with time_machine.travel(moment, tick=False):
        slow_box.clock.hold(moment)
        client = BaijiayunClient(slow_box)
        video_id = client.upload(DATA)
        assert client.call("video/getStatus", video_id=video_id)["data"]["status"] == 20
    with time_machine.travel(moment + 200, tick=False):
        slow_box.clock.hold(moment + 200)
        assert client.call("video/getStatus", video_id=video_id)["data"]["status"] == 100
        assert slow_box.baijiayun.videos()[0]["created"] == moment
    slow_box.clock.hold(None)
    assert BaijiayunClient(slow_box).call("video/getVideoList", page=1)["code"] == 0


def test_a_wrong_clock_stays_wrong_over_a_restart_until_it_is_set(tmp_path: Path):
    with Sandbox(tmp_path) as box:
        box.clock.skew(2 * HOUR)
        box.clock.advance(HOUR)
    with Sandbox(tmp_path) as box:
        assert box.clock.now() - box.clock.signing() == pytest.approx(HOUR, abs=1)
        assert BaijiayunClient(box).call("video/getVideoList", page=1)["code"] == Code.STALE_TIMESTAMP
        box.clock.skew(0)
        assert BaijiayunClient(box).call("video/getVideoList", page=1)["code"] == 0
