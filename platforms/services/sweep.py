"""The sweep: finds whatever is due or abandoned and sends hints; the backstop for every lost alarm clock."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from platforms import queue
from platforms.models import Publication
from platforms.services import account_health, budgets, callbacks, progress, query_planner
from platforms.services.bulk import jobs as bulk_jobs
from platforms.services.bulk import running as bulk
from platforms.services.fetching import rows as fetched
from platforms.services.files import bringing, incoming_upkeep, storing
from platforms.services.importing import jobs as imports
from platforms.services.operations import batches, deleting, running
from platforms.services.scheduling import holding
from platforms.services.subtitles import asking as subtitles
from platforms.services.uploads import cancelling
from platforms.values import State


@dataclass(frozen=True, slots=True)
class Due:
    """How many rows wait for the upload workers, and whether anything waits for the others, or an import."""

    uploads: int
    follow: bool
    fetches: int = 0
    imports: bool = False


def due() -> Due:
    """What is due now on accounts that work or may be tried, counted no further than matters."""
    now = timezone.now()
    rows = Publication.objects.filter(account_health.worth_a_hint(now))
    uploads = rows.filter(progress.due_uploads(now))[: queue.ENOUGH_HINTS].count()
    looks = rows.filter(budgets.may_follow(now), state__in=progress.FOLLOWED, next_run_at__lte=now)
    follow = (
        looks.exists()
        or rows.filter(state=State.DELETING, next_run_at__lte=now).exists()
        or running.due(now).exists()
        or subtitles.due().exists()
        or holding.is_needed()
        or deleting.unsettled().exists()
        or cancelling.due().exists()
        or callbacks.due().exists()
    )
    follow = follow or incoming_upkeep.left_behind().exists()
    fetches = fetched.worth_a_hint() + bringing.worth_a_hint() + bulk.worth_a_hint()
    return Due(uploads, follow, fetches, imports.due(now).exists())


def hint() -> Due:
    """Send as many hints as there is due work that no waiting hint covers already."""
    account_health.end_pauses()
    found = due()
    wakes = [queue.wake_fetches] * found.fetches + [queue.wake_uploads] * found.uploads
    for wake in wakes[queue.backlog(queue.UPLOADS) :]:
        wake()
    if (found.follow or found.imports) and queue.backlog(queue.DEFAULT) == 0:
        for wake in [queue.wake_followers] * found.follow + [queue.wake_imports] * found.imports:
            wake()
    return found


def tidy() -> None:
    """What need not happen often: files that nobody took, hints and work of long ago, what SQLite knows."""
    incoming_upkeep.sweep()
    storing.note_late()
    holding.tidy(actor=progress.holder())
    bulk_jobs.forget_old()
    imports.forget_old()
    queue.prune()
    batches.prune()
    query_planner.renew_statistics()
