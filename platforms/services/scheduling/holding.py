"""Keeping videos hidden until their time: blocked as soon as the platform has them, and again if it shows one early.

The document of the one platform that can block says neither whether an unfinished video may be blocked nor whether that
outlasts its transcoding ("by default it is published by itself"). So it is told as soon as it has named the video, told
again once it has the whole file, and whatever a look finds shown before its time is blocked at once.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from platforms import queue
from platforms.models import PUBLISH_AT, Operation, OperationState, Publication
from platforms.services.operations import running
from platforms.services.scheduling import rows
from platforms.services.scheduling.kinds import HOLD
from platforms.values import State

OPEN = (OperationState.WAITING, OperationState.RUNNING)
WORKED_ON = (State.PROCESSING, State.REVIEWING)
BATCH = 500


def due(now: datetime) -> QuerySet[Publication]:
    """Publications whose platform has to be told to hide the video: once it has the file, and when it shows it."""
    asked = Operation.objects.filter(publication=OuterRef("pk"), kind=HOLD.name)
    told = Q(state__in=OPEN) | Q(created_at__gte=F("publication__state_at"))
    held = Publication.objects.filter(_hidden(now), state__in=(*WORKED_ON, State.PUBLISHED))
    return held.filter(~Exists(asked.filter(told)))


def _hidden(now: datetime) -> Q:
    """Publications whose video is not to be seen now."""
    return Q(Q(publish_at=None) | Q(publish_at__gt=now), held=True)


def is_needed() -> bool:
    """Whether `run_due` has something to do."""
    return due(timezone.now()).exists() or _settled().exists()


def run_due(*, actor: str) -> int:
    """Ask for what `due` finds, and let go of what has reached its end; answers how many were asked for."""
    found = list(due(timezone.now()).select_related("account", "video")[:BATCH])
    for publication in found:
        _ask(publication, actor)
    _settled().update(held=False)
    if found:
        queue.wake_followers()
    return len(found)


def tidy(*, actor: str) -> int:
    """Take back plans that mean nothing any more; answers how many. It reads every open plan."""
    found = list(_moot().select_related("publication__account", "publication__video")[:BATCH])
    for operation in found:
        publication = operation.publication
        rows.drop_all(publication, actor=actor)
        same = Publication.objects.filter(pk=publication.pk, state=publication.state)
        same.update(publish_at=None, upload_from=None, held=False)
    return len(found)


def note_named(publication: Publication, *, actor: str) -> None:
    """The platform has just named the video: in the transaction that writes its id."""
    row = Publication.objects.filter(_hidden(timezone.now()), pk=publication.pk).first()
    if row and not Operation.objects.filter(publication=row, kind=HOLD.name, state__in=OPEN).exists():
        _ask(row, actor)
        queue.wake_followers()


def note_uploaded(publication: Publication, *, actor: str) -> None:
    """The platform has the whole file: tell it here and now, before it can have transcoded it."""
    for row in due(timezone.now()).filter(pk=publication.pk):
        _ask(row, actor)
    waiting = Operation.objects.filter(publication=publication.pk, kind=HOLD.name, state=OperationState.WAITING)
    for operation in waiting:
        running.run_now(operation, actor=actor)


def _ask(publication: Publication, actor: str) -> Operation:
    return Operation.objects.create(
        publication=publication, kind=HOLD.name, next_run_at=timezone.now(), asked_by=actor[:150]
    )


def _moot() -> QuerySet[Operation]:
    """Plans of videos that are deleted, or that somebody has published before their time."""
    shown = Q(publication__state=State.PUBLISHED, publication__held=False, kind=PUBLISH_AT)
    return rows.waiting().filter(
        Q(publication__state__in=(State.CANCELLED, State.DELETED)) | Q(shown, planned_at__gt=timezone.now())
    )


def _settled() -> QuerySet[Publication]:
    """Held without a plan, and blocked by now; or shown, and the platform does not let it be blocked."""
    refused = Operation.objects.filter(publication=OuterRef("pk"), kind=HOLD.name, state=OperationState.FAILED)
    refused = refused.filter(created_at__gte=F("publication__state_at"))
    shown = Q(state=State.PUBLISHED) & Q(Exists(refused))
    return Publication.objects.filter(held=True, publish_at=None).filter(Q(state=State.BLOCKED) | shown)
