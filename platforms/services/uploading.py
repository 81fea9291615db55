"""Uploads: claiming what is due, running a driver under a lease, and taking in how it ended."""

from __future__ import annotations

import copy
import json
import logging
import math
import os
import threading
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

from django.conf import settings
from django.db import IntegrityError, close_old_connections, connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from platforms import queue
from platforms.contract import CanCancelUpload, Driver, Interrupted, Source, SourceChanged
from platforms.errors import (
    BadAnswer,
    Corrupted,
    Duplicate,
    LoginExpired,
    OutcomeUnknown,
    PlatformError,
    QuotaReached,
    SessionLost,
    Temporary,
)
from platforms.models import Publication, UploadSession
from platforms.services import accounts, events, progress, publishing, waits
from platforms.services.waits import MOST_ATTEMPTS
from platforms.transport.slices import FileSource
from platforms.values import Draft, Sentence, State, gettext_noop, say

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 15.0
PROGRESS_SECONDS = 1.0
CANDIDATES = 20
# A file whose presence asks running uploads to checkpoint and leave.
DRAIN_VARIABLE = "MEDIAHUB_DRAIN_FILE"


class LeaseLost(Interrupted):
    """Another process, or a person's pause or cancel, has taken the publication from this one."""


class SliceOver(Interrupted):
    """This worker has run long enough, or is asked to leave; another run goes on."""


class RowJob:
    """An `UploadJob` over a publication's row. A small thread keeps the lease alive while a call takes long."""

    def __init__(self, publication: Publication, source: Source, deadline: float) -> None:
        self.publication, self.source, self.deadline = publication, source, deadline
        self.draft: Draft = publishing.draft_of(publication)
        self.fence = publication.fence
        self.started = time.monotonic()
        self._written = 0.0
        self._sent = publication.bytes_sent
        self._lost = threading.Event()
        self._done = threading.Event()
        self._heart = threading.Thread(target=self._beat, name="lease", daemon=True)
        self._token = _stored_token(publication)

    @property
    def token(self) -> dict[str, Any]:
        return copy.deepcopy(self._token)

    def __enter__(self) -> RowJob:
        self._heart.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._done.set()
        self._heart.join()

    def checkpoint(self, token: Mapping[str, Any], bytes_done: int) -> None:
        self._token, self._sent = json.loads(json.dumps(token)), bytes_done
        with transaction.atomic():
            if not self._hold(bytes_done):
                raise LeaseLost
            self._save_session()
        self._look_up(checkpointed=True)

    def announce(self, remote_id: str) -> None:
        sentence = say(gettext_noop("The platform answered the video id %(id)s."), id=remote_id)
        events.record(self.publication, "remote_id", sentence, actor=progress.holder())
        try:
            with transaction.atomic():
                held = progress.hold(self.publication, self.fence, remote_id=remote_id)
        except IntegrityError:
            raise self._id_taken(remote_id) from None
        if not held:
            raise LeaseLost
        self.publication.remote_id = remote_id

    def pulse(self, bytes_done: int) -> None:
        self._sent = bytes_done
        if self._lost.is_set():
            raise LeaseLost
        if time.monotonic() - self._written >= PROGRESS_SECONDS:
            if not self._hold(bytes_done):
                raise LeaseLost
            self._look_up(checkpointed=False)

    def keep_for_cancel(self) -> None:
        """A cancelled upload's newest token, for whoever tells the platform."""
        with transaction.atomic():
            self._save_session()

    def seconds(self) -> float:
        return round(time.monotonic() - self.started, 3)

    def _hold(self, bytes_done: int) -> bool:
        self._written = time.monotonic()
        return progress.hold(self.publication, self.fence, bytes_sent=min(bytes_done, self.publication.bytes_total))

    def _save_session(self) -> None:
        UploadSession.objects.update_or_create(
            publication=self.publication,
            defaults={
                "token": self._token,
                "fingerprint": fingerprint(self.publication),
                "bytes_done": self._sent,
                "protocol": str(self._token.get("protocol", ""))[:40],
                "part_size": self._token.get("part_size"),
            },
        )

    def _look_up(self, *, checkpointed: bool) -> None:
        """Leave when the slice is over or a stop is asked; between checkpoints only when asked."""
        drain = os.environ.get(DRAIN_VARIABLE)
        asked = bool(drain) and Path(drain or "").exists()
        if asked or (checkpointed and time.monotonic() > self.deadline):
            raise SliceOver

    def _beat(self) -> None:
        try:
            while not self._done.wait(HEARTBEAT_SECONDS):
                try:
                    if not progress.hold(self.publication, self.fence):
                        self._lost.set()
                        return
                except Exception as error:
                    log.warning("A lease was not renewed: %s", type(error).__name__)
                    close_old_connections()
        finally:
            connection.close()

    def _id_taken(self, remote_id: str) -> OutcomeUnknown:
        other = Publication.objects.get(account=self.publication.account, remote_id=remote_id)
        actor = progress.holder()
        sentence = gettext_noop("The platform answered the same video id %(id)s for “%(other)s” too.")
        events.record(other, "remote_id", say(sentence, id=remote_id, other=str(self.publication)), actor=actor)
        return OutcomeUnknown(say(sentence, id=remote_id, other=str(other)))


def fingerprint(publication: Publication) -> str:
    """Which bytes an upload session is about."""
    return f"{publication.video.md5}:{publication.video.size}"


def _stored_token(publication: Publication) -> dict[str, Any]:
    session = UploadSession.objects.filter(publication=publication).first()
    if session is None:
        return {}
    if session.fingerprint != fingerprint(publication):
        # The session is about other bytes than the file has now.
        session.delete()
        return {}
    return dict(session.token)


def run_due(seconds: float) -> int:
    """Claim and run uploads that are due until none is left or `seconds` are over; answers how many were run."""
    deadline, count = time.monotonic() + seconds, 0
    while time.monotonic() < deadline and (publication := claim_next()) is not None:
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
    """Whether a waiting upload's time has come and its account works."""
    now = timezone.now()
    return Publication.objects.filter(progress.due_uploads(now), accounts.working(now), pk=publication.pk).exists()


def run(publication: Publication, deadline: float) -> None:
    """Run a claimed upload until it ends, its slice is over or its lease is lost; the row says how it ended."""
    if publication.attempts > MOST_ATTEMPTS:
        _fail(publication, say(gettext_noop("Given up after %(number)s attempts."), number=MOST_ATTEMPTS))
        return
    sent_before = publication.bytes_sent
    try:
        driver = accounts.driver_for(publication.account)
        with _open_source(publication) as source, RowJob(publication, source, deadline) as job:
            _run_job(driver, job)
    except SourceChanged as error:
        _fail(publication, say(gettext_noop("The video's file is gone or has changed: %(reason)s"), reason=str(error)))
    except PlatformError as error:
        _take_error(publication, error, moved=_sent_now(publication) > sent_before)
    except Exception:
        # A fault of our own: push the next try ahead first, so that it cannot spin.
        _wait(publication, say(gettext_noop("A fault in the hub itself; the log says more.")), kind="Internal")
        raise


def _sent_now(publication: Publication) -> int:
    return int(Publication.objects.values_list("bytes_sent", flat=True).get(pk=publication.pk))


def _open_source(publication: Publication) -> FileSource:
    video = publication.video
    if not video.source:
        raise SourceChanged("no file")
    return FileSource(Path(video.source.path), name=video.original_name, size=video.size, md5=video.md5)


def _run_job(driver: Driver, job: RowJob) -> None:
    publication = job.publication
    try:
        remote_id = driver.upload(job)
    except SliceOver:
        _yield_slice(job)
    except LeaseLost:
        publication.refresh_from_db()
        if publication.state == State.CANCELLED:
            job.keep_for_cancel()
            queue.wake_followers()
    else:
        _finish(job, remote_id)
    finally:
        Publication.objects.filter(pk=publication.pk).update(upload_seconds=F("upload_seconds") + job.seconds())


def _yield_slice(job: RowJob) -> None:
    """Give the worker back. A slice that ends well gives its attempt back too."""
    progress.change(
        job.publication, State.QUEUED, actor=progress.holder(), holding=job.fence, next_run_at=timezone.now(),
        sentence=say(gettext_noop("The upload goes on in the next slice.")), attempts=F("attempts") - 1,
        **progress.release(),
    )  # fmt: skip
    queue.wake_uploads()


def _finish(job: RowJob, remote_id: str) -> None:
    now = timezone.now()
    with transaction.atomic():
        done = progress.change(
            job.publication, State.PROCESSING, actor=progress.holder(), holding=job.fence, remote_id=remote_id,
            error=None,
            bytes_sent=job.publication.bytes_total, uploaded_at=now, looks=0,
            next_run_at=now + waits.next_look(0, job.draft.duration), **progress.release(),
        )  # fmt: skip
        if done:
            UploadSession.objects.filter(publication=job.publication).delete()
    queue.wake_followers()


def _take_error(publication: Publication, error: PlatformError, *, moved: bool) -> None:
    log.info("Publication %s: %s", publication.pk, error)
    if isinstance(error, LoginExpired | QuotaReached):
        accounts.note_trouble(publication.account, error, actor=progress.holder())
        _wait(publication, error.sentence, error=error, moved=True)
    elif isinstance(error, SessionLost):
        UploadSession.objects.filter(publication=publication).delete()
        _wait(publication, error.sentence, error=error, remote_id=None, bytes_sent=0)
    elif isinstance(error, Temporary | BadAnswer | Corrupted):
        _wait(publication, error.sentence, error=error, moved=moved)
    elif isinstance(error, OutcomeUnknown):
        progress.change(
            publication, State.UNKNOWN, actor=progress.holder(), holding=publication.fence, sentence=error.sentence,
            error=progress.as_error(error), **progress.release(),
        )  # fmt: skip
    elif isinstance(error, Duplicate):
        _fail(publication, _duplicate_sentence(publication, error), error=error)
    else:
        _fail(publication, error.sentence, error=error)


def _duplicate_sentence(publication: Publication, error: Duplicate) -> Sentence:
    others = publishing.duplicates_of(publication)
    if not others:
        return error.sentence
    names = ", ".join(f"“{other.shown_title}” (#{other.pk})" for other in others)
    return say(gettext_noop("This account has already uploaded the same file: %(names)s."), names=names)


def _wait(publication: Publication, sentence: Sentence, *, error: PlatformError | None = None, kind: str = "",
          moved: bool = False, **columns: Any) -> None:  # fmt: skip
    """Put the publication back with the reason and the time of its next try; fail it after too many tries.

    A try that brought bytes across starts the count again: a large file over a poor line gets there.
    """
    attempts = 1 if moved else publication.attempts
    if attempts >= MOST_ATTEMPTS:
        _fail(publication, sentence, error=error)
        return
    asked = getattr(error, "retry_after", None)
    wait = max(waits.next_try(attempts), timedelta(seconds=asked or 0))
    stored = progress.as_error(error) if error else progress.stored_error(kind, sentence)
    progress.change(
        publication, State.QUEUED, actor=progress.holder(), holding=publication.fence, sentence=sentence,
        error=stored, attempts=attempts, next_run_at=timezone.now() + wait, **progress.release(**columns),
    )  # fmt: skip


def _fail(publication: Publication, sentence: Sentence, *, error: PlatformError | None = None) -> None:
    stored = progress.as_error(error) if error else progress.stored_error("Refused", sentence)
    progress.change(
        publication, State.FAILED, actor=progress.holder(), holding=publication.fence, sentence=sentence,
        error=stored | events.clean(sentence.as_json()),
        next_run_at=None, **progress.release(),
    )  # fmt: skip


def cancelled_sessions() -> QuerySet[UploadSession]:
    """Sessions of cancelled uploads of which the platform is to be told now."""
    told_later = Q(publication__next_run_at__gt=timezone.now())
    return UploadSession.objects.filter(publication__state=State.CANCELLED).exclude(told_later)


def tell_cancelled(limit: int = 20) -> int:
    """Tell the platforms of cancelled uploads, where they can be told; answers how many were told."""
    told = 0
    for session in cancelled_sessions().select_related("publication__account", "publication__video")[:limit]:
        told += _tell_cancelled(session)
    return told


def _tell_cancelled(session: UploadSession) -> int:
    publication = session.publication
    due = Publication.objects.filter(pk=publication.pk, state=State.CANCELLED, fence=publication.fence)
    if not due.update(next_run_at=timezone.now() + waits.next_try(3), fence=F("fence") + 1):
        return 0
    driver = accounts.driver_for(publication.account)
    if isinstance(driver, CanCancelUpload):
        try:
            driver.cancel_upload(session.token)
        except PlatformError as error:
            events.record(publication, "cancel", error.sentence, actor=progress.holder(), data={"detail": error.detail})
            return 0
        sentence = say(gettext_noop("The platform was told that the upload is cancelled."))
        events.record(publication, "cancel", sentence, actor=progress.holder())
    session.delete()
    Publication.objects.filter(pk=publication.pk, state=State.CANCELLED).update(next_run_at=None)
    return 1


def slice_seconds() -> float:
    """How long one hint may work before it gives the worker back."""
    return float(settings.UPLOAD_SLICE_SECONDS)
