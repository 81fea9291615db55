"""The sweep: finds whatever is due or abandoned and sends hints; the backstop for every lost alarm clock."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from platforms import queue
from platforms.models import Publication
from platforms.services import accounts, cancelling, media, progress
from platforms.values import State


@dataclass(frozen=True, slots=True)
class Due:
    """How many rows wait for the upload workers, and whether anything waits for the others."""

    uploads: int
    follow: bool


def due() -> Due:
    """What is due now on accounts that work, counted no further than matters."""
    now = timezone.now()
    rows = Publication.objects.filter(accounts.working(now))
    uploads = rows.filter(progress.due_uploads(now))[: queue.ENOUGH_HINTS].count()
    looks = Q(state__in=[*progress.FOLLOWED, State.DELETING], next_run_at__lte=now)
    follow = rows.filter(looks).exists() or cancelling.due().exists()
    return Due(uploads, follow)


def hint() -> Due:
    """Send as many hints as there is due work that no waiting hint covers already."""
    accounts.end_pauses()
    found = due()
    for _number in range(max(0, found.uploads - queue.backlog(queue.UPLOADS))):
        queue.wake_uploads()
    if found.follow and queue.backlog(queue.DEFAULT) == 0:
        queue.wake_followers()
    return found


def tidy() -> None:
    """What need not happen often: files that nobody took, failed hints of long ago."""
    media.sweep_kept()
    queue.prune()
