"""Publishing at a time: uploaded now and kept blocked until then where the platform can, else uploaded then."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from platforms import tasks
from platforms.models import Account, Health, Operation, OperationState, Publication, Video
from platforms.services import publishing, removal, sweep, uploading
from platforms.services.files import storing
from platforms.services.operations import asking, running
from platforms.services.operations.showing import UNBLOCK
from platforms.services.scheduling.kinds import HOLD
from platforms.services.uploads import control
from platforms.values import State
from sandbox.server import Answer
from tests import hub
from tests.services.scheduled import (
    PLATFORMS,
    blocks,
    in_hours,
    is_seen,
    plan_of,
    publish,
    show_elsewhere,
    turn,
    words,
)

pytestmark = pytest.mark.django_db

SET_STATUS = "/baijiayun/b0001/openapi/video/setPublishStatus"
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_nothing_is_seen_before_its_time_and_everything_after_it(box, platform):
    at = in_hours(2)
    row = publish(hub.add_account(box, platform), at)
    before = State.BLOCKED if blocks(row) else State.QUEUED
    hub.work([row], until=(before,))
    with time_machine.travel(at - timedelta(minutes=1)):
        turn(row)
        assert (row.state, row.publish_at) == (before, at)
        assert not is_seen(box, row)
        assert not sweep.due().uploads
        assert plan_of(row).state == OperationState.WAITING
    with time_machine.travel(at + SECOND):
        found = sweep.due()
        assert found.follow if blocks(row) else found.uploads
        hub.work([row], until=(State.PUBLISHED,))
        tasks.run_due()
        assert is_seen(box, row)
        assert plan_of(row).state == OperationState.DONE
    row.refresh_from_db()
    assert (row.publish_at, row.upload_from, row.held) == (None, None, False)
    assert "planned for" in words(row)


def test_it_is_hidden_before_the_platform_has_transcoded_it(box):
    row = publish(hub.add_account(box, "baijiayun"), in_hours(2))
    seen = []
    for _ in range(60):
        tasks.run_uploads()
        tasks.run_due()
        seen.append(is_seen(box, row))
        row.refresh_from_db()
        if row.state == State.BLOCKED:
            break
    assert row.state == State.BLOCKED
    assert not any(seen)
    assert [call.path for call in box.requests].index(SET_STATUS) < 4, "told before it could be transcoded"
    assert "not to show the video before" in words(row)


def test_one_whose_worker_died_after_the_last_byte_is_hidden_all_the_same(box, monkeypatch):
    row = publish(hub.add_account(box, "baijiayun"), in_hours(2))

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(uploading, "_finish", die)
    with pytest.raises(KeyboardInterrupt):
        tasks.run_uploads()
    tasks.run_due()
    assert Operation.objects.get(kind=HOLD.name).state == OperationState.DONE
    row.refresh_from_db()
    assert row.state == State.UPLOADING, "how an upload ended says its own worker"
    assert not is_seen(box, row)


def test_one_that_is_shown_before_its_time_is_blocked_at_once_and_the_history_says_for_how_long(box):
    row = publish(hub.add_account(box, "baijiayun"), in_hours(2))
    hub.work([row])
    show_elsewhere(row)
    assert row.state == State.PUBLISHED
    assert sweep.due().follow
    tasks.run_due()
    row.refresh_from_db()
    assert row.state == State.BLOCKED
    assert not is_seen(box, row)
    assert "showed the video before its time" in words(row)
    assert "(h:min:s)" in words(row)
    assert not sweep.due().follow


def test_whoever_publishes_it_from_the_hub_before_its_time_is_not_fought(box):
    row = publish(hub.add_account(box, "baijiayun"), in_hours(2))
    hub.work([row])
    asking.ask(UNBLOCK, [row], actor="wang")
    turn(row)
    assert (row.state, row.held) == (State.PUBLISHED, False)
    sweep.tidy()
    row.refresh_from_db()
    assert (plan_of(row).state, row.publish_at) == (OperationState.CANCELLED, None)


def test_what_was_deleted_from_the_hub_before_its_time_has_no_plan_any_more(box):
    row = publish(hub.add_account(box, "baijiayun"), in_hours(2), in_hours(4))
    hub.work([row])
    removal.ask([row], actor="wang")
    hub.work([row], until=(State.DELETED,))
    sweep.tidy()
    row.refresh_from_db()
    assert set(Operation.objects.exclude(planned_at=None).values_list("state", flat=True)) == {"cancelled"}
    assert (row.publish_at, row.held) == (None, False)


def test_a_lost_answer_to_the_blocking_is_asked_again(box):
    box.block(SET_STATUS, hub.LOST, times=6)
    row = publish(hub.add_account(box, "baijiayun"), in_hours(2))
    tasks.run_uploads()
    Operation.objects.filter(state=OperationState.WAITING, planned_at=None).update(next_run_at=timezone.now())
    hub.work([row])
    assert row.state == State.BLOCKED
    assert set(Operation.objects.filter(kind=HOLD.name).values_list("state", flat=True)) <= {"done", "waiting"}


def test_a_lost_answer_at_its_time_publishes_it_once_all_the_same(box):
    at = in_hours(2)
    row = publish(hub.add_account(box, "baijiayun"), at)
    hub.work([row])
    with time_machine.travel(at + SECOND):
        box.block(SET_STATUS, hub.LOST, times=4)
        tasks.run_due()
        assert plan_of(row).state == OperationState.WAITING
    with time_machine.travel(at + timedelta(minutes=10)):
        box.unblock()
        turn(row)
        assert (row.state, plan_of(row).state) == (State.PUBLISHED, OperationState.DONE)


def test_after_a_time_without_workers_it_is_published_late_and_the_history_says_by_how_much(box):
    at = in_hours(2)
    row = publish(hub.add_account(box, "baijiayun"), at)
    hub.work([row])
    with time_machine.travel(at + timedelta(hours=3, minutes=4)):
        turn(row)
        assert row.state == State.PUBLISHED
    assert "3:04:" in words(row)


def test_an_upload_that_is_not_finished_at_its_time_is_shown_when_it_is(box):
    at = in_hours(2)
    row = publish(hub.add_account(box, "baijiayun"), at)
    control.pause(row, actor="li")
    with time_machine.travel(at + timedelta(minutes=5)):
        turn(row)
        assert plan_of(row).state == OperationState.WAITING, "it waits for the upload"
        assert not running.due(timezone.now()).exists()
        control.resume(row, actor="li")
        hub.work([row], until=(State.PUBLISHED,))
        tasks.run_due()
        assert plan_of(row).state == OperationState.DONE
        assert is_seen(box, row)
    assert not Operation.objects.filter(kind=HOLD.name).exists()


@pytest.mark.parametrize("platform", ["youku", "iqiyi"])
def test_nothing_starts_a_planned_upload_before_its_time(box, platform):
    at = in_hours(2)
    row = publish(hub.add_account(box, platform), at)
    storing.wake(row.video)
    assert not uploading.run_here(row)
    control.pause(row, actor="li")
    control.resume(row, actor="li")
    hub.hurry(row)
    turn(row)
    assert (row.state, row.attempts, row.publish_at) == (State.QUEUED, 0, at)
    assert box.videos() == []
    assert not sweep.due().uploads


def test_a_retry_after_its_time_keeps_nothing_back(box):
    at = in_hours(2)
    row = publish(hub.add_account(box, "youku"), at, title="违禁")
    with time_machine.travel(at + SECOND):
        hub.work([row], until=(State.FAILED,))
        Video.objects.update(title="第一课")
        row.video.refresh_from_db()
        assert plan_of(row).state == OperationState.WAITING
        assert publishing.send_again(row, actor="li")
        hub.work([row], until=(State.PUBLISHED,))
        tasks.run_due()
        assert plan_of(row).state == OperationState.DONE


def test_a_cancelled_upload_takes_its_plans_with_it(box):
    row = publish(hub.add_account(box, "baijiayun"), in_hours(2), in_hours(4))
    assert control.cancel(row, actor="wang")
    assert set(Operation.objects.values_list("state", flat=True)) == {OperationState.CANCELLED}
    assert (row.publish_at, row.held) == (None, False)
    assert publishing.send_again(row, actor="wang")
    hub.work([row])
    assert row.state == State.PUBLISHED


def test_an_account_that_does_not_work_at_its_time_is_waited_for(box):
    at = in_hours(2)
    row = publish(hub.add_account(box, "baijiayun"), at)
    hub.work([row])
    Account.objects.update(health=Health.NEEDS_PERSON)
    with time_machine.travel(at + timedelta(minutes=20)):
        turn(row)
        assert row.state == State.BLOCKED
        Account.objects.update(health=Health.OK)
        turn(row)
        assert row.state == State.PUBLISHED
    assert "0:20:" in words(row)


def test_what_was_deleted_before_its_time_is_said_to_be(box):
    at = in_hours(2)
    row = publish(hub.add_account(box, "baijiayun"), at)
    hub.work([row])
    hub.delete_elsewhere(row)
    with time_machine.travel(at + SECOND):
        turn(row)
    assert (plan_of(row).state, row.state) == (OperationState.FAILED, State.MISSING)
    assert Publication.objects.filter(held=True, state=State.PUBLISHED).count() == 0


@pytest.mark.django_db(transaction=True)
def test_what_is_hidden_already_is_shown_when_it_is_published_again_without_a_time(box, gate, attentive):
    row = publish(hub.add_account(box, "baijiayun"), in_hours(2))
    worker = hub.Worker(tasks.run_uploads)
    worker.start()
    gate.wait()
    tasks.run_due()
    row.refresh_from_db()
    control.pause(row, actor="li")
    gate.open()
    worker.finish()
    row.refresh_from_db()
    assert (row.state, bool(row.remote_id)) == (State.PAUSED, True)
    target = hub.target(row.account)
    publishing.publish(row.video, [target], actor="li")
    hub.work([row], until=(State.PUBLISHED,))
    turn(row)
    assert is_seen(box, row)


def test_a_worker_that_dies_while_it_publishes_is_followed_by_another(box):
    at = in_hours(2)
    row = publish(hub.add_account(box, "baijiayun"), at)
    hub.work([row])
    with time_machine.travel(at + SECOND):
        assert running._claim(plan_of(row))  # and the worker dies here
        turn(row)
        assert (row.state, plan_of(row).state) == (State.BLOCKED, OperationState.RUNNING)
    with time_machine.travel(at + running.CLAIM + 2 * SECOND):
        turn(row)
        assert (row.state, plan_of(row).state, plan_of(row).attempts) == (State.PUBLISHED, OperationState.DONE, 2)


@pytest.mark.django_db(transaction=True)
def test_a_platform_that_blocks_nothing_unfinished_is_told_again_once_it_has_the_file(box, gate, attentive):
    row = publish(hub.add_account(box, "baijiayun"), in_hours(2))
    worker = hub.Worker(tasks.run_uploads)
    worker.start()
    gate.wait()
    box.block(
        SET_STATUS, Answer(200, b'{"code": 5001, "msg": "not transcoded", "data": {}, "ts": 1}', "application/json")
    )
    tasks.run_due()
    assert Operation.objects.get(kind=HOLD.name).state == OperationState.FAILED
    gate.open()
    worker.finish()
    hub.work([row])
    assert row.state == State.BLOCKED
    assert "not transcoded" in words(row)
