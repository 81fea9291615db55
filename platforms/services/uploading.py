"""Uploads: claiming what is due, running a driver under a lease, and taking in how it ended."""

from __future__ import annotations

import logging
import math
import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from platforms import queue
from platforms.contract import Driver, SourceChanged
from platforms.errors import (
    BadAnswer,
    Corrupted,
    Duplicate,
    OutcomeUnknown,
    PlatformError,
    QuotaReached,
    SessionLost,
    Temporary,
)
from platforms.models import Publication, UploadSession
from platforms.services import accounts, events, progress, publishing, waits
from platforms.services.job import LeaseLost, RowJob, SliceOver, draining
from platforms.services.waits import MOST_ATTEMPTS
from platforms.transport.slices import FileSource
from platforms.values import Sentence, State, gettext_noop, say

log = logging.getLogger(__name__)

CANDIDATES = 20

GIVEN_UP = gettext_noop("Given up after %(number)s attempts.")
OWN_FAULT = gettext_noop("A fault in the hub itself; the log says more.")
NEXT_SLICE = gettext_noop("The upload goes on in the next slice.")
WAS_COMPLETE = gettext_noop("The platform had the whole file before the upload was stopped.")
FILE_GONE = gettext_noop("The video's file is no longer on the hub's disk.")
FILE_CHANGED = gettext_noop("The video's file has %(found)s bytes instead of %(expected)s: it has changed on the disk.")
FILE_UNREADABLE = gettext_noop("The video's file cannot be read: %(reason)s")


def run_due(seconds: float) -> int:
    """Claim and run uploads that are due until none is left or `seconds` are over; answers how many were run."""
    deadline, count = time.monotonic() + seconds, 0
    # What a draining process claims it gives back at once, and would claim again.
    while time.monotonic() < deadline and not draining() and (publication := claim_next()) is not None:
        run(publication, deadline)
        count += 1
    return count


def claim_next() -> Publication | None:
    """Claim one due upload of an account that works; None when there is none."""
    now = timezone.now()
    due = Publication.objects.filter(progress.due_uploads(now)).filter(accounts.working(now))
    candidates = due.select_related("video", "account").order_by("next_run_at", "id")[:CANDIDATES]
    return progress.claim_upload(candidates, progress.holder())


def run_here(publication: Publication) -> bool:
    """Run this very publication's upload now, to its end; False when it is not waiting or another process has it."""
    Publication.objects.filter(pk=publication.pk, state=State.QUEUED).update(next_run_at=timezone.now())
    publication.refresh_from_db()
    claimed = progress.claim_upload([publication], progress.holder())
    if claimed is None:
        return False
    run(claimed, deadline=math.inf)
    return True


def is_due(publication: Publication) -> bool:
    """Whether a waiting or abandoned upload's time has come and its account works."""
    now = timezone.now()
    return Publication.objects.filter(progress.due_uploads(now), accounts.working(now), pk=publication.pk).exists()


def run(publication: Publication, deadline: float) -> None:
    """Run a claimed upload until it ends, its slice is over or its lease is lost; the row says how it ended."""
    if publication.attempts > MOST_ATTEMPTS:
        _fail(publication, say(GIVEN_UP, number=MOST_ATTEMPTS))
        return
    sent_before = publication.bytes_sent
    try:
        driver = accounts.driver_for(publication.account)
        with _open_source(publication) as source, RowJob(publication, source, deadline) as job:
            _run_job(driver, job)
    except SourceChanged as error:
        _fail(publication, _source_trouble(publication, error))
    except PlatformError as error:
        _take_error(publication, error, moved=_sent_now(publication) > sent_before)
    except Exception:
        # A fault of our own: push the next try ahead first, so that it cannot spin.
        _wait(publication, progress.stored_error("Internal", say(OWN_FAULT)), say(OWN_FAULT))
        raise


def _sent_now(publication: Publication) -> int:
    return int(Publication.objects.values_list("bytes_sent", flat=True).get(pk=publication.pk))


def _open_source(publication: Publication) -> FileSource:
    video = publication.video
    if not video.source:
        raise SourceChanged("no file")
    return FileSource(Path(video.source.path), name=video.original_name, size=video.size, md5=video.md5)


def _source_trouble(publication: Publication, error: SourceChanged) -> Sentence:
    video = publication.video
    try:
        found = os.stat(video.source.path).st_size
    except (OSError, ValueError):
        return say(FILE_GONE)
    if found != video.size:
        return say(FILE_CHANGED, found=found, expected=video.size)
    return say(FILE_UNREADABLE, reason=str(error))


def _run_job(driver: Driver, job: RowJob) -> None:
    publication = job.publication
    try:
        remote_id = driver.upload(job)
    except SliceOver:
        _yield_slice(job)
    except LeaseLost:
        _stop(job)
    except PlatformError:
        if job.is_ours():
            raise
        _stop(job)
    else:
        _finish(job, remote_id)
    finally:
        Publication.objects.filter(pk=publication.pk).update(upload_seconds=F("upload_seconds") + job.seconds())


def _stop(job: RowJob) -> None:
    """The lease is lost: to a person, who gets the newest resume state, or to another process, who gets nothing."""
    job.hand_over()
    queue.wake_followers()


def _yield_slice(job: RowJob) -> None:
    """Give the worker back. A slice that ends well gives its attempt back too."""
    progress.change(
        job.publication, State.QUEUED, actor=progress.holder(), holding=job.fence, next_run_at=timezone.now(),
        sentence=say(NEXT_SLICE), attempts=F("attempts") - 1, **progress.release(),
    )  # fmt: skip
    queue.wake_uploads()


def _finish(job: RowJob, remote_id: str) -> None:
    """The platform has the file, whatever a person has asked of the upload in the meantime."""
    publication, actor, now = job.publication, progress.holder(), timezone.now()
    columns: dict[str, Any] = {
        "remote_id": remote_id, "error": None, "bytes_sent": publication.bytes_total, "uploaded_at": now, "looks": 0,
        "next_run_at": now + waits.next_look(0, job.draft.duration), **progress.release(),
    }  # fmt: skip
    stopped = Q(state__in=(State.PAUSED, State.CANCELLED))
    try:
        with transaction.atomic():
            done = progress.change(publication, State.PROCESSING, actor=actor, holding=job.fence, **columns)
            done = done or progress.change(
                publication, State.PROCESSING, actor=actor, only=stopped, sentence=say(WAS_COMPLETE), **columns
            )
            if done:
                UploadSession.objects.filter(publication=publication).delete()
    except IntegrityError:
        raise job.id_taken(remote_id) from None
    queue.wake_followers()


def _take_error(publication: Publication, error: PlatformError, *, moved: bool) -> None:
    log.info("Publication %s: %s", publication.pk, error)
    stored, sentence = progress.as_error(error), error.sentence
    if isinstance(error, QuotaReached) or accounts.concerns_account(publication.account, error):
        accounts.note_trouble(publication.account, error, actor=progress.holder())
        _wait(publication, stored, sentence, moved=True)
    elif isinstance(error, SessionLost):
        with transaction.atomic():
            if _wait(publication, stored, sentence, remote_id=None, bytes_sent=0):
                UploadSession.objects.filter(publication=publication).delete()
    elif isinstance(error, Temporary | BadAnswer | Corrupted):
        _wait(publication, stored, sentence, moved=moved, at_least=getattr(error, "retry_after", None) or 0)
    elif isinstance(error, OutcomeUnknown):
        progress.change(
            publication, State.UNKNOWN, actor=progress.holder(), holding=publication.fence, sentence=sentence,
            error=stored, **progress.release(),
        )  # fmt: skip
    elif isinstance(error, Duplicate):
        _fail(publication, _duplicate_sentence(publication, error), stored)
    else:
        _fail(publication, sentence, stored)


def _duplicate_sentence(publication: Publication, error: Duplicate) -> Sentence:
    others = publishing.duplicates_of(publication)
    if not others:
        return error.sentence
    names = ", ".join(f"“{other.shown_title}” (#{other.pk})" for other in others)
    return say(gettext_noop("This account has already uploaded the same file: %(names)s."), names=names)


def _wait(publication: Publication, stored: dict[str, Any], sentence: Sentence, *, moved: bool = False,
          at_least: float = 0, **columns: Any) -> bool:  # fmt: skip
    """Put the publication back with the reason and the time of its next try; fail it after too many tries.

    A try that brought bytes across starts the count again: a large file over a poor line gets there.
    """
    attempts = 1 if moved else publication.attempts
    if attempts >= MOST_ATTEMPTS:
        return _fail(publication, sentence, stored, **columns)
    wait = max(waits.next_try(attempts), timedelta(seconds=at_least))
    return progress.change(
        publication, State.QUEUED, actor=progress.holder(), holding=publication.fence, sentence=sentence,
        error=stored, attempts=attempts, next_run_at=timezone.now() + wait, **progress.release(**columns),
    )  # fmt: skip


def _fail(publication: Publication, sentence: Sentence, stored: dict[str, Any] | None = None, **columns: Any) -> bool:
    stored = stored or progress.stored_error("Refused", sentence)
    return progress.change(
        publication, State.FAILED, actor=progress.holder(), holding=publication.fence, sentence=sentence,
        error=stored | events.stored(sentence), next_run_at=None, **progress.release(**columns),
    )  # fmt: skip


def slice_seconds() -> float:
    """How long one hint may work before it gives the worker back."""
    return float(settings.UPLOAD_SLICE_SECONDS)
