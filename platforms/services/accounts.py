"""Accounts: adding them, lending them to drivers, renewing their tokens one at a time, and their health."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from platforms import queue
from platforms.contract import Credentials, Driver, HasTokens
from platforms.errors import LoginExpired, PlatformError, QuotaReached, Refused, Temporary
from platforms.models import Account, Health
from platforms.models.wording import render
from platforms.registry import driver_class
from platforms.services import events, progress
from platforms.values import AccountReport, Field, Platform, gettext_noop, say

TOKEN_LEASE = timedelta(seconds=150)
TOKEN_WAIT_SECONDS = 0.2
RENEWED = {"access_token": gettext_noop("The access token was renewed.")}
CREDENTIAL_RENEWED = gettext_noop("The platform has handed out another “%(name)s”, which is now the account's.")
PAUSE_WITHOUT_TIME = timedelta(minutes=30)
EDITED = ("name", "credentials", "options", "health", "health_reason", "paused_until", "token_expires_at")


@dataclass(frozen=True)
class RowAccess:
    """An `Access` over an account's row: credentials are read anew each time, renewed by one process at a time."""

    pk: int
    name: str
    options: Mapping[str, str]

    @property
    def credentials(self) -> Credentials:
        return dict(Account.objects.only("credentials").get(pk=self.pk).credentials)

    def address(self, name: str) -> str:
        return str(settings.PLATFORM_ADDRESSES[name]).rstrip("/")

    def renew(
        self,
        stale: str,
        fetch: Callable[[Credentials], Mapping[str, str | int]],
        credential: str = "access_token",
    ) -> Credentials:
        deadline = time.monotonic() + TOKEN_LEASE.total_seconds() * 2
        while time.monotonic() < deadline:
            now = timezone.now()
            free = Q(token_lease_until=None) | Q(token_lease_until__lt=now)
            until = now + TOKEN_LEASE
            leased = Account.objects.filter(free, pk=self.pk).update(token_lease_until=until)
            try:
                current = self.credentials
                if current.get(credential, "") != stale:
                    return current
                if leased:
                    return self._store(stale, fetch(current), credential)
            finally:
                # Only this very lease: one that ran out may be somebody else's by now.
                Account.objects.filter(pk=self.pk, token_lease_until=until).update(token_lease_until=None)
            time.sleep(TOKEN_WAIT_SECONDS)
        raise Temporary(say(gettext_noop("Another process has been refreshing this account's token for too long.")))

    def _store(self, stale: str, fetched: Mapping[str, str | int], credential: str) -> Credentials:
        answered = dict(fetched)
        lifetime = answered.pop("expires_in", None)
        expires = timezone.now() + timedelta(seconds=int(lifetime)) if lifetime else None
        with transaction.atomic():
            # Read again: a person may have changed a credential while the platform was answering.
            account = Account.objects.select_for_update().get(pk=self.pk)
            if account.credentials.get(credential, "") != stale:
                return dict(account.credentials)
            account.credentials |= {name: str(value) for name, value in answered.items()}
            account.token_expires_at = expires
            account.save(update_fields=["credentials", "token_expires_at"])
            if account.credentials.get(credential, "") != stale:
                sentence = RENEWED.get(credential, CREDENTIAL_RENEWED)
                events.record(account, "token", say(sentence, name=credential), actor=progress.holder())
        return dict(account.credentials)


def driver_for(account: Account) -> Driver:
    """The driver that speaks for this account."""
    return driver_class(account.platform)(RowAccess(account.pk, account.name, dict(account.options)))


def credential_fields(platform: str) -> tuple[Field, ...]:
    return driver_class(platform).credential_fields


def option_fields(platform: str) -> tuple[Field, ...]:
    return driver_class(platform).account_options


def platform_names() -> list[str]:
    return [platform.value for platform in Platform]


def save_account(
    name: str,
    platform: str,
    credentials: Mapping[str, str],
    options: Mapping[str, str],
    *,
    actor: str,
    account: Account | None = None,
) -> tuple[Account, bool]:
    """Add an account, or update the one of this name; `account`, when given, is updated and gets the name.

    Answers it and whether it is new. What is not given keeps its stored value, so that a form need not show secrets.
    Raises ValidationError with one message per field that is wrong (see `problems_of`).
    """
    with transaction.atomic():
        # Read and written in one go: a worker may be renewing the token at this moment.
        rows = Account.objects.select_for_update()
        stored = (rows.filter(pk=account.pk) if account else rows.filter(name=name)).first()
        if stored and stored.platform != platform:
            raise ValidationError({"platform": _("The account “%(name)s” is on another platform.") % {"name": name}})
        if problems := problems_of(platform, credentials, options, stored):
            raise ValidationError(problems)
        saved = stored or Account(platform=platform)
        before, (merged, chosen) = dict(saved.credentials), _merged(platform, credentials, options, stored)
        if merged != before:
            saved.health, saved.health_reason, saved.paused_until = Health.OK, None, None
            saved.token_expires_at = None
        saved.name, saved.credentials, saved.options = name, merged, chosen
        try:
            with transaction.atomic():
                saved.save(update_fields=EDITED if stored else None)
        except IntegrityError:
            # Somebody has been faster, or another account has the new name.
            raise ValidationError({"name": _("There is another account “%(name)s”.") % {"name": name}}) from None
        sentence = gettext_noop("The account was changed.") if stored else gettext_noop("The account was added.")
        changed = sorted(key for key in merged.keys() | before.keys() if merged.get(key) != before.get(key))
        events.record(saved, "account", say(sentence), actor=actor, data={"fields": changed})
    queue.wake_all()
    return saved, stored is None


def problems_of(
    platform: str, credentials: Mapping[str, str], options: Mapping[str, str], account: Account | None = None
) -> dict[str, str]:
    """What is wrong with these credentials and options, by field name: unknown, missing, not a value the platform has.

    What `account` has stored counts where nothing is given.
    """
    merged, chosen = _merged(platform, credentials, options, account)
    return _credential_problems(platform, merged) | _option_problems(platform, chosen)


def _merged(
    platform: str, credentials: Mapping[str, str], options: Mapping[str, str], account: Account | None
) -> tuple[dict[str, str], dict[str, str]]:
    """Credentials and options as they are to be stored.

    The first credential says whose login it is: with another one, no stored secret or token is of use.
    """
    given = {key: str(value).strip() for key, value in credentials.items() if str(value).strip()}
    defaults = {field.name: field.default for field in option_fields(platform)}
    stored, chosen = (account.credentials, account.options) if account else ({}, {})
    login = credential_fields(platform)[0].name
    kept = stored if given.get(login, stored.get(login)) == stored.get(login) else {}
    return {**kept, **given}, {**defaults, **chosen, **options}


def _credential_problems(platform: str, credentials: Mapping[str, str]) -> dict[str, str]:
    fields = {field.name: field for field in credential_fields(platform)}
    expected = ", ".join(fields)
    problems = {
        name: _("Unknown credential “%(name)s”. Expected: %(expected)s.") % {"name": name, "expected": expected}
        for name in credentials
        if name not in fields
    }
    problems |= {
        name: _("“%(name)s” is missing. Expected: %(expected)s.") % {"name": name, "expected": expected}
        for name, field in fields.items()
        if field.required and not credentials.get(name)
    }
    return problems | {
        problem.field: render(problem.sentence.as_json())
        for problem in driver_class(platform).credential_problems(credentials)
    }


def _option_problems(platform: str, options: Mapping[str, str]) -> dict[str, str]:
    fields = {field.name: field for field in option_fields(platform)}
    problems = {}
    for name, value in options.items():
        allowed = [choice.value for choice in fields[name].choices] if name in fields else []
        if name not in fields:
            problems[name] = _("This platform has no option “%(name)s”.") % {"name": name}
        elif allowed and value not in allowed:
            problems[name] = _("“%(value)s” is not one of: %(allowed)s.") % {
                "value": value,
                "allowed": ", ".join(allowed),
            }
    return problems


def check(account: Account, *, actor: str) -> AccountReport:
    """Talk to the platform. On success the account is healthy again and waiting work goes on.

    Raises `PlatformError` when the platform cannot be reached or refuses; a refusal is kept at the account.
    """
    return told(account, driver_for(account).check_account, actor=actor)


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
        health=Health.OK, health_reason=None, paused_until=None, checked_at=timezone.now(), **columns
    )
    events.record(account, "check", report.sentence, actor=actor)
    account.refresh_from_db()
    queue.wake_all()


def note_trouble(account: Account, error: PlatformError, *, actor: str) -> None:
    """Keep at the account what an error means for all of its work: a pause, or the need for a person."""
    columns: dict[str, Any] = {"checked_at": timezone.now()}
    if isinstance(error, LoginExpired | Refused):
        columns |= {"health": Health.NEEDS_PERSON, "health_reason": progress.as_error(error)}
    elif isinstance(error, QuotaReached):
        until = error.until or timezone.now() + PAUSE_WITHOUT_TIME
        columns |= {"health": Health.PAUSED, "health_reason": progress.as_error(error), "paused_until": until}
    Account.objects.filter(pk=account.pk).update(**columns)
    events.record(account, "trouble", error.sentence, actor=actor, data={"code": error.code, "detail": error.detail})
    account.refresh_from_db()


def concerns_account(account: Account, error: PlatformError) -> bool:
    """Whether no work of the account can go on before a person has corrected its credentials."""
    names = {field.name for field in credential_fields(account.platform)}
    return isinstance(error, LoginExpired) or (isinstance(error, Refused) and error.field in names)


def working(now: datetime, account: str = "account") -> Q:
    """Rows whose account, at the end of the path `account`, works."""
    paused = {f"{account}__health": Health.PAUSED, f"{account}__paused_until__lte": now}
    return Q(**{f"{account}__health": Health.OK}) | Q(**paused)


def end_pauses() -> int:
    """Mark accounts whose pause is over as working; answers how many."""
    over = Account.objects.filter(health=Health.PAUSED, paused_until__lte=timezone.now())
    return over.update(health=Health.OK, health_reason=None, paused_until=None) if over.exists() else 0
