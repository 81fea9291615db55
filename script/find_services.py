"""Find (and, as root on Debian, start) the PostgreSQL and the Redis that the tests may use.

Prints `TEST_POSTGRES_URL=...` and `TEST_REDIS_URL=...`, each only when that server answers. Addresses that the caller's
environment gives are taken as they are.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import redis
from psycopg import sql

VAR = Path(__file__).resolve().parent.parent / "var"
DATABASE = ROLE = "mediahub_tests"
TRUSTED = "postgres://postgres@127.0.0.1:5432/postgres"
REDIS = "redis://127.0.0.1:6379/15"


def may_administer() -> bool:
    return os.geteuid() == 0 and shutil.which("runuser") is not None


def as_postgres(*command: str) -> bool:
    """Run a command as the system's user postgres; whether it went well."""
    done = subprocess.run(
        ["runuser", "-u", "postgres", "--", *command],
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def prepared(address: str) -> str | None:
    """The address of the tests' own database on this server, made when missing; None when it does not let us."""
    with contextlib.suppress(psycopg.Error), psycopg.connect(address, connect_timeout=3, autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if not found:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        return urlsplit(address)._replace(path=f"/{DATABASE}").geturl()
    return None


def own_role() -> str | None:
    """The address for a role of our own, given a fresh password through the socket; None when that is not allowed."""
    if not may_administer():
        return None
    password = secrets.token_urlsafe(24)
    as_postgres("createuser", "--createdb", ROLE)
    if not as_postgres("psql", "-qc", f"ALTER ROLE {ROLE} PASSWORD '{password}'"):
        return None
    return f"postgres://{ROLE}:{password}@127.0.0.1:5432/postgres"


def start_postgres() -> None:
    """Start the Debian clusters that are down."""
    if not (may_administer() and shutil.which("pg_lsclusters")):
        return
    listed = subprocess.run(["pg_lsclusters", "--no-header"], capture_output=True, text=True, check=False).stdout
    for version, name, _port, state, *_rest in map(str.split, listed.splitlines()):
        if state.startswith("down"):
            run_quietly("pg_ctlcluster", "--skip-systemctl-redirect", version, name, "start")


def start_redis() -> None:
    """A Redis that keeps nothing on disk."""
    if os.geteuid() == 0 and shutil.which("redis-server"):
        where = ["--bind", "127.0.0.1", "--port", "6379", "--dir", str(VAR)]
        run_quietly("redis-server", "--daemonize", "yes", "--save", "", "--appendonly", "no", *where)


def run_quietly(*command: str) -> None:
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def postgres() -> str | None:
    if given := os.environ.get("TEST_POSTGRES_URL"):
        return given
    for attempt in range(2):
        if address := prepared(TRUSTED):
            return address
        if (role := own_role()) and (address := prepared(role)):
            return address
        if attempt == 0:
            start_postgres()
    return None


def redis_answers(address: str) -> bool:
    retries = redis.retry.Retry(redis.backoff.ConstantBackoff(0.2), 10)
    try:
        return bool(redis.Redis.from_url(address, socket_connect_timeout=2, retry=retries).ping())
    except redis.RedisError:
        return False


def redis_server() -> str | None:
    if given := os.environ.get("TEST_REDIS_URL"):
        return given
    if redis_answers(REDIS):
        return REDIS
    start_redis()
    return REDIS if redis_answers(REDIS) else None


def main() -> None:
    VAR.mkdir(exist_ok=True)
    for name, what, address in (
        ("TEST_POSTGRES_URL", "PostgreSQL", postgres()),
        ("TEST_REDIS_URL", "Redis", redis_server()),
    ):
        if address:
            print(f"{name}={address}")
        else:
            print(f"No {what} answers: tests that need it are skipped, unless {name} names one.", file=sys.stderr)


if __name__ == "__main__":
    main()
