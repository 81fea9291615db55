"""The work on queued bulk uploads: files are begun a few at a time, and what has arrived is published.

A row goes from one state to the next by one conditional UPDATE, in the same transaction as what it stands for: the
file that is begun, or the video with its publications. Whatever is killed in between has not happened, so that no row
gets two videos.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from platforms import queue
from platforms.models import Arrival, BulkRow, BulkState, BulkUpload, IncomingFile, RowState
from platforms.services import events
from platforms.services.bulk import known, landing
from platforms.services.fetching import rows as fetched
from platforms.services.fetching import starting
from platforms.services.fetching.troubles import Passing, Refused
from platforms.services.files import incoming
from platforms.services.uploads.job import draining
from platforms.values import Sentence, gettext_noop, say

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
SLICE_SECONDS = 20.0
# Enough that the copying workers never wait for the next file; few enough that the disk keeps its room.
FILES_AHEAD = 2
LATER = timedelta(seconds=30)
CANDIDATES = 20
# By then the machine whose disk has an arrived file has had its chance.
ELSEWHERE = timedelta(hours=1)

REMOVED = gettext_noop("The file was removed while it was taken in.")
OWN_FAULT = gettext_noop("A fault in the hub itself; the log says more.")


def due() -> Q:
    """Bulk uploads for which something can be done now."""
    now = timezone.now()
    arrived = BulkRow.objects.filter(state=RowState.ARRIVING).exclude(incoming__state__in=incoming.OPEN)
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    work = Q(next_run_at__lte=now) | Q(pk__in=arrived.order_by().values("job"))
    return Q(state=BulkState.RUNNING) & free & work


def worth_a_hint() -> int:
    """Whether anything is due: 1 or 0."""
    return int(BulkUpload.objects.filter(due()).exists())


def run_due(seconds: float = SLICE_SECONDS) -> int:
    """Go on with what is due; answers how many bulk uploads that were."""
    deadline, count = time.monotonic() + seconds, 0
    for job in BulkUpload.objects.filter(due()).order_by("next_run_at", "pk")[:CANDIDATES]:
        if time.monotonic() < deadline and not draining() and _claim(job):
            _go_on(job, deadline)
            count += 1
    return count


@transaction.atomic
def _claim(job: BulkUpload) -> bool:
    """One bulk upload at a time is gone on with, so that none looks for what another is just taking in."""
    now = timezone.now()
    landing.alone()
    if BulkUpload.objects.filter(state=BulkState.RUNNING, lease_until__gt=now).exists():
        return False
    free = BulkUpload.objects.filter(due(), pk=job.pk, fence=job.fence)
    taken = free.update(fence=F("fence") + 1, lease_until=now + LEASE, next_run_at=None)
    if taken == 1:
        job.refresh_from_db()
    return taken == 1


def _go_on(job: BulkUpload, deadline: float) -> None:
    note: Sentence | None = None
    wait: timedelta | None = LATER
    try:
        wait = timedelta(0) if _land(job, deadline) or _begin(job, deadline) else None
    except (Passing, incoming.NoRoom) as trouble:
        note = trouble.sentence
    except Exception:
        # A fault of our own: the next try is later, so that it cannot spin.
        note = say(OWN_FAULT)
        log.exception("The bulk upload %s has failed in the hub itself.", job.pk)
    _give_back(job, wait, note)


def _give_back(job: BulkUpload, wait: timedelta | None, note: Sentence | None) -> None:
    """End the lease. `wait` until the next look; None: when a file has arrived. Finish what has no open row."""
    mine = BulkUpload.objects.filter(pk=job.pk, fence=job.fence, state=BulkState.RUNNING)
    stored = events.stored(note) if note else None
    if not job.rows.filter(state__in=(RowState.WAITING, RowState.ARRIVING)).exists():
        mine.update(state=BulkState.DONE, finished_at=timezone.now(), lease_until=None, next_run_at=None, note=None)
        return
    mine.update(lease_until=None, next_run_at=None if wait is None else timezone.now() + wait, note=stored)
    if wait == timedelta(0):
        queue.wake_fetches()


def _held(job: BulkUpload) -> bool:
    """Renew the lease; False when the upload was cancelled or is somebody else's."""
    mine = BulkUpload.objects.filter(pk=job.pk, fence=job.fence, state=BulkState.RUNNING)
    return mine.update(lease_until=timezone.now() + LEASE) == 1


# What has arrived -----------------------------------------------------------------------------------------------------


def _land(job: BulkUpload, deadline: float) -> bool:
    """Publish what has arrived; True when the time was over before all of it was."""
    arrived = job.rows.filter(state=RowState.ARRIVING).exclude(incoming__state__in=incoming.OPEN)
    for row in arrived.select_related("incoming", "incoming__owner"):
        if time.monotonic() > deadline or not _held(job):
            return True
        _land_one(job, row)
    return False


def _land_one(job: BulkUpload, row: BulkRow) -> None:
    file = row.incoming
    if file is None:
        landing.fail(row, say(REMOVED))
    elif file.state == Arrival.FAILED:
        landing.fail_with(row, file)
    elif file.state == Arrival.TAKEN and file.video:
        landing.use_video(job, row, file.video)
    elif _is_here(file):
        try:
            landing.take(job, row, file)
        except incoming.Over as over:
            file.refresh_from_db()
            if file.video is None:
                landing.fail(row, over.sentence)
    elif file.touched_at < timezone.now() - ELSEWHERE:
        landing.fail(row, say(REMOVED))


def _is_here(file: IncomingFile) -> bool:
    """Whether this machine sees the bytes of an arrived file."""
    try:
        incoming.kept(file)
    except incoming.Refused:
        return False
    return True


# What is next ---------------------------------------------------------------------------------------------------------


def _begin(job: BulkUpload, deadline: float) -> bool:
    """Begin files as long as few are on their way; True when there is more to begin at once."""
    while True:
        waiting = job.rows.filter(state=RowState.WAITING)
        row = waiting.select_related("video", "incoming").first()
        arriving = job.rows.filter(state=RowState.ARRIVING).count()
        if row is None or arriving >= FILES_AHEAD * fetched.most_at_once() or not _held(job):
            return False
        if time.monotonic() > deadline:
            return True
        try:
            _begin_one(job, row)
        except (Refused, incoming.Unfit, incoming.TooLarge) as trouble:
            landing.fail(row, trouble.sentence)


def _begin_one(job: BulkUpload, row: BulkRow) -> None:
    """Have the file of a row copied, unless the hub has its bytes."""
    if row.video and known.video_of(row.video.md5):
        landing.use_video(job, row, row.video)
        return
    mark = starting.look_at(row.path)
    seen = known.mark_text(row.path, mark)
    if video := known.video_of(known.md5_of(seen)):
        landing.use_video(job, row, video)
        return
    with transaction.atomic():
        if landing.move(row, RowState.ARRIVING, mark=seen):
            row.incoming = starting.begin_copy(row.path, mark, actor=job.actor)
            row.save(update_fields=["incoming"])
    queue.wake_fetches()
