"""Doing what is to be done with files in a far storage: in slices, under a lease, by a worker that sees the file."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from platforms.contract import SourceAway, SourceChanged
from platforms.models import Errand, FileErrand, Video
from platforms.services import events, progress, waits
from platforms.services.fetching import rows as fetched
from platforms.services.files.storing import LEASE, due, path_of, wake
from platforms.services.uploads.job import draining
from platforms.storage import FarStorage
from platforms.values import Sentence, gettext_noop, say

log = logging.getLogger(__name__)

RENEW_SECONDS = 5.0
CANDIDATES = 200
# By then the machine whose disk had the file is gone, or has removed it.
ALONE = timedelta(days=1)

BROKEN = gettext_noop("The file cannot be brought into the storage: %(reason)s.")
OWN_FAULT = gettext_noop("A fault in the hub itself; the log says more.")


class Stopped(Exception):
    """This worker must leave the file to another one."""


def worth_a_hint() -> int:
    """Whether this machine can do anything about what is due: 1 or 0."""
    waiting = FileErrand.objects.filter(due(timezone.now()))[:CANDIDATES]
    return int(any(_is_for_here(errand) for errand in waiting))


def run_due(seconds: float) -> int:
    """Do what is due and can be done on this machine until nothing is left or `seconds` are over; answers how many."""
    deadline, count = time.monotonic() + seconds, 0
    while time.monotonic() < deadline and not draining() and (errand := _claim_next()) is not None:
        run(errand, deadline)
        count += 1
    return count


def bring_here(video: Video) -> None:
    """Bring the video's file now, in this process, if it is due and lies on this machine."""
    errand = FileErrand.objects.filter(due(timezone.now()), video=video, kind=Errand.BRING).first()
    if errand and _is_for_here(errand) and _claim(errand):
        run(errand, math.inf)


def run(errand: FileErrand, deadline: float) -> None:
    """Do one claimed errand; the row says how it ended."""
    try:
        WORK[Errand(errand.kind)](errand, _Pulse(errand, deadline))
    except Stopped:
        _give_back(errand, timedelta(0), attempts=max(0, errand.attempts - 1))
    except SourceAway as error:
        _give_back(errand, waits.next_pause(errand.attempts), error.sentence)
    except (SourceChanged, OSError) as error:
        _give_back(errand, waits.next_pause(errand.attempts), say(BROKEN, reason=type(error).__name__))
    except Exception:
        _give_back(errand, waits.next_pause(errand.attempts), say(OWN_FAULT))
        log.exception("The errand %s has failed in the hub itself.", errand)


class _Pulse:
    """Keeps the lease while a file is on its way; raises `Stopped` when it is lost, or the worker shall leave."""

    def __init__(self, errand: FileErrand, deadline: float) -> None:
        self._errand, self._deadline = errand, deadline
        self._renewed = time.monotonic()

    def __call__(self) -> None:
        if draining() or time.monotonic() > self._deadline:
            raise Stopped
        if time.monotonic() - self._renewed > RENEW_SECONDS:
            self.renew()

    def renew(self) -> None:
        if not _mine(self._errand).update(lease_until=timezone.now() + LEASE):
            raise Stopped
        self._renewed = time.monotonic()


def _bring(errand: FileErrand, pulse: _Pulse) -> None:
    storage, video = Video(source=errand.name).source.storage, errand.video
    if not isinstance(storage, FarStorage):
        # The disk is where videos are kept by now: the file lies where it belongs.
        _mine(errand).delete()
        return
    look = storage.bring(path_of(errand.name), errand.name, pulse) if video else None
    with transaction.atomic():
        columns = _released(kind=Errand.CLEAR, video=None, attempts=0, error=None, next_run_at=timezone.now())
        if not _mine(errand).update(**columns):
            return
        if video and look:
            Video.objects.filter(pk=video.pk).update(mark=look.mark)
            wake(video)
        else:
            FileErrand.objects.create(kind=Errand.REMOVE, name=errand.name, next_run_at=timezone.now())
    # Whoever is quicker removes it from the disk: this process, or the next one that sees it.
    errand.refresh_from_db()
    if _claim(errand):
        _clear(errand, pulse)


def _clear(errand: FileErrand, _pulse: _Pulse) -> None:
    if isinstance(Video(source=errand.name).source.storage, FarStorage):
        _off_the_disk(errand.name)
    _mine(errand).delete()


def _off_the_disk(name: str) -> None:
    path_of(name).unlink(missing_ok=True)


def _remove(errand: FileErrand, _pulse: _Pulse) -> None:
    storage = Video(source=errand.name).source.storage
    if isinstance(storage, FarStorage):
        storage.remove(errand.name)
    else:
        storage.delete(errand.name)
    _mine(errand).delete()


WORK: dict[Errand, Callable[[FileErrand, _Pulse], None]] = {
    Errand.BRING: _bring,
    Errand.CLEAR: _clear,
    Errand.REMOVE: _remove,
}


def _is_for_here(errand: FileErrand) -> bool:
    if errand.kind == Errand.REMOVE or path_of(errand.name).is_file():
        return True
    return errand.kind == Errand.CLEAR and errand.created_at < timezone.now() - ALONE


def _claim_next() -> FileErrand | None:
    """Take one errand that can be done here; None when there is none, or enough files are on their way from here."""
    busy = _under_way() >= fetched.most_at_once()
    for errand in FileErrand.objects.select_related("video").filter(due(timezone.now()))[:CANDIDATES]:
        if not (busy and errand.kind == Errand.BRING) and _is_for_here(errand) and _claim(errand):
            return errand
    return None


def _under_way() -> int:
    """How many files are being brought from this machine: one upload worker is always left to uploads."""
    host = progress.holder().rsplit(":", 1)[0]
    held = FileErrand.objects.filter(lease_holder__startswith=f"{host}:", lease_until__gt=timezone.now())
    return held.filter(kind=Errand.BRING).count()


def _claim(errand: FileErrand) -> bool:
    now = timezone.now()
    same = FileErrand.objects.filter(due(now), pk=errand.pk, fence=errand.fence, kind=errand.kind)
    taken = same.update(
        fence=F("fence") + 1, attempts=F("attempts") + 1, lease_until=now + LEASE, lease_holder=progress.holder()[:100]
    )
    if taken == 1:
        errand.refresh_from_db()
    return taken == 1


def _mine(errand: FileErrand) -> QuerySet[FileErrand]:
    return FileErrand.objects.filter(pk=errand.pk, fence=errand.fence, kind=errand.kind)


def _give_back(errand: FileErrand, wait: timedelta, error: Sentence | None = None, **columns: object) -> None:
    if error is not None:
        log.info("%s: %s", errand, error.text)
        columns["error"] = events.stored(error)
    _mine(errand).update(**_released(next_run_at=timezone.now() + wait, **columns))


def _released(**columns: object) -> dict[str, Any]:
    # Who held it last has seen the file.
    return {"fence": F("fence") + 1, "lease_until": None, **columns}
