"""The database restarted in mid-upload: a PostgreSQL server of the matrix's own, stopped as if its machine had died."""

from __future__ import annotations

import glob
import os
import pwd
import random
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from script.demo import free_port
from script.fault_matrix.hub import Stuck
from script.fault_matrix.lab import FAULT, SKIPPED, Lab, Result, guarded
from script.fault_matrix.protocols import MIB, PROTOCOLS, Protocol

NAME = "PostgreSQL stopped at once and started again"
PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/bin")
UNPRIVILEGED = ("postgres", "nobody")
START_SECONDS, AWAY_SECONDS = 120.0, 2.0
RATE = 16.0 * MIB
# Below the ports that the system gives to connections.
PORT = 25432


@contextmanager
def own(address: str) -> Iterator[dict[str, str]]:
    """The hub's settings for a new database of the server at `address`, dropped in the end; none for SQLite."""
    if not address:
        yield {}
        return
    name = f"mediahub_faults_{secrets.token_hex(6)}"
    _administer(address, "CREATE DATABASE {}", name)
    try:
        yield {"DATABASE_URL": urlsplit(address)._replace(path=f"/{name}").geturl()}
    finally:
        _administer(address, "DROP DATABASE {} WITH (FORCE)", name)


def _administer(address: str, command: LiteralString, name: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(sql.SQL(command).format(sql.Identifier(name)))


def find_binaries() -> Path | None:
    """The folder that has `initdb` and `postgres`; None when there is none."""
    found = [shutil.which("initdb"), *(f"{place}/initdb" for pattern in PLACES for place in sorted(glob.glob(pattern)))]
    folders = (Path(path).resolve().parent for path in found if path)
    return next((folder for folder in folders if os.access(folder / "postgres", os.X_OK)), None)


class Server:
    """A PostgreSQL server in a folder of its own, on a port of its own. Use it in `with`."""

    def __init__(self, binaries: Path, port: int = PORT) -> None:
        """`port`: the first that is tried."""
        self._binaries = binaries
        self.folder = Path(tempfile.mkdtemp(prefix="faults-pg-"))
        self._user = _unprivileged()
        self.port = free_port(port)
        self.address = f"postgres://matrix@127.0.0.1:{self.port}/postgres"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Server:
        try:
            if self._user:
                shutil.chown(self.folder, self._user)
            command = [self._program("initdb"), "-D", str(self.folder / "data"), "-U", "matrix", "-A", "trust", "-N"]
            subprocess.run(command, **self._as_user(), check=True, timeout=START_SECONDS)
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop_at_once()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start it and wait until it answers; raises Stuck."""
        command = [self._program("postgres"), "-D", str(self.folder / "data"), "-p", str(self.port), "-k",
                   str(self.folder), "-c", "listen_addresses=127.0.0.1"]  # fmt: skip
        self._process = subprocess.Popen(command, **self._as_user(), start_new_session=True)
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise Stuck("PostgreSQL does not start")
            time.sleep(0.05)

    def stop_at_once(self) -> None:
        """What `pg_ctl stop -m immediate` does: every connection breaks, nothing is written down."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(START_SECONDS)

    def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            psycopg.connect(self.address, connect_timeout=2).close()
        except psycopg.Error:
            return False
        return True

    def _program(self, name: str) -> str:
        return str(self._binaries / name)

    def _as_user(self) -> dict[str, Any]:
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return {"cwd": self.folder, "user": self._user, **quiet}


def _unprivileged() -> str | None:
    """PostgreSQL does not run as root; None: it runs as the caller."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in UNPRIVILEGED if name in known)


def restart_once(lab: Lab, server: Server, protocol: Protocol) -> Result:
    """Take the database away while a worker sends, give it back, and see who brings the upload to its end."""
    lab.renew()
    upload, started = lab.publish(protocol), time.monotonic()
    worker = lab.work()
    part = lab.chance.uniform(0.2, 0.7)
    while lab.box.seen.received < upload.size * part:
        if time.monotonic() - started > START_SECONDS:
            raise Stuck("the upload does not begin")
        time.sleep(0.02)
    server.stop_at_once()
    time.sleep(AWAY_SECONDS)
    server.start()
    lab.wait_for(worker)
    lab.finish(upload)
    result = lab.verdict(upload, NAME, started, at=f"after {part:.0%}")
    lab.forget(upload)
    return result


def run(chance: random.Random, protocols: Sequence[str]) -> Iterator[Result]:
    """Every protocol, on one server."""
    binaries = find_binaries()
    if binaries is None:
        outcome = FAULT if os.environ.get("CI") == "true" else SKIPPED
        yield Result("all", NAME, outcome, note="PostgreSQL's programs are not installed")
        return
    with Server(binaries) as server, Lab(chance, {"DATABASE_URL": server.address}, rate=RATE) as lab:
        for name in protocols:
            yield guarded(lab, name, NAME, partial(restart_once, lab, server, PROTOCOLS[name]))
