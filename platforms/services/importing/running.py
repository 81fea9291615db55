"""Doing imports: by a worker in slices of seconds, or in a command's own process until the end."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Event

from django.utils import timezone

from platforms import queue
from platforms.contract import Driver, HasCategoryTree, HasLibrary
from platforms.errors import BadAnswer, PlatformError, QuotaReached, Temporary, Unsupported
from platforms.models import LibraryImport, Publication
from platforms.models.library_import import UNFINISHED
from platforms.services import account_health, circuit, lending, progress, waits
from platforms.services.budgets import BudgetSpent
from platforms.services.importing import jobs
from platforms.services.importing.books import Book, DryRun, Ledger
from platforms.services.importing.counts import MOST_NAMED, Counts, Findings
from platforms.services.importing.taking import Taker
from platforms.services.uploads.job import draining
from platforms.values import LibraryPage, State, gettext_noop, say

log = logging.getLogger(__name__)

# After so long the worker is given back, so that following has its turn too.
SLICE_SECONDS = 20.0
# In a command the calls are written down now and then all the same.
OWN_SLICE_SECONDS = 60.0
LOOK_SECONDS = 1.0
FEW = 20  # ids that are looked at before it is written down how far the import is

OWN_FAULT = gettext_noop("A fault in the hub itself; the log says more.")
NO_CALLS = gettext_noop("The calls for this hour are used up; the import goes on at the next full hour.")

Told = Callable[[LibraryImport], None]


class Over(Exception):
    """The slice is over; whoever comes next goes on."""


def run_due(seconds: float = SLICE_SECONDS) -> int:
    """Go on with imports that are due until none is left or `seconds` are over; answers how many were worked on."""
    deadline, count = time.monotonic() + seconds, 0
    for job in jobs.due(timezone.now())[:20]:
        if time.monotonic() >= deadline or draining():
            break
        if not circuit.lets_through(job.account):
            continue
        if jobs.claim(job):
            run(job, deadline)
            count += 1
        else:
            circuit.give_probe_back(job.account)
    if jobs.due(timezone.now()).exists():
        queue.wake_imports()
    return count


def run_here(job: LibraryImport, leave: Event, told: Told = lambda job: None) -> LibraryImport:
    """Do it in this process until it has ended, or `leave` is set: then it is cancelled. Answers it as it is then.

    While another process has it, or its account has no calls left, this one waits. Raises the `PlatformError` that
    ends it.
    """
    while not leave.is_set():
        job.refresh_from_db()
        if job.state not in UNFINISHED:
            return job
        told(job)
        if jobs.claim(job):
            run(job, time.monotonic() + OWN_SLICE_SECONDS, leave=leave, told=told, is_own=True)
        else:
            leave.wait(LOOK_SECONDS)
    jobs.cancel(job, actor=job.actor)
    job.refresh_from_db()
    return job


def run(
    job: LibraryImport,
    deadline: float = math.inf,
    *,
    leave: Event | None = None,
    told: Told = lambda job: None,
    is_own: bool = False,
) -> None:
    """Go on with a claimed import; the row says how it ended. With `is_own` what ends it is raised as well."""
    work = _Run(job, deadline, leave or Event(), told)
    try:
        with lending.rationed(job.account, actor=job.actor) as driver:
            work.go(driver)
    except jobs.Lost:
        log.info("The import %s has been taken away.", job)
    except Over:
        jobs.give_back(job, timezone.now(), attempts=0 if work.has_moved else job.attempts)
    except BudgetSpent as spent:
        waiting = progress.stored_error("Budget", say(NO_CALLS))
        jobs.give_back(job, spent.until, waiting, attempts=0)
    except PlatformError as error:
        _take_error(job, error, moved=work.has_moved, is_own=is_own)
        if is_own:
            raise
    except Exception:
        # A fault of our own: it is put off first, so that it cannot spin.
        _wait(job, progress.stored_error("Internal", say(OWN_FAULT)), moved=work.has_moved)
        raise
    else:
        jobs.finish(job)
        circuit.note_success(job.account, actor=progress.holder())


def _take_error(job: LibraryImport, error: PlatformError, *, moved: bool, is_own: bool) -> None:
    log.info("The import %s: %s", job, error)
    account = job.account
    if isinstance(error, QuotaReached) or account_health.concerns_account(account, error):
        account_health.note_trouble(account, error, actor=job.actor)
    elif circuit.concerns_platform(error):
        circuit.note_trouble(account, error, actor=job.actor)
    if is_own or not isinstance(error, Temporary | BadAnswer | QuotaReached):
        jobs.fail(job, progress.as_error(error), error.sentence)
    else:
        _wait(job, progress.as_error(error), moved=moved, at_least=waits.asked_for(error))


def _wait(job: LibraryImport, error: dict[str, object], *, moved: bool, at_least: timedelta = timedelta()) -> None:
    """Try again later; an import that does not come further at all has failed some time."""
    attempts = 1 if moved else job.attempts
    if attempts >= waits.MOST_ATTEMPTS:
        jobs.fail(job, error, say(OWN_FAULT) if error["kind"] == "Internal" else say(str(error["text"])))
        return
    jobs.give_back(job, timezone.now() + max(waits.next_try(attempts), at_least), error, attempts=attempts)


class _Run:
    """One slice of one import."""

    def __init__(self, job: LibraryImport, deadline: float, leave: Event, told: Told) -> None:
        self._job, self._deadline, self._leave, self._told = job, deadline, leave, told
        self.has_moved = False

    def go(self, driver: Driver) -> None:
        """To the end; raises `Over`, `Lost`, `BudgetSpent` or a `PlatformError` before it."""
        self._book = self._open_book()
        self._taker = Taker(self._book, driver)
        if self._job.remote_ids:
            self._take_named(driver)
        else:
            self._take_library(driver)

    def _open_book(self) -> Book:
        job = self._job
        counts, findings = Counts(**job.counts()), Findings.of(job.findings)
        began = job.began_at or timezone.now()
        if job.dry_run:
            return DryRun(job.account, job.actor, began, counts, findings, bytes(job.seen or b""))
        ledger = Ledger(job.account, job.actor, began, counts, findings)
        ledger.also = lambda count: jobs.note_created(job, count)
        return ledger

    def _take_library(self, driver: Driver) -> None:
        if not self._job.is_listed:
            self._take_pages(self._pages(driver))
            self._note(is_listed=True)
        if not self._job.category:
            for position in self._taker.unlisted(self._job.position):
                self._note(position=position)

    def _pages(self, driver: Driver) -> Iterator[LibraryPage]:
        """The list from the page on that was taken last."""
        if self._job.category:
            if not isinstance(driver, HasCategoryTree):
                raise Unsupported(say(jobs.NO_CATEGORIES))
            return driver.category_library(self._job.category, self._job.cursor)
        if not isinstance(driver, HasLibrary):
            raise Unsupported(say(jobs.NO_LIBRARY))
        return driver.library(self._job.cursor)

    def _take_pages(self, pages: Iterator[LibraryPage]) -> None:
        again = self._job.cursor
        for page in pages:
            # What a dry run has counted of the page that it stopped at, it would count again.
            if page.cursor == again and self._job.dry_run:
                continue
            new = self._taker.take(page.videos)
            told = {"cursor": page.cursor[:200], "taken": self._job.taken + new, "total": page.total}
            # However short slices are, each has to come further than the one before.
            self._note(may_stop=page.cursor != again, **told)

    def _take_named(self, driver: Driver) -> None:
        """Videos by their ids: of those that the hub does not know, only what is the account's own."""
        ids = self._job.remote_ids
        while (done := self._job.position) < len(ids):
            some = ids[done : done + FEW]
            known = set(
                Publication.objects.filter(account=self._job.account, remote_id__in=some).values_list(
                    "remote_id", flat=True
                )
            )
            own = [remote_id for remote_id in some if remote_id in known or driver.owns(remote_id)]
            seen = list(driver.look(own)) if own else []
            self._taker.take(seen)
            there = {video.remote_id for video in seen if video.state != State.MISSING}
            lacking = [remote_id for remote_id in some if remote_id not in there]
            self._book.findings.not_found += lacking[: MOST_NAMED - len(self._book.findings.not_found)]
            self._note(position=done + len(some), taken=self._job.taken + len(there), total=len(ids))

    def _note(self, *, may_stop: bool = True, **columns: object) -> None:
        """Write down how far it is, tell whoever watches, and see whether the slice is over."""
        counts, book = self._book.counts, self._book
        if isinstance(book, DryRun):
            columns |= {"seen": book.seen, "created": counts.created}
        jobs.hold(
            self._job, updated=counts.updated, missing=counts.missing, findings=book.findings.as_json(), **columns
        )
        self._job.created, self.has_moved = counts.created, True
        self._told(self._job)
        if may_stop and (self._leave.is_set() or draining() or time.monotonic() >= self._deadline):
            raise Over
