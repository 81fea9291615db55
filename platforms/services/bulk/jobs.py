"""What people do with bulk uploads: keep a check, queue it, cancel it, retry what failed."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone

from platforms import queue
from platforms.models import BulkRow, BulkState, BulkUpload, IncomingFile, Publication, RowState
from platforms.services import events
from platforms.services.bulk import filling
from platforms.services.bulk.checking import Checked
from platforms.services.bulk.troubles import NotNow
from platforms.services.files import incoming
from platforms.services.inserting import insert
from platforms.services.operations.batches import KEPT
from platforms.values import State, gettext_noop, say

# What a check writes to its rows.
CHECKED_COLUMNS = (
    "number", "path", "title", "description", "tags", "targets", "hub_category", "publish_at", "block_at", "subtitles",
    "filling", "problems", "state", "mark",
)  # fmt: skip
OPEN = (RowState.WAITING, RowState.ARRIVING)
KEEP_CHECKED = timedelta(days=7)

HAS_PROBLEMS = gettext_noop("Rows that are to be corrected: %(number)s. Nothing was queued.")
NOTHING_GOOD = gettext_noop("No row can be queued.")
NOT_WAITING = gettext_noop("This bulk upload was queued or cancelled already.")
NOT_RUNNING = gettext_noop("This bulk upload is over.")


def keep(
    checked: Checked, name: str, *, actor: str, owner: User | None = None, choices: dict[str, Any] | None = None
) -> BulkUpload:
    """Store what a check found; nothing is queued yet. `choices`: what was chosen on the form, without secrets."""
    notes = [events.stored(note) for note in checked.notes]
    with transaction.atomic():
        job = BulkUpload.objects.create(
            name=name[-255:], owner=owner, actor=actor[:150], notes=notes, choices=choices or {}
        )
        attributes = {field.name: field.attname for field in BulkRow._meta.concrete_fields}
        rows = [[getattr(row, attributes[name]) for name in CHECKED_COLUMNS] for row in checked.rows]
        insert(BulkRow, CHECKED_COLUMNS, rows, same={"job": job.pk})
    return job


def replace(before: BulkUpload) -> None:
    """Forget a check that nobody queued: a corrected table has taken its place."""
    BulkUpload.objects.filter(pk=before.pk, state=BulkState.CHECKED).delete()


def counts(job: BulkUpload) -> Counter[str]:
    """How many rows are in each state."""
    rows = job.rows.order_by().values_list("state").annotate(number=Count("pk"))
    return Counter(dict(rows))


def start(job: BulkUpload, *, good_only: bool = False) -> int:
    """Queue the good rows; answers how many. Raises `NotNow`, with problems unless `good_only`: nothing is queued."""
    with transaction.atomic():
        moved = BulkUpload.objects.filter(pk=job.pk, state=BulkState.CHECKED).update(
            state=BulkState.RUNNING, next_run_at=timezone.now()
        )
        if not moved:
            raise NotNow(say(NOT_WAITING))
        wrong = job.rows.filter(state=RowState.WRONG).count()
        if wrong and not good_only:
            raise NotNow(say(HAS_PROBLEMS, number=wrong))
        filling.take_numbers(job)
        queued = job.rows.filter(state=RowState.READY).update(state=RowState.WAITING)
        if not queued:
            raise NotNow(say(NOTHING_GOOD))
    job.refresh_from_db()
    queue.wake_fetches()
    return queued


def cancel(job: BulkUpload) -> int:
    """Stop what has not become a video yet; answers how many rows. What was queued for upload goes on.

    A check that nobody queued is given up the same way. Raises `NotNow` when it is over.
    """
    with transaction.atomic():
        going = BulkUpload.objects.filter(pk=job.pk, state__in=(BulkState.CHECKED, BulkState.RUNNING))
        if not going.update(
            state=BulkState.CANCELLED, finished_at=timezone.now(), next_run_at=None, note=None, fence=F("fence") + 1
        ):
            raise NotNow(say(NOT_RUNNING))
        rows = job.rows.filter(state__in=(RowState.READY, *OPEN))
        arriving = list(IncomingFile.objects.filter(bulkrow__in=rows))
        stopped = rows.update(state=RowState.CANCELLED)
    for file in arriving:
        incoming.remove(file)
    job.refresh_from_db()
    return stopped


def retry(job: BulkUpload) -> int:
    """Take the rows that failed, or were stopped, in again; answers how many. Good rows of before are left alone."""
    with transaction.atomic():
        again = job.rows.filter(state__in=(RowState.FAILED, RowState.CANCELLED))
        if job.state == BulkState.CHECKED:
            raise NotNow(say(NOT_RUNNING))
        count = again.update(state=RowState.WAITING, error=None, outcomes=[])
        if count:
            columns = {"state": BulkState.RUNNING, "finished_at": None, "next_run_at": timezone.now()}
            BulkUpload.objects.filter(pk=job.pk).update(**columns)
    job.refresh_from_db()
    queue.wake_fetches()
    return count


def failed_publications(job: BulkUpload) -> list[Publication]:
    """The publications that this upload queued and that failed since."""
    queued = {
        outcome["publication"]
        for outcomes in job.rows.filter(video__publications__state=State.FAILED).values_list("outcomes", flat=True)
        for outcome in outcomes
        if outcome["what"] == "queued"
    }
    rows = Publication.objects.filter(pk__in=queued, state=State.FAILED)
    return list(rows.select_related("account", "video"))


def forget_old() -> None:
    """Remove checks that nobody queued, and what ended as long ago as operations are kept; its videos stay."""
    now = timezone.now()
    unqueued = Q(state=BulkState.CHECKED, created_at__lt=now - KEEP_CHECKED)
    over = Q(state__in=(BulkState.DONE, BulkState.CANCELLED), finished_at__lt=now - KEPT)
    unfinished = BulkRow.objects.filter(job=OuterRef("pk"), state__in=OPEN)
    BulkUpload.objects.filter(unqueued | over).exclude(Exists(unfinished)).delete()
