"""Following videos: asking the platforms about what is due, in as few calls as their drivers manage."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from django.db.models import F, Q
from django.utils import timezone

from platforms.errors import PlatformError, QuotaReached
from platforms.models import Account, Publication
from platforms.services import accounts, events, progress, waits
from platforms.values import RemoteVideo, State

log = logging.getLogger(__name__)

BATCH = 500
# Refreshed by a person on demand although nothing is due any more.
REFRESHABLE = (
    State.PROCESSING, State.REVIEWING, State.PUBLISHED, State.BLOCKED, State.REJECTED, State.FAILED, State.MISSING,
)  # fmt: skip


@dataclass
class Polled:
    """How many videos were asked about, in how many calls, how many changed their state, and what went wrong."""

    polled: int = 0
    calls: int = 0
    changed: int = 0
    errors: list[PlatformError] = field(default_factory=list)

    def add(self, other: Polled) -> None:
        self.polled += other.polled
        self.calls += other.calls
        self.changed += other.changed
        self.errors += other.errors


def run_due(
    *, actor: str, account: Account | None = None, everything: bool = False, only: Sequence[int] | None = None
) -> Polled:
    """Look at every publication that is due (or, with `everything`, every unfinished one) of accounts that work.

    `account` and `only` (ids of publications) narrow it down.
    """
    now = timezone.now()
    rows = Publication.objects.filter(state__in=progress.FOLLOWED, remote_id__isnull=False)
    rows = rows.filter(accounts.working(now))
    if not everything:
        rows = rows.filter(next_run_at__lte=now)
    if account:
        rows = rows.filter(account=account)
    if only is not None:
        rows = rows.filter(pk__in=only)
    total, last = Polled(), 0
    while True:
        batch = list(rows.filter(pk__gt=last).select_related("account", "video").order_by("pk")[:BATCH])
        if not batch:
            return total
        last = batch[-1].pk
        by_account = itertools.groupby(sorted(batch, key=attrgetter("account_id")), key=attrgetter("account"))
        for owner, publications in by_account:
            total.add(_look(owner, [p for p in publications if everything or _claim(p)], actor=actor))


def refresh(publications: Iterable[Publication], *, actor: str) -> Polled:
    """Look at these now because a person asked; raises `PlatformError` of the first account that fails."""
    total = Polled()
    known = [p for p in publications if p.state in REFRESHABLE and p.remote_id]
    for owner, group in itertools.groupby(sorted(known, key=attrgetter("account_id")), key=attrgetter("account")):
        total.add(_look(owner, list(group), actor=actor, loud=True))
    return total


def _claim(publication: Publication) -> bool:
    """Push the next look ahead before looking: one process gets it, and a fault cannot spin."""
    wait = waits.next_look(publication.looks + 1, publication.video.duration)
    due = Publication.objects.filter(
        Q(next_run_at__lte=timezone.now()), pk=publication.pk, state=publication.state, looks=publication.looks
    )
    if due.update(next_run_at=timezone.now() + wait, looks=F("looks") + 1) != 1:
        return False
    publication.looks += 1
    return True


def _look(account: Account, publications: Sequence[Publication], *, actor: str, loud: bool = False) -> Polled:
    if not publications:
        return Polled()
    by_id = {str(publication.remote_id): publication for publication in publications}
    done = Polled(polled=len(by_id))
    driver = accounts.driver_for(account)
    unanswered = dict(by_id)
    try:
        for remote in driver.look(list(by_id)):
            unanswered.pop(remote.remote_id, None)
            done.changed += _take(by_id.get(remote.remote_id), remote, actor)
    except PlatformError as error:
        _note_failure(account, list(unanswered.values()), error, actor)
        if loud:
            raise
        done.errors.append(error)
    done.calls = driver.calls
    return done


def _take(publication: Publication | None, remote: RemoteVideo, actor: str) -> bool:
    if publication is None:
        return False
    wait = waits.next_look(publication.looks, publication.video.duration)
    following = publication.state in progress.FOLLOWED or remote.state in progress.FOLLOWED
    return progress.observe(
        publication, remote, actor=actor, next_look=timezone.now() + wait if following else None
    )  # fmt: skip


def _note_failure(account: Account, publications: Sequence[Publication], error: PlatformError, actor: str) -> None:
    log.info("Looking at %s failed: %s", account.name, error)
    if isinstance(error, QuotaReached) or accounts.concerns_account(account, error):
        accounts.note_trouble(account, error, actor=actor)
    for publication in publications:
        waiting = Publication.objects.filter(pk=publication.pk, state=publication.state, state__in=progress.FOLLOWED)
        if waiting.update(error=progress.as_error(error)) and publication.error is None:
            events.record(publication, "look", error.sentence, actor=actor, data={"detail": error.detail})
