"""How one Baijiayun call is signed, sent and understood (baijiayun-vod.txt, sign rules and API-1)."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from platforms.contract import Access, Credentials
from platforms.drivers.baijiayun import mapping
from platforms.errors import LoginExpired, PlatformError
from platforms.transport.answers import BEIJING, Fields, as_text
from platforms.transport.documented import documented
from platforms.transport.http import Answer, Body, Http
from platforms.values import gettext_noop, say

SECRET_CREDENTIALS = ("partner_key", "secret_key")
PRIVATE_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?")

NO_DOMAIN = gettext_noop("“%(domain)s” is no private domain: it is the part before .at.baijiayun.com.")
NO_SECRET_KEY = gettext_noop("Only with its secret_key can this Baijiayun account fetch a partner_key: enter it.")
NO_KEY = gettext_noop("This Baijiayun account has neither a partner_key nor a secret_key: enter one of them.")


def sign(params: Mapping[str, str], partner_key: str) -> str:
    """The sign over `params` (without a `sign`), lower-case hex. Values are signed as they are, before any encoding."""
    pairs = sorted((name.encode(), value.encode()) for name, value in params.items())
    text = b"".join(name + b"=" + value + b"&" for name, value in pairs) + b"partner_key=" + partner_key.encode()
    return hashlib.md5(text).hexdigest()


@dataclass(frozen=True, slots=True)
class PartnerKey:
    """The key that signs everything else."""

    partner_key: str = field(repr=False)


class Client:
    """Signed calls of one account. Only `send_file` may be called from another thread than the caller's."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._secrets: frozenset[str] = frozenset()
        self.http = Http(secrets=lambda: self._secrets)

    @documented(
        "BJ-01", "POST /openapi/partner/createkey", "baijiayun-vod.txt API-1", danger_when="regenerate",
        danger=gettext_noop(
            "It makes a new partner_key, and the old one stops working at once for every program that has it."
        ),
    )  # fmt: skip
    def create_key(self, regenerate: bool = False) -> PartnerKey:
        """Fetch the partner key with the account's secret key, and store it. Source: API-1.

        With `regenerate` a new key is made and the old one stops working at once, for everybody who has it: that is
        for a person to ask for. Raises `LoginExpired` for an account without a secret key.
        """
        stored = self._hide(self._access.credentials).get("partner_key", "")
        return PartnerKey(self._replace_key(stored, regenerate)["partner_key"])

    def renew_key(self) -> bool:
        """Fetch the partner key anew with the secret key; True when it is another one than was stored."""
        stored = self._access.credentials
        if not stored.get("secret_key"):
            return False
        try:
            return self.create_key().partner_key != stored.get("partner_key")
        except PlatformError:
            return False

    def ask(
        self,
        name: str,
        path: str,
        params: Mapping[str, object] | None = None,
        *,
        safe: bool = True,
        method: str = "POST",
        files: Mapping[str, Any] | None = None,
    ) -> Fields:
        """The answer to one signed call. Parameters that are None or "" are left out; files are not signed."""
        credentials = self._with_key()
        signed = _texts({**(params or {}), **_identity(credentials)})
        signed["sign"] = sign(signed, credentials["partner_key"])
        return self._send(name, self._url(credentials, path), signed, safe=safe, method=method, files=files)

    def send_file(self, name: str, url: str, body: Body, headers: Mapping[str, str]) -> None:
        """Send bytes to an address that Baijiayun has handed out; sending them again does no harm."""
        # Once: what has arrived is the platform's to say before anything is sent again.
        answer = self.http.call(name, "POST", url, safe=True, body=body, headers=headers, tries=1)
        _accepted(answer, mapping.UPLOAD_SUCCESS)

    def _send(
        self,
        name: str,
        url: str,
        params: Mapping[str, str],
        *,
        safe: bool,
        method: str = "POST",
        files: Mapping[str, Any] | None = None,
    ) -> Fields:
        query, form = (params, None) if method == "GET" else (None, params)
        answer = self.http.call(name, method, url, safe=safe, params=query, form=form, files=files)
        return _accepted(answer, mapping.SUCCESS)

    def _url(self, credentials: Credentials, path: str) -> str:
        domain = credentials.get("private_domain", "")
        if not PRIVATE_DOMAIN.fullmatch(domain):
            raise LoginExpired(say(NO_DOMAIN, domain=domain), field="private_domain")
        return self._access.address("BAIJIAYUN_API_URL").replace("{private_domain}", domain) + path

    def _with_key(self) -> Credentials:
        """The credentials as they are stored now; a missing partner key is fetched first."""
        credentials = self._hide(self._access.credentials)
        if credentials.get("partner_key"):
            return credentials
        return self._replace_key("")

    def _replace_key(self, stale: str, regenerate: bool = False) -> Credentials:
        """Store the key that is valid now in place of `stale`, unless another process was faster."""
        fetch = partial(self._asked_key, regenerate=regenerate)
        return self._hide(self._access.renew(stale, fetch, credential="partner_key"))

    def _asked_key(self, credentials: Credentials, *, regenerate: bool) -> Mapping[str, str]:
        """The call goes unsigned, as in the document's example: without the key no sign can be made, and one made
        with a key that has been replaced would be refused."""
        if not credentials.get("secret_key"):
            has_key = bool(credentials.get("partner_key"))
            text, missing = (NO_SECRET_KEY, "secret_key") if has_key else (NO_KEY, "partner_key")
            raise LoginExpired(say(text), call="create_key", field=missing)
        self._hide(credentials)
        given = {"secret_key": credentials["secret_key"], "regenerate": regenerate or None}
        url = self._url(credentials, "/openapi/partner/createkey")
        params = _texts({**given, **_identity(credentials)})
        fields = self._send("create_key", url, params, safe=not regenerate).inner("data")
        return {"partner_key": fields.text("partner_key")}

    def _hide(self, credentials: Credentials) -> Credentials:
        """Remember the secrets where the sending thread can see them without asking the hub."""
        self._secrets |= {credentials[name] for name in SECRET_CREDENTIALS if credentials.get(name)}
        return credentials


def _identity(credentials: Credentials) -> dict[str, str]:
    return {"partner_id": credentials.get("partner_id", ""), "timestamp": str(int(time.time()))}


def _texts(params: Mapping[str, object]) -> dict[str, str]:
    """Parameters as they are signed and sent: times in Beijing time, flags 0 and 1, lists with commas, none empty."""
    texts = {name: _text(value) for name, value in params.items()}
    return {name: text for name, text in texts.items() if text}


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return str(int(value)) if isinstance(value, bool) else str(value)


def _accepted(answer: Answer, success: str) -> Fields:
    fields = Fields.of(answer)
    code = as_text(fields.body.get("code")).strip()
    if not code or answer.status >= 500 or answer.status == 429:
        raise answer.unreadable()
    if code == success and answer.status < 400:
        return fields
    if code == success:
        raise answer.unreadable()
    raise mapping.UNKNOWN.error(answer, code, as_text(fields.body.get("msg")))
