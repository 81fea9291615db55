"""Several uploads in one worker process: a thread each, and new ones claimed while others run.

Large files get one place less than the process's line can serve with full shares, and all other places are kept for
what is soon done: a small file waits neither for the end of a large one nor for the end of one of its parts, as there
are connections left. The uploads share the line evenly: large ones shrink while small ones run (`transport/lanes.py`).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.db import close_old_connections, connection

from platforms.models import Publication
from platforms.services.uploads import claims
from platforms.services.uploads.job import draining
from platforms.services.uploads.patience import AWAY, forget_connection

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
# So long after its slice an upload that brings nothing across may still hold its place.
OVERTIME_SECONDS = 300.0
# The queue library ends a process for good three seconds after its time-out.
LEAVE_SECONDS = 2.5
# Of the ten seconds in which a worker that is told to stop has to be gone.
DRAIN_SECONDS = 6.0

Run = Callable[[Publication, float, threading.Event], None]


def run_and_log(run: Run, publication: Publication, deadline: float, leave: threading.Event) -> None:
    """Run one upload; a fault of the hub is logged, once, and keeps nothing else from going on."""
    try:
        run(publication, deadline, leave)
    except Exception:
        log.exception("The upload of publication %s has failed in the hub itself.", publication.pk)


class _Upload(threading.Thread):
    """One claimed upload on its way, with a database connection of its own. It never keeps the process alive."""

    def __init__(self, publication: Publication, work: Callable[[], None], ended: threading.Event) -> None:
        super().__init__(name=f"upload-{publication.pk}", daemon=True)
        self.is_large = not claims.is_small(publication)
        self.is_over = False
        self._work, self._ended = work, ended

    def run(self) -> None:
        try:
            self._work()
        finally:
            connection.close()
            self.is_over = True
            self._ended.set()


class Crew:
    """The uploads of one process. `work` returns once nothing is due and nothing runs, or after `deadline`."""

    def __init__(self, run: Run, deadline: float) -> None:
        self._run, self._deadline = run, deadline
        self._most: int = settings.UPLOADS_PER_WORKER
        served: int = settings.UPLOAD_CONNECTIONS_PER_WORKER // settings.UPLOAD_CONNECTIONS
        self._most_large = max(1, min(served - 1, self._most))
        self._running: list[_Upload] = []
        self._ended, self._leave = threading.Event(), threading.Event()
        self._count = 0

    def work(self) -> int:
        """Answers how many uploads were begun. Whatever ends it, no upload goes on in the process."""
        try:
            while self._goes_on():
                self._ended.clear()
                self._running = [upload for upload in self._running if not upload.is_over]
                begun = self._begin_next()
                if not begun and not self._running:
                    break
                if not begun:
                    self._ended.wait(LOOK_SECONDS)
        finally:
            self._end()
        return self._count

    def _goes_on(self) -> bool:
        if draining():
            return False
        # Past its end, a slice lasts until what runs has come to its next checkpoint.
        late = time.monotonic() - self._deadline
        return late < 0 or (late < OVERTIME_SECONDS and any(not upload.is_over for upload in self._running))

    def _begin_next(self) -> bool:
        if time.monotonic() >= self._deadline or len(self._running) >= self._most:
            return False
        large = sum(upload.is_large for upload in self._running)
        try:
            publication = claims.claim_next(small_only=large >= self._most_large)
        except AWAY as error:
            forget_connection(error)
            return False
        if publication is None:
            return False
        upload = _Upload(publication, lambda: self._go(publication), self._ended)
        try:
            upload.start()
        except BaseException:
            # Nobody is at it: without this its lease would have to run out, and a try would be lost.
            claims.give_back(publication)
            raise
        self._running.append(upload)
        self._count += 1
        return True

    def _go(self, publication: Publication) -> None:
        close_old_connections()
        run_and_log(self._run, publication, self._deadline, self._leave)

    def _end(self) -> None:
        """Ask every upload to leave at its next step, and wait as long as there is time.

        One that hangs in a call ends with the process; its row is taken over when its lease is over.
        """
        self._leave.set()
        seconds = DRAIN_SECONDS if draining() else LEAVE_SECONDS
        until = time.monotonic() + seconds
        for upload in self._running:
            upload.join(max(0.0, until - time.monotonic()))
