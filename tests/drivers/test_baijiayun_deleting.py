from __future__ import annotations

import pytest

from platforms.contract import Interrupted
from platforms.drivers.baijiayun import upload
from platforms.errors import Refused
from sandbox.server import Sandbox
from tests.drivers.lent import MemoryJob
from tests.drivers.on_baijiayun import KIB, baijiayun, job_of, path, says, transcoded

DELETE = "video/delete"


def states(box: Sandbox) -> list[str]:
    return [video["state"] for video in box.videos("baijiayun")]


def stopped(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> MemoryJob:
    """A job whose upload was stopped after its first chunk."""
    monkeypatch.setattr(upload, "LARGEST_WHOLE", 16 * KIB)
    monkeypatch.setattr(upload, "SMALLEST_CHUNK", 16 * KIB)

    class Stopping(MemoryJob):
        def pulse(self, bytes_done: int) -> None:
            if bytes_done >= 16 * KIB:
                raise Interrupted

    job = job_of()
    job = Stopping(job.source, job.draft)
    with pytest.raises(Interrupted):
        baijiayun(box).upload(job)
    return job


def test_a_refused_delete_keeps_the_platforms_words(box: Sandbox) -> None:
    driver = baijiayun(box)
    video_id = transcoded(box, driver)
    box.block(path(box, DELETE), says(88, msg="没有权限"))
    with pytest.raises(Refused) as caught:
        driver.delete_video(video_id)
    assert caught.value.sentence.params["words"] == "没有权限"
    assert states(box) == ["published"]


def test_cancelling_deletes_the_unfinished_video(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    job = stopped(box, monkeypatch)
    baijiayun(box).cancel_upload(job.token)
    assert states(box) == ["deleted"]


def test_cancelling_twice_is_success(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    job = stopped(box, monkeypatch)
    baijiayun(box).cancel_upload(job.token)
    baijiayun(box).cancel_upload(job.token)
    assert states(box) == ["deleted"]


def test_cancelling_before_anything_was_created_asks_nothing(box: Sandbox) -> None:
    baijiayun(box).cancel_upload({"step": "creating", "since": 1.0})
    assert len(box.requests) == 0
