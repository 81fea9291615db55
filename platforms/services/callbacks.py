"""Callbacks: what platforms tell us by themselves. One is a knock, not a fact: verify, store, answer, then look."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from platforms import queue
from platforms.contract import AsksBeforePlaying, Driver, HasCallbacks
from platforms.errors import PlatformError, QuotaReached, Refused, Temporary
from platforms.models import Account, Delivery, Publication
from platforms.registry import driver_class
from platforms.services import account_health, events, lending, polling, progress
from platforms.values import AccountReport, Sentence, gettext_noop, say

BATCH = 500
KEEP_DELIVERIES, KEEP_REFUSED = timedelta(days=90), 200  # of each account

HINT_SECONDS = 0.5
# So long is a video looked for that has reached an end; what is followed is looked at anyway.
TRIED_FOR = timedelta(days=1)

UNKNOWN_VIDEO = gettext_noop("The hub knows no video %(id)s of this account.")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a platform reaches us for one account; `authorize` is "" where it never asks."""

    transcode: str
    authorize: str


class _Wake:
    """In a burst one hint in a while is enough: whoever it wakes takes all that has been stored."""

    def __init__(self) -> None:
        self._last = -HINT_SECONDS

    def once_in_a_while(self) -> None:
        now = time.monotonic()
        if now - self._last >= HINT_SECONDS:
            self._last = now
            queue.wake_followers()


_wake = _Wake()


def kind_of(platform: str) -> type[HasCallbacks] | None:
    """The driver class of a platform that calls back; None for any other name."""
    try:
        driver = driver_class(platform)
    except ValueError:
        return None
    return driver if issubclass(driver, HasCallbacks) else None


def addresses(account: Account) -> Addresses | None:
    """The account's own addresses below `PUBLIC_URL`; None when its platform does not call back."""
    kind = kind_of(account.platform)
    if kind is None:
        return None
    asks = issubclass(kind, AsksBeforePlaying)
    return Addresses(_address(account, "transcode"), _address(account, "authorize") if asks else "")


def registered(account: Account) -> str:
    """Ask the platform what it has registered, "" for nothing, and keep it. Raises `PlatformError`."""
    with lending.counted(account) as driver:
        return _keep(account, _calling_back(driver).registered_callback())


def register(account: Account, *, actor: str) -> str:
    """Register our address with the platform; answers what is registered now. Raises `PlatformError`."""
    with lending.counted(account) as driver:
        answered = _calling_back(driver).register_callback(_address(account, "transcode"))
    # The address is a secret of the account: whoever knows it may knock.
    events.record(account, "callbacks", say(gettext_noop("The hub's callback address was registered.")), actor=actor)
    return _keep(account, answered)


def check_account(account: Account, *, actor: str) -> AccountReport:
    """Check an account and, where its platform calls back, what it has registered. Raises `PlatformError`."""
    report = account_health.check(account, actor=actor)
    if kind_of(account.platform):
        registered(account)
    return report


def _keep(account: Account, address: str) -> str:
    account.registered_callback = address[:500]
    Account.objects.filter(pk=account.pk).update(registered_callback=account.registered_callback)
    return address


def receive(account: Account, form: Mapping[str, str]) -> None:
    """Verify one callback request and store it; the work comes afterwards. A repeated one is stored once.

    Raises `Refused`; what is refused is stored, too, and changes nothing.
    """
    try:
        callback = _reader(account).read_callback(form, timezone.now())
    except Refused as refusal:
        _store_refused(account, form, refusal.sentence, verified=False)
        raise
    row = Publication.objects.filter(account=account, remote_id=callback.remote_id).values_list("pk").first()
    if row is None:
        unknown = say(UNKNOWN_VIDEO, id=callback.remote_id[:100])
        _store_refused(account, form, unknown, verified=True)
        raise Refused(unknown, field="video_id", call="callback")
    delivery = Delivery(
        account=account, publication_id=row[0], qid=callback.delivery_id[:100], verified=True, body=_body(form)
    )
    Delivery.objects.bulk_create([delivery], ignore_conflicts=True)
    _wake.once_in_a_while()


def run_due(*, actor: str) -> int:
    """Look at the videos that stored callbacks are about; answers how many deliveries were processed."""
    done, last = 0, 0
    while batch := list(due().filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = batch[-1].pk
        later = _look({one.publication_id for one in batch if one.publication_id}, actor)
        oldest = timezone.now() - TRIED_FOR
        looked = [one.pk for one in batch if one.publication_id not in later or one.received_at < oldest]
        done += Delivery.objects.filter(pk__in=looked, processed_at=None).update(processed_at=timezone.now())
    return done


def waiting() -> Any:
    """Stored callbacks that nobody has acted upon."""
    return Delivery.objects.filter(processed_at=None, verified=True, refusal__isnull=True)


def due() -> Any:
    """Those of them whose accounts may be asked now: what an account that is paused was told waits with it."""
    return waiting().filter(account_health.worth_a_hint(timezone.now(), account="account__"))


def tidy() -> None:
    """Forget old deliveries, and refused ones beyond the newest of each account."""
    Delivery.objects.filter(received_at__lt=timezone.now() - KEEP_DELIVERIES).delete()
    refused = Delivery.objects.filter(refusal__isnull=False)
    for account in refused.values_list("account", flat=True).distinct().order_by():
        kept = refused.filter(account=account).order_by("-pk")
        if oldest := kept.values_list("pk", flat=True)[KEEP_REFUSED : KEEP_REFUSED + 1].first():
            kept.filter(pk__lte=oldest).delete()


def _look(publications: set[int], actor: str) -> set[int]:
    """What is followed becomes due now; what has reached an end is looked at once, like a person's Refresh.

    Answers what has reached an end and could not be looked at, for a reason that passes: nobody else will look at it.
    """
    rows = Publication.objects.filter(pk__in=publications)
    rows.filter(state__in=progress.FOLLOWED).update(next_run_at=timezone.now())
    ended = rows.exclude(state__in=progress.FOLLOWED)
    working = ended.filter(account_health.working(timezone.now()))
    able = working.select_related("account", "video").order_by("account", "pk")
    later = set(ended.values_list("pk", flat=True)) - {row.pk for row in able}
    for account, group in groupby(able, key=attrgetter("account")):
        of_account = list(group)
        try:
            polling.refresh(of_account, actor=actor)
        except PlatformError as error:
            # It is on the publication and the account already.
            passes = isinstance(error, Temporary | QuotaReached) or account_health.concerns_account(account, error)
            later |= {row.pk for row in of_account} if passes else set()
    return later


def _calling_back(driver: Driver) -> HasCallbacks:
    if not isinstance(driver, HasCallbacks):
        raise TypeError(f"{driver.platform} has no callbacks")
    return driver


def _reader(account: Account) -> Any:
    """Reading a callback asks nobody, not even the database."""
    return lending.driver_with(account)


def _address(account: Account, which: str) -> str:
    path = reverse(f"callbacks:{which}", args=[account.platform, account.callback_id])
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}"


def _store_refused(account: Account, form: Mapping[str, str], why: Sentence, *, verified: bool) -> None:
    """Without its `qid`: neither a forged request nor one that came too early may pass for the genuine one."""
    Delivery.objects.create(account=account, verified=verified, body=_body(form), refusal=events.stored(why))


def _body(form: Mapping[str, str]) -> dict[str, Any]:
    kept = {name[:100]: value for name, value in list(form.items())[:50] if name != "sign"}
    return dict(events.clean(kept))
