"""Uploads: claiming what is due, running a driver under a lease, and taking in how it ended."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from platforms import queue
from platforms.contract import Driver, SourceAway, SourceChanged
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
from platforms.services import account_health, budgets, circuit, events, lending, looking, progress, publishing, waits
from platforms.services.files import bringing, intact, storing
from platforms.services.files.intact import OTHER_BYTES
from platforms.services.importing import twins
from platforms.services.scheduling import holding
from platforms.services.uploads import claims
from platforms.services.uploads.crew import Crew, run_and_log
from platforms.services.uploads.job import CHANGED_MEANWHILE, LeaseLost, RowJob, SliceOver, draining
from platforms.services.uploads.patience import patiently
from platforms.services.waits import MOST_ATTEMPTS
from platforms.storage import ClosingSource, FarStorage, storage_of
from platforms.values import Sentence, State, gettext_noop, say

log = logging.getLogger(__name__)

MEGABYTE = 1_000_000
ENDING_SECONDS = 30.0
# A file that is on its way wakes its uploads; nobody has to ask often.
COMING, NO_TIME = timedelta(minutes=10), timedelta()
# From this try on a storage that is away costs no tries: it is asked about every ten minutes.
MOST_AWAY = 8

GIVEN_UP = gettext_noop("Given up after %(number)s attempts.")
OWN_FAULT = gettext_noop("A fault in the hub itself; the log says more.")
NEXT_SLICE = gettext_noop("The upload goes on in the next slice.")
NOTHING_MOVED = gettext_noop("Nothing arrived at the platform in a whole slice of time; the upload goes on in another.")
TOO_MUCH_SENT = gettext_noop(
    "Given up: %(moved)s MB were sent for a file of %(size)s MB, because much was lost or arrived damaged. Look at the "
    "line, then retry."
)
WAS_COMPLETE = gettext_noop("The platform had the whole file before the upload was stopped.")
FILE_GONE = gettext_noop("The video's file is no longer on the hub's disk.")
FILE_CHANGED = gettext_noop("The video's file has %(found)s bytes instead of %(expected)s: it has changed on the disk.")
FILE_REPLACED = gettext_noop("The video's file has changed on the disk: its content is not what was taken in.")
FILE_NOT_STORED = gettext_noop("The video's file is no longer in the hub's storage.")
STORED_CHANGED = gettext_noop(
    "The video's file in the hub's storage has %(found)s bytes instead of %(expected)s: it has been changed there."
)
STORED_REPLACED = gettext_noop("The video's file has been changed in the hub's storage: it is not what was taken in.")
FILE_UNREADABLE = gettext_noop("The video's file cannot be read: %(reason)s")


def run_due(seconds: float) -> int:
    """Claim and run uploads that are due until none is left or `seconds` are over; answers how many were run.

    Several run side by side (`UPLOADS_PER_WORKER`), each in a thread of its own.
    """
    deadline = time.monotonic() + seconds
    if settings.UPLOADS_PER_WORKER == 1:
        return _one_by_one(deadline)
    return Crew(run, deadline).work()


def _one_by_one(deadline: float) -> int:
    count = 0
    # What a draining process claims it gives back at once, and would claim again.
    while time.monotonic() < deadline and not draining() and (publication := claims.claim_next()) is not None:
        run_and_log(run, publication, deadline, threading.Event())
        count += 1
    return count


def run_here(publication: Publication, leave: threading.Event | None = None) -> bool:
    """Run this very publication's upload now, to its end or until it shall `leave`.

    False when it is not waiting or another process has it.
    """
    bringing.bring_here(publication.video)
    Publication.objects.filter(pk=publication.pk, state=State.QUEUED).update(next_run_at=timezone.now())
    publication.refresh_from_db()
    claimed = progress.claim_upload([publication], progress.holder())
    if claimed is None:
        return False
    run(claimed, math.inf, leave)
    return True


def may_begin(publication: Publication) -> bool:
    """Whether a waiting or abandoned upload's time has come and its account works, or gives it the one try it has."""
    due = Publication.objects.filter(progress.due_uploads(timezone.now()), pk=publication.pk)
    return due.exists() and claims.may_go_on(publication.account)


def run(publication: Publication, deadline: float, leave: threading.Event | None = None) -> None:
    """Run a claimed upload until it ends, its slice is over or its lease is lost; the row says how it ended."""
    if reason := _used_up(publication):
        _fail(publication, reason)
        return
    sent_before = publication.bytes_sent
    try:
        with (
            budgets.Tally(publication.account, lending.driver_for(publication.account)) as tally,
            _open_source(publication) as source,
            RowJob(publication, source, deadline, leave, on_progress=tally.now_and_then) as job,
        ):
            _run_job(tally.driver, job)
    except storing.Lost as error:
        _fail(publication, error.sentence)
    except SourceChanged as error:
        _fail(publication, _source_trouble(publication, error))
    except SourceAway as error:
        moved, away = _sent_now(publication) > sent_before, error
        _for_a_while(lambda: _take_absence(publication, away, moved=moved))
    except PlatformError as error:
        moved, taken = _sent_now(publication) > sent_before, error
        _for_a_while(lambda: _take_error(publication, taken, moved=moved))
    except Exception:
        # A fault of our own: push the next try ahead first, so that it cannot spin.
        _wait(publication, progress.stored_error("Internal", say(OWN_FAULT)), say(OWN_FAULT))
        raise


def _for_a_while(work: Callable[[], object]) -> None:
    """Take in how an upload ended, also when the database is away just then: else its lease has to run out."""
    patiently(work, time.monotonic() + ENDING_SECONDS)


def _used_up(publication: Publication) -> Sentence | None:
    """Why the upload is not tried any more; None while it is."""
    if publication.attempts > MOST_ATTEMPTS:
        return say(GIVEN_UP, number=MOST_ATTEMPTS)
    if publication.bytes_moved > waits.most_bytes(publication.bytes_total):
        megabytes = {"moved": publication.bytes_moved // MEGABYTE, "size": publication.bytes_total // MEGABYTE}
        return say(TOO_MUCH_SENT, **megabytes)
    return None


def _sent_now(publication: Publication) -> int:
    return int(Publication.objects.values_list("bytes_sent", flat=True).get(pk=publication.pk))


def _open_source(publication: Publication) -> ClosingSource:
    video = publication.video
    if not video.source:
        raise SourceChanged("no file")
    storing.check_there(video)
    storage = storage_of(video.source)
    return storage.open_ranges(video.source.name or "", called=video.original_name, size=video.size, md5=video.md5)


def _source_trouble(publication: Publication, error: SourceChanged) -> Sentence:
    """Why the file cannot be sent, in words."""
    video, far = publication.video, isinstance(publication.video.source.storage, FarStorage)
    try:
        size = intact.look(video).size
    except (SourceChanged, ValueError):
        return say(FILE_NOT_STORED if far else FILE_GONE)
    except SourceAway:
        # What made it fail is known; how the file is now is not.
        return say(STORED_REPLACED)
    if size != video.size:
        return say(STORED_CHANGED if far else FILE_CHANGED, found=size, expected=video.size)
    if far:
        return say(STORED_REPLACED)
    if str(error) in (OTHER_BYTES, CHANGED_MEANWHILE):
        return say(FILE_REPLACED)
    return say(FILE_UNREADABLE, reason=str(error))


def _run_job(driver: Driver, job: RowJob) -> None:
    try:
        job.prove_source()
        remote_id = driver.upload(job)
    except SliceOver:
        _for_a_while(lambda: _yield_slice(job))
    except LeaseLost:
        _for_a_while(lambda: _stop(job))
    except (PlatformError, SourceChanged, SourceAway):
        if job.is_ours():
            raise
        _for_a_while(lambda: _stop(job))
    else:
        _for_a_while(lambda: _finish(job, remote_id))
    finally:
        _for_a_while(job.account_for)


def _stop(job: RowJob) -> None:
    """The lease is lost: to a person, who gets the newest resume state, or to another process, who gets nothing."""
    job.hand_over()
    queue.wake_followers()


def _yield_slice(job: RowJob) -> None:
    """Give the worker back. What it had begun is no try that has failed, so that the attempt is given back too.

    A slice that ran its whole time and brought nothing across has failed.
    """
    too_slow = time.monotonic() > job.deadline and not job.has_moved
    progress.change(
        job.publication, State.QUEUED, actor=progress.holder(), holding=job.fence, next_run_at=timezone.now(),
        sentence=say(NOTHING_MOVED if too_slow else NEXT_SLICE), attempts=F("attempts") - int(not too_slow),
        **progress.release(),
    )  # fmt: skip
    queue.wake_uploads()


def _finish(job: RowJob, remote_id: str) -> None:
    """The platform has the file, whatever a person has asked of the upload in the meantime."""
    publication, actor, now = job.publication, progress.holder(), timezone.now()
    columns: dict[str, Any] = {
        "remote_id": remote_id, "error": None, "bytes_sent": publication.bytes_total, "uploaded_at": now, "looks": 0,
        "next_run_at": looking.next_time(publication, now, looks=0), **progress.release(),
    }  # fmt: skip
    stopped = Q(state__in=(State.PAUSED, State.CANCELLED))

    def write_down() -> None:
        with transaction.atomic():
            done = progress.change(publication, State.PROCESSING, actor=actor, holding=job.fence, **columns)
            done = done or progress.change(
                publication, State.PROCESSING, actor=actor, only=stopped, sentence=say(WAS_COMPLETE), **columns
            )
            if done:
                UploadSession.objects.filter(publication=publication).delete()

    try:
        write_down()
    except IntegrityError:
        if not twins.give_way(publication, remote_id, actor=actor):
            raise job.id_taken(remote_id) from None
        write_down()
    holding.note_uploaded(publication, actor=actor)
    queue.wake_followers()


def _take_error(publication: Publication, error: PlatformError, *, moved: bool) -> None:
    log.info("Publication %s: %s", publication.pk, error)
    stored, sentence = progress.as_error(error), error.sentence
    if isinstance(error, QuotaReached) or account_health.concerns_account(publication.account, error):
        account_health.note_trouble(publication.account, error, actor=progress.holder())
        _wait(publication, stored, sentence, moved=True)
    elif isinstance(error, SessionLost):
        with transaction.atomic():
            if _wait(publication, stored, sentence, remote_id=None, bytes_sent=0):
                UploadSession.objects.filter(publication=publication).delete()
    elif isinstance(error, Temporary | BadAnswer | Corrupted):
        down = not moved and _platform_is_down(publication, error)
        at_least = waits.asked_for(error)
        _wait(publication, stored, sentence, moved=moved, costs_a_try=not down, at_least=at_least)
    elif isinstance(error, OutcomeUnknown):
        progress.change(
            publication, State.UNKNOWN, actor=progress.holder(), holding=publication.fence, sentence=sentence,
            error=stored, **progress.release(),
        )  # fmt: skip
    elif isinstance(error, Duplicate):
        _fail(publication, _duplicate_sentence(publication, error), stored)
    else:
        _fail(publication, sentence, stored)


def _take_absence(publication: Publication, error: SourceAway, *, moved: bool) -> None:
    """The file cannot be read for now: wait for it, however long that takes, and leave the account alone.

    What is still on its way into the storage wakes its uploads as it arrives.
    """
    log.info("Publication %s: %s", publication.pk, error.sentence.text)
    stored, coming = progress.stored_error("Temporary", error.sentence), isinstance(error, storing.OnItsWay)
    _wait(
        publication, stored, error.sentence, moved=moved, at_least=COMING if coming else NO_TIME,
        costs_a_try=not coming and publication.attempts < MOST_AWAY,
    )  # fmt: skip
    if coming and not storing.is_coming(publication.video):
        storing.wake(publication.video)


def _platform_is_down(publication: Publication, error: PlatformError) -> bool:
    """Whether the account is paused by now for troubles that are no fault of this upload."""
    trouble = circuit.concerns_platform(error)
    return trouble and circuit.note_trouble(publication.account, error, actor=progress.holder())


def _duplicate_sentence(publication: Publication, error: Duplicate) -> Sentence:
    others = publishing.duplicates_of(publication)
    if not others:
        return error.sentence
    names = ", ".join(f"“{other.shown_title}” (#{other.pk})" for other in others)
    return say(gettext_noop("This account has already uploaded the same file: %(names)s."), names=names)


def _wait(publication: Publication, stored: dict[str, Any], sentence: Sentence, *, moved: bool = False,
          costs_a_try: bool = True, at_least: timedelta = NO_TIME, **columns: Any) -> bool:  # fmt: skip
    """Put the publication back with the reason and the time of its next try; fail it after too many tries.

    A try that brought bytes across starts the count again: a large file over a poor line gets there. So that this ends,
    too, the bytes that were sent are counted (`waits.most_bytes`).
    """
    attempts = 1 if moved else publication.attempts
    if costs_a_try and attempts >= MOST_ATTEMPTS:
        return _fail(publication, sentence, stored, **columns)
    wait = max(waits.next_try(attempts), at_least)
    return progress.change(
        publication, State.QUEUED, actor=progress.holder(), holding=publication.fence, sentence=sentence,
        error=stored, attempts=attempts if costs_a_try else max(attempts - 1, 0),
        next_run_at=timezone.now() + wait, **progress.release(**columns),
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
