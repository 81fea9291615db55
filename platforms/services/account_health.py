"""Whether an account works: what platforms answer of it, what pauses all of its work, and what needs a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from platforms import queue
from platforms.contract import HasTokens
from platforms.errors import LoginExpired, PlatformError, QuotaReached, Refused
from platforms.models import Account, Health
from platforms.registry import driver_class
from platforms.services import circuit, events, lending, progress
from platforms.values import AccountReport

PAUSE_WITHOUT_TIME = timedelta(minutes=30)


def check(account: Account, *, actor: str) -> AccountReport:
    """Talk to the platform. On success the account is healthy again and waiting work goes on.

    Raises `PlatformError` when the platform cannot be reached or refuses; a refusal is kept at the account.
    """
    with lending.counted(account) as driver:
        return told(account, driver.check_account, actor=actor)


def told(account: Account, ask: Callable[[], AccountReport], *, actor: str) -> AccountReport:
    """What the platform answers to `ask`, kept at the account: a report makes it healthy, an error may not."""
    try:
        report = ask()
    except PlatformError as error:
        note_trouble(account, error, actor=actor)
        raise
    note_report(account, report, actor=actor)
    return report


def has_tokens(account: Account) -> bool:
    return issubclass(driver_class(account.platform), HasTokens)


def note_report(account: Account, report: AccountReport, *, actor: str) -> None:
    """Keep what a platform said of an account that works; work that waits for it goes on."""
    columns: dict[str, Any] = {"quota": dict(report.quota)} if report.quota else {}
    if report.token_expires_at:
        columns["token_expires_at"] = report.token_expires_at
    Account.objects.filter(pk=account.pk).update(
        health=Health.OK, health_reason=None, paused_until=None, troubles=0, checked_at=timezone.now(), **columns
    )
    events.record(account, "check", report.sentence, actor=actor)
    account.refresh_from_db()
    queue.wake_all()


def note_trouble(account: Account, error: PlatformError, *, actor: str) -> None:
    """Keep at the account what an error means for all of its work: a pause, or the need for a person."""
    columns: dict[str, Any] = {"checked_at": timezone.now()}
    if isinstance(error, LoginExpired | Refused):
        columns |= {"health": Health.NEEDS_PERSON, "health_reason": progress.as_error(error), "troubles": 0}
    elif isinstance(error, QuotaReached):
        until = error.until or timezone.now() + PAUSE_WITHOUT_TIME
        reason = progress.as_error(error)
        # The platform answers: whatever troubles it had before are over.
        columns |= {"health": Health.PAUSED, "health_reason": reason, "paused_until": until, "troubles": 0}
    Account.objects.filter(pk=account.pk).update(**columns)
    events.record(account, "trouble", error.sentence, actor=actor, data={"code": error.code, "detail": error.detail})
    account.refresh_from_db()


def concerns_account(account: Account, error: PlatformError) -> bool:
    """Whether no work of the account can go on before a person has corrected its credentials."""
    names = {field.name for field in driver_class(account.platform).credential_fields}
    return isinstance(error, LoginExpired) or (isinstance(error, Refused) and error.field in names)


def working(now: datetime, account: str = "account__") -> Q:
    """Rows whose account, by the prefix `account`, works."""
    over = circuit.open_or_shut(account, is_open=False) & Q(**{f"{account}paused_until__lte": now})
    return Q(**{f"{account}health": Health.OK}) | over


def worth_a_hint(now: datetime, account: str = "account__") -> Q:
    """Rows whose account works, or may be tried once."""
    return working(now, account) | circuit.to_be_tried(now, account)


def end_pauses() -> int:
    """Mark accounts whose pause is over as working; answers how many. After troubles, only a try tells."""
    over = Account.objects.filter(circuit.open_or_shut("", is_open=False), paused_until__lte=timezone.now())
    return over.update(health=Health.OK, health_reason=None, paused_until=None) if over.exists() else 0
