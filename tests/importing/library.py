"""Accounts on which videos already are, and imports of them."""

from __future__ import annotations

import time
from threading import Event
from typing import Any

from django.utils import timezone

from platforms.models import Account, LibraryImport, Publication
from platforms.services import lending, syncing
from platforms.services.importing import jobs, running
from platforms.services.importing.books import Ledger
from platforms.services.importing.counts import Counts, Findings
from platforms.services.importing.taking import Taker
from platforms.values import RemoteVideo
from sandbox.core import Planted
from sandbox.server import Sandbox
from tests import hub

PLATFORMS = ("youku", "iqiyi", "baijiayun")
HOUR_AGO = 3600.0


def plant(box: Sandbox, platform: str, *titles: str, pace: float = 0, arrived: float | None = None) -> list[str]:
    """Videos that the hub has never heard of; answers their ids."""
    since = time.time() - HOUR_AGO if arrived is None else arrived
    return box.platforms[platform].plant(Planted(title, since, pace) for title in titles)


def account_with(box: Sandbox, platform: str, *titles: str) -> tuple[Account, list[str]]:
    """An account of the hub on which these videos are, and their ids."""
    return hub.add_account(box, platform), plant(box, platform, *titles)


def sync(account: Account, **options: Any) -> LibraryImport:
    """Import as the command does."""
    return syncing.sync(account, actor="li", **options)


def take(account: Account, *videos: RemoteVideo) -> Counts:
    """Bring in, or up to date, what a page of the account's list says."""
    book = Ledger(account, "li", timezone.now(), Counts(), Findings())
    with lending.counted(account) as driver:
        Taker(book, driver).take(videos)
    return book.counts


def counts(job: LibraryImport) -> tuple[int, int, int]:
    """New, updated and missing."""
    return job.created, job.updated, job.missing


def start(account: Account, **options: Any) -> LibraryImport:
    """An import that has been asked for."""
    return jobs.start(account, actor="li", **options)


def finish(job: LibraryImport) -> LibraryImport:
    """Do it as a worker does, slice by slice."""
    return running.run_here(job, Event())


def row_of(remote_id: str) -> Publication:
    return Publication.objects.select_related("video", "account").get(remote_id=remote_id)
