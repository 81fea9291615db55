"""What is planned, in the order of its time: read by an index, whatever there is besides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from platforms.models import PLANS, PUBLISH_AT, Account, Operation, OperationState, Publication
from platforms.services.scheduling.kinds import NOT_THERE_YET, PUNCTUAL, as_duration
from platforms.services.scheduling.rules import can_block
from platforms.values import State

A_PAGE = 200
MOST_LATE = 50


@dataclass(frozen=True, slots=True)
class Page:
    """Some plans, and whether more follow."""

    plans: Sequence[Operation]
    goes_on: bool


def between(start: datetime, end: datetime, *, account: int | None = None, page: int = 1) -> Page:
    """Plans for `start` up to but not including `end`, open ones and those that are over; pages count from 1."""
    rows = _of(account).filter(planned_at__gte=start, planned_at__lt=end).order_by("planned_at", "pk")
    skipped = (page - 1) * A_PAGE
    found = list(_complete(rows)[skipped : skipped + A_PAGE + 1])
    return Page(found[:A_PAGE], len(found) > A_PAGE)


def late_before(start: datetime, *, account: int | None = None) -> Page:
    """Plans that have not been done though their time was before `start`, the oldest first."""
    rows = _of(account).filter(state=OperationState.WAITING, planned_at__lt=min(start, timezone.now()))
    found = list(_complete(rows.order_by("planned_at", "pk"))[: MOST_LATE + 1])
    return Page(found[:MOST_LATE], len(found) > MOST_LATE)


def _of(account: int | None) -> QuerySet[Operation]:
    rows = Operation.objects.filter(kind__in=PLANS, planned_at__isnull=False)
    if account is None:
        return rows
    # Not joined: a database that began at the account's publications would sort all of them.
    return rows.filter(Exists(Publication.objects.filter(pk=OuterRef("publication_id"), account=account)))


def _complete(rows: QuerySet[Operation]) -> QuerySet[Operation]:
    return rows.prefetch_related("publication__video", "publication__account")


def accounts() -> list[tuple[int, str]]:
    """The accounts that a calendar may be about, by name."""
    return list(Account.objects.order_by("name").values_list("pk", "name"))


def lateness(operation: Operation) -> timedelta:
    """How long after its time it was done, or how long it is waiting by now; nothing when that is not worth a word."""
    if operation.planned_at is None or operation.state in (OperationState.CANCELLED, OperationState.FAILED):
        return timedelta()
    late = (operation.ended_at or timezone.now()) - operation.planned_at
    return late if late >= PUNCTUAL else timedelta()


def late_text(operation: Operation) -> str:
    """`lateness` as hours, minutes and seconds; empty when there is none."""
    late = lateness(operation)
    return as_duration(late) if late else ""


def waits_for_upload(operation: Operation) -> bool:
    """Whether its time has come and the platform does not have the video yet."""
    is_due = operation.planned_at is not None and operation.planned_at <= timezone.now()
    is_open = operation.state == OperationState.WAITING
    return is_open and is_due and State(operation.publication.state) in NOT_THERE_YET


def is_upload(operation: Operation) -> bool:
    """Whether it is the upload that begins at its time, because the platform cannot keep a video blocked."""
    return operation.kind == PUBLISH_AT and not can_block(operation.publication.account.platform)


def is_uploading(operation: Operation) -> bool:
    """Whether it is such an upload, and has begun."""
    waits = operation.state == OperationState.WAITING
    return waits and is_upload(operation) and operation.publication.state == State.UPLOADING
