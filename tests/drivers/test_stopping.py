"""A stop in the middle of a transfer whose platform does not answer: no driver waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from platforms.contract import Driver, Interrupted
from platforms.drivers.baijiayun import upload as baijiayun_upload
from platforms.drivers.iqiyi import upload as iqiyi_upload
from platforms.drivers.youku import upload_oss, upload_slices
from sandbox.server import Answer, Sandbox
from tests.drivers import on_baijiayun, on_iqiyi, on_youku
from tests.drivers.lent import MemoryJob

KIB = 1024
SIZE = 800 * KIB

# How to make the driver, the job, and where the bytes go.
PROTOCOLS: dict[str, tuple[Callable[[Sandbox], Driver], Callable[[int], MemoryJob], str, str]] = {
    "oss": (on_youku.youku, on_youku.job_of, "/yk-source-upload", "PUT"),
    "slices": (lambda box: on_youku.youku(box, "slices"), on_youku.job_of, "/gupload/upload_slice", "POST"),
    "ranges": (on_iqiyi.iqiyi, on_iqiyi.job_of, "/iqiyi-upload/", "POST"),
    "chunks": (on_baijiayun.baijiayun, on_baijiayun.job_of, "/baijiayun-upload/", "POST"),
}
# A safe call between the bytes and the end, made by the caller's own thread.
AFTERWARDS = {
    "oss": ("/yk-source-upload", "POST"),
    "slices": ("/gupload/check", "GET"),
    "chunks": ("/baijiayun/", "POST"),
}


pytestmark = pytest.mark.usefixtures("calls_without_end")


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, size in (
        (upload_oss, "PART", 100 * KIB), (iqiyi_upload, "PART", 100 * KIB), (baijiayun_upload, "CHUNK", 100 * KIB),
        (upload_slices, "SLICE_KB", 100),
    ):  # fmt: skip
        monkeypatch.setattr(module, f"SMALLEST_{name}", size)
        monkeypatch.setattr(module, f"LARGEST_{name}", size)
    monkeypatch.setattr(baijiayun_upload, "LARGEST_WHOLE", 100 * KIB)


class StoppedJob(MemoryJob):
    """A job that is stopped at the first sign of life after a call has begun to hang."""

    hangs: Callable[[], bool]

    def pulse(self, bytes_done: int) -> None:
        super().pulse(bytes_done)
        if self.hangs():
            raise Interrupted


def stops_while_it_hangs(box: Sandbox, protocol: str, path: str, method: str) -> None:
    """The driver ends, and the platform has still not answered."""
    make_driver, make_job, _, _ = PROTOCOLS[protocol]
    whole = make_job(SIZE)
    job = StoppedJob(whole.source, whole.draft)
    hanging = threading.Event()
    take = box.blocks.take

    def hang(request: object) -> Answer | None:
        wanted = request.path.startswith(path) and request.method == method  # type: ignore[attr-defined]
        wanted = wanted and not request.path.endswith("finish")  # type: ignore[attr-defined]
        wanted = wanted and (protocol != "chunks" or job.announced != [])
        if wanted and (path != "/yk-source-upload" or "uploadId" in request.query):  # type: ignore[attr-defined]
            hanging.set()
            return Answer(close=True, delay=300.0)
        return take(request)  # type: ignore[arg-type]

    box.blocks.take = hang  # type: ignore[method-assign]
    job.hangs = hanging.is_set
    with pytest.raises(Interrupted):
        make_driver(box).upload(job)
    assert not [call for call in box.requests.to(path, method) if call.status == 0]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_stop_is_heard_while_every_part_hangs(box: Sandbox, protocol: str) -> None:
    _, _, path, method = PROTOCOLS[protocol]
    stops_while_it_hangs(box, protocol, path, method)


@pytest.mark.parametrize("protocol", AFTERWARDS)
def test_a_stop_is_heard_while_a_look_hangs(box: Sandbox, protocol: str) -> None:
    stops_while_it_hangs(box, protocol, *AFTERWARDS[protocol])


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_byte_of_the_file_is_spent_on_the_lane(box: Sandbox, protocol: str) -> None:
    make_driver, make_job, _, _ = PROTOCOLS[protocol]
    box.youku.slices.lag = 0.0
    job = make_job(SIZE)
    make_driver(box).upload(job)
    assert job.lane.moved == SIZE
    assert job.lane.taken == 0
