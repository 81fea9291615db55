"""Which upload is next: accounts take turns, and what is soon done goes before what takes long.

The account with the fewest running uploads comes first; among equals the one whose turn, in this process, is longest
ago. Within an account a file stands as if it had become due later by the time that its remaining bytes take at an
assumed speed: a small file overtakes a large one, but only if it comes within that time, so that no file waits for
ever behind smaller ones.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, F, Min, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from platforms.models import Account, Publication
from platforms.services import account_health, circuit, progress
from platforms.values import State

ASSUMED_BYTES_A_SECOND = 4 * 1024 * 1024
# A file with no more left is done within seconds.
SMALL_BYTES = 64 * 1024 * 1024
CANDIDATES = 20

_turns: dict[int, int] = {}
_numbers = itertools.count(1)


def claim_next(*, small_only: bool = False) -> Publication | None:
    """Claim one due upload of an account that works, or that may be tried once; None when there is none.

    `small_only`: none with more than `SMALL_BYTES` left.
    """
    now = timezone.now()
    due = Publication.objects.filter(progress.due_uploads(now)).order_by()
    if small_only:
        due = due.filter(bytes_total__lte=F("bytes_sent") + SMALL_BYTES)
    for account in _in_turn(due, now):
        if claimed := _claim_of(account, due):
            _turns[account.pk] = next(_numbers)
            return claimed
    return None


def give_back(publication: Publication) -> None:
    """Let go of what was claimed and has not begun: it is due again, and that was no try."""
    progress.change(
        publication, State.QUEUED, actor=progress.holder(), holding=publication.fence, next_run_at=timezone.now(),
        attempts=F("attempts") - 1, **progress.release(),
    )  # fmt: skip


def is_small(publication: Publication) -> bool:
    """Whether a claimed upload is soon done."""
    return publication.bytes_total - publication.bytes_sent <= SMALL_BYTES


def may_go_on(account: Account) -> bool:
    """Whether work of the account may begin now; after troubles this takes the one try there is (see `circuit`)."""
    fresh = Account.objects.filter(pk=account.pk)
    works = fresh.filter(account_health.working(timezone.now(), "")).exists()
    return works or circuit.take_probe(account)


def _in_turn(due: QuerySet[Publication], now: datetime) -> list[Account]:
    waiting = dict(
        due.filter(account_health.worth_a_hint(now))
        .values_list("account_id")
        .annotate(since=Min(Coalesce("next_run_at", "lease_until")))
    )
    if not waiting:
        return []
    running = dict(
        Publication.objects.filter(state=State.UPLOADING, lease_until__gt=now, account__in=waiting)
        .order_by()
        .values_list("account_id")
        .annotate(count=Count("pk"))
    )
    found = Account.objects.filter(pk__in=waiting).defer("credentials")
    return sorted(found, key=lambda one: (running.get(one.pk, 0), _turns.get(one.pk, 0), waiting[one.pk]))


def _claim_of(account: Account, due: QuerySet[Publication]) -> Publication | None:
    if not circuit.lets_through(account):
        return None
    claimed = progress.claim_upload(_candidates(due.filter(account=account)), progress.holder())
    if claimed is None:
        circuit.give_probe_back(account)
    return claimed


def _candidates(due: QuerySet[Publication]) -> Iterable[Publication]:
    rows = due.select_related("video")
    oldest = rows.order_by("next_run_at", "id")[:CANDIDATES]
    smallest = rows.order_by(F("bytes_total") - F("bytes_sent"), "id")[:CANDIDATES]
    return sorted({row.pk: row for row in (*oldest, *smallest)}.values(), key=place)


def place(publication: Publication) -> tuple[float, int]:
    """Where it stands in its account's queue: smaller comes first."""
    since = publication.next_run_at or publication.lease_until
    left = publication.bytes_total - publication.bytes_sent
    return (since.timestamp() if since else 0.0) + left / ASSUMED_BYTES_A_SECOND, publication.pk
