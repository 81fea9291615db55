"""What people have done with videos on platforms: asked for once, done by a worker, repeated only without harm."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from platforms import tasks
from platforms.contract import CanBlock
from platforms.models import Account, Health, Operation, OperationState, Publication
from platforms.registry import driver_class
from platforms.services import sweep
from platforms.services.operations import asking, kinds, running
from platforms.services.operations.kind import Kind
from platforms.services.operations.showing import BLOCK, UNBLOCK
from platforms.values import State
from sandbox.server import Answer, Sandbox
from tests import hub

pytestmark = pytest.mark.django_db

PLATFORMS = ("youku", "iqiyi", "baijiayun")
BAIJIAYUN = "/baijiayun/"


def published(box: Sandbox, platform: str = "baijiayun") -> Publication:
    (row,) = hub.publish(hub.add_video(), hub.add_account(box, platform))
    hub.work([row])
    assert row.state == State.PUBLISHED
    return row


def the_operation(kind: Kind, row: Publication, **more: object) -> Operation:
    (operation,) = asking.ask(kind, [row], actor="li", **more).operations  # type: ignore[arg-type]
    return operation


def run(operation: Operation) -> Operation:
    Operation.objects.filter(pk=operation.pk, ended_at=None).update(next_run_at=timezone.now())
    tasks.run_due()
    operation.refresh_from_db()
    return operation


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_platform_that_can_does_what_was_asked_and_another_is_skipped_with_the_reason(box, platform):
    row = published(box, platform)
    asked = asking.ask(BLOCK, [row], actor="li")
    if not issubclass(driver_class(platform), CanBlock):
        assert not asked.operations
        assert [reason for _row, reason in asked.skipped] == [asking.why_not(BLOCK, row)]
        with translation.override("en"):
            assert driver_class(platform).label in asking.why_not(BLOCK, row)
        return
    assert sweep.due().follow
    done = run(asked.operations[0])
    assert (done.state, done.error, done.next_run_at, done.attempts) == (OperationState.DONE, None, None, 1)
    row.refresh_from_db()
    assert row.state == State.BLOCKED
    assert hub.last_event(row, kind="block").actor == "li"
    assert run(the_operation(UNBLOCK, row)).state == OperationState.DONE
    row.refresh_from_db()
    assert row.state == State.PUBLISHED


def test_what_makes_no_sense_in_its_state_is_not_asked_for(box):
    row = published(box)
    assert asking.ask(UNBLOCK, [row], actor="li").operations == []
    assert Operation.objects.count() == 0


def test_those_of_a_publication_run_in_their_order_whatever_is_due_first(box):
    row = published(box)
    first, second = the_operation(BLOCK, row), the_operation(BLOCK, row)
    Operation.objects.filter(pk=first.pk).update(next_run_at=timezone.now() + timedelta(minutes=1))
    assert run(second).state == OperationState.WAITING
    assert run(first).state == OperationState.DONE
    assert Operation.objects.get(pk=second.pk).state == OperationState.FAILED  # blocked already


def test_one_that_is_planned_holds_up_nobody_and_runs_at_its_time(box):
    row = published(box)
    planned = the_operation(BLOCK, row, planned_at=timezone.now() + timedelta(hours=2))
    tasks.run_due()
    planned.refresh_from_db()
    assert planned.state == OperationState.WAITING
    now = the_operation(BLOCK, row)
    assert run(now).state == OperationState.DONE
    assert not running.due(timezone.now()).exists()
    assert running.due(timezone.now() + timedelta(hours=3)).get() == planned


def test_one_that_has_not_begun_can_be_taken_back_once(box):
    row = published(box)
    planned = the_operation(BLOCK, row, planned_at=timezone.now() + timedelta(hours=2))
    assert asking.cancel(planned, actor="wang")
    assert not asking.cancel(planned, actor="wang")
    planned.refresh_from_db()
    assert (planned.state, planned.next_run_at) == (OperationState.CANCELLED, None)
    assert hub.last_event(row, kind="block").actor == "wang"


def test_a_passing_trouble_is_waited_out_and_leaves_its_reason_meanwhile(box):
    row = published(box)
    box.block(BAIJIAYUN, Answer(status=503), times=20, method="POST")
    operation = run(the_operation(BLOCK, row))
    assert operation.state == OperationState.WAITING
    assert operation.error is not None
    assert operation.error["kind"] == "Temporary"
    assert operation.next_run_at is not None
    assert operation.next_run_at > timezone.now()
    box.unblock()
    assert run(operation).state == OperationState.DONE


def test_a_platform_that_names_a_time_is_not_asked_earlier(box):
    row = published(box)
    box.block(BAIJIAYUN, Answer(503, b"", headers={"Retry-After": "600"}), times=20, method="POST")
    operation = run(the_operation(BLOCK, row))
    assert operation.next_run_at is not None
    assert operation.next_run_at > timezone.now() + timedelta(seconds=590)


def test_a_video_that_is_gone_fails_it_and_becomes_missing(box):
    row = published(box)
    hub.delete_elsewhere(row)
    operation = run(the_operation(BLOCK, row))
    row.refresh_from_db()
    assert (operation.state, row.state) == (OperationState.FAILED, State.MISSING)


def test_wrong_credentials_stop_the_account_and_cost_no_attempt(box):
    row = published(box)
    operation = the_operation(BLOCK, row)
    wrong = row.account.credentials | {"partner_key": "0" * 32, "secret_key": ""}
    Account.objects.filter(pk=row.account_id).update(credentials=wrong)
    run(operation)
    row.account.refresh_from_db()
    assert (operation.state, operation.attempts) == (OperationState.WAITING, 0)
    assert row.account.health == Health.NEEDS_PERSON
    assert not running.due(timezone.now() + timedelta(hours=3)).exists()


def test_a_key_that_was_replaced_elsewhere_is_fetched_and_the_operation_is_done(box):
    row = published(box)
    stale = row.account.credentials | {"partner_key": "0" * 32}
    Account.objects.filter(pk=row.account_id).update(credentials=stale)
    operation = the_operation(BLOCK, row)
    assert run(operation).state == OperationState.WAITING
    assert run(operation).state == OperationState.DONE


def test_a_worker_that_died_in_it_is_taken_over_and_the_dead_one_can_write_nothing(box):
    row = published(box)
    operation = the_operation(BLOCK, row)
    dead = Operation.objects.select_related("publication__account").get(pk=operation.pk)
    assert running._claim(dead)
    assert not running.due(timezone.now()).exists()
    assert run(operation).state == OperationState.DONE
    assert not running._end(dead, OperationState.FAILED, error=None)


@pytest.mark.parametrize(("known", "state"), [(True, "done"), (False, "done"), (None, "unknown")])
def test_a_call_that_must_not_be_repeated_is_looked_up_before_it_is_sent_again(box, monkeypatch, known, state):
    row, sent = published(box), []
    once = Kind(
        "once", "Once", CanBlock, "No: %(platform)s", lambda *_: sent.append(1), "Done.", is_repeatable=False,
        was_done=lambda *_: known,
    )  # fmt: skip
    monkeypatch.setitem(kinds.KINDS, "once", once)
    operation = the_operation(once, row)
    assert running._claim(Operation.objects.get(pk=operation.pk))  # and the worker dies here
    assert run(operation).state == state
    assert len(sent) == (known is False)
    if known is None:
        with translation.override("en"):
            assert "answer was lost" in operation.error_text
        assert asking.again(operation, actor="li") is not None


def test_those_of_a_year_ago_are_forgotten_and_the_history_stays(box):
    row = published(box)
    old = run(the_operation(BLOCK, row))
    row.refresh_from_db()
    done = run(the_operation(UNBLOCK, row))
    planned = the_operation(BLOCK, row, planned_at=timezone.now() + timedelta(days=1))
    long_ago = timezone.now() - timedelta(days=400)
    Operation.objects.filter(pk=old.pk).update(created_at=long_ago, ended_at=long_ago)
    Operation.objects.filter(pk=planned.pk).update(created_at=long_ago)
    before = row.events.count()
    sweep.tidy()
    assert set(Operation.objects.all()) == {done, planned}
    assert row.events.count() == before


def test_a_newer_one_replaces_an_older_one_that_has_not_begun(box, monkeypatch):
    row = published(box)
    latest = Kind("latest", "Latest", CanBlock, "No", lambda *_: None, "Done.", replaces_waiting=True)
    monkeypatch.setitem(kinds.KINDS, "latest", latest)
    older, newer = the_operation(latest, row, arguments={"n": 1}), the_operation(latest, row, arguments={"n": 2})
    older.refresh_from_db()
    assert older.state == OperationState.CANCELLED
    assert run(newer).state == OperationState.DONE
