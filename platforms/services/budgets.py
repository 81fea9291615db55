"""Call budgets: how many calls an account may make in an hour, counted by all processes and machines together.

Every call of an account counts, in the clock hour in which it was written down. Nothing but following and importing
ever waits for the budget. Following takes at most half of it, importing only what following can never claim, each a
few calls at a time, by a conditional UPDATE, before they are made, and gives back what it did not need. A process that
dies with calls in hand has spent them. Hours are the clock's, so that a platform which counts differently sees at most
twice half a budget of following in any sixty minutes.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any

from django.db import DatabaseError
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone

from platforms.contract import Driver, Interrupted
from platforms.models import Account
from platforms.services import events
from platforms.values import gettext_noop, say

log = logging.getLogger(__name__)

HOUR = timedelta(hours=1)
FOLLOWING_SHARE = 2  # the part of the budget that is following's: a half
AT_ONCE = 25  # calls that following takes in advance
FLUSH_SECONDS = 30.0
# In the first minutes of an hour a few calls say little about the rest of it.
LEAST_ELAPSED, MOST_STRETCHED = 0.1, 10.0

USED_UP = gettext_noop(
    "Half of the %(budget)s calls that the account may make in an hour are used up: its videos are looked at again "
    "from the next full hour on. Uploads go on."
)


class BudgetSpent(Interrupted):
    """Following, or importing, has no calls left until `until` (aware)."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"no calls left until {until:%H:%M}")
        self.until = until


@dataclass(frozen=True, slots=True)
class Use:
    """What an account has made of its budget in this hour; `waits_until` when following has to wait."""

    budget: int | None
    made: int
    followed: int
    waits_until: datetime | None

    @property
    def for_following(self) -> int | None:
        return self.budget // FOLLOWING_SHARE if self.budget is not None else None


def use_of(account: Account) -> Use:
    """The use of an account as it was read."""
    now = timezone.now()
    current = account.calls_hour == hour_of(now)
    waits_until = account.follow_from if account.follow_from and account.follow_from > now else None
    made, followed = (account.calls_made, account.calls_followed) if current else (0, 0)
    return Use(account.calls_per_hour, made, followed, waits_until)


def stretch(account: Account, now: datetime) -> float:
    """By how much looks are to be rarer, so that the calls for following last until the hour ends; 1: as usual.

    Judged by the account as it was read, and what this process has taken since.
    """
    use = use_of(account)
    if not use.for_following:
        return 1.0
    elapsed = max((now - hour_of(now)) / HOUR, LEAST_ELAPSED)
    return min(max(1.0, use.followed / use.for_following / elapsed), MOST_STRETCHED)


def may_follow(now: datetime, account: str = "account__") -> Q:
    """Rows whose account, by the prefix `account`, has calls left for following."""
    return Q(**{f"{account}follow_from__isnull": True}) | Q(**{f"{account}follow_from__lte": now})


def hour_of(now: datetime) -> datetime:
    """The beginning of the clock hour."""
    return now.replace(minute=0, second=0, microsecond=0)


def count(account: Account, calls: int) -> None:
    """Count calls that were made; that they could not be counted stops nobody."""
    if calls > 0:
        try:
            _add(Account.objects.filter(pk=account.pk), calls)
        except DatabaseError as error:
            log.warning("%s calls of %s were not counted: %s", calls, account.name, type(error).__name__)


class Tally:
    """A driver that works for long: its calls are counted every half a minute and at the end."""

    def __init__(self, account: Account, driver: Driver) -> None:
        self.driver, self._account = driver, account
        self._counted, self._at = 0, time.monotonic()

    def __enter__(self) -> Tally:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.flush()

    def now_and_then(self) -> None:
        if time.monotonic() - self._at >= FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        self._at, made = time.monotonic(), self.driver.calls
        count(self._account, made - self._counted)
        self._counted = made


class Following:
    """The calls of one driver that follows: taken in advance as they are needed, the rest given back by `settle`."""

    def __init__(self, account: Account, driver: Driver, actor: str) -> None:
        self._account, self._driver, self._actor = account, driver, actor
        self._taken, self._began, self._hour = 0, driver.calls, hour_of(timezone.now())
        if account.calls_per_hour is not None:
            driver.ask_before_calls(self._may_call)

    def _may_call(self) -> None:
        if self._made() < self._taken:
            return
        self._hour = hour_of(timezone.now())
        for number in (AT_ONCE, AT_ONCE // 5, 1):
            if self._take(number):
                self._taken += number
                self._note_taken(number)
                return
        until = self._hour + HOUR
        self._wait(until)
        raise BudgetSpent(until)

    def _take(self, number: int) -> bool:
        return _take(self._account, number, self._hour)

    def _wait(self, until: datetime) -> None:
        _wait(self._account, until, self._actor)

    def _note_taken(self, number: int) -> None:
        account = self._account
        if account.calls_hour != self._hour:
            account.calls_hour, account.calls_made, account.calls_followed = self._hour, 0, 0
        account.calls_followed += number

    def _made(self) -> int:
        return self._driver.calls - self._began

    def settle(self) -> None:
        """Write down what was made beyond what was taken, or give the rest back."""
        difference = self._made() - self._taken
        rows = Account.objects.filter(pk=self._account.pk)
        if difference > 0:
            self._add_more(rows, difference)
        elif difference < 0:
            self._give_back(rows.filter(calls_hour=self._hour), -difference)
        self._began, self._taken = self._driver.calls, 0

    def _add_more(self, rows: QuerySet[Account], calls: int) -> None:
        _add(rows, calls, followed=calls)

    def _give_back(self, rows: QuerySet[Account], calls: int) -> None:
        rows.filter(calls_followed__gte=calls).update(
            calls_made=F("calls_made") - calls, calls_followed=F("calls_followed") - calls
        )


class Importing(Following):
    """The calls of one driver that brings in what is on the account: they are taken from the half that is not
    following's, so that it goes on meanwhile. Only the import waits when they are used up."""

    def _take(self, number: int) -> bool:
        return _take_beside(self._account, number, self._hour)

    def _wait(self, until: datetime) -> None:
        """The import's own row says until when."""

    def _note_taken(self, number: int) -> None:
        """None of them is following's."""

    def _add_more(self, rows: QuerySet[Account], calls: int) -> None:
        _add(rows, calls)

    def _give_back(self, rows: QuerySet[Account], calls: int) -> None:
        rows.filter(calls_made__gte=F("calls_followed") + calls).update(calls_made=F("calls_made") - calls)


def _take_beside(account: Account, calls: int, hour: datetime) -> bool:
    """Take calls that are not kept for following."""
    budget = F("calls_per_hour")
    kept = budget / FOLLOWING_SHARE
    room = Q(calls_made__lte=budget - calls) & Q(calls_made__lte=F("calls_followed") + budget - kept - calls)
    anew = ~Q(calls_hour=hour) & Q(calls_per_hour__gte=calls * FOLLOWING_SHARE - 1)
    rows = Account.objects.filter(Q(calls_per_hour=None) | anew | (Q(calls_hour=hour) & room), pk=account.pk)
    return _add(rows, calls, hour=hour) == 1


def _take(account: Account, calls: int, hour: datetime) -> bool:
    budget = F("calls_per_hour")
    room = Q(calls_followed__lte=budget / FOLLOWING_SHARE - calls, calls_made__lte=budget - calls)
    anew = ~Q(calls_hour=hour) & Q(calls_per_hour__gte=calls * FOLLOWING_SHARE)
    unlimited = Q(calls_per_hour=None)
    rows = Account.objects.filter(unlimited | anew | (Q(calls_hour=hour) & room), pk=account.pk)
    return _add(rows, calls, followed=calls, hour=hour) == 1


def _add(rows: Any, calls: int, followed: int = 0, hour: datetime | None = None) -> int:
    """Count in one UPDATE, beginning anew with each hour; answers how many rows it changed."""
    hour = hour or hour_of(timezone.now())

    def added(name: str, number: int) -> Case:
        return Case(When(calls_hour=hour, then=F(name) + number), default=Value(number), output_field=IntegerField())

    columns = {"calls_made": added("calls_made", calls), "calls_followed": added("calls_followed", followed)}
    return int(rows.update(calls_hour=hour, **columns))


def _wait(account: Account, until: datetime, actor: str) -> None:
    """Let following wait; the first that notices says so."""
    rows = Account.objects.filter(pk=account.pk).filter(Q(follow_from=None) | Q(follow_from__lt=until))
    if rows.update(follow_from=until) == 1:
        events.record(account, "budget", say(USED_UP, budget=account.calls_per_hour), actor=actor)
    account.follow_from = until
