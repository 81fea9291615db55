"""Passes over what a platform has: what is there becomes known here, and what was blocked, renamed, watched or deleted.

A pass is a row that any process can go on with (`importing/jobs.py`). Its memory does not grow with the library.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Event

from platforms.models import Account, LibraryImport
from platforms.services.importing import jobs, running
from platforms.services.importing.running import Told


def sync(
    account: Account,
    *,
    actor: str,
    remote_ids: Sequence[str] = (),
    dry_run: bool = False,
    leave: Event | None = None,
    told: Told = lambda job: None,
) -> LibraryImport:
    """Import all videos, or those of these ids, in this process; one that is under way is joined.

    Answers the import as it has ended: cancelled when `leave` was set meanwhile. Raises `PlatformError` and `Busy`.
    """
    job = jobs.start(account, actor=actor, remote_ids=remote_ids, dry_run=dry_run, wake=False)
    return running.run_here(job, leave or Event(), told)
