"""The hub's settings for a benchmark, its commands, and an address for its server."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from bench.common.page import ROOT


def environment(folder: Path, **more: str) -> dict[str, str]:
    """This process's environment with settings for a hub that keeps everything in `folder`, on SQLite unless `more`
    names another DATABASE_URL."""
    return {
        **os.environ,
        "ENV_FILE": "",
        "DEBUG": "0",
        "DJANGO_SETTINGS_MODULE": "mediahub.settings",
        "SECRET_KEY": "a key that only the benchmark uses, and that is long enough for Django",
        "CREDENTIALS_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
        "DATABASE_URL": f"sqlite:///{folder / 'hub.sqlite3'}",
        "REDIS_URL": "",
        "MEDIA_ROOT": str(folder / "media"),
        "LOG_LEVEL": "WARNING",
        **more,
    }


def manage(environment: dict[str, str], *arguments: str) -> str:
    """Run one of the hub's commands; answers what it prints. Raises CalledProcessError when it fails."""
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


@contextmanager
def database(address: str) -> Iterator[dict[str, str]]:
    """A setting for the hub's database: on the server of `address` one of its own, removed in the end; else none."""
    if not address:
        yield {}
        return
    name = f"bench_{secrets.token_hex(4)}"
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield {"DATABASE_URL": urlsplit(address)._replace(path=f"/{name}").geturl()}
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
