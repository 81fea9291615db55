from __future__ import annotations

import pytest

from platforms.drivers.iqiyi import upload
from platforms.values import State
from sandbox.server import Sandbox
from tests.drivers.conftest import PACE
from tests.drivers.on_iqiyi import KIB, iqiyi, job_of


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "SMALLEST_PART", 16 * KIB)
    monkeypatch.setattr(upload, "LARGEST_PART", 16 * KIB)


def test_it_brings_every_byte(box: Sandbox) -> None:
    job = job_of(100 * KIB + 7)
    file_id = iqiyi(box).upload(job)
    (video,) = box.videos("iqiyi")
    assert (video["id"], video["md5"], video["size"]) == (file_id, job.source.md5, job.source.size)
    assert job.announced == [file_id]


def test_it_describes_the_video_before_the_first_range_and_finishes_after_the_last(box: Sandbox) -> None:
    iqiyi(box).upload(job_of())
    steps = [call.path.rsplit("/", 1)[1] for call in box.requests]
    assert steps == ["openupload", "info", *["upload"] * 7, "uploadfinish"]


def test_it_sends_title_description_tags_and_category(box: Sandbox) -> None:
    iqiyi(box).upload(job_of(category="12"))
    (call,) = box.requests.to("/iqiyi/api/file/info")
    assert call.values["file_name"] == "第一课 认识分数"
    assert call.values["description"] == "三年级数学"
    assert call.values["tags"] == "数学,三年级"
    assert call.values["file_type"] == "12"


def test_it_leaves_out_what_was_not_chosen(box: Sandbox) -> None:
    iqiyi(box).upload(job_of(tags=()))
    (call,) = box.requests.to("/iqiyi/api/file/info")
    assert not {"tags", "file_type"} & set(call.values)


def test_it_names_the_upload_in_headers_with_underscores(box: Sandbox) -> None:
    file_id = iqiyi(box).upload(job_of())
    call = next(call for call in box.requests if call.path.endswith("/upload"))
    assert call.headers["file_id"] == file_id
    assert call.headers["file_size"] == str(100 * KIB)
    assert call.values == {"type": "body"}
    assert "access_token" not in call.headers


def test_it_sends_a_file_smaller_than_a_part_as_one_range(box: Sandbox) -> None:
    iqiyi(box).upload(job_of(5))
    ranges = [call.headers["range"] for call in box.requests if call.path.endswith("/upload")]
    assert ranges == ["0-4"]


def test_it_is_published_in_the_end(box: Sandbox) -> None:
    driver = iqiyi(box)
    file_id = driver.upload(job_of())
    assert [video.state for video in driver.look([file_id])] == [State.PROCESSING]
    box.clock.advance(PACE + 1)
    (video,) = driver.look([file_id])
    assert video.state == State.PUBLISHED
    assert video.page_url.startswith("http")
    assert video.embed_url.startswith("http")
    assert video.cover_url.startswith("http")
