"""One upload under way: what its driver sees of it, and the lease that keeps it in one process's hands."""

from __future__ import annotations

import copy
import json
import logging
import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from django.db import IntegrityError, close_old_connections, connection, transaction
from django.utils import timezone

from platforms.contract import Interrupted, Source
from platforms.errors import OutcomeUnknown
from platforms.models import Publication, UploadSession
from platforms.services import events, progress, publishing
from platforms.values import Draft, State, gettext_noop, say

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 15.0
PROGRESS_SECONDS = 1.0
# A file whose presence asks running uploads to checkpoint and leave.
DRAIN_VARIABLE = "MEDIAHUB_DRAIN_FILE"
# Where a person's pause, resume or cancel leaves an upload whose worker is still stopping.
STOPPED_BY_PERSON = (State.PAUSED, State.QUEUED, State.CANCELLED)


class LeaseLost(Interrupted):
    """Another process, or a person's pause or cancel, has taken the publication from this one."""


class SliceOver(Interrupted):
    """This worker has run long enough, or is asked to leave; another run goes on."""


def draining() -> bool:
    """Whether this process is asked to give its work back."""
    drain = os.environ.get(DRAIN_VARIABLE)
    return bool(drain) and Path(drain or "").exists()


class RowJob:
    """An `UploadJob` over a publication's row. A small thread keeps the lease alive while a call takes long."""

    def __init__(self, publication: Publication, source: Source, deadline: float) -> None:
        self.publication, self.source, self.deadline = publication, source, deadline
        self.draft: Draft = publishing.draft_of(publication)
        self.fence = publication.fence
        self.started = time.monotonic()
        self._written = 0.0
        self._sent = self._sent_before = publication.bytes_sent
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
        """Write down an answered id, whoever holds the lease by now; the checkpoint that follows it stops the driver.

        Stopping it here would lose what else the platform answered, and with it the way to go on or to cancel.
        """
        sentence = say(gettext_noop("The platform answered the video id %(id)s."), id=remote_id)
        events.record(self.publication, "remote_id", sentence, actor=progress.holder())
        try:
            with transaction.atomic():
                progress.hold(self.publication, self.fence, remote_id=remote_id)
        except IntegrityError:
            raise self.id_taken(remote_id) from None

    def pulse(self, bytes_done: int) -> None:
        self._sent = bytes_done
        if self._lost.is_set():
            raise LeaseLost
        if time.monotonic() - self._written >= PROGRESS_SECONDS:
            if not self._hold(bytes_done):
                raise LeaseLost
            self._look_up(checkpointed=False)

    def is_ours(self) -> bool:
        """Whether the lease is still this job's."""
        return progress.hold(self.publication, self.fence)

    def hand_over(self) -> None:
        """After a person's pause or cancel: leave the newest resume state to whoever goes on or tells the platform.

        Nothing is written once somebody else has claimed the publication.
        """
        mine = Publication.objects.filter(
            pk=self.publication.pk, fence=self.fence + 1, state__in=STOPPED_BY_PERSON, uploaded_at=None
        )
        with transaction.atomic():
            if self._token and mine.update(bytes_sent=self._shown(self._sent)) == 1:
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

    def _hold(self, bytes_done: int) -> bool:
        self._written = time.monotonic()
        return progress.hold(self.publication, self.fence, bytes_sent=self._shown(bytes_done))

    def _shown(self, bytes_done: int) -> int:
        return min(bytes_done, self.publication.bytes_total)

    def _save_session(self) -> None:
        columns: dict[str, Any] = {
            "token": self._token,
            "fingerprint": fingerprint(self.publication),
            "bytes_done": self._sent,
            "protocol": str(self._token.get("protocol", ""))[:40],
            "part_size": self._token.get("part_size"),
        }
        UploadSession.objects.update_or_create(publication=self.publication, defaults=columns)

    def _look_up(self, *, checkpointed: bool) -> None:
        """Leave when a stop is asked; at a checkpoint also when the slice is over and has brought bytes across.

        A slice that may end before it has done anything could be followed by another such for ever.
        """
        over = checkpointed and time.monotonic() > self.deadline and self._sent > self._sent_before
        if over or draining():
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
