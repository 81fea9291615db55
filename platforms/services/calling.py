"""One documented call of an account, by hand: what a person debugs a platform with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from platforms.contract import Call, Driver, WrongParameters
from platforms.errors import PlatformError
from platforms.models import Account
from platforms.registry import driver_class
from platforms.services import events, lending
from platforms.transport.redact import MASK, SHORTEST_SECRET, masked
from platforms.values import gettext_noop, say


class NeedsConfirmation(Exception):
    """The call destroys something; `danger` is an English message id that says what."""

    def __init__(self, danger: str) -> None:
        super().__init__(danger)
        self.danger = danger


def calls(platform: str) -> Mapping[str, Call]:
    """The platform's documented calls by client method."""
    return driver_class(platform).documented_calls()


def other_rows(platform: str) -> tuple[Call, ...]:
    """The rows of the platform's documents that nobody sends by hand."""
    return driver_class(platform).other_rows


def call(account: Account, method: str, given: Mapping[str, str], *, confirmed: bool, actor: str) -> Any:
    """Send one call and answer the platform's answer, the account's own secrets masked.

    Who called what is written to the account's history before it is sent. Raises KeyError for an unknown method,
    `WrongParameters` and `NeedsConfirmation` before anything is sent, `PlatformError` for a refusal, with the masked
    answer in it where there was one.
    """
    documented = calls(account.platform)[method]
    with lending.counted(account) as driver:
        return _call(driver, documented, account, given, confirmed=confirmed, actor=actor)


def _call(
    driver: Driver, documented: Call, account: Account, given: Mapping[str, str], *, confirmed: bool, actor: str
) -> Any:
    method = documented.method
    arguments = driver.arguments(method, given)
    if documented.is_dangerous(given) and not confirmed:
        raise NeedsConfirmation(documented.danger)
    sentence = say(gettext_noop("%(call)s was called by hand."), call=method)
    shown = {name: MASK if name in documented.secrets else value for name, value in given.items()}
    events.record(account, "call", sentence, actor=actor, data={"call": method, "parameters": shown})
    try:
        answer = driver.call(method, arguments)
    except WrongParameters as error:
        events.record(account, "call", error.sentence, actor=actor, data={"call": method, "sent": False})
        raise
    except PlatformError as error:
        events.record(account, "call", error.sentence, actor=actor, data={"call": method, "code": error.code})
        error.answer = _masked(error.answer, documented, driver)
        raise
    return _masked(answer, documented, driver)


def _masked(answer: Any, documented: Call, driver: Driver) -> Any:
    names = [field.name for field in driver.credential_fields if field.kind == "secret"]
    credentials = driver.access.credentials
    secrets = [credentials[name] for name in names if len(credentials.get(name, "")) >= SHORTEST_SECRET]
    return masked(answer, [*names, *documented.hides], secrets)
