"""Connecting an account: its owner's consent, and fetching, refreshing or replacing tokens and keys on request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core import signing

from platforms.contract import CanAuthorize, HasConsent, HasKey, HasTokens
from platforms.errors import PlatformError, Refused, Unsupported
from platforms.models import Account
from platforms.registry import driver_class
from platforms.services import account_health, events, lending
from platforms.values import AccountReport, gettext_noop, say

CONSENT_WITHIN = timedelta(hours=1)
SALT = "mediahub.consent"
NOT_POSSIBLE = gettext_noop("The platform has no such verb for accounts.")
NOT_CONFIRMED = gettext_noop("Nothing was replaced: this has to be confirmed.")
STATE_REFUSED = gettext_noop("This answer of the platform belongs to no consent that you have asked for; begin again.")
OWNER_REFUSED = gettext_noop("The owner of the account has not agreed (%(words)s).")


@dataclass(frozen=True, slots=True)
class Renewal:
    """One way to new tokens or keys; `replaces` says that the old ones stop working for everybody at once."""

    capability: type
    ask: Callable[[Any], AccountReport]
    replaces: bool = False


RENEWALS: dict[str, Renewal] = {
    "refresh_token": Renewal(HasTokens, lambda driver: driver.refresh_token()),
    "authorize": Renewal(CanAuthorize, lambda driver: driver.authorize()),
    "fetch_key": Renewal(HasKey, lambda driver: driver.fetch_key()),
    "regenerate_key": Renewal(HasKey, lambda driver: driver.regenerate_key(), replaces=True),
}


def renewals_of(account: Account) -> list[str]:
    """The names of the renewals that the account's platform has."""
    driver = driver_class(account.platform)
    return [name for name, renewal in RENEWALS.items() if issubclass(driver, renewal.capability)]


def renew(account: Account, name: str, *, actor: str, confirmed: bool = False) -> AccountReport:
    """Get new tokens or keys in one of the ways of `RENEWALS`, and store them before anything else.

    Raises `Unsupported` where the platform has no such way, `Refused` for one that replaces and is not confirmed, and
    what the platform answers.
    """
    renewal = RENEWALS[name]
    if name not in renewals_of(account):
        raise Unsupported(say(NOT_POSSIBLE))
    if renewal.replaces and not confirmed:
        raise Refused(say(NOT_CONFIRMED))
    with lending.counted(account) as driver:
        return account_health.told(account, lambda: renewal.ask(driver), actor=actor)


def can_be_connected(account: Account) -> bool:
    """Whether the owner's consent on a page of the platform gives the account its tokens."""
    return issubclass(driver_class(account.platform), HasConsent)


def consent_url(account: Account, redirect_uri: str, *, actor: str) -> str:
    """The platform's page on which the owner agrees; it leads back to `redirect_uri` with a state for `actor` alone."""
    driver = lending.driver_for(account)
    if not isinstance(driver, HasConsent):
        raise Unsupported(say(NOT_POSSIBLE))
    return driver.consent_url(redirect_uri, signing.dumps({"account": account.pk, "actor": actor}, salt=SALT))


def account_of(state: str, *, actor: str) -> Account:
    """The account whose consent `actor` has asked for; raises `Refused` for any other state."""
    try:
        said = signing.loads(state, salt=SALT, max_age=CONSENT_WITHIN)
        if said["actor"] == actor:
            return Account.objects.get(pk=said["account"])
    except (signing.BadSignature, KeyError, TypeError, Account.DoesNotExist):
        pass
    raise Refused(say(STATE_REFUSED))


def accept(account: Account, code: str, redirect_uri: str, *, actor: str, words: str = "") -> AccountReport:
    """Store the tokens that the owner's consent stands for; without a code the owner has refused, with these words.

    A failure is written to the history and changes nothing: the account may have tokens that work.
    """
    try:
        with lending.counted(account) as driver:
            if not isinstance(driver, HasConsent):
                raise Unsupported(say(NOT_POSSIBLE))
            if not code:
                raise Refused(say(OWNER_REFUSED, words=words or "-"))
            report = driver.accept_code(code, redirect_uri)
    except PlatformError as error:
        events.record(account, "trouble", error.sentence, actor=actor, data={"code": error.code})
        raise
    account_health.note_report(account, report, actor=actor)
    return report
