"""Several machines on one: PostgreSQL and Redis servers of the tests' own, and process groups that share nothing else.

What makes a machine is its name, its folder for temporary files, and that all of its processes can end at once.
"""

from __future__ import annotations

import itertools
import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import redis
from psycopg import sql

from script.children import Child, Children
from script.fault_matrix.databases import Server, find_binaries
from script.fault_matrix.hub import ROOT, Hub
from script.fault_matrix.lab import OK, Upload, judge, published
from script.fault_matrix.protocols import PROTOCOLS
from script.fault_matrix.watched import Watched
from tests.ports import Port

PATIENCE_SECONDS = 240.0
LOOK_SECONDS = 0.1
# A busy machine must not count as a silent one.
SILENCE_SECONDS = 60
SEED = 8
#: Rows that the tests make in bulk have numbers beyond those that the hub gives.
BULK = 1_000_000


def until(condition: Callable[[], object], what: str, seconds: float = PATIENCE_SECONDS) -> float:
    """Wait until a condition holds; answers how many seconds that took."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() < started + seconds, f"{what}: not within {seconds:.0f} seconds"
        time.sleep(LOOK_SECONDS)
    return time.monotonic() - started


def redis_program() -> str:
    """The path of `redis-server`; empty when it is not installed."""
    return shutil.which("redis-server") or ""


class RedisServer:
    """A Redis that keeps nothing on the disk: once killed, it starts empty."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [redis_program(), "--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self._folder),
                   "--save", "", "--appendonly", "no"]  # fmt: skip
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        until(self.answers, "Redis starts")

    def kill(self) -> None:
        """kill -9; nothing happens when it does not run."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def answers(self) -> bool:
        try:
            return bool(redis.Redis.from_url(self.url).ping())
        except redis.ConnectionError:
            return False


class Machine:
    """A supervisor with clusters for both queues, called `name`."""

    def __init__(self, name: str, folder: Path, environment: dict[str, str]) -> None:
        self.name, self._folder = name, folder
        self._folder.mkdir()
        self._environment = {**environment, "MACHINE_NAME": name, "TMPDIR": str(folder)}
        self._children = Children(folder)
        self.supervisor: Child | None = None

    def start(self) -> None:
        command = [sys.executable, str(ROOT / "manage.py"), "supervise"]
        self.supervisor = self._children.start("supervisor", command, self._environment)

    def lose(self) -> None:
        """kill -9 of everything that runs on it, all at once."""
        self._children.end_leftovers()
        if self.supervisor:
            self.supervisor.process.wait()

    def log(self) -> str:
        """What its processes have printed since it was started last."""
        return self.supervisor.tail(200) if self.supervisor else ""


class Site:
    """A hub on two machines, its database, its broker, and the platforms."""

    def __init__(self, folder: Path, box: Watched, postgres: Server, broker: RedisServer, hub: Hub) -> None:
        self.box, self.postgres, self.redis, self.hub = box, postgres, broker, hub
        self.machines = [Machine(name, folder / name, hub.environment) for name in ("one", "two")]
        self._numbers, self._chance = itertools.count(1), random.Random(SEED)

    def other_than(self, machine: Machine) -> Machine:
        return next(other for other in self.machines if other is not machine)

    def start(self) -> None:
        for machine in self.machines:
            machine.start()
        self.wait_for_answers(*self.machines)

    def mend(self) -> None:
        """Start again what a test that has failed left dead: it may be repeated, and others follow."""
        for server in (self.redis, self.postgres):
            if not server.answers():
                server.start()
        dead = [machine for machine in self.machines if machine.supervisor is None or machine.supervisor.ended]
        for machine in dead:
            machine.start()
        if dead:
            self.wait_for_answers(*dead)

    def wait_for_answers(self, *machines: Machine) -> float:
        """Wait until each cluster of these machines has done something from now on; answers the seconds."""
        [(now,)] = self.rows("SELECT now()")
        names = [machine.name for machine in machines]
        asked = "SELECT count(*) FROM platforms_pulse WHERE host = ANY(%s) AND answered_at > %s"
        return until(lambda: self.rows(asked, names, now) == [(2 * len(names),)], f"the clusters of {names} answer")

    def publish(self, protocol: str, size: int) -> Upload:
        """A random file, queued for a new account."""
        chosen, name = replace(PROTOCOLS[protocol], size=size), f"{protocol}-{next(self._numbers)}"
        credentials = self.box.credentials(chosen.platform, name)
        return published(self.hub, chosen, name, credentials, self._chance)

    def row(self, upload: Upload) -> dict[str, Any]:
        (row,) = self.hub.ask("look", ids=[upload.id])
        return dict(row)

    def expect_published(self, *uploads: Upload) -> None:
        """Wait until each has arrived, exactly once and undamaged, and is published."""

        def done() -> bool:
            self.hub.ask("hurry")
            return all(self.row(upload)["state"] == "published" for upload in uploads)

        try:
            until(done, "everything is published")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.told(*uploads)}") from None
        for upload in uploads:
            there = [video for video in self.box.videos(upload.protocol.platform) if video["account"] == upload.account]
            assert judge(upload, self.row(upload), there) == (OK, "")

    def history(self, upload: Upload) -> list[str]:
        """What happened to it, the oldest first."""
        return list(self.hub.ask("history", publication=upload.id))

    def told(self, *uploads: Upload) -> str:
        """What helps to find out why something did not happen."""
        histories = [line for upload in uploads for line in (upload.account, *self.history(upload))]
        return "\n".join([*histories, *(f"[{machine.name}] {machine.log()}" for machine in self.machines)])

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What the database answers."""
        with psycopg.connect(self.postgres.address, autocommit=True) as connection:
            return connection.execute(query.encode(), values).fetchall()

    def multiply(self, table: str, pattern: int, changes: Sequence[dict[str, object]]) -> None:
        """Insert a copy of one row of a table for each of `changes`."""
        copied = sql.SQL(
            "INSERT INTO {0} SELECT (jsonb_populate_record(pattern, %s::jsonb)).* FROM {0} pattern WHERE id = %s"
        ).format(sql.Identifier(table))
        with psycopg.connect(self.postgres.address) as connection, connection.cursor() as cursor:
            cursor.executemany(copied, [(json.dumps(each), pattern) for each in changes])

    def started_groups(self) -> set[int]:
        """The process groups of all clusters."""
        return {group for (group,) in self.rows("SELECT process_group FROM platforms_pulse")}


def environment_of(postgres: Server, broker: RedisServer) -> dict[str, str]:
    """What a hub on these servers is configured with, beside what every hub of the fault matrix is."""
    return {
        "DATABASE_URL": postgres.address, "REDIS_URL": broker.url, "LOG_LEVEL": "WARNING", "DEFAULT_WORKERS": "2",
        "UPLOAD_WORKERS": "1", "WORKER_SILENCE_SECONDS": str(SILENCE_SECONDS),
    }  # fmt: skip


@contextmanager
def site(folder: Path) -> Iterator[Site]:
    """A hub whose machines answer; nothing of it is left in the end."""
    binaries = find_binaries()
    assert binaries is not None
    (folder / "redis").mkdir()
    with ExitStack() as stack:
        for_redis, for_postgres = stack.enter_context(Port()), stack.enter_context(Port())
        broker = RedisServer(folder / "redis", for_redis.number)
        stack.callback(broker.kill)
        broker.start()
        postgres = stack.enter_context(Server(binaries, for_postgres.number))
        box = stack.enter_context(Watched(folder / "sandbox"))
        hub = stack.enter_context(Hub(folder, box.environment(), environment_of(postgres, broker)))
        made = Site(folder, box, postgres, broker, hub)
        for machine in made.machines:
            stack.callback(machine.lose)
        made.start()
        yield made
