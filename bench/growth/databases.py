"""An empty, migrated hub for a measurement, in a database of its own that is removed afterwards."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, LiteralString, cast
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from bench.common.hub import environment, manage
from bench.common.page import ROOT
from script import find_services

SQLITE, POSTGRES = "SQLite", "PostgreSQL"


def postgres() -> str:
    """The address of a server on which databases may be made."""
    if address := os.environ.get("TEST_POSTGRES_URL") or find_services.postgres():
        return address
    raise SystemExit("No PostgreSQL answers: TEST_POSTGRES_URL names one, --only SQLite does without.")


class Worker:
    """A process of `bench.growth.worker`."""

    def __init__(self, size: int, settings: dict[str, str]) -> None:
        command = [sys.executable, "-m", "bench.growth.worker", str(size)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=ROOT, env=settings, stdin=pipe, stdout=pipe, text=True)
        self._to, self._from = cast(IO[str], self.process.stdin), cast(IO[str], self.process.stdout)

    def answer(self) -> str:
        """Its next line. Raises SystemExit when it has ended."""
        if line := self._from.readline():
            return line
        raise SystemExit(f"a measuring process ended with {self.process.wait()}")

    def tell(self, line: object) -> None:
        self._to.write(f"{line}\n")
        self._to.flush()

    def end(self) -> None:
        self._to.close()
        self.process.wait(60)


@contextmanager
def worker(database: str, size: int, folder: Path) -> Iterator[Worker]:
    """A worker that fills its hub and then waits to be told; `folder` is for the files."""
    more: dict[str, Any] = {"STATIC_ROOT": str(folder.parent / "static")}
    name = f"mediahub_growth_{secrets.token_hex(6)}"
    if database == POSTGRES:
        _administer("CREATE DATABASE {}", name)
        more["DATABASE_URL"] = urlsplit(postgres())._replace(path=f"/{name}").geturl()
    try:
        settings = environment(folder, **more)
        manage(settings, "migrate", "--verbosity", "0")
        running = Worker(size, settings)
        try:
            yield running
        finally:
            running.end()
    finally:
        if database == POSTGRES:
            _administer("DROP DATABASE {} WITH (FORCE)", name)


def _administer(command: LiteralString, name: str) -> None:
    with psycopg.connect(postgres(), autocommit=True) as connection:
        connection.execute(sql.SQL(command).format(sql.Identifier(name)))
