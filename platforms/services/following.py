"""Following publications to their end in this process, for commands that wait."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from platforms.models import Health, Publication
from platforms.services import polling, progress, uploading
from platforms.values import State

LOOK_SECONDS = 0.3
Tell = Callable[[Publication], None]


def follow(rows: Sequence[Publication], *, deadline: float, upload: bool, tell: Tell) -> None:
    """Follow until each row is final, waits for a person, or `deadline` (monotonic) has passed.

    The rows end as they are stored.

    With `upload`, uploads run here, once each before the deadline counts; one that a worker was faster to take is
    waited for. Looks at the platform are claimed like any worker's, so that following beside workers costs no extra
    call. `tell` hears of each change.
    """
    told: dict[int, tuple[str, int]] = {}
    if upload:
        for row in rows:
            uploading.run_here(row)
    while True:
        for row in rows:
            row.refresh_from_db()
            if told.get(row.pk) != (row.state, row.percent):
                told[row.pk] = (row.state, row.percent)
                tell(row)
        unfinished = [row for row in rows if row.state not in progress.FINAL and not _waits_for_person(row)]
        running = upload and any(row.state == State.UPLOADING for row in unfinished)
        if not unfinished or (time.monotonic() >= deadline and not running):
            return
        _step(unfinished, upload=upload)
        time.sleep(LOOK_SECONDS)


def _waits_for_person(row: Publication) -> bool:
    """Whether nothing happens to it before somebody has put its account right."""
    return row.state == State.QUEUED and row.account.health == Health.NEEDS_PERSON


def _step(rows: Sequence[Publication], *, upload: bool) -> None:
    for row in rows:
        if upload and uploading.is_due(row):
            uploading.run_here(row)
    polling.run_due(actor=progress.holder(), only=[row.pk for row in rows])
