from __future__ import annotations

from typing import Any

import pytest

from platforms.contract import Interrupted, SourceChanged
from platforms.drivers.baijiayun import upload
from platforms.errors import Corrupted, PlatformError, Refused, SessionLost, Temporary
from platforms.transport import checkpoints
from sandbox.server import Answer, Sandbox
from tests.drivers.lent import BytesSource, MemoryJob, after, interrupt
from tests.drivers.on_baijiayun import KIB, LOST, baijiayun, job_of, path, says

UPLOAD = "/baijiayun-upload/"
CHUNK = 16 * KIB


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "LARGEST_WHOLE", CHUNK)
    monkeypatch.setattr(upload, "SMALLEST_CHUNK", CHUNK)
    monkeypatch.setattr(upload, "LARGEST_CHUNK", CHUNK)
    monkeypatch.setattr(checkpoints, "SECONDS_BETWEEN", 0.0)


def ranges(box: Sandbox) -> list[str]:
    return [call.headers.get("content-range", "whole") for call in box.requests.to(UPLOAD)]


def assert_there(box: Sandbox, job: MemoryJob) -> None:
    assert [video["md5"] for video in box.videos("baijiayun")] == [job.source.md5]


def test_it_counts_from_one_at_first(box: Sandbox) -> None:
    job = job_of(2 * CHUNK)
    baijiayun(box).upload(job)
    assert ranges(box) == ["bytes 1-16384/32768", "bytes 16385-32768/32768"]
    assert job.token["proven"]
    assert_there(box, job)


def test_it_counts_from_zero_when_the_platform_does(box: Sandbox) -> None:
    box.baijiayun.content_range_base = 0
    job = job_of(2 * CHUNK)
    baijiayun(box).upload(job)
    assert ranges(box) == [*2 * ["bytes 1-16384/32768"], "bytes 0-16383/32768", "bytes 16384-32767/32768"]
    assert job.token["protocol"] == "chunks from 0"
    assert_there(box, job)


def test_it_sends_the_whole_file_when_the_platform_knows_no_chunks(box: Sandbox) -> None:
    box.baijiayun.content_range_base = None
    job = job_of(2 * CHUNK)
    baijiayun(box).upload(job)
    assert ranges(box) == [*2 * ["bytes 1-16384/32768"], *2 * ["bytes 0-16383/32768"], "whole"]
    assert job.token["protocol"] == "whole file"
    assert_there(box, job)


def test_a_page_from_a_busy_proxy_does_not_change_how_it_counts(box: Sandbox) -> None:
    box.block(UPLOAD, Answer(200, b"<html>busy</html>"), times=2)
    job = job_of(2 * CHUNK)
    baijiayun(box).upload(job)
    assert {sent.split("-")[0] for sent in ranges(box)} == {"bytes 1", "bytes 16385"}
    assert_there(box, job)


def test_a_page_for_every_chunk_means_that_chunks_are_not_understood(box: Sandbox) -> None:
    box.block(UPLOAD, Answer(416, b"<html>Range Not Satisfiable</html>"), times=2 * upload.TRIES)
    job = job_of(2 * CHUNK)
    baijiayun(box).upload(job)
    assert ranges(box)[-1] == "whole"
    assert_there(box, job)


def test_what_it_has_learnt_survives_an_interruption(box: Sandbox) -> None:
    box.baijiayun.content_range_base = 0
    job = job_of(4 * CHUNK)
    interrupt(baijiayun(box), job, 4)
    before = len(ranges(box))
    baijiayun(box).upload(after(job))
    assert not [sent for sent in ranges(box)[before:] if sent.startswith("bytes 1-")]
    assert_there(box, job)


def test_a_platform_that_keeps_one_byte_too_many_gets_the_whole_file(box: Sandbox) -> None:
    resume = path(box, "video/getResumeUploadUrl")
    job, video = job_of(4 * CHUNK), {}

    class Announced(MemoryJob):
        def announce(self, remote_id: str) -> None:
            super().announce(remote_id)
            video["url"] = baijiayun(box).api.get_resume_upload_url(remote_id).upload_url
            for size in (CHUNK + 1, CHUNK + 1):
                box.block(resume, says(0, {"upload_url": video["url"], "upload_size": size}))

    announced = Announced(job.source, job.draft)
    baijiayun(box).upload(announced)
    assert ranges(box)[-1] == "whole"
    assert_there(box, job)


def test_a_resumed_upload_that_holds_too_much_gets_the_whole_file(box: Sandbox) -> None:
    job = job_of(4 * CHUNK)
    interrupt(baijiayun(box), job, 3)
    url = baijiayun(box).api.get_resume_upload_url(job.announced[0]).upload_url
    box.block(path(box, "video/getResumeUploadUrl"), says(0, {"upload_url": url, "upload_size": job.source.size + 1}))
    baijiayun(box).upload(after(job))
    assert ranges(box)[-1] == "whole"
    assert_there(box, job)


def test_it_goes_on_from_what_the_platform_has(box: Sandbox) -> None:
    job = job_of(6 * CHUNK)
    interrupt(baijiayun(box), job, 5)
    arrived = box.baijiayun.upload_size(int(job.announced[0]))
    job = after(job)
    job.source.reads.clear()
    baijiayun(box).upload(job)
    assert arrived > 0
    assert sum(length for _, length in job.source.reads) == job.source.size - arrived
    assert_there(box, job)


def test_an_expired_address_is_replaced_by_a_fresh_one(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    box.baijiayun.upload_lifetime = 60
    job, driver = job_of(4 * CHUNK), baijiayun(box)

    def expire_before_the_third(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "upload_file" and len(ranges(box)) == 2:
            box.clock.advance(61)
        return call(name, *args, **kwargs)

    call = driver.api.http.call
    monkeypatch.setattr(driver.api.http, "call", expire_before_the_third)
    driver.upload(job)
    assert len(ranges(box)) == 5
    assert_there(box, job)


def test_an_address_that_expired_before_the_first_chunk_does_not_spoil_the_upload(box: Sandbox) -> None:
    box.baijiayun.upload_lifetime = 60
    job = job_of(4 * CHUNK)
    interrupt(baijiayun(box), job, 2)
    box.clock.advance(61)
    baijiayun(box).upload(after(job))
    assert_there(box, job)


@pytest.mark.parametrize("number", range(4))
def test_a_chunk_whose_answer_is_lost_is_not_sent_again(box: Sandbox, number: int) -> None:
    job, driver = job_of(4 * CHUNK), baijiayun(box)
    sent = iter(range(100))
    take = box.blocks.take
    box.blocks.take = lambda request: (  # type: ignore[method-assign]
        LOST if request.path.startswith(UPLOAD) and next(sent) == number else take(request)
    )
    driver.upload(job)
    assert len(ranges(box)) == 4
    assert_there(box, job)


def test_chunks_that_never_arrive_end_the_try(box: Sandbox) -> None:
    box.block(UPLOAD, Answer(close=True), times=100)
    with pytest.raises(Temporary):
        baijiayun(box).upload(job_of(4 * CHUNK))
    assert len(ranges(box)) == upload.TRIES


def test_a_refusal_counts_once_a_second_round_is_refused_too(box: Sandbox) -> None:
    job = job_of(4 * CHUNK)
    interrupt(baijiayun(box), job, 4)
    assert job.token["proven"]
    box.block(UPLOAD, says(9, msg="磁盘已满"), times=100)
    job = after(job)
    for kind in (Temporary, Refused):
        with pytest.raises(PlatformError) as caught:
            baijiayun(box).upload(job)
        assert type(caught.value) is kind
        assert caught.value.sentence.params["words"] == "磁盘已满"
        job = after(job)


def test_success_without_a_byte_more_is_not_believed_for_ever(box: Sandbox) -> None:
    job = job_of(4 * CHUNK)
    interrupt(baijiayun(box), job, 4)
    box.block(UPLOAD, says(1), times=100)
    with pytest.raises(Corrupted):
        baijiayun(box).upload(after(job))


def test_a_finished_upload_is_recognized_and_not_repeated(box: Sandbox) -> None:
    job = job_of(2 * CHUNK)
    video_id = baijiayun(box).upload(job)
    before = len(ranges(box))
    assert baijiayun(box).upload(after(job)) == video_id
    assert len(ranges(box)) == before


def test_an_upload_whose_video_was_deleted_starts_again(box: Sandbox) -> None:
    job = job_of(4 * CHUNK)
    interrupt(baijiayun(box), job, 4)
    baijiayun(box).delete_video(job.announced[0])
    with pytest.raises(SessionLost):
        baijiayun(box).upload(after(job))


def test_a_refused_look_at_a_running_upload_does_not_start_it_again(box: Sandbox) -> None:
    job = job_of(4 * CHUNK)
    interrupt(baijiayun(box), job, 4)
    box.block(path(box, "video/getStatus"), says(77, msg="请求过于频繁"))
    with pytest.raises(PlatformError) as caught:
        baijiayun(box).upload(after(job))
    assert type(caught.value) is Refused


def test_a_stop_breaks_off_a_chunk_on_its_way(box: Sandbox) -> None:
    """The sending thread must not run on once the lease is lost."""

    class Slow(BytesSource):
        def read(self, offset: int, length: int) -> bytes:
            assert not stopped
            return super().read(offset, length)

    class Stopping(MemoryJob):
        def pulse(self, bytes_done: int) -> None:
            stopped.append(bytes_done)
            raise Interrupted

    stopped: list[int] = []
    job = job_of(4 * CHUNK)
    with pytest.raises(Interrupted):
        baijiayun(box).upload(Stopping(Slow(job.source.data), job.draft))
    assert stopped


def test_a_file_that_changes_on_the_way_is_said_to_have_changed(box: Sandbox) -> None:
    class Changed(BytesSource):
        def read(self, offset: int, length: int) -> bytes:
            if offset:
                raise SourceChanged("ends early")
            return super().read(offset, length)

    job = job_of(4 * CHUNK)
    with pytest.raises(SourceChanged):
        baijiayun(box).upload(MemoryJob(Changed(job.source.data), job.draft))
