from __future__ import annotations

import inspect

import pytest

from platforms.contract import Interrupted
from platforms.drivers.iqiyi.api import Api
from platforms.errors import Gone, Refused, Temporary
from sandbox.server import Answer, Sandbox
from tests.drivers.on_iqiyi import iqiyi, job_of, published

DELETE = "/iqiyi/api/file/delete"


def test_it_deletes_this_video_and_no_other(box: Sandbox) -> None:
    driver = iqiyi(box)
    first, second = published(box, driver), published(box, driver)
    driver.delete_video(first)
    assert {video["id"]: video["state"] for video in box.videos("iqiyi")} == {first: "deleted", second: "published"}
    (call,) = box.requests.to(DELETE)
    assert (call.values["delete_type"], call.values["file_ids"]) == ("1", first)


def test_the_client_cannot_ask_to_delete_everything() -> None:
    assert list(inspect.signature(Api.delete_video).parameters) == ["self", "file_id"]


@pytest.mark.parametrize("file_id", ["", "a,b", "a;b", "a&delete_type=0", "a b", "a\nb"])
def test_it_sends_nothing_but_one_id(box: Sandbox, file_id: str) -> None:
    with pytest.raises(Refused):
        iqiyi(box).api.delete_video(file_id)
    assert box.requests.to(DELETE) == []


def test_a_video_that_is_already_gone_is_said_to_be_gone(box: Sandbox) -> None:
    driver = iqiyi(box)
    file_id = published(box, driver)
    driver.delete_video(file_id)
    with pytest.raises(Gone):
        driver.delete_video(file_id)


def test_a_lost_answer_is_not_followed_by_a_second_delete(box: Sandbox) -> None:
    driver = iqiyi(box)
    file_id = published(box, driver)
    box.block(DELETE, Answer(close=True, after_work=True))
    with pytest.raises(Temporary):
        driver.delete_video(file_id)
    assert len(box.requests.to(DELETE)) == 1


def test_cancelling_tells_iqiyi_to_stop(box: Sandbox) -> None:
    job = job_of()
    job.stop_after = 2
    with pytest.raises(Interrupted):
        iqiyi(box).upload(job)
    iqiyi(box).cancel_upload(job.token)
    (video,) = box.videos("iqiyi")
    assert video["state"] == "cancelled"
    assert box.requests.to("/iqiyi-upload/cancelupload")[0].headers["status"] == "2"


def test_cancelling_twice_is_success(box: Sandbox) -> None:
    job = job_of()
    job.stop_after = 2
    with pytest.raises(Interrupted):
        iqiyi(box).upload(job)
    iqiyi(box).cancel_upload(job.token)
    iqiyi(box).cancel_upload(job.token)


def test_cancelling_what_iqiyi_no_longer_knows_is_success(box: Sandbox) -> None:
    iqiyi(box).cancel_upload({"step": "sending", "file_id": "f" * 32})


def test_cancelling_a_finished_upload_says_that_it_cannot(box: Sandbox) -> None:
    driver = iqiyi(box)
    with pytest.raises(Refused):
        driver.cancel_upload({"step": "finishing", "file_id": driver.upload(job_of())})


def test_cancelling_before_anything_was_opened_asks_nothing(box: Sandbox) -> None:
    iqiyi(box).cancel_upload({"step": "opening"})
    assert len(box.requests) == 0
