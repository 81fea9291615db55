"""Blocking at a time, and what is planned, moved and taken back by people, two of them at once among others."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from platforms.models import BLOCK_AT, PUBLISH_AT, Operation, OperationState, Publication
from platforms.services import accounts, progress, publishing, zones
from platforms.services.operations import asking
from platforms.services.operations.showing import BLOCK
from platforms.services.publishing import Metadata, Target
from platforms.services.scheduling import planning, rows
from platforms.services.scheduling.planning import NotPlanned
from platforms.services.uploads import control
from platforms.values import State
from tests import hub
from tests.services.scheduled import PLATFORMS, blocks, in_hours, is_seen, plan_of, publish, turn, words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def published(box, platform="baijiayun") -> Publication:
    row = publish(hub.add_account(box, platform), None)
    hub.work([row])
    assert row.state == State.PUBLISHED
    return row


def refused(row: Publication, what: planning.What, hours: float) -> str:
    with pytest.raises(NotPlanned) as caught:
        planning.plan(row, what, in_hours(hours), actor="li")
    return str(caught.value)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_it_is_blocked_at_its_time_where_the_platform_can_and_refused_in_one_line_where_not(box, platform):
    row, at = published(box, platform), in_hours(3)
    if not blocks(row):
        assert "does not let videos be blocked" in refused(row, "block", 3)
        target = Target(row.account, block_at=at)
        found = publishing.obstacles(Metadata("x"), None, [target])
        assert [each.text for each in found if each.field == "block_at"] == [planning.why_not(row, "block")]
        return
    planning.plan(row, "block", at, actor="li")
    with time_machine.travel(at - timedelta(minutes=1)):
        turn(row)
        assert is_seen(box, row)
    with time_machine.travel(at + timedelta(hours=1)):
        turn(row)
        assert row.state == State.BLOCKED
        assert not is_seen(box, row)
    assert plan_of(row, BLOCK_AT).state == OperationState.DONE
    assert "1:00:" in words(row)


def test_both_times_are_kept_in_their_order_also_by_a_hub_that_was_down_for_both(box):
    begin, end = in_hours(2), in_hours(4)
    row = publish(hub.add_account(box, "baijiayun"), begin)
    hub.work([row])
    planning.plan(row, "block", end, actor="li")
    first = plan_of(row, PUBLISH_AT)
    # Planned again after the other one, so that its row is the younger one.
    planning.cancel(first, actor="li")
    row.refresh_from_db()
    planning.plan(row, "publish", begin, actor="li")
    with time_machine.travel(end + timedelta(hours=1)):
        turn(row)
        assert row.state == State.BLOCKED
    with time_machine.travel(end + timedelta(hours=2)):
        turn(row)
        assert row.state == State.BLOCKED
    done = Operation.objects.filter(state=OperationState.DONE, kind__in=(PUBLISH_AT, BLOCK_AT)).order_by("ended_at")
    assert [each.kind for each in done] == [PUBLISH_AT, BLOCK_AT]


def test_one_that_is_still_transcoded_at_its_time_is_not_seen_afterwards(box):
    at = in_hours(2)
    row = publish(hub.add_account(box, "baijiayun"), None, at)
    control.pause(row, actor="li")
    with time_machine.travel(at + timedelta(minutes=1)):
        control.resume(row, actor="li")
        hub.work([row], until=(State.BLOCKED,))
        turn(row)
        assert (row.state, row.held) == (State.BLOCKED, False)


def test_times_that_are_over_too_far_or_against_each_other_are_refused_with_the_times(box):
    row = publish(hub.add_account(box, "baijiayun"), in_hours(10))
    assert "is over already" in refused(row, "block", -1)
    assert "more than five years" in refused(row, "block", 24 * 366 * 6)
    earlier = in_hours(5)
    with pytest.raises(NotPlanned) as caught:
        planning.plan(row, "block", earlier, actor="li")
    times = [zones.text(at, row.account) for at in (earlier, row.publish_at) if at]
    assert all(time in str(caught.value) for time in times)


def test_publishing_says_all_that_is_wrong_with_its_times(box):
    account = hub.add_account(box, "baijiayun")
    draft = hub.target(account)
    target = Target(account, options=draft.options, publish_at=in_hours(5), block_at=in_hours(3))
    (found,) = publishing.obstacles(hub.LESSON, hub.add_video(), [target])
    assert found.field == "block_at"
    assert "before it is published" in found.text
    target = Target(account, options=draft.options, publish_at=in_hours(-5), block_at=in_hours(24 * 366 * 5 + 1))
    assert {one.field for one in publishing.obstacles(hub.LESSON, hub.add_video(), [target])} == {
        "publish_at", "block_at",
    }  # fmt: skip


def test_a_plan_is_moved_and_its_upload_with_it(box):
    row = publish(hub.add_account(box, "youku"), in_hours(2))
    plan, later = plan_of(row), in_hours(5)
    planning.change(plan, later, was=plan.planned_at, actor="wang")
    row.refresh_from_db()
    assert (row.publish_at, row.upload_from, row.next_run_at) == (later, later, later)
    assert (plan.planned_at, plan.asked_by) == (later, "wang")
    assert "was moved from" in words(row)


def test_the_later_of_two_who_move_or_cancel_a_plan_is_told(box):
    row = publish(hub.add_account(box, "baijiayun"), in_hours(2))
    theirs, moves, cancels = plan_of(row), plan_of(row), plan_of(row)
    planning.change(theirs, in_hours(3), was=theirs.planned_at, actor="wang")
    with pytest.raises(NotPlanned, match="wang has moved it to"):
        planning.change(moves, in_hours(4), was=moves.planned_at, actor="li")
    with pytest.raises(NotPlanned, match="wang has moved it to"):
        planning.cancel(cancels, actor="li")
    planning.cancel(plan_of(row), actor="wang")
    with pytest.raises(NotPlanned, match="It is over"):
        planning.cancel(theirs, actor="li")


def test_a_publication_has_one_plan_of_a_kind_whoever_writes_it(box):
    row = publish(hub.add_account(box, "baijiayun"), in_hours(2))
    assert "planned already" in refused(row, "publish", 3)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.add(row, PUBLISH_AT, in_hours(3), actor="li")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_cancelled_plan_makes_nothing_seen(box, platform):
    at = in_hours(2)
    row = publish(hub.add_account(box, platform), at)
    planning.cancel(plan_of(row), actor="wang")
    with time_machine.travel(at + timedelta(minutes=1)):
        turn(row)
        assert row.state == (State.BLOCKED if blocks(row) else State.CANCELLED)
        assert not is_seen(box, row)
        assert (row.publish_at, row.upload_from, row.held) == (None, None, False)
    assert ("stays blocked" if blocks(row) else "with it the upload") in words(row)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_what_is_planned_can_be_published_now_instead(box, platform):
    row = publish(hub.add_account(box, platform), in_hours(2))
    hub.work([row], until=(State.BLOCKED, State.QUEUED))
    planning.at_once(plan_of(row), actor="wang")
    hub.work([row], until=(State.PUBLISHED,))
    turn(row)
    assert is_seen(box, row)
    assert plan_of(row).state == OperationState.DONE


@pytest.mark.parametrize("platform", PLATFORMS)
def test_what_was_published_before_can_be_planned_only_where_it_can_be_hidden(box, platform):
    row = published(box, platform)
    reason = refused(row, "publish", 2)
    assert ("Block it first" in reason) == blocks(row)
    if blocks(row):
        asking.ask(BLOCK, [row], actor="li")
        turn(row)
        at = in_hours(2)
        planning.plan(row, "publish", at, actor="li")
        with time_machine.travel(at + timedelta(seconds=1)):
            turn(row)
            assert row.state == State.PUBLISHED


@pytest.mark.parametrize("platform", PLATFORMS)
def test_what_was_cancelled_is_planned_anew(box, platform):
    at = in_hours(2)
    row = publish(hub.add_account(box, platform), None)
    control.cancel(row, actor="li")
    planning.plan(row, "publish", at, actor="li")
    hub.work([row], until=(State.BLOCKED, State.QUEUED))
    with time_machine.travel(at + timedelta(seconds=1)):
        hub.work([row], until=(State.PUBLISHED,))


def test_an_upload_under_way_is_not_planned_where_it_would_be_seen(box):
    row = publish(hub.add_account(box, "youku"), None)
    progress.change(row, State.UPLOADING, actor="test", lease_until=timezone.now() + timedelta(minutes=1))
    assert "Pause it first" in refused(row, "publish", 2)


def test_plans_are_changed_as_plans_and_not_as_single_operations(box):
    row = publish(hub.add_account(box, "youku"), in_hours(2))
    plan = plan_of(row)
    assert not asking.cancel(plan, actor="wang")
    plan.refresh_from_db()
    assert plan.state == OperationState.WAITING
    Operation.objects.update(state=OperationState.FAILED)
    plan.refresh_from_db()
    assert "plan it anew" in asking.why_not_again(plan)


def test_another_time_zone_of_the_account_moves_nothing_that_is_planned(box):
    at = in_hours(2)
    row = publish(hub.add_account(box, "youku"), at)
    accounts.set_time_zone(row.account, "America/New_York", actor="li")
    row.refresh_from_db()
    assert (row.upload_from, plan_of(row).planned_at) == (at, at)
