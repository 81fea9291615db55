"""A lost answer to create ends in exactly one video, or in a question to a person."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from platforms.drivers.youku.mapping import LOST_CREATE
from platforms.errors import OutcomeUnknown, Temporary
from sandbox.server import Answer, Sandbox
from tests.drivers.lent import MemoryJob, after
from tests.drivers.on_youku import job_of, lost, make_small_and_quick, refuses, youku

CREATE, MINE = "/youku/uploads/create.json", "/youku/videos/by_me.json"
BEIJING = timedelta(hours=8)


@pytest.fixture(autouse=True)
def small(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    make_small_and_quick(box, monkeypatch)


@pytest.fixture
def job(box: Sandbox) -> MemoryJob:
    """A publication whose create was sent and whose answer was lost."""
    job = job_of()
    box.block(CREATE, lost())
    with pytest.raises(Temporary) as caught:
        youku(box).upload(job)
    assert caught.value.maybe_done
    return after(job)


def listing(title: str, state: str, minutes_ago: float) -> Answer:
    created = datetime.now(UTC) + BEIJING - timedelta(minutes=minutes_ago)
    video = {"id": "XSHELL", "title": title, "state": state, "created": f"{created:%Y-%m-%d %H:%M:%S}"}
    return Answer(200, json.dumps({"total": 1, "videos": [video]}).encode(), "application/json")


def test_a_lost_create_is_not_repeated_at_once(box: Sandbox, job: MemoryJob) -> None:
    assert len(box.requests.to(CREATE)) == 1
    assert job.token["step"] == "creating"
    assert job.token["since"] == pytest.approx(time.time(), abs=60)


def test_when_no_trace_is_seen_it_is_created_again(box: Sandbox, job: MemoryJob) -> None:
    video_id = youku(box).upload(job)
    assert [row["id"] for row in box.videos("youku") if row["md5"]] == [video_id]
    assert box.requests.to(MINE)


def test_an_unfinished_video_of_this_title_is_put_to_a_person(box: Sandbox, job: MemoryJob) -> None:
    box.block(MINE, listing(job.draft.title, "encoding", 0))
    with pytest.raises(OutcomeUnknown) as caught:
        youku(box).upload(job)
    assert (caught.value.sentence.text, caught.value.sentence.params["ids"]) == (LOST_CREATE, "XSHELL")
    assert len(box.requests.to(CREATE)) == 1


def test_after_the_person_has_deleted_it_the_upload_begins(box: Sandbox, job: MemoryJob) -> None:
    box.block(MINE, listing(job.draft.title, "encoding", 0))
    with pytest.raises(OutcomeUnknown):
        youku(box).upload(job)
    video_id = youku(box).upload(after(job))
    assert [row["id"] for row in box.videos("youku") if row["md5"]] == [video_id]


@pytest.mark.parametrize(
    ("title", "state", "minutes_ago"),
    [("第一课 认识分数", "normal", 0), ("第一课 认识分数", "encoding", 60), ("another", "encoding", 0)],
)
def test_other_videos_do_not_stand_in_the_way(
    box: Sandbox, job: MemoryJob, title: str, state: str, minutes_ago: float
) -> None:
    box.block(MINE, listing(title, state, minutes_ago))
    assert youku(box).upload(job)


def test_a_list_that_may_not_be_read_is_put_to_a_person(box: Sandbox, job: MemoryJob) -> None:
    box.block(MINE, refuses(1006))
    with pytest.raises(OutcomeUnknown):
        youku(box).upload(job)


def test_a_list_that_cannot_be_read_now_is_read_later(box: Sandbox, job: MemoryJob) -> None:
    box.block(MINE, Answer(502), times=3)
    with pytest.raises(Temporary):
        youku(box).upload(job)
    assert job.token["step"] == "creating"


def test_a_duplicate_after_a_lost_create_may_be_our_own(box: Sandbox, job: MemoryJob) -> None:
    box.block(CREATE, refuses(120010111))
    with pytest.raises(OutcomeUnknown):
        youku(box).upload(job)
    assert job.token["step"] == "creating"


def test_it_remembers_when_it_first_tried(box: Sandbox, job: MemoryJob) -> None:
    since = job.token["since"]
    box.block(CREATE, lost())
    with pytest.raises(Temporary):
        youku(box).upload(job)
    assert job.token["since"] == since


@pytest.mark.parametrize("answer", [refuses(1001), refuses(1013), Answer(200, b'{"error": {"code": 120010001}}')])
def test_a_create_that_was_certainly_not_done_is_simply_tried_again(box: Sandbox, answer: Answer) -> None:
    job = job_of()
    box.block(CREATE, answer)
    with pytest.raises(Exception, match="create_upload"):
        youku(box).upload(job)
    assert job.token == {}
    youku(box).upload(after(job))
    assert box.requests.to(MINE) == []
