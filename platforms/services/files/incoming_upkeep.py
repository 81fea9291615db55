"""Incoming files that nobody looks after any more: finished if they are complete, removed if they are abandoned."""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from platforms.models import Arrival, IncomingFile
from platforms.services import events
from platforms.services.files import incoming, landing
from platforms.services.files.incoming import ABANDONED, KEPT, OPEN
from platforms.values import say

log = logging.getLogger(__name__)

# Whoever should have finished a complete file by now has died.
LEFT_BEHIND = timedelta(minutes=1)
# A file without a row may be one that is just being copied.
STRAY_SECONDS = 24 * 3600.0
MOST_AT_ONCE = 20


def left_behind() -> QuerySet[IncomingFile]:
    """Files that a crash left between their last byte and what comes of it."""
    complete = Q(state__in=OPEN, received=F("size"))
    untaken = Q(state=Arrival.READY, makes_video=True)
    return IncomingFile.objects.filter(complete | untaken, touched_at__lt=timezone.now() - LEFT_BEHIND)


def run_due() -> int:
    """Finish what a crash left behind; answers how many files that were."""
    rows = list(left_behind().select_related("owner")[:MOST_AT_ONCE])
    for row in rows:
        incoming.finish(row)
    return len(rows)


def sweep() -> None:
    """Remove what is abandoned; find out what has landed of files whose row does not say."""
    oldest = timezone.now() - timedelta(days=settings.INTAKE_KEEP_DAYS)
    abandoned = Q(Q(lease_until=None) | Q(lease_until__lte=timezone.now()), touched_at__lt=oldest)
    for row in IncomingFile.objects.filter(abandoned).iterator():
        _remove(row, abandoned)
    silent = IncomingFile.objects.filter(state__in=OPEN, touched_at__lt=timezone.now() - LEFT_BEHIND)
    for row in silent.iterator():
        IncomingFile.objects.filter(pk=row.pk, state__in=OPEN).update(received=incoming.received(row))
    _remove_strays()


def _remove(row: IncomingFile, abandoned: Q) -> None:
    # Somebody may have gone on with it since it was read.
    if incoming.remove(row, only=abandoned) and row.state in KEPT:
        sentence = say(ABANDONED, name=row.name, days=settings.INTAKE_KEEP_DAYS)
        events.record(row, "file_abandoned", sentence, actor="hub", data={"received": row.received, "size": row.size})


def _remove_strays() -> None:
    """Files that no row knows: copies that a command left when it was killed, and what a removed row left behind."""
    known = {str(pk) for pk in IncomingFile.objects.filter(state__in=KEPT).values_list("pk", flat=True)}
    for path in incoming.folder().iterdir():
        if _is_old(path) and path.name.removesuffix(landing.RECORD_SUFFIX) not in known:
            path.unlink(missing_ok=True)
            log.info("Removed a file that no row knows: %s", path.name)


def _is_old(path: Path) -> bool:
    try:
        return path.is_file() and path.stat().st_mtime < time.time() - STRAY_SECONDS
    except FileNotFoundError:
        return False
