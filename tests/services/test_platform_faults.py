"""A platform that is down, slow or answers nonsense: the publication waits, says why, and goes on to one video."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace

import pytest
from django.utils import timezone

from platforms import tasks
from platforms.drivers.youku import storage
from platforms.errors import Temporary
from platforms.models import Publication
from platforms.services import uploading
from platforms.transport.http import Http
from platforms.values import State, say
from sandbox.server import Answer, Sandbox
from tests import hub

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_parts")]

HTML = b"<html><body><h1>Bad Gateway</h1></body></html>"
READ_SECONDS = 0.2
ALL_THE_TIME = 1000


@dataclass(frozen=True)
class Protocol:
    """How a platform is reached: its account's option, and the paths of each step (method, path)."""

    platform: str
    create: tuple[str, str]
    bytes: tuple[str, str]
    commit: tuple[str, str]
    look: tuple[str, str]
    upload_method: str = ""


OSS = Protocol(
    "youku",
    create=("POST", "/youku/uploads/create.json"),
    bytes=("PUT", "/"),
    commit=("POST", "/youku/uploads/commit.json"),
    look=("GET", "/youku/videos/show.json"),
)
SLICES = replace(OSS, bytes=("POST", "/gupload/upload_slice"), upload_method="slices")
RANGES = Protocol(
    "iqiyi",
    create=("GET", "/iqiyi-upload/openupload"),
    bytes=("POST", "/iqiyi-upload/"),
    commit=("POST", "/iqiyi-upload/uploadfinish"),
    look=("GET", "/iqiyi/api/file/"),
)
CHUNKS = Protocol(
    "baijiayun",
    create=("POST", "/baijiayun/{domain}/openapi/video/getUploadUrl"),
    bytes=("POST", "/baijiayun-upload/upload"),
    commit=("POST", "/baijiayun/{domain}/openapi/video/getStatus"),
    look=("POST", "/baijiayun/{domain}/openapi/video/getInfo"),
)
PROTOCOLS = {"oss": OSS, "slices": SLICES, "ranges": RANGES, "chunks": CHUNKS}
FAULTS = {
    "down": Answer(close=True),
    "busy": Answer(503, b""),
    "HTML": Answer(502, HTML),
    "HTML as success": Answer(200, HTML),
    "empty": Answer(200, b""),
    "cut JSON": Answer(200, b'{"code": "A00', "application/json"),
    "slow": Answer(close=True, delay=3 * READ_SECONDS),
}
STEPS = ("create", "bytes", "commit")
CASES = [
    *(("oss", "create", fault) for fault in FAULTS),
    *(("oss", "bytes", fault) for fault in ("HTML", "slow", "empty")),
    *(("oss", "commit", fault) for fault in ("down", "cut JSON")),
    *((protocol, step, "HTML") for protocol in ("slices", "ranges", "chunks") for step in STEPS),
    *((protocol, "bytes", "down") for protocol in ("slices", "ranges", "chunks")),
]


@contextmanager
def impatience() -> Iterator[None]:
    """Hardly an answer is waited for: only where one is to come too late, for a busy machine is late with every one."""
    defaults = Http.call.__kwdefaults__
    assert defaults is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(defaults, "read_seconds", READ_SECONDS)
        patch.setattr(storage, "READ_SECONDS", READ_SECONDS)
        yield


def queued(box: Sandbox, protocol: Protocol) -> Publication:
    options = {"upload_method": protocol.upload_method} if protocol.upload_method else {}
    (row,) = hub.publish(hub.add_video(), hub.add_account(box, protocol.platform, **options))
    return row


def block(box: Sandbox, step: tuple[str, str], answer: Answer, times: int = ALL_THE_TIME) -> None:
    method, path = step
    domain = box.credentials("baijiayun")["private_domain"]
    box.block(path.replace("{domain}", domain), answer, times, method)


def assert_one_video(box: Sandbox, row: Publication) -> None:
    assert (row.state, row.error) == (State.PUBLISHED, None)
    there = [video for video in box.videos() if video["md5"]]
    assert [(video["id"], video["md5"]) for video in there] == [(row.remote_id, row.video.md5)]


def assert_waits(row: Publication) -> None:
    row.refresh_from_db()
    assert row.state == State.QUEUED
    assert hub.error_of(row)["kind"] in ("Temporary", "BadAnswer")
    assert row.error_text
    assert "%(" not in row.error_text
    assert hub.waits(row)
    assert row.lease_until is None


@pytest.mark.parametrize(("name", "step", "fault"), CASES)
def test_an_upload_waits_says_why_and_goes_on(box, name, step, fault, caplog):
    protocol = PROTOCOLS[name]
    row = queued(box, protocol)
    block(box, getattr(protocol, step), FAULTS[fault])
    with caplog.at_level(logging.DEBUG), impatience() if fault == "slow" else nullcontext():
        tasks.run_uploads()
    assert not [record for record in caplog.records if record.exc_info]
    assert_waits(row)
    box.unblock()
    hub.hurry(row)
    hub.work([row])
    assert_one_video(box, row)


@pytest.mark.parametrize("name", PROTOCOLS)
@pytest.mark.parametrize("step", STEPS)
def test_an_answer_that_is_lost_after_the_work_was_done_makes_no_second_video(box, name, step):
    protocol = PROTOCOLS[name]
    row = queued(box, protocol)
    block(box, getattr(protocol, step), hub.LOST, times=1)
    tasks.run_uploads()
    hub.hurry(row)
    hub.work([row])
    assert_one_video(box, row)


@pytest.mark.parametrize(
    ("name", "fault"), [("oss", "down"), ("oss", "empty"), ("oss", "cut JSON"), ("ranges", "HTML"), ("chunks", "HTML")]
)
def test_a_look_that_fails_keeps_the_state_and_says_why_until_one_succeeds(box, name, fault):
    protocol = PROTOCOLS[name]
    row = queued(box, protocol)
    hub.work([row], until=(State.PROCESSING,))
    block(box, protocol.look, FAULTS[fault])

    def failed() -> bool:
        tasks.run_due()
        return Publication.objects.get(pk=row.pk).error is not None

    hub.until(failed)
    tasks.run_due()
    row.refresh_from_db()
    assert (row.state, hub.error_of(row)["kind"] in ("Temporary", "BadAnswer")) == (State.PROCESSING, True)
    assert row.next_run_at
    assert row.events.filter(kind="look").count() == 1, "the history has the first failure, not each of them"
    box.unblock()
    hub.work([row])
    assert (row.state, row.error) == (State.PUBLISHED, None)


def seconds_to_wait(row: Publication) -> float:
    assert row.next_run_at is not None
    return (row.next_run_at - timezone.now()).total_seconds()


def test_a_platform_that_names_a_time_is_not_asked_earlier(box):
    row = queued(box, OSS)
    error = Temporary(say("busy"), retry_after=600.0)
    claimed = hub.claim(row)
    uploading._take_error(claimed, error, moved=False)
    row.refresh_from_db()
    assert seconds_to_wait(row) > 590


def test_a_look_that_is_told_a_time_is_not_repeated_earlier(box):
    row = queued(box, OSS)
    hub.work([row], until=(State.PROCESSING,))
    block(box, OSS.look, Answer(503, b"", headers={"Retry-After": "600"}))

    def told() -> bool:
        tasks.run_due()
        row.refresh_from_db()
        return row.error is not None

    hub.until(told)
    assert seconds_to_wait(row) > 590


def test_the_waits_grow_from_try_to_try(box):
    row = queued(box, SLICES)
    block(box, SLICES.create, FAULTS["busy"])
    waits = []
    for attempt in range(1, 5):
        hub.hurry(row)
        tasks.run_uploads()
        row.refresh_from_db()
        assert row.attempts == attempt
        waits.append(seconds_to_wait(row))
    assert waits == sorted(waits)
    assert waits[0] > 0
    box.unblock()
    hub.hurry(row)
    hub.work([row])
    assert_one_video(box, row)
