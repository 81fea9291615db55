"""Following videos: asking the platforms about what is due, in as few calls as their drivers manage."""

from __future__ import annotations

import itertools
import logging
import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from platforms.contract import Driver
from platforms.errors import PlatformError, QuotaReached
from platforms.models import Account, Publication
from platforms.services import account_health, budgets, circuit, lending, looking, progress
from platforms.values import State

log = logging.getLogger(__name__)

# Refreshed by a person on demand although nothing is due any more.
REFRESHABLE = (
    State.PROCESSING, State.REVIEWING, State.PUBLISHED, State.BLOCKED, State.REJECTED, State.FAILED, State.MISSING,
)  # fmt: skip


@dataclass
class Polled:
    """How many videos were asked about, in how many calls, how many changed their state, and what went wrong.

    `waiting`: accounts, by name, whose calls are used up until a time.
    """

    polled: int = 0
    calls: int = 0
    changed: int = 0
    errors: list[PlatformError] = field(default_factory=list)
    waiting: dict[str, datetime] = field(default_factory=dict)

    def add(self, other: Polled) -> None:
        self.polled += other.polled
        self.calls += other.calls
        self.changed += other.changed
        self.errors += other.errors
        self.waiting |= other.waiting


def due(now: datetime) -> QuerySet[Publication]:
    """Followed publications whose next look is due, whatever their account may do."""
    return _followed().filter(next_run_at__lte=now)


def run_due(
    *,
    actor: str,
    account: Account | None = None,
    everything: bool = False,
    only: Sequence[int] | None = None,
    seconds: float = math.inf,
) -> Polled:
    """Look at every publication that is due (or, with `everything`, every unfinished one) of accounts that work.

    `account` and `only` (ids of publications) narrow it down. An account that troubles have paused is asked about one
    video once its pause is over; one whose calls are used up waits. After `seconds` the rest is left to the next run.
    """
    now, deadline = timezone.now(), time.monotonic() + seconds
    followed = _followed()
    if account:
        followed = followed.filter(account=account)
    if only is not None:
        followed = followed.filter(pk__in=only)
    rows = followed if everything else followed.filter(next_run_at__lte=now)
    total = _probe(rows, actor)
    for owner in _owners(rows, now):
        if time.monotonic() < deadline:
            total.add(_Follower(owner, actor, deadline).follow(followed, everything=everything))
    return total


def refresh(publications: Iterable[Publication], *, actor: str) -> Polled:
    """Look at these now and closely, because a person asked; raises `PlatformError` of the first account that fails."""
    total = Polled()
    known = [p for p in publications if p.state in REFRESHABLE and p.remote_id]
    for owner, group in itertools.groupby(sorted(known, key=attrgetter("account_id")), key=attrgetter("account")):
        with lending.counted(owner) as driver:
            total.add(_look(owner, driver, list(group), actor=actor, by_person=True, all_closely=True))
        if total.errors:
            raise total.errors[0]
    return total


def _followed() -> QuerySet[Publication]:
    return Publication.objects.filter(state__in=progress.FOLLOWED, remote_id__isnull=False)


def _owners(rows: QuerySet[Publication], now: datetime) -> QuerySet[Account]:
    """Accounts that work, have calls left, and have some of these rows."""
    able = Account.objects.filter(account_health.working(now, ""), budgets.may_follow(now, ""))
    return able.filter(Exists(rows.filter(account=OuterRef("pk")))).order_by("pk")


def _probe(rows: QuerySet[Publication], actor: str) -> Polled:
    """One look for each account that may be tried now, by whoever is first of all processes."""
    total, now = Polled(), timezone.now()
    able = Account.objects.filter(circuit.to_be_tried(now, ""), budgets.may_follow(now, ""))
    for account in able.filter(Exists(rows.filter(account=OuterRef("pk")))):
        first = rows.filter(account=account).order_by("next_run_at", "pk")[:1].values_list("pk", flat=True)
        if circuit.take_probe(account):
            batch, claimed = looking.claim(rows.filter(pk__in=list(first)), account, timezone.now())
            if batch:
                with lending.counted(account) as driver:
                    total.add(_look(account, driver, batch, actor=actor, claimed=claimed))
            else:
                circuit.give_probe_back(account)
    return total


class _Follower:
    """Follows what one account has due, batch by batch, with one driver."""

    def __init__(self, account: Account, actor: str, deadline: float) -> None:
        self._account, self._actor, self._deadline = account, actor, deadline
        self._driver = lending.driver_with(account)
        self._budget = budgets.Following(account, self._driver, actor)

    def follow(self, rows: QuerySet[Publication], *, everything: bool) -> Polled:
        total = Polled()
        for batch, claimed in self._all(rows) if everything else self._due(rows):
            try:
                done = _look(
                    self._account, self._driver, batch, actor=self._actor, claimed=claimed, is_over=self._is_over,
                    by_person=everything,
                )  # fmt: skip
            finally:
                self._budget.settle()
            total.add(done)
            # What is wrong with the account is better tried again later than with the next five hundred.
            if done.errors or done.waiting or self._is_over():
                break
        return total

    def _is_over(self) -> bool:
        return time.monotonic() >= self._deadline

    def _due(self, rows: QuerySet[Publication]) -> Iterator[tuple[list[Publication], datetime]]:
        working = rows.filter(account_health.working(timezone.now()))
        soon = looking.SOON
        while True:
            batch, claimed = looking.claim(working, self._account, timezone.now() + soon)
            # Once: what a look of this pass has put off by a little is not due again in it.
            soon = timedelta()
            if batch:
                yield batch, claimed
            if len(batch) < looking.BATCH:
                return

    def _all(self, rows: QuerySet[Publication]) -> Iterator[tuple[list[Publication], None]]:
        own, last = looking.with_videos(rows.filter(account=self._account)).order_by("pk"), 0
        while batch := list(own.filter(pk__gt=last)[: looking.BATCH]):
            for publication in batch:
                publication.account = self._account
            last = batch[-1].pk
            yield batch, None


def _never() -> bool:
    return False


def _look(
    account: Account,
    driver: Driver,
    batch: Sequence[Publication],
    *,
    actor: str,
    claimed: datetime | None = None,
    is_over: Callable[[], bool] = _never,
    by_person: bool = False,
    all_closely: bool = False,
) -> Polled:
    """Ask about a batch and take in what is said. What was not asked about any more is due as before."""
    now, by_id, calls = timezone.now(), {str(row.remote_id): row for row in batch}, driver.calls
    closely = frozenset(by_id) if all_closely else looking.choose_closely(batch, now)
    look = looking.ask(driver, list(by_id), closely, is_over)
    failed, unasked = _not_told(by_id, look)
    told = [row for row in batch if row not in failed and row not in unasked]
    done = Polled(polled=len(batch) - len(unasked), calls=driver.calls - calls)
    done.changed = looking.take_in(
        told, look.answers, actor=actor, now=timezone.now(), claimed=claimed,
        closely=closely, by_person=by_person,
    )  # fmt: skip
    if unasked and claimed:
        looking.give_back(unasked, claimed, now)
    if look.spent:
        done.waiting[account.name] = look.spent.until
    if look.error:
        _take_error(account, failed, look.error, actor, is_whole=not look.answers)
        done.errors.append(look.error)
    if account.troubles and (look.answers or not (look.error or look.spent or look.fault)):
        circuit.note_success(account, actor=actor)
    if look.fault:
        raise look.fault
    return done


def _not_told(by_id: dict[str, Publication], look: looking.Look) -> tuple[list[Publication], list[Publication]]:
    """The rows that a look failed for, and those that it did not come to."""
    unanswered = [row for remote_id, row in by_id.items() if remote_id not in look.answers]
    if look.fault:
        return unanswered, []
    if look.spent or look.is_cut_short:
        return [], unanswered
    if look.error and look.error.videos:
        return [row for row in unanswered if row.remote_id in look.error.videos], []
    return (unanswered, []) if look.error else ([], [])


def _take_error(
    account: Account, failed: Sequence[Publication], error: PlatformError, actor: str, *, is_whole: bool
) -> None:
    log.info("Looking at %s failed: %s", account.name, error)
    if isinstance(error, QuotaReached) or account_health.concerns_account(account, error):
        account_health.note_trouble(account, error, actor=actor)
    if is_whole and circuit.concerns_platform(error):
        circuit.note_trouble(account, error, actor=actor)
    looking.take_error(failed, error, actor=actor, now=timezone.now())
