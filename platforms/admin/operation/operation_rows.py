"""Operations as pages show them: state, what was chosen, what became of them, and what can be done with them now."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from platforms.admin.common.display import badge, clock, labelled, listed, when
from platforms.admin.operation.offers import may_do
from platforms.admin.publication.rows import Button
from platforms.models import Account, Operation, OperationState
from platforms.models.wording import joined
from platforms.services.categories import tree
from platforms.services.operations import asking
from platforms.services.operations.deleting import FILE
from platforms.services.operations.kinds import KINDS
from platforms.values import Field

COLOURS = {
    OperationState.WAITING: "queued",
    OperationState.RUNNING: "running",
    OperationState.DONE: "good",
    OperationState.FAILED: "bad",
    OperationState.CANCELLED: "cancelled",
    OperationState.UNKNOWN: "unknown",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One operation in a table of a page."""

    operation: Operation
    label: str
    state: SafeString
    chosen: str
    note: str
    asked: SafeString
    ended: SafeString
    buttons: list[Button]


def rows(request: HttpRequest, operations: Iterable[Operation]) -> list[Row]:
    """Table rows; operations come with their publication, and its account."""
    known: dict[tuple[int, str, str], str] = {}

    def chosen(one: Operation) -> str:
        # Looked up once where the same was chosen for many.
        key = (one.publication.account_id, one.kind, json.dumps(one.arguments, sort_keys=True))
        if key not in known:
            known[key] = chosen_text(one)
        return known[key]

    return [
        Row(
            operation, label_of(operation), state_badge(operation), chosen(operation), note_text(operation),
            when(operation.created_at), when(operation.ended_at), buttons(request, operation),
        )
        for operation in operations
    ]  # fmt: skip


def label_of(operation: Operation) -> str:
    return _(KINDS[operation.kind].label) if operation.kind in KINDS else operation.kind


def state_badge(operation: Operation) -> SafeString:
    return badge(COLOURS[OperationState(operation.state)], operation.get_state_display())


def chosen_text(operation: Operation) -> str:
    """“Definitions: 720p, 1080p”: what was chosen, in words."""
    kind, arguments = KINDS.get(operation.kind), operation.arguments
    account = operation.publication.account
    fields = kind.fields(account) if kind else ()
    words = [_chosen(field, account, arguments[field.name]) for field in fields if arguments.get(field.name)]
    return " · ".join([*words, *([_("with the hub's file")] if arguments.get(FILE) else [])])


def _chosen(field: Field, account: Account, value: Any) -> str:
    if field.kind == "category":
        return labelled(_(field.label), tree.named(account, str(value)))
    labels = {choice.value: _(choice.label) for choice in field.choices}
    values = value if isinstance(value, list) else [value]
    return labelled(_(field.label), listed(labels.get(one, str(one)) for one in values))


def note_text(operation: Operation) -> str:
    """Why it has not succeeded, or what became of it; when it goes on, where that is known."""
    reason = operation.error_text or operation.said_text
    if operation.state == OperationState.RUNNING and operation.next_run_at is None:
        return operation.publication.error_text  # of what somebody else does
    if operation.state == OperationState.WAITING and (at := operation.planned_at or _later(operation)):
        words = _("Planned for %(time)s.") if operation.planned_at else _("Next try at %(time)s.")
        return joined([reason, words % {"time": clock(at)}])
    return reason


def _later(operation: Operation) -> datetime | None:
    return operation.next_run_at if operation.attempts or operation.error else None


def buttons(request: HttpRequest, operation: Operation) -> list[Button]:
    """What this person can do with this operation now; the impossible is absent."""
    kind = KINDS.get(operation.kind)
    if kind is None or not may_do(request.user, kind):
        return []
    if asking.is_of_schedule(operation):
        page = reverse("admin:platforms_publication_change", args=[operation.publication_id])
        return (
            [Button(_("Schedule"), f"{page}#schedule", asks=True)] if operation.state == OperationState.WAITING else []
        )
    if operation.state == OperationState.WAITING:
        return [Button(_("Cancel"), reverse("admin:platforms_operation_cancel", args=[operation.pk]))]
    if not asking.why_not_again(operation):
        return [Button(_("Try again"), reverse("admin:platforms_operation_again", args=[operation.pk]))]
    return []
