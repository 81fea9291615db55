"""`block` and `unblock`: done in this process, their JSON and exit codes."""

from __future__ import annotations

import pytest

from platforms.models import Operation, OperationState, Publication
from platforms.values import State
from sandbox.server import Answer, Sandbox
from tests import hub

pytestmark = pytest.mark.django_db


def published(box: Sandbox, platform: str = "baijiayun") -> Publication:
    (row,) = hub.publish(hub.add_video(), hub.add_account(box, platform))
    hub.work([row])
    return row


def test_a_video_is_blocked_and_shown_again(box, manage):
    row = published(box)
    blocked = manage("block", str(row.pk), "--json")
    assert (blocked.code, blocked.document["id"], blocked.document["state"]) == (0, row.pk, "blocked")
    assert blocked.document["error"] is None
    shown = manage("unblock", str(row.pk), "--json")
    assert (shown.code, shown.document["state"]) == (0, "published")
    assert Operation.objects.filter(state=OperationState.DONE).count() == 2


def test_where_it_cannot_be_it_is_bad_input(box, manage):
    row = published(box, "youku")
    for command in ("block", "unblock"):
        ran = manage(command, str(row.pk), "--json")
        assert (ran.code, ran.problem["kind"]) == (2, "BadInput")
        assert "Youku does not let videos be blocked" in ran.problem["message"]
    assert manage("block", "999", "--json").code == 2
    assert manage("unblock", str(published(box).pk), "--json").code == 2
    assert Operation.objects.count() == 0


def test_what_the_platform_refuses_is_a_failure_with_its_reason(box, manage):
    row = published(box)
    hub.delete_elsewhere(row)
    ran = manage("block", str(row.pk), "--json")
    assert (ran.code, ran.document["state"]) == (1, State.MISSING)
    assert ran.document["error"]["message"]


def test_a_platform_that_is_down_is_a_failure_and_the_workers_go_on(box, manage):
    row = published(box)
    box.block("/baijiayun/", Answer(status=503), times=20, method="POST")
    ran = manage("block", str(row.pk), "--json")
    assert (ran.code, ran.document["error"]["kind"]) == (1, "Temporary")
    assert "the workers go on trying" in ran.err
    assert Operation.objects.get().state == OperationState.WAITING
