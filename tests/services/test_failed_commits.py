"""A commit that fails is repeated by itself: no byte goes over the line a second time."""

from __future__ import annotations

import pytest

from platforms import tasks
from platforms.models import Account, Publication
from platforms.values import State
from sandbox.server import Answer, Sandbox
from tests import hub
from tests.services.uploads import PROTOCOLS, queued

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_parts")]

#: The call that ends each upload, once all bytes are there.
ENDS = {
    "oss": ("POST", "/youku/uploads/commit.json"),
    "slices": ("POST", "/youku/uploads/commit.json"),
    "ranges": ("POST", "/iqiyi-upload/uploadfinish"),
    "chunks": ("POST", "/baijiayun/{domain}/openapi/video/getStatus"),
}
FAULTS = {"503": Answer(503, b""), "cut": Answer(close=True), "HTML": Answer(502, b"<html>"), "lost": hub.LOST}
TIMES = 4


def end_of(box: Sandbox, name: str) -> str:
    return ENDS[name][1].replace("{domain}", box.credentials("baijiayun")["private_domain"])


def block_end(box: Sandbox, name: str, answer: Answer, times: int) -> None:
    box.block(end_of(box, name), answer, times, ENDS[name][0])


@pytest.mark.parametrize("name", PROTOCOLS)
@pytest.mark.parametrize("fault", FAULTS)
def test_only_the_commit_is_repeated(box, name, fault):
    row = queued(box, name)
    block_end(box, name, FAULTS[fault], TIMES)
    tries = 0
    while row.state in (State.QUEUED, State.UPLOADING):
        hub.hurry(row)
        Account.objects.update(troubles=0)
        tasks.run_uploads()
        row.refresh_from_db()
        tries += 1
        assert tries <= TIMES + 1
    hub.work([row])
    assert (row.state, row.error) == (State.PUBLISHED, None)
    assert any(call.status != 200 for call in box.requests.to(end_of(box, name))), "it did fail"
    assert hub.bytes_received(box) == row.bytes_total, "no byte was sent twice"
    assert [video["md5"] for video in box.videos()] == [row.video.md5]


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_commit_that_fails_for_long_keeps_what_was_sent(box, name):
    row = queued(box, name)
    block_end(box, name, FAULTS["503"], 1000)
    for _try in range(3):
        hub.hurry(row)
        tasks.run_uploads()
    row.refresh_from_db()
    assert row.state == State.QUEUED
    assert Publication.objects.filter(session__isnull=False).exists()
    assert hub.bytes_received(box) == row.bytes_total
