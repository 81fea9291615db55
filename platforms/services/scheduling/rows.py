"""Plans as rows: written, moved and taken back in the transaction of whoever calls; nobody calls a platform."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from platforms.models import BLOCK_AT, PLANS, PUBLISH_AT, Operation, OperationState, Publication
from platforms.registry import driver_class
from platforms.services import events, zones
from platforms.services.scheduling.rules import can_block
from platforms.values import Sentence, gettext_noop, say

EVENT = "schedule"
PUBLISH_PLANNED = gettext_noop("Planned: uploaded now, blocked on the platform until %(time)s, published then.")
UPLOAD_PLANNED = gettext_noop(
    "Planned: the upload begins at %(time)s, because %(platform)s cannot keep a video blocked."
)
BLOCK_PLANNED = gettext_noop("Planned: blocked on the platform at %(time)s.")
MOVED = gettext_noop("The plan was moved from %(before)s to %(time)s.")
DROPPED = gettext_noop("The plan for %(time)s holds no more.")


def waiting(publications: Iterable[Publication] | None = None) -> QuerySet[Operation]:
    """Plans that have not begun."""
    rows = Operation.objects.filter(kind__in=PLANS, state=OperationState.WAITING)
    return rows if publications is None else rows.filter(publication__in=publications)


def add(publication: Publication, kind: str, at: datetime, *, actor: str) -> Operation:
    """Plan `kind` (`PUBLISH_AT`, `BLOCK_AT`) for a publication. Raises IntegrityError when it has such a plan."""
    row = Operation.objects.create(
        publication=publication, kind=kind, arguments={"at": at.isoformat()}, planned_at=at, next_run_at=at,
        asked_by=actor[:150],
    )  # fmt: skip
    events.record(publication, EVENT, _planned(publication, kind, at), actor=actor)
    return row


def _planned(publication: Publication, kind: str, at: datetime) -> Sentence:
    time, platform = zones.text(at, publication.account), publication.account.platform
    if kind == BLOCK_AT:
        return say(BLOCK_PLANNED, time=time)
    if can_block(platform):
        return say(PUBLISH_PLANNED, time=time)
    return say(UPLOAD_PLANNED, time=time, platform=driver_class(platform).label)


def columns(publication: Publication, publish_at: datetime | None) -> dict[str, Any]:
    """The columns of a publication that is to be published at a time; None: as soon as possible."""
    blocks = can_block(publication.account.platform)
    held = bool(publish_at) and blocks
    return {"publish_at": publish_at, "upload_from": None if blocks else publish_at, "held": held}


def move(operation: Operation, at: datetime, *, actor: str) -> bool:
    """Plan it for another time; False when somebody has moved or taken it back, or it has begun."""
    changed = _as_known(operation).update(
        planned_at=at, next_run_at=at, arguments={"at": at.isoformat()}, asked_by=actor[:150]
    )
    if changed != 1:
        return False
    publication = operation.publication
    if operation.kind == PUBLISH_AT:
        _move_upload(publication, at)
    if operation.planned_at:
        before, time = (zones.text(one, publication.account) for one in (operation.planned_at, at))
        events.record(publication, EVENT, say(MOVED, before=before, time=time), actor=actor)
    operation.refresh_from_db()
    return True


def _move_upload(publication: Publication, at: datetime) -> None:
    row = Publication.objects.filter(pk=publication.pk)
    row.update(**columns(publication, at))
    # What waits for its time is due then; what waits for another try of an upload that has begun keeps its time.
    row.filter(state="queued", bytes_sent=0).update(next_run_at=at)


def drop(operation: Operation, sentence: Sentence, *, actor: str) -> bool:
    """Take a plan back; False when it is not as known any more. What it meant for the publication is the caller's."""
    now = timezone.now()
    if _as_known(operation).update(state=OperationState.CANCELLED, ended_at=now, next_run_at=None) != 1:
        return False
    events.record(operation.publication, EVENT, sentence, actor=actor)
    return True


def drop_all(publication: Publication, *, actor: str) -> None:
    """The publication is sent anew, or given up: what was planned for it before holds no more."""
    for operation in waiting([publication]).select_related("publication__account", "publication__video"):
        time = zones.text(operation.planned_at or timezone.now(), publication.account)
        drop(operation, say(DROPPED, time=time), actor=actor)


def _as_known(operation: Operation) -> QuerySet[Operation]:
    row = Operation.objects.filter(pk=operation.pk, kind__in=PLANS, state=OperationState.WAITING)
    return row.filter(planned_at=operation.planned_at)
