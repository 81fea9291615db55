"""Following publications to their end in this process, for commands that wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from platforms.models import Health, Publication
from platforms.services import polling, progress, uploading
from platforms.values import State

LOOK_SECONDS = 0.3
Tell = Callable[[Publication], None]


def follow(
    rows: Sequence[Publication], *, deadline: float, upload: bool, tell: Tell, leave: threading.Event | None = None
) -> None:
    """Follow until each row is final, waits for a person, `deadline` (monotonic) has passed, or it shall `leave`.

    The rows end as they are stored.

    With `upload`, uploads run here, once each before the deadline counts; one that a worker was faster to take is
    waited for. Looks at the platform are claimed like any worker's, so that following beside workers costs no extra
    call. `tell` hears of each change.
    """
    told: dict[int, tuple[str, int]] = {}
    leave = leave or threading.Event()
    for row in rows if upload else ():
        if not leave.is_set():
            uploading.run_here(row, leave)
    while True:
        for row in rows:
            row.refresh_from_db()
            if told.get(row.pk) != (row.state, row.percent):
                told[row.pk] = (row.state, row.percent)
                tell(row)
        unfinished = [row for row in rows if row.state not in progress.FINAL and not _waits_for_person(row)]
        running = upload and any(row.state == State.UPLOADING for row in unfinished)
        if not unfinished or leave.is_set() or (time.monotonic() >= deadline and not running):
            return
        _step(unfinished, upload=upload, leave=leave)
        leave.wait(LOOK_SECONDS)


def _waits_for_person(row: Publication) -> bool:
    """Whether nothing happens to it before somebody has looked into it or has put its account right."""
    return progress.is_overdue(row) or (row.state == State.QUEUED and row.account.health == Health.NEEDS_PERSON)


def _step(rows: Sequence[Publication], *, upload: bool, leave: threading.Event) -> None:
    for row in rows:
        if upload and not leave.is_set() and uploading.may_begin(row):
            uploading.run_here(row, leave)
    polling.run_due(actor=progress.holder(), only=[row.pk for row in rows])
