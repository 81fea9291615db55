"""The rows of files that the hub fetches: claimed by one conditional UPDATE, held under a lease, given back.

As with publications, each claim raises the row's fence, and every later write of the worker names the one it holds.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from platforms.models import Arrival, IncomingFile, Way
from platforms.services import events, progress
from platforms.values import Sentence

FETCHED = (Way.FOLDER, Way.ADDRESS)
CANDIDATES = 20


def due(now: datetime) -> Q:
    """Files that may be begun or gone on with, also those that a worker has abandoned."""
    time_has_come = Q(next_run_at__lte=now) | Q(next_run_at__gt=now + progress.NO_WAIT)
    abandoned = Q(lease_until__lt=now) | Q(lease_until__gt=now + progress.NO_LEASE)
    return Q(way__in=FETCHED, state=Arrival.ARRIVING) & (Q(time_has_come, lease_until=None) | abandoned)


def held(host: str) -> QuerySet[IncomingFile]:
    """Files that workers of a machine are at now."""
    held_by = IncomingFile.objects.filter(lease_holder__startswith=f"{host}:", lease_until__gt=timezone.now())
    return held_by.filter(way__in=FETCHED, state=Arrival.ARRIVING)


def most_at_once() -> int:
    """How many files one machine fetches at the same time: one upload worker is always left to uploads."""
    workers = int(settings.Q_CLUSTER["ALT_CLUSTERS"][settings.QUEUES["uploads"]]["workers"])
    return max(1, workers - 1)


def _free() -> int:
    """How many more files this machine may fetch now."""
    return max(0, most_at_once() - held(progress.holder().rsplit(":", 1)[0]).count())


def worth_a_hint() -> int:
    """How many files are due that this machine may begin."""
    return IncomingFile.objects.filter(due(timezone.now()))[: _free()].count()


def claim_next() -> IncomingFile | None:
    """Take one file that is due, counting the attempt; None when there is none or enough are under way here."""
    holder, now = progress.holder(), timezone.now()
    if not _free():
        return None
    candidates = IncomingFile.objects.select_related("owner").filter(due(now)).order_by("next_run_at", "created_at")
    for row in candidates[:CANDIDATES]:
        with transaction.atomic():
            claimed = IncomingFile.objects.filter(due(now), pk=row.pk, fence=row.fence).update(
                fence=F("fence") + 1, attempts=F("attempts") + 1, lease_until=now + progress.LEASE,
                lease_holder=holder[:100], next_run_at=None, touched_at=now,
            )  # fmt: skip
            if claimed == 1:
                row.refresh_from_db()
                return row
    return None


def hold(row: IncomingFile, **columns: Any) -> bool:
    """Renew the lease and write other columns; False when the file is no longer this worker's."""
    now = timezone.now()
    mine = IncomingFile.objects.filter(pk=row.pk, fence=row.fence, state=Arrival.ARRIVING)
    return mine.update(lease_until=now + progress.LEASE, touched_at=now, **columns) == 1


def give_back(
    row: IncomingFile, wait: timedelta = timedelta(0), *, error: Sentence | None = None, **columns: Any
) -> bool:
    """End the lease and say when to go on, and what has kept it from going on now."""
    if error is not None:
        columns["error"] = events.stored(error)
    mine = IncomingFile.objects.filter(pk=row.pk, fence=row.fence, state=Arrival.ARRIVING)
    return mine.update(**progress.release(next_run_at=timezone.now() + wait, **columns)) == 1


def let_go(row: IncomingFile) -> None:
    """End the lease of a file that is not arriving any more: complete, failed, or paused."""
    mine = IncomingFile.objects.filter(pk=row.pk, fence=row.fence).exclude(state=Arrival.ARRIVING)
    mine.update(lease_until=None, lease_holder="")
