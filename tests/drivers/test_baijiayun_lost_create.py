from __future__ import annotations

import pytest

from platforms.drivers.baijiayun.driver import Baijiayun
from platforms.errors import OutcomeUnknown, Temporary
from sandbox.server import Answer, Sandbox
from tests.drivers.lent import MemoryJob, after, interrupt
from tests.drivers.on_baijiayun import LOST, access_to, baijiayun, job_of, path, says

CREATE = "video/getUploadUrl"


def lose_the_answer(box: Sandbox, job: MemoryJob) -> MemoryJob:
    """The job of the next process, after the platform created a video and its answer never came."""
    box.block(path(box, CREATE), LOST)
    with pytest.raises(Temporary) as caught:
        baijiayun(box).upload(job)
    assert caught.value.maybe_done
    assert job.token["step"] == "creating"
    return after(job)


def created(box: Sandbox) -> int:
    return len(box.requests.to(path(box, CREATE)))


def test_the_one_empty_video_of_that_name_is_taken_over(box: Sandbox) -> None:
    job = lose_the_answer(box, job_of())
    video_id = baijiayun(box).upload(job)
    assert created(box) == 1
    assert [(video["id"], video["md5"]) for video in box.videos("baijiayun")] == [(video_id, job.source.md5)]
    assert job.announced == [video_id]


def test_when_nothing_was_created_it_is_created(box: Sandbox) -> None:
    box.block(path(box, CREATE), Answer(close=True))
    job = job_of()
    with pytest.raises(Temporary):
        baijiayun(box).upload(job)
    baijiayun(box).upload(after(job))
    assert created(box) == 2
    assert [video["md5"] for video in box.videos("baijiayun")] == [job.source.md5]


def test_several_that_may_be_it_are_left_to_a_person(box: Sandbox) -> None:
    baijiayun(box).api.get_upload_url("第一课 认识分数.mp4", ["16"])
    job = lose_the_answer(box, job_of())
    with pytest.raises(OutcomeUnknown) as caught:
        baijiayun(box).upload(job)
    assert caught.value.sentence.params["count"] == 2
    assert created(box) == 2


def test_after_the_person_has_tidied_up_it_goes_on(box: Sandbox) -> None:
    other = baijiayun(box).api.get_upload_url("第一课 认识分数.mp4", ["16"])
    job = lose_the_answer(box, job_of())
    baijiayun(box).delete_video(other.video_id)
    video_id = baijiayun(box).upload(job)
    assert [video["id"] for video in box.videos("baijiayun") if video["md5"]] == [video_id]


def test_a_video_of_another_name_is_not_taken_over(box: Sandbox) -> None:
    other = baijiayun(box).api.get_upload_url("第二课.mp4", ["16"])
    box.block(path(box, CREATE), Answer(close=True))
    job = job_of()
    with pytest.raises(Temporary):
        baijiayun(box).upload(job)
    assert baijiayun(box).upload(after(job)) != other.video_id


def test_an_older_video_of_the_same_name_is_not_taken_over(box: Sandbox) -> None:
    other = baijiayun(box).api.get_upload_url("第一课 认识分数.mp4", ["16"])
    box.block(path(box, CREATE), Answer(close=True))
    job = job_of()
    with pytest.raises(Temporary):
        baijiayun(box).upload(job)
    job.stored["since"] += 3600
    assert baijiayun(box).upload(after(job)) != other.video_id


def test_a_finished_video_of_the_same_name_is_not_taken_over(box: Sandbox) -> None:
    other = baijiayun(box).upload(job_of(50))
    box.block(path(box, CREATE), Answer(close=True))
    job = job_of()
    with pytest.raises(Temporary):
        baijiayun(box).upload(job)
    assert baijiayun(box).upload(after(job)) != other


def test_an_upload_of_the_same_name_that_has_bytes_is_not_taken_over(box: Sandbox) -> None:
    other = baijiayun(box).api.get_upload_url("第一课 认识分数.mp4", ["16"])
    box.block(path(box, CREATE), Answer(close=True))
    job = job_of()
    with pytest.raises(Temporary):
        baijiayun(box).upload(job)
    resume = path(box, "video/getResumeUploadUrl")
    box.block(resume, says(0, {"upload_url": other.upload_url, "upload_size": 7}))
    assert baijiayun(box).upload(after(job)) != other.video_id


def test_a_look_up_that_fails_creates_nothing(box: Sandbox) -> None:
    job = lose_the_answer(box, job_of())
    box.block(path(box, "video/getVideoList"), Answer(503), times=10)
    with pytest.raises(Temporary):
        baijiayun(box).upload(job)
    assert created(box) == 1
    assert job.token["step"] == "creating"


def test_it_searches_every_page(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    job = lose_the_answer(box, job_of())
    entries = box.videos("baijiayun")
    first = {"total": 2, "list": [{"video_id": 1, "name": "x", "status": 100}]}
    found = baijiayun(box).api.list_videos().videos[0]
    second = {
        "total": 2,
        "list": [
            {"video_id": found.video_id, "name": found.name, "status": 10, "create_time": int(job.token["since"])}
        ],
    }
    box.block(path(box, "video/getVideoList"), says(0, first))
    box.block(path(box, "video/getVideoList"), says(0, second))
    assert baijiayun(box).upload(job) == entries[0]["id"]


def test_an_answer_that_could_not_be_lost_leaves_no_trace(box: Sandbox) -> None:
    job = job_of()
    access = access_to(box)
    access.addresses = {"BAIJIAYUN_API_URL": "http://127.0.0.1:9/{private_domain}"}
    with pytest.raises(Temporary) as caught:
        Baijiayun(access).upload(job)
    assert not caught.value.maybe_done
    assert job.token == {}


def test_a_stop_between_the_answer_and_its_checkpoint_is_a_lost_answer(box: Sandbox) -> None:
    job = job_of()
    interrupt(baijiayun(box), job, 1)
    video_id = baijiayun(box).upload(after(job))
    assert job.announced == [video_id]
    assert created(box) == 1
