"""Pause, resume and cancel: obeyed at the worker's next step, without losing what the platform answered."""

from __future__ import annotations

import time

import pytest

from platforms import registry, tasks
from platforms.drivers.youku.driver import Youku
from platforms.errors import Refused, Temporary
from platforms.models import Account, Health, Publication, UploadSession
from platforms.services import lending, progress, publishing, sweep, uploading
from platforms.services.uploads import cancelling, control, job
from platforms.services.waits import MOST_ATTEMPTS
from platforms.values import Platform, State, say
from sandbox.server import Answer, Sandbox
from tests import hub
from tests.services.uploads import PROTOCOLS, queued, started

pytestmark = pytest.mark.usefixtures("attentive")

TOLD = {"oss": "/youku/uploads/cancel.json", "slices": "/youku/uploads/cancel.json",
        "ranges": "/iqiyi-upload/cancelupload", "chunks": "/baijiayun/"}  # fmt: skip


IN_FLIGHT = 5 * 100 * 1024


def cancels(box: Sandbox, name: str) -> int:
    """How often the platform was told."""
    calls = box.requests.to(TOLD[name])
    return len([call for call in calls if name != "chunks" or call.path.endswith("/video/delete")])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_paused_upload_stops_and_goes_on_where_it_was(box, name, gate, monkeypatch):
    row = queued(box, name)
    worker = started(gate)
    assert control.pause(Publication.objects.get(pk=row.pk), actor="li")
    gate.open()
    worker.finish()
    row.refresh_from_db()
    assert (row.state, row.next_run_at, row.lease_until) == (State.PAUSED, None, None)
    assert row.bytes_sent, "the parts that were under way have arrived and are remembered"
    asked: list[str] = []
    with monkeypatch.context() as patch:
        patch.setattr(lending, "driver_class", asked.append)
        tasks.run_uploads()
        tasks.run_due()
    row.refresh_from_db()
    assert (row.state, asked) == (State.PAUSED, []), "nothing happens to it while it is paused"

    assert control.resume(row, actor="li")
    hub.work([row])
    assert (row.state, row.attempts) == (State.PUBLISHED, 1)
    assert [video["md5"] for video in box.videos()] == [row.video.md5]
    if name != "chunks":
        assert hub.bytes_received(box) <= row.bytes_total + IN_FLIGHT, "only what was under way is sent twice"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_cancel_in_mid_upload_stops_it_and_tells_the_platform_exactly_once(box, name, gate):
    row = queued(box, name)
    worker = started(gate)
    assert control.cancel(Publication.objects.get(pk=row.pk), actor="li")
    tasks.run_due()
    let_go = not Publication.objects.get(pk=row.pk).lease_holder
    assert let_go or cancels(box, name) == 0, "the platform is told once its worker has stopped"
    gate.open()
    worker.finish()
    tasks.run_due()
    tasks.run_due()
    row.refresh_from_db()
    assert (row.state, row.next_run_at) == (State.CANCELLED, None)
    assert cancels(box, name) == 1
    assert not UploadSession.objects.exists()
    assert row.events.filter(kind="cancel").count() == 1
    assert [video["state"] for video in box.videos()] == ["deleted" if name == "chunks" else "cancelled"]
    assert not cancelling.due().exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("name", "verb"), [("oss", "pause"), ("oss", "cancel"), ("ranges", "pause"), ("ranges", "cancel")]
)
def test_what_the_platform_answered_to_a_create_during_which_a_person_stopped_it_is_not_lost(box, name, verb):
    row = queued(box, name)
    do, driver = getattr(control, verb), registry.DRIVERS[Platform(row.account.platform)]
    upload = driver.upload

    def stopped(self, running):
        announce = running.announce

        def stop_it(remote_id):
            do(Publication.objects.get(pk=row.pk), actor="li")
            announce(remote_id)

        running.announce = stop_it
        return upload(self, running)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(driver, "upload", stopped)
        tasks.run_uploads()
    assert row.events.filter(kind="remote_id").count() == 1
    if verb == "cancel":
        tasks.run_due()
        assert cancels(box, name) == 1
    else:
        row.refresh_from_db()
        control.resume(row, actor="li")
        hub.work([row])
        assert row.state == State.PUBLISHED
        assert len(box.videos()) == 1, "it goes on with what was created"


@pytest.mark.django_db
@pytest.mark.parametrize("verb", [control.pause, control.cancel])
def test_a_file_that_the_platform_had_completely_before_the_upload_was_stopped_is_followed(box, verb):
    row = queued(box, "oss")

    class Late(Youku):
        def upload(self, running):
            remote_id = super().upload(running)
            assert verb(Publication.objects.get(pk=row.pk), actor="li")
            return remote_id

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(registry.DRIVERS, Platform.YOUKU, Late)
        tasks.run_uploads()
    row.refresh_from_db()
    assert row.state == State.PROCESSING
    assert hub.last_event(row).sentence["text"] == uploading.WAS_COMPLETE
    assert not UploadSession.objects.exists()
    tasks.run_due()
    assert cancels(box, "oss") == 0
    hub.work([row])
    assert row.state == State.PUBLISHED


@pytest.mark.django_db
def test_the_platform_is_told_of_a_cancelled_upload_whose_worker_died_once_its_lease_would_be_over(box):
    row = queued(box, "ranges")
    claimed = hub.claim(row)
    UploadSession.objects.create(publication=row, fingerprint=job.fingerprint(row), token={"file_id": ""})
    assert control.cancel(row, actor="li")
    assert row.next_run_at == claimed.lease_until
    assert not sweep.due().follow
    assert cancelling.run_due() == 0
    hub.hurry(row)
    assert sweep.due().follow
    assert cancelling.run_due() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("state", [State.QUEUED, State.PAUSED, State.UNKNOWN, State.DRAFT])
def test_what_has_not_begun_on_the_platform_is_cancelled_without_a_call(box, state):
    row = queued(box, "oss")
    Publication.objects.filter(pk=row.pk).update(state=state)
    row.refresh_from_db()
    assert control.cancel(row, actor="li")
    tasks.run_uploads()
    tasks.run_due()
    assert row.state == State.CANCELLED
    assert len(box.requests) == 0
    assert not control.cancel(row, actor="li")
    assert control.why_not_cancel(row)


@pytest.mark.django_db
def test_a_paused_upload_that_is_cancelled_is_told_too_and_can_be_sent_again(box, gate):
    row = queued(box, "ranges")
    gate.open()
    claimed = hub.claim(row)
    with uploading._open_source(claimed) as source, job.RowJob(claimed, source, time.monotonic() + 60) as running:
        running.checkpoint(
            {"step": "sending", "file_id": "f" * 32, "upload_url": box.url, "part_size": 1, "accepted": []}, 0
        )
    control.pause(row, actor="li")
    running.hand_over()
    control.cancel(row, actor="li")
    box.block("/iqiyi-upload/cancelupload", Answer(200, b'{"code": "A00000"}', "application/json"))
    tasks.run_due()
    assert cancels(box, "ranges") == 1
    row.refresh_from_db()
    assert publishing.send_again(row, actor="li")
    hub.work([row])
    assert row.state == State.PUBLISHED
    assert len(box.videos()) == 1


def cancelled(box: Sandbox) -> Publication:
    row = queued(box, "oss")
    hub.claim(row)
    UploadSession.objects.create(
        publication=row, fingerprint=job.fingerprint(row), token={"upload_token": "t", "protocol": "oss"}
    )
    row.refresh_from_db()
    assert control.cancel(row, actor="li")
    return row


@pytest.mark.django_db
def test_a_platform_that_cannot_be_told_now_is_told_later_and_not_for_ever(box, monkeypatch):
    row, told = cancelled(box), []

    def down(driver, token):
        told.append(token)
        raise Temporary(say("The platform is away."))

    monkeypatch.setattr(Youku, "cancel_upload", down)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        hub.hurry(row)
        tasks.run_due()
        tasks.run_due()
        assert len(told) == attempt
        Account.objects.update(troubles=0)  # its other work goes well
    assert not UploadSession.objects.exists()
    assert [event.sentence["text"] for event in row.events.filter(kind="cancel")] == [
        cancelling.NOT_TOLD, "The platform is away.", "The platform is away.",
    ]  # fmt: skip


@pytest.mark.django_db
def test_an_account_that_needs_a_person_is_told_of_cancelled_uploads_once_it_works_again(box, monkeypatch):
    row, told = cancelled(box), []
    monkeypatch.setattr(Youku, "cancel_upload", lambda driver, token: told.append(token))
    Account.objects.update(health=Health.NEEDS_PERSON)
    hub.hurry(row)
    tasks.run_due()
    assert not told
    assert not sweep.due().follow
    Account.objects.update(health=Health.OK)
    tasks.run_due()
    assert len(told) == 1


@pytest.mark.django_db
def test_a_login_that_is_lost_while_telling_is_told_at_the_account(box):
    row = cancelled(box)
    Account.objects.update(credentials=row.account.credentials | {"client_id": "wrong"})
    hub.hurry(row)
    tasks.run_due()
    assert Account.objects.get().health == Health.NEEDS_PERSON
    assert UploadSession.objects.exists()


@pytest.mark.django_db
def test_a_platform_that_refuses_the_cancel_is_not_asked_again(box, monkeypatch):
    row = cancelled(box)
    monkeypatch.setattr(Youku, "cancel_upload", lambda driver, token: (_ for _ in ()).throw(Refused(say("No."))))
    hub.hurry(row)
    tasks.run_due()
    assert not UploadSession.objects.exists()
    assert hub.last_event(row).sentence["text"] == cancelling.NOT_TOLD


@pytest.mark.django_db
def test_only_one_of_two_followers_tells_the_platform(box, monkeypatch):
    row, told = cancelled(box), []
    monkeypatch.setattr(Youku, "cancel_upload", lambda driver, token: told.append(token))
    hub.hurry(row)
    first, second = (UploadSession.objects.select_related("publication__account").get() for _ in range(2))
    assert cancelling._tell(first)
    assert not cancelling._tell(second)
    assert len(told) == 1


@pytest.mark.django_db
def test_a_slow_worker_hands_nothing_over_once_another_has_claimed_the_upload(box):
    row = queued(box, "oss")
    claimed = hub.claim(row)
    with uploading._open_source(claimed) as source, job.RowJob(claimed, source, time.monotonic() + 60) as running:
        running.checkpoint({"step": "old"}, 1)
        control.pause(Publication.objects.get(pk=row.pk), actor="li")
        with pytest.raises(job.LeaseLost):
            running.checkpoint({"step": "newer"}, 2)
        control.resume(Publication.objects.get(pk=row.pk), actor="li")
        taken = hub.claim(row)
        running.hand_over()
    assert UploadSession.objects.get().token == {"step": "old"}
    assert progress.hold(taken, taken.fence)


@pytest.mark.django_db
def test_only_what_waits_or_runs_can_be_paused_and_only_what_is_paused_resumed(box):
    row = queued(box, "oss")
    assert not control.resume(row, actor="li")
    assert control.why_not_resume(row)
    assert control.pause(row, actor="li")
    assert not control.pause(row, actor="li")
    assert control.resume(row, actor="li")
    assert hub.is_due(row)
    hub.work([row])
    assert not control.pause(row, actor="li")
    assert not control.cancel(row, actor="li")
