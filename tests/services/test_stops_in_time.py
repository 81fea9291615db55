"""A person's word and a stop of the worker take effect while the platform holds an answer."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from requests.adapters import HTTPAdapter

from platforms import tasks
from platforms.models import Publication
from platforms.services.uploads import control, deciding, job
from platforms.transport import http
from platforms.values import State
from sandbox.server import Answer, Sandbox
from tests import hub
from tests.services.uploads import PROTOCOLS, queued

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("small_parts", "calls_without_end")]

#: The call that carries bytes. Its answer is held, after the platform has read them.
BYTES = {
    "oss": ("PUT", "/"),
    "slices": ("POST", "/gupload/upload_slice"),
    "ranges": ("POST", "/iqiyi-upload/"),
    "chunks": ("POST", "/baijiayun-upload/upload"),
}
HELD = Answer(503, b"", delay=10 * hub.PATIENCE_SECONDS)


def hanging(box: Sandbox, name: str) -> tuple[Publication, hub.Worker]:
    """An upload one of whose parts the platform does not answer, and its worker."""
    row = queued(box, name)
    method, path = BYTES[name]
    box.block(path, HELD, 4, method)
    worker = hub.Worker(tasks.run_uploads)
    worker.start()
    hub.until(lambda: box.blocks.taken)
    return row, worker


def stops(box: Sandbox, worker: hub.Worker) -> None:
    """The worker ends, and the platform has still not answered."""
    worker.finish()
    assert not [call for call in box.requests if call.status == HELD.status]


@pytest.mark.parametrize("name", PROTOCOLS)
@pytest.mark.parametrize("verb", ["pause", "cancel"])
def test_a_persons_word_ends_an_upload_that_hangs(box, name, verb):
    row, worker = hanging(box, name)
    assert getattr(control, verb)(Publication.objects.get(pk=row.pk), actor="li")
    stops(box, worker)
    row.refresh_from_db()
    assert row.state == {"pause": State.PAUSED, "cancel": State.CANCELLED}[verb]
    assert (row.lease_holder, row.lease_until) == ("", None), "its worker has let go"
    box.unblock()
    if verb == "pause":
        assert control.resume(row, actor="li")
        hub.work([row])
        assert row.state == State.PUBLISHED
        assert [video["md5"] for video in box.videos() if video["md5"]] == [row.video.md5]
    else:
        tasks.run_due()
        assert row.events.filter(kind="cancel").count() == 1


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_worker_that_is_to_leave_gives_a_hanging_upload_back(box, name, monkeypatch, tmp_path):
    drain = tmp_path / "drain"
    monkeypatch.setenv(job.DRAIN_VARIABLE, str(drain))
    row, worker = hanging(box, name)
    drain.touch()
    stops(box, worker)
    row.refresh_from_db()
    assert (row.state, row.lease_until, row.attempts) == (State.QUEUED, None, 0)
    assert hub.is_due(row), "another worker goes on at once"


# Calls that must not be repeated --------------------------------------------------------------------------------------

#: The calls that create something and that hand the file in. The platform does its work, and its answer is held.
UNREPEATABLE = {
    "oss": {"create": "/youku/uploads/create.json", "finish": "/youku/uploads/commit.json"},
    "ranges": {"create": "/iqiyi-upload/openupload", "finish": "/iqiyi-upload/uploadfinish"},
    "chunks": {"create": "/baijiayun/{domain}/openapi/video/getUploadUrl"},
}
MOMENTS = [(name, moment) for name, moments in UNREPEATABLE.items() for moment in moments]
DONE_AND_HELD = Answer(503, b"", delay=10 * hub.PATIENCE_SECONDS, after_work=True)


@pytest.fixture
def soon(monkeypatch) -> None:
    """A stop gives such an answer no more time than it takes to look whether it is there."""
    monkeypatch.setattr(http, "GRACE_SECONDS", 0.01)


def path(box: Sandbox, name: str, moment: str) -> str:
    return UNREPEATABLE[name][moment].format(domain=box.credentials("baijiayun")["private_domain"])


def held(box: Sandbox, name: str, moment: str) -> tuple[Publication, hub.Worker]:
    """An upload whose worker waits for the answer to such a call, and the worker."""
    row = queued(box, name)
    box.block(path(box, name, moment), DONE_AND_HELD)
    worker = hub.Worker(tasks.run_uploads)
    worker.start()
    hub.until(lambda: box.blocks.taken)
    return row, worker


def goes_on_to_one_video(box: Sandbox, row: Publication) -> None:
    box.unblock()
    hub.work([row])
    if row.state == State.UNKNOWN:
        # Youku lists an empty upload of this title, and nothing tells whose it is: a person looks, and sends it again.
        assert row.account.platform == "youku"
        assert deciding.send_again(row, actor="li") == ""
        hub.work([row])
    assert row.state == State.PUBLISHED
    assert [video["md5"] for video in box.videos() if video["md5"]] == [row.video.md5]


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize(("name", "moment"), MOMENTS)
def test_a_pause_does_not_wait_for_the_answer_to_a_call_that_is_looked_up_later(box, name, moment):
    row, worker = held(box, name, moment)
    assert control.pause(Publication.objects.get(pk=row.pk), actor="li")
    stops(box, worker)
    row.refresh_from_db()
    assert (row.state, row.lease_holder, row.lease_until) == (State.PAUSED, "", None)
    assert control.resume(row, actor="li")
    goes_on_to_one_video(box, row)


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize(("name", "moment"), MOMENTS)
def test_a_worker_that_is_to_leave_does_not_wait_for_it_either(box, name, moment, monkeypatch, tmp_path):
    drain = tmp_path / "drain"
    monkeypatch.setenv(job.DRAIN_VARIABLE, str(drain))
    row, worker = held(box, name, moment)
    drain.touch()
    stops(box, worker)
    row.refresh_from_db()
    assert (row.state, row.lease_until, hub.is_due(row)) == (State.QUEUED, None, True)
    drain.unlink()
    goes_on_to_one_video(box, row)


@pytest.mark.parametrize("name", UNREPEATABLE)
def test_an_answer_that_comes_soon_after_a_pause_is_not_lost(box, name, monkeypatch):
    monkeypatch.setattr(http, "GRACE_SECONDS", hub.PATIENCE_SECONDS)
    let_go, heard = threading.Event(), threading.Event()
    send = HTTPAdapter.send

    def answered_later(adapter: HTTPAdapter, request: Any, **options: Any) -> Any:
        answer = send(adapter, request, **options)
        if path(box, name, "create") in request.url:
            heard.set()
            let_go.wait()
        return answer

    monkeypatch.setattr(HTTPAdapter, "send", answered_later)
    row = queued(box, name)
    worker = hub.Worker(tasks.run_uploads)
    worker.start()
    hub.until(heard.is_set)
    assert control.pause(Publication.objects.get(pk=row.pk), actor="li")
    let_go.set()
    worker.finish()
    row.refresh_from_db()
    assert (row.state, row.lease_until) == (State.PAUSED, None)
    assert row.events.filter(kind="remote_id").count() == 1
    assert control.resume(row, actor="li")
    hub.work([row])
    assert row.state == State.PUBLISHED
    assert len(box.videos()) == 1, "it goes on with what was created"
