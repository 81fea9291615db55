"""The supervisor with real clusters: whatever dies is replaced, and nothing is left behind at the end."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.hub import PATIENCE_SECONDS, until
from tests.installed import Installed

ROOT = Path(__file__).resolve().parent.parent.parent
# A busy machine takes its time to start a cluster.
SILENCE_SECONDS = 10

pytestmark = pytest.mark.xdist_group("supervisor")


class Machine:
    """A hub of its own on SQLite, with a supervisor for its default queue."""

    def __init__(self, folder: Path, installed: Installed) -> None:
        self.database = folder / "hub.sqlite3"
        installed.copy_database(self.database)
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "mediahub.settings",
            "ENV_FILE": "",
            "DEBUG": "1",
            "SECRET_KEY": "only the tests' own",
            "CREDENTIALS_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
            "DATABASE_URL": f"sqlite:///{self.database}",
            "REDIS_URL": "",
            "MEDIA_ROOT": str(folder / "media"),
            "WORKER_SILENCE_SECONDS": str(SILENCE_SECONDS),
            "DEFAULT_WORKERS": "2",
        }
        self.supervisor: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "manage.py", "supervise", "--queues", "default"]
        self.supervisor = subprocess.Popen(command, cwd=ROOT, env=self.environment)

    def end(self) -> None:
        """Kill the supervisor and its clusters; a cluster too whose supervisor the test has killed."""
        if self.supervisor and self.supervisor.poll() is None:
            end_with_clusters(self.supervisor)
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    def pulse(self) -> tuple[str | None, str | None, int, int]:
        """When the canary was asked and answered, how often the cluster was replaced, its process group."""
        with sqlite3.connect(self.database) as rows:
            found = rows.execute("SELECT sent_at, answered_at, restarts, process_group FROM platforms_pulse").fetchone()
        return found or (None, None, 0, 0)

    @property
    def restarts(self) -> int:
        return self.pulse()[2]

    def answers(self) -> bool:
        sent, answered, _restarts, _group = self.pulse()
        return bool(sent and answered and answered >= sent)

    def answers_after(self, moment: str) -> bool:
        answered = self.pulse()[1]
        return bool(answered and answered > moment)

    def victims(self, role: str) -> list[psutil.Process]:
        """The processes of this role, once they have begun."""
        found: list[psutil.Process] = []

        def have_begun() -> bool:
            found[:] = self.processes(role)
            return bool(found)

        until(have_begun)
        return found

    def processes(self, role: str = "") -> list[psutil.Process]:
        group = self.pulse()[3]
        found = []
        for process in psutil.process_iter():
            try:
                if os.getpgid(process.pid) == group and role in " ".join(process.cmdline()).lower():
                    found.append(process)
            except (psutil.Error, ProcessLookupError):
                continue
        return found


def end_with_clusters(supervisor: subprocess.Popen[bytes]) -> None:
    """Kill it and what it has started, by the process groups: a cluster that is only starting makes more meanwhile."""
    known = psutil.Process(supervisor.pid)
    supervisor.send_signal(signal.SIGSTOP)
    until(lambda: supervisor.poll() is not None or known.status() == psutil.STATUS_STOPPED)
    for child in known.children() if supervisor.poll() is None else ():
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()
    supervisor.kill()
    supervisor.wait()


@pytest.fixture
def machine(tmp_path, installed) -> Iterator[Machine]:
    made = Machine(tmp_path, installed)
    made.start()
    try:
        until(made.answers)
        yield made
    finally:
        made.end()


@pytest.mark.parametrize("role", ["idle", "monitor", "sentinel"])
def test_a_cluster_is_replaced_when_one_of_its_processes_is_killed(machine, role):
    _asked, moment, restarts, group = machine.pulse()
    victims = psutil.Process(group).children() if role == "sentinel" else machine.victims(role)
    for victim in victims:
        victim.kill()
    until(lambda: machine.restarts > restarts)
    until(lambda: machine.answers_after(moment))


def test_work_goes_on_when_the_pusher_is_killed(machine):
    moment = machine.pulse()[1]
    (victim,) = machine.victims("pusher")
    victim.kill()
    until(lambda: machine.answers_after(moment))


def test_a_cluster_is_replaced_when_its_main_process_is_killed(machine):
    _asked, _answered, restarts, group = machine.pulse()
    os.kill(group, signal.SIGKILL)
    until(lambda: machine.restarts > restarts)
    until(machine.answers)
    assert machine.pulse()[3] != group
    until(lambda: not [p for p in psutil.process_iter() if _group_of(p) == group and lives(p)])


def test_it_ends_everything_it_started_when_told_to_stop(machine):
    processes = machine.processes()
    assert len(processes) > 3
    machine.supervisor.send_signal(signal.SIGTERM)
    assert machine.supervisor.wait(PATIENCE_SECONDS) == 0
    until(lambda: not any(map(lives, processes)))


def test_a_new_supervisor_ends_what_a_killed_one_left_behind(machine):
    left = machine.processes()
    machine.supervisor.kill()
    machine.supervisor.wait()
    machine.start()
    until(lambda: not any(map(lives, left)))
    until(machine.answers)


def lives(process: psutil.Process) -> bool:
    """Whether it runs; one that has ended and waits for init to take note of it does not."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _group_of(process: psutil.Process) -> int:
    try:
        return os.getpgid(process.pid)
    except ProcessLookupError:
        return 0
