from __future__ import annotations

import json
from typing import Any

import pytest

from platforms.drivers.iqiyi import upload
from platforms.drivers.iqiyi.upload import merged, missing_spans
from platforms.errors import Corrupted, SessionLost, Temporary
from platforms.transport import checkpoints
from sandbox.server import Answer, Sandbox
from tests.drivers.lent import after, interrupt
from tests.drivers.on_iqiyi import KIB, iqiyi, job_of, lost, says

PART = 16 * KIB


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "SMALLEST_PART", PART)
    monkeypatch.setattr(upload, "LARGEST_PART", PART)
    monkeypatch.setattr(checkpoints, "SECONDS_BETWEEN", 0.0)


def ranges_sent(box: Sandbox) -> list[str]:
    return [call.headers["range"] for call in box.requests if call.path.endswith("/upload")]


def calls_to(box: Sandbox, name: str) -> int:
    return len(box.requests.to(f"/iqiyi-upload/{name}"))


@pytest.mark.parametrize("number", range(1 + 1 + 1 + 3))
def test_it_goes_on_after_a_stop_at_any_checkpoint(box: Sandbox, number: int) -> None:
    job = job_of(16 * PART)
    interrupt(iqiyi(box), job, number)
    job = after(job)
    iqiyi(box).upload(job)
    complete = [video for video in box.videos("iqiyi") if video["md5"] == job.source.md5]
    assert len(complete) == 1
    assert [video["title"] for video in box.videos("iqiyi") if video["title"]] == [job.draft.title]


def test_it_sends_only_the_ranges_that_were_not_confirmed(box: Sandbox) -> None:
    job = job_of(16 * PART)
    interrupt(iqiyi(box), job, 4)
    job = after(job)
    confirmed = sum(end - first for first, end in job.token["accepted"])
    job.source.reads.clear()
    iqiyi(box).upload(job)
    assert confirmed > 0
    assert sum(length for _, length in job.source.reads) == job.source.size - confirmed


def test_it_keeps_what_arrived_before_the_connection_broke(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "SECONDS_BETWEEN", 3600.0)
    job, driver = job_of(8 * PART), iqiyi(box)

    def break_after_four(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "upload_range" and len(ranges_sent(box)) >= 4:
            box.block("/iqiyi-upload/", Answer(close=True), times=1000)
        return call(name, *args, **kwargs)

    call = driver.api.http.call
    monkeypatch.setattr(driver.api.http, "call", break_after_four)
    with pytest.raises(Temporary):
        driver.upload(job)
    assert sum(end - first for first, end in job.token["accepted"]) >= 4 * PART
    box.unblock()
    iqiyi(box).upload(after(job))
    assert [video["md5"] for video in box.videos("iqiyi")] == [job.source.md5]


def test_a_lost_answer_to_openupload_leaves_one_video(box: Sandbox) -> None:
    box.block("/iqiyi-upload/openupload", lost())
    job = job_of()
    with pytest.raises(Temporary) as caught:
        iqiyi(box).upload(job)
    assert caught.value.maybe_done
    iqiyi(box).upload(after(job))
    assert [video["title"] for video in box.videos("iqiyi") if video["title"]] == [job.draft.title]
    assert [video["md5"] for video in box.videos("iqiyi") if video["md5"]] == [job.source.md5]


def test_a_lost_answer_to_uploadfinish_is_looked_up_and_not_repeated(box: Sandbox) -> None:
    box.block("/iqiyi-upload/uploadfinish", lost())
    job = job_of()
    with pytest.raises(Temporary):
        iqiyi(box).upload(job)
    sent = len(ranges_sent(box))
    iqiyi(box).upload(after(job))
    assert calls_to(box, "uploadfinish") == 1
    assert len(ranges_sent(box)) == sent


def test_an_uploadfinish_that_never_arrived_is_repeated_without_sending_bytes_again(box: Sandbox) -> None:
    box.block("/iqiyi-upload/uploadfinish", Answer(close=True))
    job = job_of()
    with pytest.raises(Temporary):
        iqiyi(box).upload(job)
    sent = len(ranges_sent(box))
    iqiyi(box).upload(after(job))
    assert calls_to(box, "uploadfinish") == 2
    assert len(ranges_sent(box)) == sent
    assert [video["md5"] for video in box.videos("iqiyi")] == [job.source.md5]


def damaged(size: int, md5: str) -> Answer:
    return says("A00000", file_range_accepted=size, range_md5=md5)


@pytest.mark.parametrize("answer", [damaged(PART, "0" * 32), damaged(PART - 1, "0" * 32), damaged(0, "0" * 32)])
def test_a_range_that_arrives_damaged_is_sent_again(box: Sandbox, answer: Answer) -> None:
    job = job_of(2 * PART)
    box.block("/iqiyi-upload/", answer, method="POST")
    iqiyi(box).upload(job)
    assert len(ranges_sent(box)) == 3
    assert [video["md5"] for video in box.videos("iqiyi")] == [job.source.md5]


def test_a_range_that_always_arrives_damaged_ends_the_try(box: Sandbox) -> None:
    box.block("/iqiyi-upload/", damaged(PART, "0" * 32), times=1000, method="POST")
    with pytest.raises(Corrupted):
        iqiyi(box).upload(job_of(PART))
    assert len(ranges_sent(box)) == upload.TRIES


def test_an_upload_that_iqiyi_has_dropped_starts_again(box: Sandbox) -> None:
    job = job_of()
    interrupt(iqiyi(box), job, 3)
    iqiyi(box).cancel_upload(job.token)
    with pytest.raises(SessionLost):
        iqiyi(box).upload(after(job))


def test_an_upload_cancelled_before_its_end_was_heard_of_starts_again(box: Sandbox) -> None:
    box.block("/iqiyi-upload/uploadfinish", Answer(close=True))
    job = job_of()
    with pytest.raises(Temporary):
        iqiyi(box).upload(job)
    iqiyi(box).cancel_upload(job.token)
    with pytest.raises(SessionLost):
        iqiyi(box).upload(after(job))


def test_the_token_stays_small_however_many_ranges_were_sent(box: Sandbox) -> None:
    job = job_of(64 * PART)
    iqiyi(box).upload(job)
    assert max(len(json.dumps(token)) for token in job.history) < 1000


def test_spans_are_merged_where_they_touch() -> None:
    assert merged([[10, 20], [0, 5], [5, 10], [30, 40], [35, 36]]) == [[0, 20], [30, 40]]


def test_gaps_are_what_no_span_covers() -> None:
    assert list(missing_spans([[10, 20], [30, 40]], 50)) == [[0, 10], [20, 30], [40, 50]]
    assert list(missing_spans([], 5)) == [[0, 5]]
    assert list(missing_spans([[0, 5]], 5)) == []
