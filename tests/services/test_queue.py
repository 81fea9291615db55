"""Hints are alarm clocks: sent after commit, few, lost without harm; the sweep finds what no hint told of."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ, Task

from platforms import queue, tasks
from platforms.models import Account, Health, Publication, Pulse
from platforms.services import accounts, progress, publishing, removal, supervising, sweep
from platforms.services.uploads import control
from platforms.values import State
from tests import hub


def hints(name: str) -> list[str]:
    """The functions of the hints that wait in a queue."""
    key = settings.QUEUES[name]
    return [task.func() for task in OrmQ.objects.filter(key=key)]


@pytest.fixture
def row(box) -> Publication:
    (queued,) = hub.publish(hub.add_video(), hub.add_account(box, "youku"))
    OrmQ.objects.all().delete()
    return queued


@pytest.mark.django_db(transaction=True)
def test_a_hint_is_sent_only_once_the_rows_are_committed(box):
    account, video = hub.add_account(box, "youku"), hub.add_video()
    OrmQ.objects.all().delete()
    with transaction.atomic():
        publishing.publish(video, [hub.target(account)], actor="li")
        assert not OrmQ.objects.exists()
    assert hints(queue.UPLOADS) == ["platforms.tasks.run_uploads"]
    assert hints(queue.DEFAULT) == []


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_wakes_nobody(box):
    account, video = hub.add_account(box, "youku"), hub.add_video()
    OrmQ.objects.all().delete()
    with transaction.atomic():
        publishing.publish(video, [hub.target(account)], actor="li")
        transaction.set_rollback(True)
    assert not OrmQ.objects.exists()
    assert not Publication.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_hint_carries_nothing(row):
    queue.wake_all()
    for task in OrmQ.objects.all():
        assert task.task["args"] == ()
        assert task.task["kwargs"] == {}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", ["publish", "retry", "resume", "cancel", "delete"])
def test_a_broker_that_is_down_does_not_break_what_a_person_does(row, monkeypatch, verb, caplog):
    def down(*arguments, **options):
        raise ConnectionError("refused")

    monkeypatch.setattr(queue, "async_task", down)
    monkeypatch.setattr(queue, "get_broker", down)
    if verb == "publish":
        publishing.publish(row.video, [hub.target(row.account)], actor="li")
    elif verb == "retry":
        Publication.objects.update(state=State.FAILED)
        assert publishing.send_again(Publication.objects.get(), actor="li")
    elif verb == "resume":
        control.pause(row, actor="li")
        assert control.resume(row, actor="li")
    elif verb == "cancel":
        assert control.cancel(row, actor="li")
    else:
        Publication.objects.update(state=State.PUBLISHED, remote_id="X")
        assert removal.ask(Publication.objects.all(), actor="li") == 1
    assert not OrmQ.objects.exists()
    assert "refused" not in caplog.text
    assert "ConnectionError" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_hints_are_not_heaped_up(row):
    for _ in range(3 * queue.ENOUGH_HINTS):
        queue.wake_uploads()
        queue.wake_followers()
    assert queue.backlog(queue.UPLOADS) == queue.ENOUGH_HINTS
    assert queue.backlog(queue.DEFAULT) == queue.ENOUGH_HINTS


@pytest.mark.django_db(transaction=True)
def test_the_sweep_finds_what_no_hint_told_of_and_does_not_tell_it_twice(row):
    assert sweep.hint() == sweep.Due(uploads=1, follow=False)
    sweep.hint()
    assert hints(queue.UPLOADS) == ["platforms.tasks.run_uploads"]
    assert hints(queue.DEFAULT) == []

    Publication.objects.update(state=State.PROCESSING, remote_id="X", next_run_at=timezone.now())
    OrmQ.objects.all().delete()
    assert sweep.hint() == sweep.Due(uploads=0, follow=True)
    sweep.hint()
    assert hints(queue.DEFAULT) == ["platforms.tasks.run_due"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "columns",
    [
        {"state": State.QUEUED, "next_run_at": progress.NO_WAIT / 2},
        {"state": State.PAUSED},
        {"state": State.UPLOADING, "lease_until": progress.NO_LEASE / 2},
        {"state": State.PROCESSING, "remote_id": "X", "next_run_at": timedelta(days=1)},
        {"state": State.PUBLISHED, "remote_id": "X"},
        {"state": State.CANCELLED},
    ],
)
def test_the_sweep_wakes_nobody_for_what_is_not_due(row, columns):
    times = {name: timezone.now() + value for name, value in columns.items() if isinstance(value, timedelta)}
    Publication.objects.update(**({"next_run_at": None} | columns | times))
    assert sweep.hint() == sweep.Due(uploads=0, follow=False)
    assert not OrmQ.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_sweep_wakes_nobody_for_an_account_that_does_not_work(row):
    Account.objects.update(health=Health.NEEDS_PERSON)
    assert sweep.hint() == sweep.Due(uploads=0, follow=False)


@pytest.mark.django_db(transaction=True)
def test_a_lost_hint_is_made_good_and_the_video_gets_there(row):
    sweep.hint()
    for task in OrmQ.objects.all():
        assert task.func() == "platforms.tasks.run_uploads"
    tasks.run_uploads()
    hub.work([row])
    assert row.state == State.PUBLISHED


@pytest.mark.django_db(transaction=True)
def test_a_canary_answers_for_its_own_cluster():
    Pulse.objects.create(host="here", queue="default")
    Pulse.objects.create(host="there", queue="default")
    tasks.answer_canary("here", "default")
    assert [pulse.answered_at is not None for pulse in Pulse.objects.order_by("host")] == [True, False]
    assert queue.send_canary("default", "here")
    # No machine but this one is offered it.
    assert [(task.key, task.func()) for task in OrmQ.objects.all()] == [("mediahub@here", queue.CANARY)]
    assert hints("default") == []


@pytest.mark.django_db(transaction=True)
def test_an_account_that_is_corrected_wakes_its_waiting_work(row, box):
    accounts.save_account("yk", "youku", {"access_token": "new"}, {}, actor="li")
    assert queue.backlog(queue.UPLOADS) == 1
    assert queue.backlog(queue.DEFAULT) == 1


@pytest.mark.django_db(transaction=True)
def test_failed_hints_of_long_ago_are_forgotten():
    for age, name in ((queue.KEEP_FAILURES * 2, "old"), (queue.KEEP_FAILURES / 2, "young")):
        stopped = timezone.now() - age
        Task.objects.create(id=name, name=name, func="x", started=stopped, stopped=stopped, success=False)
    queue.prune()
    assert [task.name for task in Task.objects.all()] == ["young"]


@pytest.mark.django_db(transaction=True)
def test_upload_workers_that_hold_leases_are_busy_and_not_dead(row):
    claimed = hub.claim(row)
    assert claimed.lease_holder.startswith(supervising.host())
    assert supervising._busy(queue.UPLOADS)
    assert not supervising._busy(queue.DEFAULT)
