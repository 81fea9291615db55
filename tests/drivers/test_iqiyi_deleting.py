from __future__ import annotations

import inspect

import pytest

from platforms.drivers.iqiyi.api import Api
from platforms.errors import Refused
from sandbox.server import Sandbox
from tests.drivers.lent import interrupt
from tests.drivers.on_iqiyi import iqiyi, job_of, published

DELETE = "/iqiyi/api/file/delete"


def test_it_names_the_one_video_and_asks_for_no_other(box: Sandbox) -> None:
    driver = iqiyi(box)
    file_id = published(box, driver)
    driver.delete_video(file_id)
    (call,) = box.requests.to(DELETE)
    assert (call.values["delete_type"], call.values["file_ids"]) == ("1", file_id)


def test_the_client_cannot_ask_to_delete_everything() -> None:
    assert list(inspect.signature(Api.delete_video).parameters) == ["self", "file_id"]


@pytest.mark.parametrize("file_id", ["", "a,b", "a;b", "a&delete_type=0", "a b", "a\nb"])
def test_it_sends_nothing_but_one_id(box: Sandbox, file_id: str) -> None:
    with pytest.raises(Refused):
        iqiyi(box).api.delete_video(file_id)
    assert box.requests.to(DELETE) == []


def test_cancelling_tells_iqiyi_to_stop(box: Sandbox) -> None:
    job = job_of()
    interrupt(iqiyi(box), job, 2)
    iqiyi(box).cancel_upload(job.token)
    (video,) = box.videos("iqiyi")
    assert video["state"] == "cancelled"
    assert box.requests.to("/iqiyi-upload/cancelupload")[0].headers["status"] == "2"


def test_cancelling_twice_is_success(box: Sandbox) -> None:
    job = job_of()
    interrupt(iqiyi(box), job, 2)
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
