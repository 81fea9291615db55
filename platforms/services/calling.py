"""One documented call of an account, by hand: what a person debugs a platform with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from platforms.contract import Call
from platforms.errors import PlatformError
from platforms.models import Account
from platforms.registry import driver_class
from platforms.services import accounts, events
from platforms.transport.redact import MASK
from platforms.values import gettext_noop, say


class NeedsConfirmation(Exception):
    """The call destroys something; `danger` is an English message id that says what."""

    def __init__(self, danger: str) -> None:
        super().__init__(danger)
        self.danger = danger


def calls(platform: str) -> Mapping[str, Call]:
    """The platform's documented calls by client method."""
    return driver_class(platform).documented_calls()


def call(account: Account, method: str, given: Mapping[str, str], *, confirmed: bool, actor: str) -> Any:
    """Send one call and answer the platform's answer, the account's own secrets masked.

    Who called what is written to the account's history before it is sent. Raises KeyError for an unknown method,
    `WrongParameters` and `NeedsConfirmation` before anything is sent, `PlatformError` for a refusal.
    """
    documented = calls(account.platform)[method]
    driver = accounts.driver_for(account)
    arguments = driver.arguments(method, given)
    if documented.is_dangerous(given) and not confirmed:
        raise NeedsConfirmation(documented.danger)
    sentence = say(gettext_noop("%(call)s was called by hand."), call=method)
    events.record(account, "call", sentence, actor=actor, data={"call": method, "parameters": dict(given)})
    try:
        answer = driver.call(method, arguments)
    except PlatformError as error:
        events.record(account, "call", error.sentence, actor=actor, data={"call": method, "code": error.code})
        raise
    return masked(answer, _secrets(account.platform, driver.access.credentials))


def _secrets(platform: str, credentials: Mapping[str, str]) -> list[str]:
    names = [field.name for field in driver_class(platform).credential_fields if field.kind == "secret"]
    return [credentials[name] for name in names if credentials.get(name)]


def masked(answer: Any, secrets: Sequence[str]) -> Any:
    """`answer` without these secrets, wherever they stand in it."""
    if isinstance(answer, Mapping):
        return {key: masked(value, secrets) for key, value in answer.items()}
    if isinstance(answer, list):
        return [masked(item, secrets) for item in answer]
    if isinstance(answer, str):
        for secret in secrets:
            answer = answer.replace(secret, MASK)
    return answer
