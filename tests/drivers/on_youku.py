"""What the tests of the Youku driver share."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any

import pytest

from platforms.contract import Interrupted
from platforms.drivers.youku import upload_oss, upload_slices
from platforms.drivers.youku.driver import Youku
from platforms.transport import checkpoints, http
from sandbox.server import Answer, Sandbox
from tests.drivers.conftest import PACE
from tests.drivers.lent import BytesSource, MemoryAccess, MemoryJob, after, draft_for, interrupt

KIB = 1024
PART = 100 * KIB  # the smallest that OSS takes
SLICE = 64 * KIB


def access_to(box: Sandbox, protocol: str = "oss", **changes: str) -> MemoryAccess:
    """The box's account, with `changes` to its credentials."""
    return MemoryAccess(box.environment(), {**box.credentials("youku"), **changes}, {"upload_method": protocol})


def youku(box: Sandbox, protocol: str = "oss", **changes: str) -> Youku:
    return Youku(access_to(box, protocol, **changes))


def job_of(size: int = PART, **changes: Any) -> MemoryJob:
    source = BytesSource(random.Random(size).randbytes(size))
    return MemoryJob(source, draft_for(source, **changes))


def stopped(driver: Youku, size: int, checkpoints: int) -> MemoryJob:
    """An upload that was interrupted at its `checkpoints`th checkpoint, as its next process finds it."""
    job = job_of(size)
    interrupt(driver, job, checkpoints)
    return after(job)


class StepJob(MemoryJob):
    """A job that is interrupted once its token with step `last` is stored."""

    last: str

    def checkpoint(self, token: Mapping[str, Any], bytes_done: int) -> None:
        super().checkpoint(token, bytes_done)
        if token["step"] == self.last:
            raise Interrupted


def stopped_in(driver: Youku, size: int, step: str) -> MemoryJob:
    """An upload that was interrupted as soon as it had come to `step`, as its next process finds it."""
    whole = job_of(size)
    job = StepJob(whole.source, whole.draft)
    job.last = step
    with pytest.raises(Interrupted):
        driver.upload(job)
    return after(job)


def published(box: Sandbox, driver: Youku, **changes: Any) -> str:
    """The id of a video that has come to its last state."""
    video_id = driver.upload(job_of(**changes))
    box.clock.advance(3 * PACE)
    return video_id


def refuses(code: object, description: str = "in Youku's words", status: int = 400) -> Answer:
    error = {"code": code, "type": "SystemException", "description": description}
    return Answer(status, json.dumps({"error": error}).encode(), "application/json")


def lost() -> Answer:
    """The platform does its work and its answer never arrives."""
    return Answer(close=True, after_work=True)


def make_small_and_quick(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small parts, a checkpoint for each of them, no waits between tries."""
    monkeypatch.setattr(http, "WAITS", (0.0, 0.0))
    monkeypatch.setattr(upload_oss, "WAITS", (0.0, 0.0))
    monkeypatch.setattr(upload_oss, "SMALLEST_PART", PART)
    monkeypatch.setattr(upload_oss, "LARGEST_PART", PART)
    monkeypatch.setattr(upload_slices, "SMALLEST_SLICE_KB", SLICE // KIB)
    monkeypatch.setattr(upload_slices, "LARGEST_SLICE_KB", SLICE // KIB)
    monkeypatch.setattr(checkpoints, "SECONDS_BETWEEN", 0.0)
    monkeypatch.setattr(upload_slices, "FIRST_WAIT", 0.05)
    box.youku.slices.patience, box.youku.slices.lag = 0.1, 0.0
