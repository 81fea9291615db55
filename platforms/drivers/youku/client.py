"""How one call to Youku is sent, understood, and repeated with a fresh access token."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from platforms.contract import Access, Credentials
from platforms.drivers.youku.mapping import (
    EMPTY_TOKEN,
    ERRORS,
    ERRORS_OF_CALLS,
    EXPIRED_TOKEN,
    INVALID_TOKEN,
    NO_REFRESH_TOKEN,
    UNKNOWN,
    UNKNOWN_FAULT,
)
from platforms.drivers.youku.results import Tokens, tokens_of
from platforms.errors import LoginExpired, PlatformError
from platforms.transport.answers import Fields, as_int, as_object, as_text
from platforms.transport.http import Answer, Body, Http
from platforms.values import say

SECRET_CREDENTIALS = ("client_secret", "access_token", "refresh_token")
RENEWABLE = frozenset({str(EMPTY_TOKEN), str(INVALID_TOKEN), str(EXPIRED_TOKEN)})
QUERY_STRING_ERROR = re.compile(rb"\s*(?:[a-z_]+=[^&<{]*&)*(?:error_)?code=-?\d+(?:&|\s*$)")

Params = Mapping[str, Any]


class Client:
    """The calls of one account. Kept-alive connections; threads may share it."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self._secrets: frozenset[str] = frozenset()
        self.http = Http(secrets=lambda: self._secrets)

    def ask(
        self,
        call: str,
        method: str,
        url: str,
        params: Params,
        *,
        safe: bool,
        body: Body = None,
    ) -> Fields:
        """The answer to one call. Parameters are a POST's form, the query of any other; those that are None are left
        out. With a body, raw bytes, they are in the query of a POST, too."""
        if method == "POST" and body is None:
            return read(self.http.call(call, method, url, safe=safe, form=params))
        headers = None if body is None else {"Content-Type": "application/octet-stream"}
        return read(self.http.call(call, method, url, safe=safe, params=params, body=body, headers=headers))

    def ask_with_token(self, call: str, method: str, url: str, params: Params, *, safe: bool) -> Fields:
        """The answer to one call in the owner's name, with `client_id` and `access_token`.

        A token that Youku does not accept (1007, 1008, 1009) is renewed once and the call repeated.
        """
        token = self._hide(self.access.credentials).get("access_token", "")
        try:
            return self.ask(call, method, url, {**self._login(token), **params}, safe=safe)
        except LoginExpired as error:
            if error.code not in RENEWABLE or not self.access.credentials.get("refresh_token"):
                raise
        fresh = self.renew_access(token).get("access_token", "")
        return self.ask(call, method, url, {**self._login(fresh), **params}, safe=safe)

    def renew_access(self, stale_token: str) -> Credentials:
        """Replace the access token `stale_token` through the account's single door, and answer the credentials."""
        return self._hide(self.access.renew(stale_token, lambda now: self.fetch_tokens(now).as_credentials()))

    def fetch_tokens(self, credentials: Credentials) -> Tokens:
        """New tokens for the refresh token, which dies. They are nowhere but in the answer: `renew` stores them."""
        if not (refresh_token := self._hide(credentials).get("refresh_token", "")):
            raise LoginExpired(say(NO_REFRESH_TOKEN), field="refresh_token", call="refresh_token")
        form = {
            "client_id": credentials.get("client_id", ""), "grant_type": "refresh_token",
            "refresh_token": refresh_token,
        }  # fmt: skip
        # The refresh token dies when it is used: a second try after a lost answer could only fail.
        answer = self.ask("refresh_token", "POST", f"{self.api}/oauth2/token.json", form, safe=False)
        return tokens_of(answer, refresh_token)

    def replace_tokens(self, fetch: Callable[[Credentials], Tokens]) -> Tokens | None:
        """Store what `fetch` answers, and answer it; None when another process has just renewed the token."""
        fetched: list[Tokens] = []

        def fetch_once(credentials: Credentials) -> Mapping[str, str | int]:
            fetched.append(fetch(credentials))
            return fetched[0].as_credentials()

        self._hide(self.access.renew(self.access.credentials.get("access_token", ""), fetch_once))
        return fetched[0] if fetched else None

    def keep_secret(self, *values: str) -> None:
        """Mask these, too, in everything that is shown of answers and failures."""
        if new := {value for value in values if value} - self._secrets:
            self._secrets |= new

    @property
    def client_id(self) -> str:
        return self._hide(self.access.credentials).get("client_id", "")

    @property
    def api(self) -> str:
        return self.access.address("YOUKU_API_URL")

    @property
    def open_api(self) -> str:
        return self.access.address("YOUKU_OPENAPI_URL")

    def _login(self, token: str) -> dict[str, str]:
        return {"client_id": self.client_id, "access_token": token}

    def _hide(self, credentials: Credentials) -> Credentials:
        """Remember the secrets where sender threads can see them without asking the hub."""
        self.keep_secret(*(credentials.get(name, "") for name in SECRET_CREDENTIALS))
        return credentials


def read(answer: Answer) -> Fields:
    """The fields of a success; raises the error that is inside the answer, whatever its HTTP status says."""
    fields = _parsed(answer)
    error = fields.body.get("error")
    if error is None and "code" in fields.body and "description" in fields.body:
        error = fields.body
    if error:
        raise _error(answer, as_object(error) or {"description": as_text(error)})
    if not 200 <= answer.status < 300:
        raise answer.unreadable()
    return fields


def _parsed(answer: Answer) -> Fields:
    if QUERY_STRING_ERROR.match(answer.body):
        return Fields(answer, {"description": "", **dict(parse_qsl(answer.body.decode("utf-8", "replace").strip()))})
    return Fields.of(answer)


def _error(answer: Answer, error: Mapping[str, Any]) -> PlatformError:
    code = as_int(error.get("code"))
    unknown = UNKNOWN_FAULT if answer.status >= 500 or answer.status == 429 else UNKNOWN
    meaning = ERRORS_OF_CALLS.get((answer.call, code or 0)) or ERRORS.get(code or 0) or unknown
    words = as_text(error.get("description")) or as_text(error.get("type"))
    return meaning.error(answer, "" if code is None else str(code), words)


def given(params: Params) -> dict[str, Any]:
    """The parameters that have a value: an empty optional one is left out, so that the platform's default holds."""
    return {name: value for name, value in params.items() if value not in (None, "")}
