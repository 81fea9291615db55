"""The small thread beside a fetch: keeps its lease and shows its progress, and stops it when it has to stop."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from django.db import close_old_connections, connection

from platforms.models import IncomingFile
from platforms.services import progress
from platforms.services.fetching import rows
from platforms.services.fetching.troubles import Stopped
from platforms.services.fetching.wire import Wire
from platforms.services.uploads.job import draining

log = logging.getLogger(__name__)

BEAT_SECONDS = 1.0
# A slice that may end before it has done anything could be followed by another such for ever.
LEAST_SECONDS = 15.0


class Keeper:
    """`with Keeper(row, deadline) as keeper:` around the work on a claimed file.

    `look` raises `Stopped` once the file was paused, removed or taken over, the slice is over, or the worker shall
    leave; `wire` is cut then. `lost` says that the row is no longer ours. `columns` are what else is written of it
    once a second.
    """

    def __init__(self, row: IncomingFile, deadline: float) -> None:
        self.row, self.wire = row, Wire()
        self.lost = False
        self.columns: Callable[[], dict[str, Any]] = dict
        self._deadline = max(deadline, time.monotonic() + LEAST_SECONDS)
        self._renewed = time.monotonic()
        self._stopped, self._done = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._beat, name="fetch", daemon=True)

    def look(self) -> None:
        """Go on or not."""
        if self._stopped.is_set():
            raise Stopped

    def __enter__(self) -> Keeper:
        self.wire.__enter__()
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._done.set()
        self._thread.join()
        self.wire.__exit__(kind, error, tb)

    def _beat(self) -> None:
        try:
            while not self._done.wait(BEAT_SECONDS):
                self.lost = not self._hold()
                if self.lost or draining() or time.monotonic() > self._deadline:
                    self._stopped.set()
                    self.wire.cut()
                if self.lost:
                    return
        finally:
            connection.close()

    def _hold(self) -> bool:
        """Renew the lease. While the database is away, what moves goes on until another worker could take the file."""
        try:
            if not rows.hold(self.row, **self.columns()):
                return False
            self._renewed = time.monotonic()
        except Exception as error:
            log.warning("A lease was not renewed: %s", type(error).__name__)
            close_old_connections()
        return time.monotonic() - self._renewed < progress.LEASE.total_seconds()
