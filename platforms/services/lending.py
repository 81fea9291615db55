"""Accounts lent to drivers: credentials are read anew and renewed by one process at a time, calls are counted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from platforms.contract import Credentials, Driver
from platforms.errors import Temporary
from platforms.models import Account
from platforms.registry import driver_class
from platforms.services import budgets, events, progress
from platforms.values import gettext_noop, say

TOKEN_LEASE = timedelta(seconds=150)
TOKEN_WAIT_SECONDS = 0.2
RENEWED = {"access_token": gettext_noop("The access token was renewed.")}
CREDENTIAL_RENEWED = gettext_noop("The platform has handed out another “%(name)s”, which is now the account's.")


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
