"""A hub of its own, in a temporary folder: its database, its files, and the process that acts for it."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import urllib.parse
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from script.children import KEEP_ENVIRONMENT, MARK, Children
from script.make_env import new_keys

ROOT = Path(__file__).resolve().parent.parent.parent
ANSWER_SECONDS = 400.0
# Passed on from the caller's environment; everything else that a hub reads is set here.
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")


class Stuck(Exception):
    """Something did not happen in time; the text says what."""


def environment(folder: Path, database_url: str = "", redis_url: str = "") -> dict[str, str]:
    """The variables of a hub that lives in `folder`: nothing of the caller's hub leaks in."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    sqlite = "sqlite:///" + urllib.parse.quote(str(folder / "hub.sqlite3"))
    return {
        **kept, **new_keys(), MARK: str(folder), KEEP_ENVIRONMENT: "1", "PYTHONPATH": str(ROOT), "ENV_FILE": "",
        "DJANGO_SETTINGS_MODULE": "mediahub.settings", "PUBLIC_URL": "http://127.0.0.1:8000", "LANGUAGE_CODE": "en",
        "DATABASE_URL": database_url or sqlite, "REDIS_URL": redis_url, "MEDIA_ROOT": str(folder / "media"),
        "STATIC_ROOT": str(folder / "static"), "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1",
    }  # fmt: skip


class Hub:
    """Use it in `with`: at the end no process of it is left."""

    def __init__(self, folder: Path, platforms: Mapping[str, str], more: Mapping[str, str]) -> None:
        """`platforms`: the addresses of the sandbox; `more`: further settings, which win."""
        self.folder = folder
        self.environment = {**environment(folder), **platforms, **more}
        self._children = Children(folder)
        self._lock = threading.Lock()
        self._answers: queue.Queue[str] = queue.Queue()
        self._agent: subprocess.Popen[str] | None = None

    def __enter__(self) -> Hub:
        self.manage("migrate", "-v0")
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def manage(self, *arguments: str) -> None:
        """Run `manage.py`; raises Stuck with the end of what it printed."""
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        done = subprocess.run(
            command, env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, check=False, timeout=ANSWER_SECONDS,
        )  # fmt: skip
        if done.returncode:
            raise Stuck(f"manage.py {' '.join(arguments)}: {done.stderr[-500:]}")

    def start(self) -> None:
        """Start the process that acts for the hub."""
        self._answers = queue.Queue()
        with (self.folder / "hub.log").open("a") as log:
            self._agent = subprocess.Popen(
                [sys.executable, "-m", "script.fault_matrix.agent"], env=self.environment, cwd=self.folder, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, start_new_session=True,
            )  # fmt: skip
        threading.Thread(target=_listen, args=(self._agent, self._answers), daemon=True).start()

    def end(self) -> None:
        """Kill everything that belongs to this hub."""
        if self._agent is not None:
            self._agent.kill()
            self._agent.wait()
        self._children.end_leftovers()

    def restart(self) -> None:
        """A new process that acts for the hub; the old one and its workers are killed."""
        self.end()
        self.start()

    def ask(self, verb: str, **values: Any) -> Any:
        """Do one thing of `agent.py`. Raises Stuck when the agent fails or stays silent."""
        if self._agent is None or self._agent.stdin is None:
            raise Stuck("the agent was never started")
        with self._lock:
            with suppress(BrokenPipeError):
                self._agent.stdin.write(json.dumps({"verb": verb, **values}) + "\n")
                self._agent.stdin.flush()
            try:
                found = json.loads(self._answers.get(timeout=ANSWER_SECONDS) or "{}")
            except queue.Empty:
                raise Stuck(f"{verb} is not answered") from None
        if "answer" not in found:
            raise Stuck(f"{verb}: {found.get('fault', 'the agent has ended')}")
        return found["answer"]

    def kill(self, pid: int) -> None:
        """kill -9 of a worker."""
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def log(self) -> str:
        """What the agent and its workers printed."""
        return (self.folder / "hub.log").read_text(encoding="utf-8", errors="replace")


def _listen(agent: subprocess.Popen[str], answers: queue.Queue[str]) -> None:
    """Put each line that the agent prints into `answers`, in the end an empty one."""
    for line in agent.stdout or ():
        answers.put(line)
    answers.put("")
