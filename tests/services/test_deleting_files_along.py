"""Deleting on the platforms, and the hub's own file with it: only when asked for, and only when nothing needs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from platforms import tasks
from platforms.models import Account, Operation, OperationState, Publication, Video
from platforms.services import publishing, removal, sweep, videos
from platforms.services.operations import asking, batches, deleting
from platforms.services.operations.deleting import DELETE, FILE
from platforms.services.uploads import control
from platforms.values import State
from sandbox.server import Answer, Sandbox
from tests import hub

pytestmark = pytest.mark.django_db

PLATFORMS = ("youku", "iqiyi", "baijiayun")


def published(box: Sandbox, *platforms: str) -> list[Publication]:
    rows = hub.publish(hub.add_video(), *(hub.add_account(box, platform) for platform in platforms))
    hub.work(rows)
    return rows


def delete(*rows: Publication, file: bool = True) -> list[Operation]:
    return asking.ask(DELETE, rows, actor="li", arguments={FILE: True} if file else {}).operations


def run(*operations: Operation) -> None:
    tasks.run_due()
    for operation in operations:
        operation.refresh_from_db()


def has_file(video_id: int) -> bool:
    return publishing.has_file(Video.objects.get(pk=video_id))


@pytest.mark.parametrize("platform", PLATFORMS)
def test_each_platform_deletes_and_the_row_says_so(box, platform):
    (row,) = published(box, platform)
    (operation,) = delete(row, file=False)
    run(operation)
    row.refresh_from_db()
    assert (operation.state, row.state) == (OperationState.DONE, State.DELETED)
    assert has_file(row.video_id)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_what_is_gone_already_is_success_and_said_so(box, platform):
    (row,) = published(box, platform)
    hub.delete_elsewhere(row)
    (operation,) = delete(row, file=False)
    run(operation)
    assert operation.state == OperationState.DONE
    assert operation.said is not None
    assert operation.said["text"] == "The platform no longer had the video."


def test_the_file_goes_once_all_platforms_have_deleted_and_the_facts_stay(box, django_capture_on_commit_callbacks):
    rows = published(box, "youku", "baijiayun")
    name = rows[0].video.source.path
    box.block("/baijiayun/", Answer(status=503), times=9, method="POST")
    operations = delete(*rows)
    run(*operations)
    assert has_file(rows[0].video_id), "one of them is not deleted yet"
    box.unblock()
    Account.objects.update(health="ok", troubles=0, paused_until=None)
    hub.hurry(rows[1])
    with django_capture_on_commit_callbacks(execute=True):
        run(*operations)
    assert {operation.state for operation in operations} == {OperationState.DONE}
    video = Video.objects.get(pk=rows[0].video_id)
    assert (bool(video.source), video.md5, video.size) == (False, rows[0].video.md5, rows[0].video.size)
    assert not Path(name).exists()
    assert hub.last_event(rows[1], kind="file").actor == "li"


def test_it_stays_when_one_was_not_deleted_and_goes_when_that_was_tried_again(box):
    rows = published(box, "youku", "baijiayun")
    operations = delete(*rows)
    # As if Baijiayun had refused: the row is published as before.
    Publication.objects.filter(pk=rows[1].pk).update(state=State.PUBLISHED, error={"text": "No.", "params": {}})
    run(*operations)
    assert [operation.state for operation in operations] == ["done", "failed"]
    assert has_file(rows[0].video_id)
    asked = batches.try_again(operations[0].batch, actor="wang")  # type: ignore[arg-type]
    run(*asked.operations)
    assert [operation.state for operation in asked.operations] == ["done"]
    assert not has_file(rows[0].video_id)


def test_it_stays_while_another_publication_needs_it(box):
    (row,) = published(box, "youku")
    (other,) = hub.publish(row.video, hub.add_account(box, "iqiyi"))
    assert control.pause(other, actor="li")
    assert "iq" in videos.why_keep_file(row.video)
    (operation,) = delete(row)
    run(operation)
    assert operation.state == OperationState.DONE
    assert operation.said is not None
    assert "keeps the file" in operation.said["text"]
    assert has_file(row.video_id)
    assert not videos.delete_file(row.video)


def test_without_its_file_it_is_not_published_again_and_says_why(box):
    (row,) = published(box, "youku")
    run(*delete(row))
    row.refresh_from_db()
    assert row.state == State.DELETED
    assert publishing.why_not_send(row)


def test_a_worker_that_dies_before_it_has_written_the_end_is_followed_by_another(box):
    (row,) = published(box, "youku")
    (operation,) = delete(row)
    assert removal.run_due(actor="a worker that dies") == 1
    operation.refresh_from_db()
    assert operation.state == OperationState.RUNNING
    assert sweep.due().follow
    deleting.settle()
    operation.refresh_from_db()
    assert operation.state == OperationState.DONE
    assert not has_file(row.video_id)
