"""The environment, typed: every wrong value is told in one sentence that names its variable."""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket
import warnings
from collections.abc import Collection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

YES, NO = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off", ""})

MACHINE = re.compile(r"[\w.-]{1,64}", re.ASCII)
REDIS_SCHEMES = frozenset({"redis", "rediss", "unix"})
REDIS_TIMEOUTS = "socket_connect_timeout=3&socket_timeout=10"
ENGINES = frozenset({"django.db.backends.sqlite3", "django.db.backends.postgresql"})

env = environ.Env()


def read_file(path: str) -> None:
    """Read a `.env` file, if it is there; variables that the environment has already win."""
    if path and Path(path).is_file():
        environ.Env.read_env(path)


def text(name: str, default: str = "") -> str:
    return str(env.str(name, default=default))


def required(name: str, what: str) -> str:
    """A variable without which nothing can start; `what` says what it is for."""
    if value := text(name):
        return value
    raise ImproperlyConfigured(f"{name} is not set: {what} Run script/setup, or see .env.example.")


def fernet_keys(name: str, given: str) -> list[str]:
    """The comma-separated Fernet keys in `given`, the value of variable `name`."""
    keys = [key.strip() for key in given.split(",") if key.strip()]
    try:
        for key in keys:
            Fernet(key)
    except ValueError:
        # The value is secret and is not repeated.
        raise ImproperlyConfigured(
            f"{name} holds something that is not a Fernet key: 32 bytes in URL-safe base64. script/setup makes one."
        ) from None
    return keys


def number(name: str, default: float, least: float = 1) -> int:
    """A whole number, at least `least`."""
    value = text(name, str(default))
    if value.strip().isdecimal() and int(value) >= least:
        return int(value)
    raise ImproperlyConfigured(f"{name} must be a whole number, at least {least}: {value!r}")


def flag(name: str) -> bool:
    """1 or 0; off when it is not set."""
    value = text(name).strip().lower()
    if value in YES | NO:
        return value in YES
    raise ImproperlyConfigured(f"{name} must be 1 or 0: {value!r}")


def choice(name: str, default: str, allowed: Collection[str]) -> str:
    """One of `allowed`."""
    value = text(name, default)
    if value in allowed:
        return value
    raise ImproperlyConfigured(f"{name} must be one of {', '.join(sorted(allowed))}: {value!r}")


def networks(name: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    """Networks such as 10.1.0.0/16, separated by commas; none when it is not set."""
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in text(name).split(",") if part.strip())
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must hold networks such as 10.1.0.0/16: {error}") from None


def folder(name: str) -> str:
    """The absolute path of a folder, which need not be there yet; "" when it is not set."""
    path = text(name).strip()
    if path and not Path(path).is_absolute():
        raise ImproperlyConfigured(f"{name} must be an absolute path: {path!r}")
    return path


def machine(name: str) -> str:
    """What this machine is called: letters, digits, dots and dashes; its host name when it is not set."""
    given = text(name).strip() or re.sub(r"[^\w.-]", "-", socket.gethostname(), flags=re.ASCII)[:64]
    if MACHINE.fullmatch(given):
        return given
    raise ImproperlyConfigured(f"{name} must be at most 64 letters, digits, dots and dashes: {given!r}")


def redis(name: str) -> str:
    """A Redis address, with time-outs: a server that answers nothing must not hold up a page; "" when not set."""
    address = text(name)
    parts = urlsplit(address)
    if address and parts.scheme not in REDIS_SCHEMES:
        raise ImproperlyConfigured(f"{name} is no Redis address such as redis://127.0.0.1:6379/0")
    if not address or "socket_timeout" in parts.query:
        return address
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, REDIS_TIMEOUTS)))))


def database(name: str, sqlite: Path) -> dict[str, Any]:
    """A database address; without one, the SQLite file `sqlite`, whatever characters its path has."""
    if not text(name):
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(sqlite)}
    found: dict[str, Any] = {}
    with warnings.catch_warnings(action="ignore"), contextlib.suppress(ValueError, environ.ImproperlyConfigured):
        found = dict(env.db(name))
    if found.get("ENGINE") in ENGINES and found.get("NAME"):
        return found
    # The address may hold a password and is not repeated.
    raise ImproperlyConfigured(
        f"{name} is no database address such as postgres://user:password@127.0.0.1:5432/mediahub"
    )
