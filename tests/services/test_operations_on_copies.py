"""Transcoding again, removing definitions and deleting source files, whatever gets lost on the way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from platforms import tasks
from platforms.contract import HasCopies
from platforms.models import Account, Category, Operation, OperationState, Publication
from platforms.registry import driver_class
from platforms.services import lending
from platforms.services.operations import asking, running
from platforms.services.operations.copies import DELETE_SOURCES, REMOVE_DEFINITIONS, TRANSCODE
from platforms.services.operations.kind import Kind
from platforms.services.operations.kinds import KINDS
from platforms.services.operations.moving import MOVE
from platforms.services.operations.showing import BLOCK
from platforms.values import Copy, State
from sandbox.server import Answer, Sandbox
from tests import hub

pytestmark = pytest.mark.django_db

PLATFORMS = ("youku", "iqiyi", "baijiayun")
CHOSEN = {"definitions": ["16"], "formats": ["1"]}
TRANSCODE_CALL, REMOVE_CALL, SOURCES_CALL = (
    "/openapi/video/transcodeAgain", "/openapi/video/removeDefinition", "/openapi/video/deleteOriginVideo",
)  # fmt: skip


def published(box: Sandbox, platform: str = "baijiayun", count: int = 1) -> list[Publication]:
    account = hub.add_account(box, platform)
    rows = [hub.publish(hub.add_video(), account)[0] for _number in range(count)]
    hub.work(rows)
    assert {row.state for row in rows} == {State.PUBLISHED}
    return rows


def without(box: Sandbox, definition: str) -> list[Publication]:
    """A published video of which the platform has no such files."""
    rows = published(box)
    lending.driver_for(rows[0].account).remove_definitions(str(rows[0].remote_id), [definition])  # type: ignore[attr-defined]
    return rows


def asked(kind: Kind, rows: list[Publication], **arguments: Any) -> list[Operation]:
    return asking.ask(kind, rows, actor="li", arguments=arguments).operations


def run(*operations: Operation) -> None:
    ids = [operation.pk for operation in operations]
    Operation.objects.filter(pk__in=ids, ended_at=None).update(next_run_at=timezone.now())
    tasks.run_due()
    for operation in operations:
        operation.refresh_from_db()


def die_after_the_call(operation: Operation) -> None:
    """A worker does what was asked for, and is gone before it has written so."""
    kind, row = KINDS[operation.kind], operation.publication
    assert running._claim(Operation.objects.get(pk=operation.pk))
    driver: Any = lending.driver_for(row.account)
    if kind.note:
        Operation.objects.filter(pk=operation.pk).update(noted=kind.note(driver, row, operation.arguments))
    assert kind.run
    kind.run(driver, row, operation.arguments)


def copies(row: Publication) -> frozenset[Copy]:
    driver = lending.driver_for(row.account)
    assert isinstance(driver, HasCopies)
    return driver.copies(str(row.remote_id))


def calls(box: Sandbox, path: str) -> int:
    return sum(request.path.endswith(path) for request in box.requests)


@pytest.mark.parametrize("kind", [TRANSCODE, REMOVE_DEFINITIONS, DELETE_SOURCES], ids=lambda kind: kind.name)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_each_platform_does_it_or_is_skipped_with_the_reason(box, platform, kind):
    rows = published(box, platform)
    found = asking.ask(kind, rows, actor="li", arguments={"definitions": ["16"]})
    if not issubclass(driver_class(platform), kind.capability):
        assert [reason for _row, reason in found.skipped] == [asking.why_not(kind, rows[0])]
        assert rows[0].account.get_platform_display() in found.skipped[0][1]
        return
    run(*found.operations)
    assert [operation.state for operation in found.operations] == [OperationState.DONE]
    assert hub.last_event(rows[0], kind=kind.name).actor == "li"


@pytest.mark.parametrize("wrong", [{}, {"definitions": []}, {"definitions": ["99"]}, {**CHOSEN, "formats": ["7"]}])
def test_what_the_platform_does_not_know_is_not_asked_for(box, wrong):
    for kind in (TRANSCODE, REMOVE_DEFINITIONS):
        found = asking.ask(kind, published(box), actor="li", arguments=wrong)
        assert found.operations == []
        assert found.skipped[0][1]


def test_transcoded_again_it_is_followed_until_it_plays(box):
    (row,) = without(box, "16")
    (operation,) = asked(TRANSCODE, [row], **CHOSEN)
    run(operation)
    assert operation.state == OperationState.DONE
    hub.until(lambda: Copy("16", "1") in copies(row))
    hub.work([row])
    assert row.state == State.PUBLISHED


def test_transcoding_is_not_asked_for_twice_when_the_answer_is_lost(box):
    (row,) = without(box, "16")
    (operation,) = asked(TRANSCODE, [row], **CHOSEN)
    box.block(f"/baijiayun/{row.account.credentials['private_domain']}{TRANSCODE_CALL}", hub.LOST, times=1)
    run(operation)
    assert operation.state == OperationState.WAITING
    hub.until(lambda: Copy("16", "1") in copies(row))
    run(operation)
    assert operation.state == OperationState.DONE
    assert calls(box, TRANSCODE_CALL) == 1


def test_transcoding_that_began_before_a_worker_died_is_found(box):
    (row,) = without(box, "16")
    (operation,) = asked(TRANSCODE, [row], **CHOSEN)
    die_after_the_call(operation)
    hub.until(lambda: Copy("16", "1") in copies(row))
    run(operation)
    assert (operation.state, calls(box, TRANSCODE_CALL)) == (OperationState.DONE, 1)


def test_where_nothing_new_came_of_it_a_person_looks(box):
    (row,) = published(box)
    (operation,) = asked(TRANSCODE, [row], **CHOSEN)
    die_after_the_call(operation)
    box.clock.advance(1000)
    run(operation)
    assert (operation.state, calls(box, TRANSCODE_CALL)) == (OperationState.UNKNOWN, 1)


def test_a_worker_that_died_before_the_call_has_done_nothing_and_it_is_sent(box):
    (row,) = published(box)
    (operation,) = asked(TRANSCODE, [row], **CHOSEN)
    assert running._claim(Operation.objects.get(pk=operation.pk))
    run(operation)
    assert (operation.state, calls(box, TRANSCODE_CALL)) == (OperationState.DONE, 1)


@pytest.mark.parametrize("lost", ["the answer", "the worker"])
@pytest.mark.parametrize("name", ["block", "unblock", "move", "remove_definitions", "delete_sources"])
def test_whatever_is_lost_it_is_done_in_the_end_and_once_for_the_platform(box, name, lost):
    (row,) = published(box)
    arguments = arguments_for(name, row)
    if name == "unblock":
        run(*asked(BLOCK, [row]))
        row.refresh_from_db()
    (operation,) = asked(KINDS[name], [row], **arguments)
    if lost == "the worker":
        die_after_the_call(operation)
    else:
        box.block("/baijiayun/", hub.LOST, times=1, method="POST")
        run(operation)
    run(operation)
    assert operation.state == OperationState.DONE
    row.refresh_from_db()
    assert row.state == (State.BLOCKED if name == "block" else State.PUBLISHED)
    assert row.events.filter(kind=name).count() == 1


def arguments_for(name: str, row: Publication) -> dict[str, Any]:
    if name != "move":
        return {"definitions": ["16"]} if name == "remove_definitions" else {}
    driver: Any = lending.driver_for(row.account)
    made = driver.add_category("数学")
    Category.objects.create(account=row.account, remote_id=made.remote_id, name="数学", level=1, path="数学")
    return {"category": made.remote_id}


def test_what_was_moved_stands_there_for_the_hub_as_well(box):
    (row,) = published(box)
    arguments = arguments_for("move", row)
    run(*asked(MOVE, [row], **arguments))
    row.refresh_from_db()
    assert row.category == row.remote_category == arguments["category"]
    assert not row.differs
    assert asking.ask(MOVE, [row], actor="li", arguments={"category": "999"}).skipped[0][1]


def test_removed_definitions_are_gone_and_removing_them_again_is_success_said_so(box):
    (row,) = published(box)
    (operation,) = asked(REMOVE_DEFINITIONS, [row], definitions=["16"])
    run(operation)
    assert operation.state == OperationState.DONE
    assert not [copy for copy in copies(row) if copy.definition == "16"]
    assert [copy for copy in copies(row) if copy.definition != "16"]
    (once_more,) = asked(REMOVE_DEFINITIONS, [row], definitions=["16"])
    run(once_more)
    assert once_more.state == OperationState.DONE
    assert "no longer had" in str(once_more.said)


def test_a_removal_whose_answer_was_lost_ends_as_done(box):
    (row,) = published(box)
    (operation,) = asked(REMOVE_DEFINITIONS, [row], definitions=["16"])
    box.block(f"/baijiayun/{row.account.credentials['private_domain']}{REMOVE_CALL}", hub.LOST, times=1)
    run(operation)
    run(operation)
    assert operation.state == OperationState.DONE
    assert not [copy for copy in copies(row) if copy.definition == "16"]


def test_what_the_platform_refuses_to_remove_fails_with_its_reason(box):
    (row,) = published(box)
    (operation,) = asked(REMOVE_DEFINITIONS, [row], definitions=["16"], formats=["1"])
    before = copies(row)
    run(operation)
    assert operation.state == OperationState.FAILED
    assert operation.error is not None
    assert operation.error["kind"] == "Refused"
    assert copies(row) == before


def test_many_source_files_go_in_one_call_and_each_row_is_accounted_for(box):
    rows = published(box, count=4)
    operations = asked(DELETE_SOURCES, rows)
    run(*operations)
    assert {operation.state for operation in operations} == {OperationState.DONE}
    assert calls(box, SOURCES_CALL) == 1
    assert all(row.events.filter(kind="delete_sources").count() == 1 for row in rows)


def test_one_that_is_gone_does_not_keep_the_others_from_it(box):
    rows = published(box, count=3)
    hub.delete_elsewhere(rows[1])
    operations = asked(DELETE_SOURCES, rows)
    run(*operations)
    assert [operation.state for operation in operations] == ["done", "failed", "done"]
    rows[1].refresh_from_db()
    assert rows[1].state == State.MISSING


def test_a_call_for_many_that_is_lost_is_done_for_all_at_the_next_try(box):
    rows = published(box, count=3)
    operations = asked(DELETE_SOURCES, rows)
    box.block("/baijiayun/", Answer(status=503), times=3, method="POST")
    run(*operations)
    assert {operation.state for operation in operations} == {OperationState.WAITING}
    assert {operation.attempts for operation in operations} <= {0, 1}
    rows[0].account.refresh_from_db()
    assert rows[0].account.troubles <= 1, "one call is one trouble"
    box.unblock()
    Account.objects.update(health="ok", troubles=0, paused_until=None)
    run(*operations)
    assert {operation.state for operation in operations} == {OperationState.DONE}


def test_wrong_credentials_are_found_out_once_and_cost_nobody_an_attempt(box):
    rows = published(box, count=3)
    operations = asked(DELETE_SOURCES, rows)
    wrong = rows[0].account.credentials | {"partner_key": "0" * 32, "secret_key": ""}
    Account.objects.filter(pk=rows[0].account_id).update(credentials=wrong)
    run(*operations)
    assert [(operation.state, operation.attempts) for operation in operations] == [("waiting", 0)] * 3
    assert not running.due(timezone.now() + timedelta(hours=1)).exists()


def test_only_the_same_request_of_the_same_account_goes_along(box):
    one, other = published(box, count=1), hub.add_account(box, "baijiayun", name="bj2", login="second")
    (theirs,) = hub.publish(hub.add_video(), other)
    hub.work([theirs])
    operations = asked(DELETE_SOURCES, [*one, theirs])
    run(*operations)
    assert {operation.state for operation in operations} == {OperationState.DONE}
    assert calls(box, SOURCES_CALL) == 2


def test_drivers_tell_definitions_in_the_words_of_their_choices(box):
    (row,) = published(box)
    driver: Any = driver_class("baijiayun")
    assert {copy.definition for copy in copies(row)} <= {choice.value for choice in driver.definitions}
    assert {copy.format for copy in copies(row)} <= {choice.value for choice in driver.removable_formats}
