"""kill -9 of each process of the workers of a whole supervisor, which has to notice, so that work goes on."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial

import psutil

from script.fault_matrix.hub import ROOT, Stuck
from script.fault_matrix.lab import LOST, OK, Lab, Result, guarded
from script.fault_matrix.protocols import MIB, PROTOCOLS

NAME = "kill -9 of the queue's"
#: The processes of a cluster, as the queue library titles them; the main process leads them all.
MAIN, SENTINEL = "main process", "sentinel"
ROLES = ("idle worker", "monitor", "pusher", SENTINEL, MAIN)
SMALL_ROLES = (MAIN,)
TWO_MINUTES = 120.0
START_SECONDS = 120.0
#: Half of what a hub waits by default before it replaces a cluster that is silent: that is noticed, not how soon.
SILENCE_SECONDS = 30
LOOK_SECONDS = 0.2
PROTOCOL = replace(PROTOCOLS["youku-oss"], size=2 * MIB)


class Workers:
    """A supervisor with the clusters of both queues. Use it in `with`; the lab ends what it leaves behind."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Workers:
        with (self.lab.folder / "workers.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "supervise"], env=self.lab.hub.environment,
                cwd=self.lab.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def groups(self) -> list[int]:
        """The process groups of the clusters that answer."""
        return [pulse["process_group"] for pulse in self.lab.hub.ask("pulses") if pulse["answers"]]

    def answer_since(self, moment: float) -> bool:
        """Whether both clusters have done something after this unix time."""
        pulses = self.lab.hub.ask("pulses")
        return len(pulses) == 2 and all((pulse["answered"] or 0.0) > moment for pulse in pulses)


def processes(group: int, role: str) -> list[psutil.Process]:
    """Those of a cluster that have this role; of the workers one that has nothing to do."""
    if role == MAIN:
        return [psutil.Process(group)]
    if role == SENTINEL:
        return psutil.Process(group).children()
    found = [process for process in psutil.process_iter() if _group_of(process) == group and _is(process, role)]
    return found[:1]


def _group_of(process: psutil.Process) -> int:
    with suppress(ProcessLookupError, PermissionError):
        return os.getpgid(process.pid)
    return 0


def _is(process: psutil.Process, role: str) -> bool:
    with suppress(psutil.Error):
        return role.partition(" ")[0] in " ".join(process.cmdline()).lower()
    return False


def victims(workers: Workers, role: str) -> list[psutil.Process]:
    """The processes of this role, one of each cluster; fewer while one is busy, or its cluster is being replaced."""
    with suppress(psutil.Error):
        return [process for group in workers.groups() for process in processes(group, role)]
    return []


def until(condition: Callable[[], object], seconds: float, what: str) -> None:
    """Wait; raises Stuck."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Stuck(f"{what}: not within {seconds:.0f} seconds")
        time.sleep(LOOK_SECONDS)


def kill_role(lab: Lab, workers: Workers, role: str) -> Result:
    """Kill this process of both clusters; a new upload has to arrive, and both clusters to answer, in two minutes."""
    found: list[psutil.Process] = []

    def both_are_there() -> bool:
        found[:] = victims(workers, role)
        return len(found) == 2

    until(both_are_there, TWO_MINUTES, f"both clusters answer, each with a process of the role {role}")
    killed, started = time.time(), time.monotonic()
    for victim in found:
        with suppress(psutil.NoSuchProcess):
            victim.kill()
    lab.renew()
    upload = lab.publish(PROTOCOL)
    until(lambda: lab.row(upload)["state"] == "published", TWO_MINUTES, "the upload arrives")
    until(lambda: workers.answer_since(killed), TWO_MINUTES, "both clusters answer again")
    result = lab.verdict(upload, f"{NAME} {role}", started)
    if result.outcome == OK and result.seconds > TWO_MINUTES:
        return replace(result, outcome=LOST, note="work went on too late")
    return result


def run(chance: random.Random, *, small: bool, redis_url: str) -> Iterator[Result]:
    """Every role, one after another."""
    settings = {"REDIS_URL": redis_url, "LOG_LEVEL": "WARNING", "WORKER_SILENCE_SECONDS": str(SILENCE_SECONDS)}
    with Lab(chance, settings) as lab, Workers(lab) as workers:
        until(lambda: len(workers.groups()) == 2, START_SECONDS, "the clusters start")
        for role in SMALL_ROLES if small else ROLES:
            yield guarded(lab, PROTOCOL.name, f"{NAME} {role}", partial(kill_role, lab, workers, role))
