"""A person's word and a stop of the worker take effect while the platform holds an answer."""

from __future__ import annotations

import pytest

from platforms import tasks
from platforms.models import Publication
from platforms.services.uploads import control, job
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
