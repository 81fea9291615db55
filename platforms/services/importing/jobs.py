"""Imports as rows: asking for one, taking it under a lease, writing down how far it is, and ending it.

An import goes on with the page that it stopped at, rather than from the beginning: with a thousand calls an hour the
list of a large library takes hours, and one that began anew whenever it was stopped would never come to its end. That
page is read once more, because what is deleted meanwhile moves the others back. What was taken before a kill and not
yet written down is taken again, which finds nothing new.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from platforms import queue
from platforms.contract import HasCategoryTree, HasLibrary
from platforms.errors import Unsupported
from platforms.models import Account, ImportState, LibraryImport
from platforms.models.library_import import UNFINISHED
from platforms.registry import driver_class
from platforms.services import account_health, events, progress
from platforms.services.operations.batches import KEPT
from platforms.values import Sentence, gettext_noop, say

# Longer than a page of a list, or a few close looks, can take.
LEASE = timedelta(minutes=3)
LONGEST_ID = 100
# More ids than this are a list of their own, and nobody types them.
MOST_IDS = 1000

NO_LIBRARY = gettext_noop("This platform does not list an account's videos.")
NO_CATEGORIES = gettext_noop("This platform does not list the videos of a category.")
BUSY = gettext_noop(
    "Another import of the account “%(account)s” is under way (asked for by %(actor)s); wait for it, or cancel it."
)
CANCELLED = gettext_noop("The import was cancelled; what it had brought in stays.")
DONE = gettext_noop("Compared with the platform: %(created)s new, %(updated)s updated, %(missing)s missing there.")


class Busy(Exception):
    """Another import of the account is under way; `sentence` says so."""

    def __init__(self, running: LibraryImport) -> None:
        self.running = running
        self.sentence = say(BUSY, account=running.account.name, actor=running.actor)
        super().__init__(self.sentence.text)


class Lost(Exception):
    """The import has been cancelled, or another process has it."""


def why_not(account: Account, category: str = "") -> Sentence | None:
    """Why the account's platform cannot be asked for its library, or for the videos of a category; None: it can."""
    driver = driver_class(account.platform)
    if category and not issubclass(driver, HasCategoryTree):
        return say(NO_CATEGORIES)
    return None if category or issubclass(driver, HasLibrary) else say(NO_LIBRARY)


def start(
    account: Account,
    *,
    actor: str,
    category: str = "",
    remote_ids: Sequence[str] = (),
    dry_run: bool = False,
    wake: bool = True,
) -> LibraryImport:
    """Ask for an import of all videos, those of a category, or those of these ids; workers do it from now on.

    Without `wake` they learn of it when they sweep: this process is about to do it. Answers the one that is under way
    already when it is the same. Raises `Busy` when it is another one, and `Unsupported` when the platform has no such
    list.
    """
    ids = list(dict.fromkeys(text.strip()[:LONGEST_ID] for text in remote_ids if text.strip()))[:MOST_IDS]
    if not ids and (reason := why_not(account, category)):
        raise Unsupported(reason)
    wanted = {"dry_run": dry_run, "category": category[:100], "remote_ids": ids}
    try:
        with transaction.atomic():
            job = LibraryImport.objects.create(
                account=account, actor=actor[:150], next_run_at=timezone.now(), findings={}, **wanted
            )
    except IntegrityError:
        running = unfinished(account)
        if running is None:  # it has ended in this very moment
            return start(account, actor=actor, category=category, remote_ids=ids, dry_run=dry_run, wake=wake)
        if {name: getattr(running, name) for name in wanted} != wanted:
            raise Busy(running) from None
        return running
    if wake:
        queue.wake_imports()
    return job


def latest(account: Account) -> LibraryImport | None:
    """The account's newest import, under way or ended."""
    return LibraryImport.objects.filter(account=account).select_related("account").order_by("-pk").first()


def unfinished(account: Account) -> LibraryImport | None:
    """The account's import that is under way."""
    return LibraryImport.objects.filter(account=account, state__in=UNFINISHED).select_related("account").first()


def forget_old() -> None:
    """Remove what ended as long ago as operations are kept; each account keeps its newest, which its page shows."""
    newer = LibraryImport.objects.filter(account=OuterRef("account"), pk__gt=OuterRef("pk"))
    ended = LibraryImport.objects.exclude(state__in=UNFINISHED).filter(ended_at__lt=timezone.now() - KEPT)
    ended.filter(Exists(newer)).delete()


def due(now: datetime) -> QuerySet[LibraryImport]:
    """Imports that may start or go on, of accounts that work or may be tried once."""
    able = LibraryImport.objects.filter(account_health.worth_a_hint(now)).filter(_may_run(now))
    return able.select_related("account").order_by("next_run_at", "pk")


def _may_run(now: datetime) -> Q:
    abandoned = Q(state=ImportState.RUNNING, lease_until__lt=now)
    return Q(state=ImportState.WAITING, next_run_at__lte=now) | abandoned


def claim(job: LibraryImport) -> bool:
    """Take an import that is due, under a new fence; False when somebody else has it or it is not due."""
    now = timezone.now()
    same = LibraryImport.objects.filter(_may_run(now), pk=job.pk, fence=job.fence)
    taken = same.update(
        state=ImportState.RUNNING, fence=F("fence") + 1, attempts=F("attempts") + 1, lease_until=now + LEASE,
        lease_holder=progress.holder()[:100], began_at=job.began_at or now, error=None,
    )  # fmt: skip
    job.refresh_from_db()
    return taken == 1


def hold(job: LibraryImport, **columns: Any) -> None:
    """Renew the lease and write down how far it is; raises `Lost` when it is no longer ours."""
    mine = LibraryImport.objects.filter(pk=job.pk, fence=job.fence, state=ImportState.RUNNING)
    if mine.update(lease_until=timezone.now() + LEASE, **columns) != 1:
        raise Lost
    for name, value in columns.items():
        setattr(job, name, value)


def note_created(job: LibraryImport, count: int) -> None:
    """Count new rows, in the transaction that makes them: a worker that has lost the import makes none."""
    mine = LibraryImport.objects.filter(pk=job.pk, fence=job.fence, state=ImportState.RUNNING)
    if mine.update(created=F("created") + count, lease_until=timezone.now() + LEASE) != 1:
        raise Lost


def give_back(job: LibraryImport, at: datetime, error: dict[str, Any] | None = None, **columns: Any) -> None:
    """Let whoever is free go on from `at`; `error` says what it waits for."""
    mine = LibraryImport.objects.filter(pk=job.pk, fence=job.fence, state=ImportState.RUNNING)
    mine.update(**_ended(ImportState.WAITING, next_run_at=at, error=error, **columns))


def finish(job: LibraryImport) -> None:
    """It has come to its end: the account's history says what came of it, unless it only looked."""
    if _end(job, ImportState.DONE, seen=None) and not job.dry_run:
        events.record(job.account, "sync", say(DONE, **job.counts()), actor=job.actor)


def fail(job: LibraryImport, error: dict[str, Any], sentence: Sentence) -> None:
    """It cannot go on: a person has to look, and ask for another one."""
    if _end(job, ImportState.FAILED, error=error) and not job.dry_run:
        events.record(job.account, "sync", sentence, actor=job.actor)


def cancel(job: LibraryImport, *, actor: str) -> bool:
    """Stop it at its next step, whoever has it; False when it has ended already."""
    with transaction.atomic():
        rows = LibraryImport.objects.filter(pk=job.pk, state__in=UNFINISHED)
        columns = _ended(ImportState.CANCELLED, next_run_at=None, ended_at=timezone.now(), seen=None)
        if rows.update(**columns) != 1:
            return False
        if not job.dry_run:
            events.record(job.account, "sync", say(CANCELLED), actor=actor)
    return True


def _end(job: LibraryImport, state: ImportState, **columns: Any) -> bool:
    mine = LibraryImport.objects.filter(pk=job.pk, fence=job.fence, state=ImportState.RUNNING)
    ended = mine.update(**_ended(state, next_run_at=None, ended_at=timezone.now(), **columns)) == 1
    job.refresh_from_db()
    return ended


def _ended(state: ImportState, **columns: Any) -> dict[str, Any]:
    return {"state": state, "fence": F("fence") + 1, "lease_until": None, "lease_holder": "", **columns}
