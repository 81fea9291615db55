"""What the tests of the iQiyi driver share."""

from __future__ import annotations

import json
import random
from typing import Any

from platforms.drivers.iqiyi.driver import Iqiyi
from sandbox.server import Answer, Sandbox
from tests.drivers.conftest import PACE
from tests.drivers.lent import BytesSource, MemoryAccess, MemoryJob, draft_for

KIB = 1024


def access_to(box: Sandbox, **changes: str) -> MemoryAccess:
    """The box's account, with `changes` to its credentials; an empty one is left out."""
    credentials = {**box.credentials("iqiyi"), **changes}
    return MemoryAccess(box.environment(), {name: value for name, value in credentials.items() if value})


def iqiyi(box: Sandbox, **changes: str) -> Iqiyi:
    return Iqiyi(access_to(box, **changes))


def job_of(size: int = 100 * KIB, **changes: Any) -> MemoryJob:
    source = BytesSource(random.Random(size).randbytes(size))
    return MemoryJob(source, draft_for(source, **changes))


def published(box: Sandbox, driver: Iqiyi, **changes: Any) -> str:
    """The id of a video that has come to its last state."""
    file_id = driver.upload(job_of(**changes))
    box.clock.advance(PACE + 1)
    return file_id


def says(code: str, **fields: Any) -> Answer:
    """An answer in iQiyi's envelope."""
    return Answer(200, json.dumps({"code": code, **fields}).encode(), "application/json")


def lost(**changes: Any) -> Answer:
    """The platform does its work and its answer never arrives."""
    return Answer(close=True, after_work=True, **changes)
