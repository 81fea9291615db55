"""One upload under way: what its driver sees of it, and the lease that keeps it in one process's hands."""

from __future__ import annotations

import copy
import json
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from django.conf import settings
from django.db import IntegrityError, close_old_connections, connection, transaction
from django.db.models import F
from django.utils import timezone

from platforms.contract import Interrupted, Source, SourceChanged
from platforms.errors import OutcomeUnknown
from platforms.models import Publication, UploadSession
from platforms.services import circuit, events, progress, publishing
from platforms.services.files import intact
from platforms.services.importing import twins
from platforms.services.scheduling import holding
from platforms.services.uploads import rates
from platforms.services.uploads.patience import AWAY, forget_connection, patiently
from platforms.storage import Look
from platforms.transport.lanes import Line
from platforms.values import Draft, State, gettext_noop, say

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 15.0
PROGRESS_SECONDS = 1.0
# So long before its end a lease that could not be renewed counts as lost: another worker may take it soon.
LEASE_MARGIN_SECONDS = 15.0
# A file whose presence asks running uploads to checkpoint and leave.
DRAIN_VARIABLE = "MEDIAHUB_DRAIN_FILE"
LINE = Line(settings.UPLOAD_CONNECTIONS_PER_WORKER, settings.UPLOAD_CONNECTIONS)
# Where a person's pause, resume or cancel leaves an upload whose worker is still stopping.
STOPPED_BY_PERSON = (State.PAUSED, State.QUEUED, State.CANCELLED)


class LeaseLost(Interrupted):
    """Another process, or a person's pause or cancel, has taken the publication from this one."""


class SliceOver(Interrupted):
    """This worker has run long enough, or is asked to leave; another run goes on."""


CHANGED_MEANWHILE = "written to while it was sent"


def draining() -> bool:
    """Whether this process is asked to give its work back."""
    drain = os.environ.get(DRAIN_VARIABLE)
    return bool(drain) and Path(drain or "").exists()


class RowJob:
    """An `UploadJob` over a publication's row. A small thread keeps the lease alive while a call takes long.

    `leave` asks it to stop at its next step, as the end of its slice does. `on_progress` runs after each write.
    """

    def __init__(
        self,
        publication: Publication,
        source: Source,
        deadline: float,
        leave: threading.Event | None = None,
        on_progress: Callable[[], None] | None = None,
    ) -> None:
        self.publication, self.source, self.deadline = publication, source, deadline
        self.draft: Draft = publishing.draft_of(publication)
        self.lane = LINE.lane()
        self.fence = publication.fence
        self.started = time.monotonic()
        self._leave = leave or threading.Event()
        self._on_progress = on_progress or (lambda: None)
        self._written = 0.0
        self._renewed = self.started
        self._sent = self._sent_before = publication.bytes_sent
        self._moved_written = 0
        self._answered = False
        self._lost = threading.Event()
        self._done = threading.Event()
        self._heart = threading.Thread(target=self._beat, name="lease", daemon=True)
        self._token, self._mark = _stored_token(publication)
        self._found: Look | None = None

    @property
    def token(self) -> dict[str, Any]:
        return copy.deepcopy(self._token)

    @property
    def has_moved(self) -> bool:
        """Whether this run has brought bytes across."""
        return self._sent > self._sent_before

    def __enter__(self) -> RowJob:
        self.lane.__enter__()
        self._heart.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.lane.__exit__(kind, error, tb)
        self._done.set()
        self._heart.join()

    def prove_source(self) -> None:
        """Make sure that the file is what was taken in; raises `SourceChanged`, `SourceAway`, what `pulse` raises."""
        self._found = intact.look(self.publication.video)
        mark = intact.mark_of(self._found)
        if mark != self._mark and intact.is_in_doubt(self.publication.video, self._found):
            intact.read_again(self.source, lambda: self.pulse(self._sent))
        self._mark = mark
        self._take_limit()

    def checkpoint(self, token: Mapping[str, Any], bytes_done: int) -> None:
        self._token, self._sent = json.loads(json.dumps(token)), bytes_done
        self._watch_source()
        patiently(self._write_down, self._renewed + _seconds_to_renew())
        if self.has_moved:
            self._note_answer()
        self._look_up(checkpointed=True)

    def _write_down(self) -> None:
        with transaction.atomic():
            if not self._hold(self._sent):
                raise LeaseLost
            self._save_session()

    def announce(self, remote_id: str) -> None:
        """Write down an answered id, whoever holds the lease by now; the checkpoint that follows it stops the driver.

        Stopping it here would lose what else the platform answered, and with it the way to go on or to cancel.
        """
        try:
            patiently(lambda: self._write_id(remote_id), self._renewed + _seconds_to_renew())
        except IntegrityError:
            until = self._renewed + _seconds_to_renew()
            if not patiently(lambda: self._take_from_twin(remote_id), until):
                raise self.id_taken(remote_id) from None
        self._note_answer()

    def _write_id(self, remote_id: str) -> None:
        sentence = say(gettext_noop("The platform answered the video id %(id)s."), id=remote_id)
        events.record(self.publication, "remote_id", sentence, actor=progress.holder())
        with transaction.atomic():
            if progress.hold(self.publication, self.fence, remote_id=remote_id):
                holding.note_named(self.publication, actor=progress.holder())

    def _take_from_twin(self, remote_id: str) -> bool:
        """Whether an import was quicker to list the video than this upload was to tell its id: then it gives way."""
        with transaction.atomic():
            if not twins.give_way(self.publication, remote_id, actor=progress.holder()):
                return False
            progress.hold(self.publication, self.fence, remote_id=remote_id)
        return True

    def pulse(self, bytes_done: int) -> None:
        self._sent = bytes_done
        if self._lost.is_set():
            raise LeaseLost
        if time.monotonic() - self._written >= PROGRESS_SECONDS:
            try:
                held = self._hold(bytes_done)
            except AWAY as error:
                # What moves goes on moving; only a lease that nobody could renew for long may be another's by now.
                forget_connection(error)
                held = time.monotonic() < self._renewed + _seconds_to_renew()
            if not held:
                raise LeaseLost
            self._look_up(checkpointed=False)

    def is_ours(self) -> bool:
        """Whether the lease is still this job's."""
        return patiently(lambda: progress.hold(self.publication, self.fence), self._renewed + _seconds_to_renew())

    def hand_over(self) -> None:
        """After a person's pause or cancel: leave the newest resume state to whoever goes on or tells the platform.

        Nothing is written once somebody else has claimed the publication.
        """
        mine = Publication.objects.filter(
            pk=self.publication.pk, fence=self.fence + 1, state__in=STOPPED_BY_PERSON, uploaded_at=None
        )
        columns: dict[str, Any] = {"bytes_sent": self._shown(self._sent)} if self._token else {}
        with transaction.atomic():
            if mine.update(**progress.let_go(), **columns) != 1:
                return
            if self._token:
                self._save_session()
            mine.filter(state=State.CANCELLED).update(next_run_at=timezone.now())

    def id_taken(self, remote_id: str) -> OutcomeUnknown:
        """The error for an id that another publication of the account has already; both histories name it."""
        other = Publication.objects.get(account=self.publication.account, remote_id=remote_id)
        actor = progress.holder()
        sentence = gettext_noop("The platform answered the same video id %(id)s for “%(other)s” too.")
        events.record(other, "remote_id", say(sentence, id=remote_id, other=str(self.publication)), actor=actor)
        return OutcomeUnknown(say(sentence, id=remote_id, other=str(other)))

    def seconds(self) -> float:
        return round(time.monotonic() - self.started, 3)

    def account_for(self) -> None:
        """Add the time and the bytes of this run to the row, whoever holds it by now."""
        moved = self._unwritten()
        columns = {"upload_seconds": F("upload_seconds") + self.seconds(), "bytes_moved": F("bytes_moved") + moved}
        Publication.objects.filter(pk=self.publication.pk).update(**columns)
        self._moved_written += moved

    def _hold(self, bytes_done: int) -> bool:
        self._written, moved = time.monotonic(), self._unwritten()
        columns: dict[str, Any] = {"bytes_moved": F("bytes_moved") + moved} if moved else {}
        if not progress.hold(self.publication, self.fence, bytes_sent=self._shown(bytes_done), **columns):
            return False
        self._moved_written += moved
        self._renewed = self._written
        self._take_limit()
        self._on_progress()
        return True

    def _unwritten(self) -> int:
        return self.lane.moved - self._moved_written

    def _shown(self, bytes_done: int) -> int:
        return min(bytes_done, self.publication.bytes_total)

    def _take_limit(self) -> None:
        self.lane.limit(rates.allowed(self.publication))

    def _note_answer(self) -> None:
        """The platform has taken bytes or made a video: it works, whatever it was paused for."""
        if not self._answered:
            self._answered = True
            circuit.note_success(self.publication.account, actor=progress.holder())

    def _watch_source(self) -> None:
        if intact.is_watched(self.publication.video):
            return
        now = intact.look(self.publication.video)
        if self._found is not None and not intact.same_file(self._found, now):
            raise SourceChanged(CHANGED_MEANWHILE)

    def _save_session(self) -> None:
        columns: dict[str, Any] = {
            "token": self._token,
            "fingerprint": f"{fingerprint(self.publication)}@{self._mark}",
            "bytes_done": self._sent,
            "protocol": str(self._token.get("protocol", ""))[:40],
            "part_size": self._token.get("part_size"),
            "expires_at": _expiry(self._token),
        }
        UploadSession.objects.update_or_create(publication=self.publication, defaults=columns)

    def _look_up(self, *, checkpointed: bool) -> None:
        """Leave when a stop is asked; at a checkpoint also when the slice is over and has brought bytes across.

        A slice that may end before it has done anything could be followed by another such for ever.
        """
        over = checkpointed and time.monotonic() > self.deadline and self.has_moved
        if over or self._leave.is_set() or draining():
            raise SliceOver

    def _beat(self) -> None:
        while not self._done.wait(HEARTBEAT_SECONDS):
            try:
                if not progress.hold(self.publication, self.fence):
                    self._lost.set()
                    return
                self._renewed = time.monotonic()
            except Exception as error:
                log.warning("A lease was not renewed: %s", type(error).__name__)
                close_old_connections()
            finally:
                # One beat in a quarter of a minute is not worth a connection of its own meanwhile.
                connection.close()


def fingerprint(publication: Publication) -> str:
    """Which bytes an upload session is about."""
    return f"{publication.video.md5}:{publication.video.size}"


def _seconds_to_renew() -> float:
    return progress.LEASE.total_seconds() - LEASE_MARGIN_SECONDS


def _expiry(token: Mapping[str, Any]) -> datetime | None:
    """When what the platform handed out for this upload ends, where its driver keeps that as `expires_at`."""
    at = token.get("expires_at")
    return datetime.fromtimestamp(float(at), UTC) if at else None


def _stored_token(publication: Publication) -> tuple[dict[str, Any], str]:
    """The resume state, and the mark of the file that was proven when it was written."""
    session = UploadSession.objects.filter(publication=publication).first()
    if session is None:
        return {}, ""
    about, _at, mark = session.fingerprint.partition("@")
    if about != fingerprint(publication):
        # The session is about other bytes than the file has now.
        session.delete()
        return {}, ""
    return dict(session.token), mark
