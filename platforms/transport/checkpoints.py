"""The resume state of one upload on its way to the hub: steps and ids at once, mere bytes about once a second."""

from __future__ import annotations

import time
from typing import Any

from platforms.contract import UploadJob

SECONDS_BETWEEN = 1.0


class Checkpoints:
    """One upload's token and progress. Used in the caller's thread only; every method may raise `Interrupted`.

    The token's `sent` keeps the progress, so that a resumed upload does not start its count again.
    """

    def __init__(self, job: UploadJob, token: dict[str, Any]) -> None:
        self.job = job
        self.token = token
        self.bytes_done = int(token.get("sent", 0))
        self.changed = False
        self._saved_at = time.monotonic()

    def step(self, **changes: Any) -> None:
        """Change the token and make it durable now."""
        self.token = self.token | changes
        self.save()

    def count(self, count: int) -> None:
        """`count` more bytes have certainly arrived; saved with the next `settle`, `tick` or `step`."""
        self.bytes_done += count
        self.changed = True

    def settle(self) -> None:
        """Make what has changed durable now; say that the upload lives when nothing has."""
        if self.changed:
            self.save()
        else:
            self.tick()

    def tick(self) -> None:
        """Say that the upload lives; save once the last time is a second ago."""
        if time.monotonic() - self._saved_at >= SECONDS_BETWEEN:
            self.save()
        else:
            self.job.pulse(self.bytes_done)

    def save(self) -> None:
        self.token["sent"] = self.bytes_done
        self.job.checkpoint(self.token, self.bytes_done)
        self.changed = False
        self._saved_at = time.monotonic()
