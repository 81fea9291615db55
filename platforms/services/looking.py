"""One look at videos of one account: claiming them, choosing which to look at closely, and taking in what is said."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from platforms.contract import Driver
from platforms.errors import PlatformError
from platforms.models import Account, Publication
from platforms.registry import driver_class
from platforms.services import budgets, events, progress, waits
from platforms.services.budgets import BudgetSpent
from platforms.values import RemoteVideo

log = logging.getLogger(__name__)

BATCH = 500
# Longer than a platform takes to answer for a whole batch; then whoever comes next looks instead.
CLAIM = timedelta(minutes=10)
# What is due so soon is asked about together with what is due now.
SOON = timedelta(seconds=2)
# Of so few, close looks come early: they cost less than they spare the people who wait for them.
FEW = 3
# Of more than a few, one in so many is looked at closely before its time has come.
SPARE = 100
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
UNREAD = ("options", "video__source", "video__codecs")


@dataclass
class Look:
    """What came of asking about several videos: answers by remote id, and what ended it early."""

    answers: dict[str, RemoteVideo] = field(default_factory=dict)
    error: PlatformError | None = None
    fault: Exception | None = None
    spent: BudgetSpent | None = None
    is_cut_short: bool = False


class _TakenMeanwhile(Exception):
    """Another process has claimed some of the rows: this one lets go of all."""


def next_time(publication: Publication, now: datetime, looks: int | None = None) -> datetime:
    """When to look at it next, after so many looks; None: as many as it has had."""
    account, looks = publication.account, publication.looks if looks is None else looks
    pace = driver_class(account.platform).pace
    return waits.look_time(now, looks, publication.video.duration, pace, budgets.stretch(account, now))


def with_videos(rows: QuerySet[Publication]) -> QuerySet[Publication]:
    """The rows with what a look needs of them."""
    return rows.select_related("video").defer(*UNREAD)


def claim(rows: QuerySet[Publication], account: Account, now: datetime) -> tuple[list[Publication], datetime]:
    """Take up to `BATCH` of the account's rows that are due by `now`, and the time until which they are claimed.

    The next look is pushed ahead before looking: one process gets a row, and a fault cannot spin. Rows that another
    process is claiming at this moment are passed over.
    """
    until = timezone.now() + CLAIM
    due = with_videos(rows.filter(account=account, next_run_at__lte=now)).order_by("next_run_at")
    try:
        with transaction.atomic():
            batch = list(due.select_for_update(skip_locked=True, of=("self",))[:BATCH])
            if batch and _push(batch, now, until) != len(batch):
                raise _TakenMeanwhile
    except _TakenMeanwhile:
        return [], until
    for publication in batch:
        publication.account = account
        publication.looks += 1
    return batch, until


def _push(batch: Sequence[Publication], now: datetime, until: datetime) -> int:
    """The condition decides where the database locks no rows."""
    rows = Publication.objects.filter(pk__in=[row.pk for row in batch], state__in=progress.FOLLOWED)
    return rows.filter(next_run_at__lte=now).update(next_run_at=until, looks=F("looks") + 1)


def give_back(batch: Sequence[Publication], until: datetime, now: datetime) -> None:
    """Let go of claimed rows that were not asked about: they are due as before."""
    rows = Publication.objects.filter(pk__in=[row.pk for row in batch], next_run_at=until)
    rows.update(next_run_at=now, looks=F("looks") - 1)


def choose_closely(batch: Sequence[Publication], now: datetime) -> frozenset[str]:
    """The remote ids to look at closely: where it is time, which of few is early."""
    early = len(batch) <= FEW
    due = [row for row in batch if waits.wants_close_look(row.followed_since, row.looked_closely_at, now, early=early)]
    spare = len(batch) // SPARE
    longest_ago = sorted(batch, key=lambda row: (row.looked_closely_at or LONG_AGO, row.followed_since or LONG_AGO))
    return frozenset(str(row.remote_id) for row in (*due, *longest_ago[:spare]))


def ask(driver: Driver, remote_ids: Sequence[str], closely: Collection[str], is_over: Callable[[], bool]) -> Look:
    """Ask the platform until everything is answered, the calls are spent, the time is over, or something goes wrong."""
    look = Look()
    try:
        for remote in driver.look(remote_ids, closely):
            look.answers[remote.remote_id] = remote
            if is_over():
                look.is_cut_short = True
                break
    except BudgetSpent as spent:
        look.spent = spent
    except PlatformError as error:
        look.error = error
    except Exception as fault:
        # A fault of our own must not cost what was answered before it.
        look.fault = fault
    return look


def take_in(
    batch: Sequence[Publication],
    answers: Mapping[str, RemoteVideo],
    *,
    actor: str,
    now: datetime,
    claimed: datetime | None,
    closely: Collection[str] = (),
    by_person: bool = False,
) -> int:
    """Store what is said, and when to look next; answers how many states changed.

    `batch` are rows that were asked about without an error. A person's look begins the days of following anew.
    """
    changed, quiet = 0, []
    news: list[tuple[Publication, dict[str, object]]] = []
    for row in batch:
        remote = answers.get(str(row.remote_id))
        if remote is not None and progress.is_change(row, remote):
            following = remote.state in progress.FOLLOWED
            changed += progress.observe(row, remote, actor=actor, next_look=next_time(row, now) if following else None)
            continue
        if remote is not None and (columns := progress.news_of(row, remote)):
            news.append((row, columns))
        if row.state in progress.FOLLOWED:
            quiet.append(row)
    progress.note_news(news, actor=actor)
    if by_person:
        progress.nothing_new(quiet, _times(quiet, now), closely=_pks(quiet, closely), followed_since=now)
        return changed
    overdue = [row for row in quiet if _is_too_long(row, now)]
    for row in overdue:
        progress.give_up_following(row, actor=actor, days=waits.MOST_FOLLOWED.days)
    left = [row for row in quiet if row not in overdue]
    progress.nothing_new(left, _times(left, now), claimed=claimed, closely=_pks(left, closely))
    return changed


def take_error(batch: Sequence[Publication], error: PlatformError, *, actor: str, now: datetime) -> None:
    """Store with followed rows why they could not be looked at; the history has the first failure, not each of them."""
    waiting = [row for row in batch if row.state in progress.FOLLOWED]
    earliest = now + waits.asked_for(error)
    times = {pk: max(time, earliest) for pk, time in _times(waiting, now).items()}
    progress.nothing_new(waiting, times, error=progress.as_error(error))
    new = [row for row in waiting if row.error is None]
    events.record_many(new, "look", error.sentence, actor=actor, data={"detail": error.detail})


def _times(batch: Sequence[Publication], now: datetime) -> dict[int, datetime]:
    return {row.pk: next_time(row, now) for row in batch}


def _pks(batch: Sequence[Publication], closely: Collection[str]) -> list[int]:
    return [row.pk for row in batch if row.remote_id in closely]


def _is_too_long(row: Publication, now: datetime) -> bool:
    return row.followed_since is not None and now - row.followed_since >= waits.MOST_FOLLOWED
