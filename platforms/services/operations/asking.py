"""Asking for operations, and taking them back: rows are written here, and nobody calls a platform."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from platforms import queue
from platforms.models import Account, Operation, OperationState, Publication
from platforms.models.wording import joined
from platforms.registry import driver_class
from platforms.services import events
from platforms.services.categories import tree
from platforms.services.operations.kind import Arguments, Kind
from platforms.services.operations.kinds import KINDS
from platforms.values import Field, State, gettext_noop, say

PLANNED = gettext_noop("Planned for %(time)s: %(kind)s.")
CANCELLED = gettext_noop("Cancelled before it was done: %(kind)s.")
REPLACED = gettext_noop("Something newer was asked for instead.")
# The file of these is on its way to the platform.
ON_THEIR_WAY = (State.QUEUED, State.UPLOADING, State.PAUSED)
# Nothing of these has reached the platform for certain.
OPEN = (OperationState.WAITING, OperationState.RUNNING)
AGAIN = (OperationState.FAILED, OperationState.UNKNOWN, OperationState.CANCELLED)
Given = Mapping[str, Any] | Callable[[Publication], Mapping[str, Any]]


@dataclass
class Asked:
    """What was asked for together: the rows, and why not for the other publications, in the active language."""

    batch: uuid.UUID
    operations: list[Operation] = field(default_factory=list)
    skipped: list[tuple[Publication, str]] = field(default_factory=list)


def can(kind: Kind, account: Account) -> bool:
    """Whether the account's platform has this at all."""
    return issubclass(driver_class(account.platform), kind.capability)


def why_not(kind: Kind, publication: Publication, *, planned: bool = False) -> str:
    """Why this cannot be done with this publication, in the active language; empty when it can.

    What is `planned` for later need not be possible in the state that the publication is in now.
    """
    if not can(kind, publication.account):
        return _(kind.lacks) % {"platform": publication.account.get_platform_display()}
    if planned:
        return ""
    if kind.why_not:
        return kind.why_not(publication)
    if not publication.remote_id:
        return _("The platform does not have it yet.")
    if State(publication.state) not in kind.states:
        return _("It is “%(state)s”.") % {"state": publication.get_state_display()}
    return ""


def problems(kind: Kind, account: Account, arguments: Arguments) -> dict[str, str]:
    """What is wrong with what was chosen for an account, by the name of the field, in the active language."""
    found = ((one, _problem(one, account, arguments.get(one.name))) for one in kind.fields(account))
    return {one.name: problem for one, problem in found if problem}


def _problem(one: Field, account: Account, value: Any) -> str:
    if not value:
        return _missing(one)
    if one.kind == "category":
        return tree.unknown([account], [(account.pk, str(value))]).get((account.pk, str(value)), "")
    allowed = [choice.value for choice in one.choices]
    wrong = [text for text in (value if one.kind == "choices" else [value]) if allowed and text not in allowed]
    text = _("“%(value)s” is not one of: %(allowed)s.")
    return text % {"value": wrong[0], "allowed": ", ".join(allowed)} if wrong else ""


def _missing(one: Field) -> str:
    if not one.required:
        return ""
    return _("Choose at least one.") if one.kind == "choices" else _("Choose one.")


def ask(
    kind: Kind,
    publications: Iterable[Publication],
    *,
    actor: str,
    arguments: Given | None = None,
    planned_at: datetime | None = None,
    once_there: bool = False,
) -> Asked:
    """Have `kind` done with each publication that it is possible for, now or at `planned_at`.

    `once_there`: with those whose file is still on its way, as soon as the platform has it. Publications come with
    their account. `arguments` are JSON, the same for all or made for each, and hold no secret.
    """
    asked, now = Asked(uuid.uuid4()), timezone.now()
    checked = Checked(kind)
    for publication in publications:
        given = dict(arguments(publication) if callable(arguments) else arguments or {})
        later = planned_at is not None or (once_there and publication.state in ON_THEIR_WAY)
        if reason := why_not(kind, publication, planned=later) or checked.refusal(publication.account, given):
            asked.skipped.append((publication, reason))
            continue
        row = Operation(publication=publication, kind=kind.name, arguments=given, batch=asked.batch)
        row.planned_at, row.next_run_at, row.asked_by = planned_at, planned_at or now, actor[:150]
        asked.operations.append(row)
    _store(kind, asked, planned_at=planned_at, actor=actor, once_there=once_there)
    queue.wake_followers()
    return asked


class Checked:
    """What is wrong with arguments, found out once for all publications of an account with the same."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self._known: dict[tuple[int, str], str] = {}

    def refusal(self, account: Account, given: Arguments) -> str:
        """All problems in one text, in the active language; empty when there is none."""
        key = (account.pk, json.dumps(given, sort_keys=True))
        if key not in self._known:
            self._known[key] = joined(problems(self.kind, account, given).values())
        return self._known[key]


def _store(
    kind: Kind, asked: Asked, *, actor: str, planned_at: datetime | None = None, once_there: bool = False
) -> None:
    if kind.begin:
        asked.operations = [row for row in asked.operations if _hand_over(kind.begin, row, kind, asked)]
        return
    with transaction.atomic():
        if kind.replaces_waiting:
            _replace(kind, asked.operations)
        if once_there:
            _hold_back(asked.operations)
        Operation.objects.bulk_create(asked.operations, batch_size=500)
        if planned_at:
            _record_plan(kind, [operation.publication for operation in asked.operations], planned_at, actor)


def _hand_over(begin: Callable[[Publication, str], bool], row: Operation, kind: Kind, asked: Asked) -> bool:
    """The mark at the publication and the row that accounts for it, both or neither."""
    with transaction.atomic():
        if begun := begin(row.publication, row.asked_by):
            row.state, row.next_run_at = OperationState.RUNNING, None
            row.save(force_insert=True)
    if not begun:
        row.publication.refresh_from_db()
        asked.skipped.append((row.publication, why_not(kind, row.publication) or _("Somebody else was faster.")))
    return begun


def _hold_back(operations: list[Operation]) -> None:
    """What is for a video that the platform does not have yet is due once it has: see `progress.change`.

    The rows are locked, so that no upload ends between the look at them and the operations' being written.
    """
    ids = [operation.publication_id for operation in operations]
    locked = Publication.objects.select_for_update().filter(pk__in=ids, state__in=ON_THEIR_WAY)
    on_their_way = set(locked.values_list("pk", flat=True))
    for operation in operations:
        if operation.publication_id in on_their_way:
            operation.next_run_at = None


def _replace(kind: Kind, operations: list[Operation]) -> None:
    """What has not begun is not begun any more."""
    older = Operation.objects.filter(kind=kind.name, state=OperationState.WAITING, planned_at=None)
    older = older.filter(publication__in=[operation.publication_id for operation in operations])
    error = {"kind": "", "code": "", "field": "", "detail": ""} | events.stored(say(REPLACED))
    older.update(state=OperationState.CANCELLED, ended_at=timezone.now(), next_run_at=None, error=error)


def _record_plan(kind: Kind, publications: list[Publication], planned_at: datetime, actor: str) -> None:
    sentence = say(PLANNED, time=planned_at.isoformat(timespec="minutes"), kind=kind.label)
    events.record_many(publications, kind.name, sentence, actor=actor)


def is_of_schedule(operation: Operation) -> bool:
    """Whether it belongs to a plan, which is changed as such (`services/scheduling`)."""
    return operation.kind in KINDS and KINDS[operation.kind].is_of_schedule


def cancel(operation: Operation, *, actor: str) -> bool:
    """Take back what has not begun; False when it has, or has ended, or belongs to a plan."""
    if is_of_schedule(operation):
        return False
    waiting = Operation.objects.filter(pk=operation.pk, state=OperationState.WAITING)
    now = timezone.now()
    if waiting.update(state=OperationState.CANCELLED, ended_at=now, next_run_at=None) != 1:
        return False
    label = KINDS[operation.kind].label if operation.kind in KINDS else operation.kind
    events.record(operation.publication, operation.kind, say(CANCELLED, kind=label), actor=actor)
    return True


def why_not_again(operation: Operation) -> str:
    """Why this cannot be tried again as it was asked for, in the active language; empty when it can."""
    if operation.state not in AGAIN or operation.kind not in KINDS:
        return _("It is “%(state)s”.") % {"state": operation.get_state_display()}
    if operation.tried_again:
        return _("It was tried again already.")
    if is_of_schedule(operation):
        return _("It belongs to a plan: plan it anew.")
    kind, publication = KINDS[operation.kind], operation.publication
    return why_not(kind, publication) or Checked(kind).refusal(publication.account, operation.arguments)


def again(operation: Operation, *, actor: str) -> Operation | None:
    """Ask once more for what has failed, now; None when it cannot be (see `why_not_again`). The old row stays."""
    return next(iter(again_all([operation], actor=actor).operations), None)


def again_all(operations: Sequence[Operation], *, actor: str) -> Asked:
    """Ask once more for what has failed, each in the batch it is of. All are of one kind, with their publication."""
    asked, again = Asked(uuid.uuid4()), list[int]()
    for old in operations:
        if reason := why_not_again(old):
            asked.skipped.append((old.publication, reason))
            continue
        row = Operation(publication=old.publication, kind=old.kind, arguments=old.arguments, batch=old.batch)
        row.next_run_at, row.asked_by = timezone.now(), actor[:150]
        asked.operations.append(row)
        again.append(old.pk)
    if asked.operations:
        with transaction.atomic():
            if Operation.objects.filter(pk__in=again, tried_again=False).update(tried_again=True) == len(again):
                _store(KINDS[asked.operations[0].kind], asked, actor=actor)
                begun = [row.publication_id for row in asked.operations]
                Operation.objects.filter(pk__in=again).exclude(publication__in=begun).update(tried_again=False)
            else:
                transaction.set_rollback(True)
                asked.skipped += [(row.publication, _("Somebody else was faster.")) for row in asked.operations]
                asked.operations = []
    queue.wake_followers()
    return asked
