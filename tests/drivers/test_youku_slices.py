from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from platforms.contract import Interrupted
from platforms.drivers.youku import upload_slices
from platforms.drivers.youku.upload_slices import Waits
from platforms.errors import BadAnswer, Corrupted, QuotaReached, SessionLost, Temporary
from platforms.transport.checkpoints import Checkpoints
from sandbox.server import Answer, Sandbox
from tests.drivers.lent import CONNECTIONS, MemoryJob, after
from tests.drivers.on_youku import SLICE, job_of, lost, make_small_and_quick, refuses, stopped, stopped_in, youku

UPLOAD, CHECK, NEW = "/gupload/upload_slice", "/gupload/check", "/gupload/new_slice"
COMMIT = "/youku/uploads/commit.json"
CREATED = 4  # checkpoints until the file is created on the upload server


@pytest.fixture(autouse=True)
def small(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    make_small_and_quick(box, monkeypatch)


def has_the_file(box: Sandbox, job: MemoryJob) -> bool:
    return [row["md5"] for row in box.videos("youku")] == [job.source.md5]


def checked(status: int) -> Answer:
    body = {"status": status, "upload_server_ip": "127.0.0.1", "transferred_percent": 50, "confirmed_percent": 0}
    return Answer(200, json.dumps(body).encode(), "application/json")


def test_it_asks_the_server_what_is_left(box: Sandbox) -> None:
    # Each connection's first task may be checkpointed before any slice has arrived.
    job = stopped(youku(box, "slices"), 32 * SLICE, CREATED + CONNECTIONS + 1)
    arrived = len([call for call in box.requests.to(UPLOAD) if call.status == 201])
    youku(box, "slices").upload(job)
    assert has_the_file(box, job)
    assert 0 < arrived < 32
    assert len(job.source.reads) <= 32 + CONNECTIONS


def test_slices_that_were_handed_out_before_a_stop_are_sent_without_waiting_for_them(box: Sandbox) -> None:
    box.youku.slices.patience = 1e9
    driver = youku(box, "slices")
    box.block(UPLOAD, Answer(503), times=1000)
    job = job_of(3 * SLICE)
    with pytest.raises(Temporary):
        driver.upload(job)
    assert len(job.token["tasks"]) == 3
    box.unblock()
    youku(box, "slices").upload(after(job))
    assert has_the_file(box, job)


def test_a_slice_that_is_handed_out_again_is_not_sent_for_its_old_task_too(box: Sandbox) -> None:
    driver = youku(box, "slices")
    box.block(UPLOAD, Answer(503), times=1000)
    job = job_of(3 * SLICE)
    with pytest.raises(Temporary):
        driver.upload(job)
    assert len(job.token["tasks"]) == 3
    box.unblock()
    box.requests.clear()
    box.clock.advance(box.youku.slices.patience + 1)
    youku(box, "slices").upload(after(job))
    assert has_the_file(box, job)
    assert len(box.requests.to(UPLOAD)) == 3


def test_a_slice_that_arrived_damaged_is_sent_again(box: Sandbox) -> None:
    box.block(UPLOAD, refuses(120010225), times=2)
    job = job_of(3 * SLICE)
    youku(box, "slices").upload(job)
    assert has_the_file(box, job)


@pytest.mark.parametrize("code", [120010225, 12001010225, 120010218])
def test_a_slice_that_never_arrives_whole_ends_the_try(box: Sandbox, code: int) -> None:
    box.block(UPLOAD, refuses(code), times=1000)
    with pytest.raises(Corrupted):
        youku(box, "slices").upload(job_of())


@pytest.mark.parametrize("code", [120010207, 120010208, 120010221])
def test_a_slice_that_is_no_longer_expected_is_exchanged_for_another(box: Sandbox, code: int) -> None:
    box.block(UPLOAD, refuses(code))
    job = job_of(3 * SLICE)
    youku(box, "slices").upload(job)
    assert has_the_file(box, job)


def test_slices_that_are_never_expected_end_the_try(box: Sandbox) -> None:
    box.block(UPLOAD, refuses(120010208), times=10_000)
    job = job_of(40 * SLICE)
    with pytest.raises(Temporary):
        youku(box, "slices").upload(job)
    assert len(box.requests.to(UPLOAD)) <= upload_slices.MOST_REFUSALS + 2 * CONNECTIONS
    assert job.bytes_done == 0


def test_a_lost_answer_to_a_slice_does_no_harm(box: Sandbox) -> None:
    box.block(UPLOAD, lost(), times=2)
    job = job_of(5 * SLICE)
    youku(box, "slices").upload(job)
    assert has_the_file(box, job)


@pytest.mark.parametrize("code", [120010216, 120010221])
def test_a_file_that_was_already_created_is_gone_on_with(box: Sandbox, code: int) -> None:
    box.block("/gupload/create_file", lost())
    job = job_of(2 * SLICE)
    youku(box, "slices").upload(job)
    assert has_the_file(box, job)
    assert [call.status for call in box.requests.to("/gupload/create_file")] == [0, 400]


@pytest.mark.parametrize("status", [2, 3, 5])
def test_it_waits_while_the_server_writes(box: Sandbox, status: int) -> None:
    job = stopped(youku(box, "slices"), 2 * SLICE, CREATED)
    box.block(CHECK, checked(status), times=2)
    youku(box, "slices").upload(job)
    assert has_the_file(box, job)


def test_it_does_not_hold_a_worker_while_the_server_writes(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    clock = SimpleNamespace(sleep=slept.append, monotonic=lambda: sum(slept))
    monkeypatch.setattr(upload_slices, "time", clock)
    job = job_of(2 * SLICE)
    box.block(CHECK, checked(3), times=1000)
    with pytest.raises(Temporary) as caught:
        youku(box, "slices").upload(job)
    assert caught.value.retry_after == 60
    assert 25 < sum(slept) < 40
    assert max(slept) <= 1
    box.unblock()
    youku(box, "slices").upload(after(job))
    assert has_the_file(box, job)


def test_a_stop_is_heard_while_it_waits() -> None:
    job = job_of()
    job.stop_after = 0
    with pytest.raises(Interrupted):
        Waits(Checkpoints(job, {}), next_wait=0.01).once()


def test_waits_grow_to_eight_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    clock = SimpleNamespace(sleep=slept.append, monotonic=lambda: sum(slept))
    monkeypatch.setattr(upload_slices, "time", clock)
    waits, asked = Waits(Checkpoints(job_of(), {}), next_wait=0.25), []
    for _ in range(7):
        asked.append(waits.next_wait)
        waits.once()
    assert asked == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    assert sum(slept) == sum(asked)


@pytest.mark.parametrize("code", [120010223, 120010205, 120010206, 120010005])
def test_an_upload_that_the_server_no_longer_knows_starts_again(box: Sandbox, code: int) -> None:
    job = stopped(youku(box, "slices"), 3 * SLICE, CREATED + 1)
    box.block("/gupload/", refuses(code), times=1000)
    with pytest.raises(SessionLost):
        youku(box, "slices").upload(job)


def test_a_file_that_is_damaged_on_the_server_starts_again(box: Sandbox) -> None:
    box.block(COMMIT, refuses(120010301))
    with pytest.raises(SessionLost):
        youku(box, "slices").upload(job_of())


def test_too_many_uploads_pause_the_account(box: Sandbox) -> None:
    box.block("/gupload/create_file", refuses(120010210))
    with pytest.raises(QuotaReached):
        youku(box, "slices").upload(job_of())


def test_an_upload_that_was_ready_is_committed_without_asking_the_server_again(box: Sandbox) -> None:
    job = stopped_in(youku(box, "slices"), 2 * SLICE, "committing")
    box.requests.clear()
    job.stored["commits"] = 0
    youku(box, "slices").upload(job)
    assert [call.path for call in box.requests] == [COMMIT]
    assert job.bytes_done == job.source.size


def test_a_commit_whose_answer_was_lost_is_found_by_its_video(box: Sandbox) -> None:
    box.block(COMMIT, lost())
    job = job_of(2 * SLICE)
    with pytest.raises(Temporary):
        youku(box, "slices").upload(job)
    assert youku(box, "slices").upload(after(job)) == box.videos("youku")[0]["id"]
    assert has_the_file(box, job)


@pytest.mark.parametrize("span", [(SLICE, SLICE), (0, 2 * SLICE), (0, 0), (10**9, 1)])
def test_a_slice_outside_the_file_is_a_bad_answer(box: Sandbox, span: tuple[int, int]) -> None:
    task = {"slice_task_id": 7, "offset": span[0], "length": span[1], "transferred": 0, "finished": False}
    box.block(NEW, Answer(201, json.dumps(task).encode(), "application/json"), times=1000)
    with pytest.raises(BadAnswer):
        youku(box, "slices").upload(job_of(SLICE))
