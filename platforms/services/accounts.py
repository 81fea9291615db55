"""Accounts: adding them, lending them to drivers, renewing their tokens one at a time, and their health."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
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
from platforms.services import budgets, circuit, events, progress, zones
from platforms.values import AccountReport, Field, Platform, gettext_noop, say

TOKEN_LEASE = timedelta(seconds=150)
TOKEN_WAIT_SECONDS = 0.2
RENEWED = {"access_token": gettext_noop("The access token was renewed.")}
CREDENTIAL_RENEWED = gettext_noop("The platform has handed out another “%(name)s”, which is now the account's.")
LIMITED = gettext_noop("The account's uploads may send %(kilobytes)s KB a second together.")
UNLIMITED = gettext_noop("The account's uploads may send as fast as the line allows.")
BUDGET = gettext_noop("The account may make %(calls)s calls an hour; following takes at most half of them.")
NO_BUDGET = gettext_noop("The account may make any number of calls.")
TIME_ZONE = gettext_noop("Times of the account are meant in %(zone)s.")
MOST_CALLS_PER_HOUR = 10_000_000
PAUSE_WITHOUT_TIME = timedelta(minutes=30)
EDITED = (
    "name", "credentials", "options", "health", "health_reason", "paused_until", "troubles", "token_expires_at",
)  # fmt: skip


@dataclass
class RowAccess:
    """An `Access` over an account's row: credentials are read anew each time, renewed by one process at a time."""

    pk: int
    name: str
    options: Mapping[str, str]
    learned: Mapping[str, str] = field(default_factory=dict)

    @property
    def credentials(self) -> Credentials:
        return dict(Account.objects.only("credentials").get(pk=self.pk).credentials)

    def learn(self, name: str, value: str) -> None:
        self.learned = {**self.learned, name: value}
        Account.objects.filter(pk=self.pk).update(learned=self.learned)

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


@dataclass
class HeldAccess(RowAccess):
    """The credentials as they came with the row: for work of many calls within minutes, which need no SELECT each.

    One that another process has renewed meanwhile is found out like an expired one.
    """

    held: Credentials = field(default_factory=dict, repr=False)

    @property
    def credentials(self) -> Credentials:
        return self.held

    def renew(
        self,
        stale: str,
        fetch: Callable[[Credentials], Mapping[str, str | int]],
        credential: str = "access_token",
    ) -> Credentials:
        self.held = RowAccess(self.pk, self.name, self.options).renew(stale, fetch, credential)
        return self.held


def driver_for(account: Account) -> Driver:
    """The driver that speaks for this account."""
    return driver_class(account.platform)(
        RowAccess(account.pk, account.name, dict(account.options), dict(account.learned))
    )


def driver_with(account: Account) -> Driver:
    """A driver that speaks for this account with the credentials it was read with; see `HeldAccess`."""
    access = HeldAccess(
        account.pk, account.name, dict(account.options), dict(account.learned), held=dict(account.credentials)
    )
    return driver_class(account.platform)(access)


@contextmanager
def counted(account: Account) -> Iterator[Driver]:
    """A driver whose calls are counted when the work with it ends."""
    driver = driver_for(account)
    try:
        yield driver
    finally:
        budgets.count(account, driver.calls)


@contextmanager
def rationed(account: Account, *, actor: str) -> Iterator[Driver]:
    """A driver for work that can wait: its calls are counted, and `BudgetSpent` ends it when none is left for it."""
    driver = driver_for(account)
    ration = budgets.Importing(account, driver, actor)
    try:
        yield driver
    finally:
        ration.settle()


def remember(account: Account, name: str, value: str) -> None:
    """Keep a text beside what drivers have learned about the account; they may put an earlier one back."""
    with transaction.atomic():
        row = Account.objects.select_for_update().only("learned").get(pk=account.pk)
        row.learned |= {name: value}
        row.save(update_fields=["learned"])


def remembered(account: Account, name: str) -> str:
    """What was kept last under this name; "" for nothing."""
    return str(Account.objects.only("learned").get(pk=account.pk).learned.get(name, ""))


def credential_fields(platform: str) -> tuple[Field, ...]:
    return driver_class(platform).credential_fields


def option_fields(platform: str) -> tuple[Field, ...]:
    return driver_class(platform).account_options


def usual_calls_per_hour(platform: str) -> int | None:
    """What the platform allows an ordinary account; None: it names no number."""
    return driver_class(platform).calls_per_hour


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
    check_name(name)
    with transaction.atomic():
        # Read and written in one go: a worker may be renewing the token at this moment.
        rows = Account.objects.select_for_update()
        stored = (rows.filter(pk=account.pk) if account else rows.filter(name=name)).first()
        if stored and stored.platform != platform:
            raise ValidationError({"platform": _("The account “%(name)s” is on another platform.") % {"name": name}})
        if problems := problems_of(platform, credentials, options, stored):
            raise ValidationError(problems)
        saved = stored or Account(platform=platform, calls_per_hour=usual_calls_per_hour(platform))
        before, (merged, chosen) = dict(saved.credentials), _merged(platform, credentials, options, stored)
        if merged != before:
            saved.health, saved.health_reason, saved.paused_until = Health.OK, None, None
            saved.token_expires_at, saved.troubles = None, 0
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


def set_upload_limit(account: Account, limit: int | None, *, actor: str) -> None:
    """Limit what all uploads of the account send together, in bytes a second; None: no limit.

    Running uploads take it within seconds.
    """
    changed = Account.objects.filter(pk=account.pk).exclude(upload_limit=limit).update(upload_limit=limit)
    if not changed:
        return
    sentence = say(LIMITED, kilobytes=limit // 1024) if limit else say(UNLIMITED)
    events.record(account, "account", sentence, actor=actor)


def set_calls_per_hour(account: Account, calls: int | None, *, actor: str) -> None:
    """Say how many calls an hour the platform allows the account; None: it names no number. Following goes on at once.

    Raises ValidationError for a number that is none.
    """
    if calls is not None and not 1 <= calls <= MOST_CALLS_PER_HOUR:
        text = _("Calls an hour: enter a whole number from 1 to %(most)s, or nothing where there is no limit.")
        raise ValidationError({"calls_per_hour": text % {"most": MOST_CALLS_PER_HOUR}})
    if account.calls_per_hour == calls:
        return
    Account.objects.filter(pk=account.pk).update(calls_per_hour=calls, follow_from=None)
    account.calls_per_hour, account.follow_from = calls, None
    sentence = say(BUDGET, calls=calls) if calls else say(NO_BUDGET)
    events.record(account, "account", sentence, actor=actor)
    queue.wake_followers()


def set_time_zone(account: Account, name: str, *, actor: str) -> None:
    """Say in which time zone times of the account are meant. What is planned keeps its moment.

    Raises ValidationError for a name that is none.
    """
    check_time_zone(name)
    if account.time_zone == name:
        return
    Account.objects.filter(pk=account.pk).update(time_zone=name)
    account.time_zone = name
    events.record(account, "account", say(TIME_ZONE, zone=name), actor=actor)


def check_name(name: str) -> None:
    """Raises ValidationError for a name that no page and no command could show or be given."""
    most = Account._meta.get_field("name").max_length or 0
    if name != name.strip() or len(name.splitlines()) != 1:
        raise ValidationError({"name": _("An account's name is one line that neither begins nor ends with a space.")})
    if len(name) > most:
        raise ValidationError({"name": _("An account's name has at most %(most)d characters.") % {"most": most}})


def check_time_zone(name: str) -> None:
    """Raises ValidationError for a name that no time zone has."""
    if name not in zones.names():
        text = _("“%(name)s” is no time zone: enter a name such as Asia/Shanghai or Europe/Berlin.")
        raise ValidationError(text % {"name": name[:64]})


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
    with counted(account) as driver:
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
    names = {field.name for field in credential_fields(account.platform)}
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
