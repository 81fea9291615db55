"""What the tests of the Baijiayun driver share."""

from __future__ import annotations

import json
import random
from typing import Any

from platforms.drivers.baijiayun.driver import Baijiayun
from sandbox.server import Answer, Sandbox
from tests.drivers.conftest import PACE
from tests.drivers.lent import BytesSource, MemoryAccess, MemoryJob, draft_for

KIB = 1024
OPTIONS = {"definition": "16,1"}


def access_to(box: Sandbox, **changes: str) -> MemoryAccess:
    """The box's account, with `changes` to its credentials; an empty one is left out."""
    credentials = {**box.credentials("baijiayun"), **changes}
    return MemoryAccess(box.environment(), {name: value for name, value in credentials.items() if value})


def baijiayun(box: Sandbox, **changes: str) -> Baijiayun:
    return Baijiayun(access_to(box, **changes))


def job_of(size: int = 100 * KIB, name: str = "lesson.mp4", **changes: Any) -> MemoryJob:
    source = BytesSource(random.Random(size).randbytes(size), name)
    return MemoryJob(source, draft_for(source, **{"options": OPTIONS, **changes}))


def transcoded(box: Sandbox, driver: Baijiayun, size: int = 100, **changes: Any) -> str:
    """The id of a video that has come to its last state."""
    video_id = driver.upload(job_of(size, **changes))
    box.clock.advance(2 * PACE + 1)
    return video_id


def path(box: Sandbox, call: str) -> str:
    """Where a call such as `video/getInfo` is answered."""
    return f"/baijiayun/{box.credentials('baijiayun')['private_domain']}/openapi/{call}"


def says(code: int | str, data: object = None, msg: str = "") -> Answer:
    """An answer in Baijiayun's envelope."""
    return Answer(200, json.dumps({"code": code, "data": data, "msg": msg}).encode(), "application/json")


LOST = Answer(close=True, after_work=True)
