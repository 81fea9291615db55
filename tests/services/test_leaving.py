"""SIGTERM with real processes: whoever uploads leaves although nobody answers, and another goes on at once."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from sandbox.server import Answer, Sandbox
from tests.hub import PATIENCE_SECONDS, SAMPLE, until
from tests.installed import Installed
from tests.services.test_supervising import end_with_clusters, lives

ROOT = Path(__file__).resolve().parent.parent.parent
HELD = Answer(503, b"", delay=10 * PATIENCE_SECONDS)

pytestmark = pytest.mark.xdist_group("supervisor")


class Machine:
    """A hub of its own on SQLite whose platforms are a sandbox, and the processes that were started on it."""

    def __init__(self, folder: Path, box: Sandbox, installed: Installed) -> None:
        self.database = folder / "hub.sqlite3"
        installed.copy_database(self.database)
        self.environment = {
            **os.environ,
            **box.environment(),
            "DJANGO_SETTINGS_MODULE": "mediahub.settings",
            "ENV_FILE": "",
            "DEBUG": "1",
            "SECRET_KEY": "only the tests' own",
            "CREDENTIALS_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
            "DATABASE_URL": f"sqlite:///{self.database}",
            "REDIS_URL": "",
            "MEDIA_ROOT": str(folder / "media"),
            "UPLOAD_WORKERS": "1",
            "DEFAULT_WORKERS": "1",
        }
        self.started: list[subprocess.Popen[bytes]] = []

    def manage(self, *arguments: str, stdin: str = "") -> Any:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment, input=stdin,
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return json.loads(done.stdout) if "--json" in arguments else None

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        self.started.append(subprocess.Popen([sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment))
        return self.started[-1]

    def row(self) -> tuple[str, str | None, int]:
        """The publication's state, until when it is leased, and its attempts."""
        with sqlite3.connect(self.database) as rows:
            found: tuple[str, str | None, int] = rows.execute(
                "SELECT state, lease_until, attempts FROM platforms_publication"
            ).fetchone()
        return found

    def end(self) -> None:
        for process in self.started:
            if process.poll() is None:
                end_with_clusters(process)


@pytest.fixture
def box(tmp_path) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "sandbox", pace=0.1) as running:
        yield running


@pytest.fixture
def machine(tmp_path, box, installed) -> Iterator[Machine]:
    """A hub with one upload that the platform does not answer."""
    made = Machine(tmp_path, box, installed)
    credentials = json.dumps(box.credentials("iqiyi"))
    made.manage("account_add", "iq", "--platform", "iqiyi", "--credentials-file", "-", stdin=credentials)
    words = ["--title", "第一课", "--description", "数学", "--tags", "数学"]
    made.manage("publish", str(SAMPLE), "--to", "iq", *words)
    box.block("/iqiyi-upload/", HELD, 1, "POST")
    try:
        yield made
    finally:
        made.end()


def leaves(process: subprocess.Popen[bytes], box: Sandbox, number: signal.Signals) -> None:
    """Told so while its part hangs, it ends, and the platform has still not answered."""
    until(lambda: box.blocks.taken)
    process.send_signal(number)
    process.wait(PATIENCE_SECONDS)
    assert not [call for call in box.requests if call.status == HELD.status]


def test_a_worker_leaves_and_another_goes_on_at_once(machine, box):
    worker = machine.start("supervise")
    until(lambda: box.blocks.taken)
    processes = psutil.Process(worker.pid).children(recursive=True)
    leaves(worker, box, signal.SIGTERM)
    until(lambda: not any(map(lives, processes)))
    assert machine.row() == ("queued", None, 0), "it was given back, and no try was lost"
    machine.start("supervise")
    until(lambda: machine.row()[0] == "published")
    assert machine.row()[2] == 1
    assert len([video for video in box.videos() if video["md5"]]) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_upload_in_the_foreground_is_given_back(machine, box, number):
    command = machine.start("upload", "1")
    leaves(command, box, number)
    assert command.returncode == 1
    assert machine.row() == ("queued", None, 0)
    done = machine.manage("upload", "1", "--json")
    assert done["state"] == "processing"
    assert len([video for video in box.videos() if video["md5"]]) == 1
