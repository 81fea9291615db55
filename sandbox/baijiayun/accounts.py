"""Partners, their keys, and the sign that every call carries (baijiayun-vod.txt, sign rules and API-1)."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.baijiayun.calls import Call
from sandbox.baijiayun.errors import Code, refuse, success
from sandbox.core import World, beijing_time
from sandbox.messages import Request, Response
from sandbox.store import Document

ACCOUNT = "baijiayun-account"
FIRST_PARTNER = 32_893_000
TOLERANCE = 300
GIB = 1024**3
YEAR = 365 * 24 * 3600


def sign_of(values: Mapping[str, str], partner_key: str) -> str:
    """The sign over all ``values`` except a ``sign`` among them (baijiayun-vod.txt, sign rules)."""
    pairs = sorted((name.encode(), value.encode()) for name, value in values.items() if name != "sign")
    text = b"".join(name + b"=" + value + b"&" for name, value in pairs) + b"partner_key=" + partner_key.encode()
    return hashlib.md5(text, usedforsecurity=False).hexdigest()


class Accounts:
    """``changed`` is told the name of an account whose key is new."""

    def __init__(self, world: World, changed: Callable[[str], object]) -> None:
        self._world = world
        self._changed = changed

    def named(self, name: str) -> Document:
        """The account of this name, made when missing."""
        store = self._world.store
        with store.transaction():
            found = store.all(ACCOUNT, name=name)
            if found:
                return found[0]
            number = store.next_number(ACCOUNT)
            account = _new_account(name, FIRST_PARTNER + number, number, self._world.clock.now())
            store.put(ACCOUNT, account["partner_id"], account)
        return account

    def partner(self, partner_id: str) -> Document:
        """Raises LookupError when there is none."""
        account = self._world.store.get(ACCOUNT, partner_id)
        if account is None:
            raise LookupError(partner_id)
        return account

    def change(self, partner_id: str, **values: Any) -> Document:
        """Raises LookupError when there is no such partner."""
        with self._world.store.transaction():
            account = self.partner(partner_id) | values
            self._world.store.put(ACCOUNT, partner_id, account)
        return account

    def authenticate(self, request: Request) -> Call:
        """Who calls, by domain, partner id, sign and timestamp."""
        values = _parameters(request)
        account = self._claimed(request, values)
        if not values.get("sign"):
            raise refuse(Code.MISSING_PARAMETER, "sign")
        if not _fits(values, account["partner_key"]):
            raise refuse(Code.BAD_SIGN)
        if not values.get("timestamp"):
            raise refuse(Code.MISSING_PARAMETER, "timestamp")
        self._check_timestamp(values["timestamp"])
        return Call(account, values)

    def create_key(self, request: Request) -> Response:
        """API-1. Its table asks for a sign, its example sends none, and who has lost the key could not make one.

        A sign that is sent must be right, made with either of the two keys; one that is left out is not missed.
        """
        values = _parameters(request)
        account = self._claimed(request, values)
        given = Call(account, values).text("secret_key")
        if not hmac.compare_digest(given.encode(), str(account["secret_key"]).encode()):
            raise refuse(Code.BAD_SECRET)
        if values.get("sign") and not any(_fits(values, account[key]) for key in ("partner_key", "secret_key")):
            raise refuse(Code.BAD_SIGN)
        if values.get("timestamp"):
            self._check_timestamp(values["timestamp"])
        if Call(account, values).choice("regenerate", ("0", "1"), "0") == "1":
            account = self.change(account["partner_id"], partner_key=_new_key())
            self._changed(str(account["name"]))
        return success({"partner_key": account["partner_key"]}, self._world.clock.now())

    def _claimed(self, request: Request, values: Mapping[str, str]) -> Document:
        partner_id = values.get("partner_id", "")
        if not partner_id:
            raise refuse(Code.MISSING_PARAMETER, "partner_id")
        account = self._world.store.get(ACCOUNT, partner_id)
        if account is None or account["private_domain"] != request.captured["domain"]:
            raise refuse(Code.UNKNOWN_PARTNER)
        return account

    def _check_timestamp(self, text: str) -> None:
        """Clients read their own clock, which ``advance`` does not move."""
        if not (text.isascii() and text.isdigit()):
            raise refuse(Code.BAD_PARAMETER, "timestamp")
        if abs(self._world.clock.signing() - int(text)) > TOLERANCE:
            raise refuse(Code.STALE_TIMESTAMP)


def _new_account(name: str, partner_id: int, number: int, now: float) -> Document:
    return {
        "name": name,
        "private_domain": f"b{number:04d}",
        "partner_id": str(partner_id),
        "partner_key": _new_key(),
        "secret_key": secrets.token_hex(16),
        "callback_url": "",
        "authorize_url": "",
        "authorize_always": False,
        "mobile": "18700000000",
        "type": 2,
        "charge_type": 0,
        "status": 1,
        "total_storage": 100 * GIB,
        "flow_limit": 100 * GIB,
        "effect_time": beijing_time(now),
        "expire_time": beijing_time(now + YEAR),
    }


def _parameters(request: Request) -> dict[str, str]:
    """Those of a POST are a form's (basic conventions): what stands in its address counts for nothing."""
    return request.form() if request.method == "POST" else request.query


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(64)).decode()


def _fits(values: Mapping[str, str], key: str) -> bool:
    return hmac.compare_digest(values["sign"].encode(), sign_of(values, key).encode())
