"""A whole hub for a real browser: sandbox, gunicorn and workers as processes, everything in a temporary folder."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, sync_playwright

from sandbox.server import Sandbox

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 60.0
PASSWORD = "a password of the tests"
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip


class Hub:
    """One hub against one sandbox; `manage` runs a command and answers its JSON."""

    def __init__(self, folder: Path, box: Sandbox) -> None:
        self.box = box
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            place = f"127.0.0.1:{probe.getsockname()[1]}"
        self.url = f"http://{place}"
        self.environment = {
            **os.environ,
            **box.environment(),
            "DJANGO_SETTINGS_MODULE": "mediahub.settings",
            "ENV_FILE": "",
            "DEBUG": "0",
            "SECRET_KEY": "only the browser tests' own, and long enough to be one",
            "CREDENTIALS_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
            "DATABASE_URL": f"sqlite:///{folder / 'hub.sqlite3'}",
            "REDIS_URL": "",
            "MEDIA_ROOT": str(folder / "media"),
            "STATIC_ROOT": str(folder / "static"),
            "PUBLIC_URL": self.url,
            "BIND": place,
            "LOG_LEVEL": "WARNING",
            "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
        }
        self.processes: list[subprocess.Popen[bytes]] = []

    def run(self, *arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True
        ).stdout

    def manage(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json"))

    def prepare(self) -> None:
        self.run("migrate", "-v0")
        self.run("collectstatic", "--no-input", "-v0")
        self.run("createsuperuser", "--no-input", "--username", "li", "--email", "")

    def start(self) -> None:
        for arguments in (
            ["-m", "gunicorn", "--config", "script/gunicorn.conf.py", "mediahub.wsgi:application"],
            ["manage.py", "supervise"],
        ):
            self.processes.append(subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=self.environment))
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert time.monotonic() < deadline, "the web server does not answer"
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=5).ok
        except requests.ConnectionError:
            return False

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(60)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    folder = tmp_path_factory.mktemp("hub")
    with Sandbox(folder / "sandbox", pace=0.3) as box:
        running = Hub(folder, box)
        running.prepare()
        try:
            running.start()
            yield running
        finally:
            running.stop()
        assert box.errors == []


@pytest.fixture(scope="module")
def browser_context(hub: Hub, chromium: str) -> Iterator[BrowserContext]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        context = browser.new_context(base_url=hub.url, locale="zh-CN", viewport={"width": 1280, "height": 900})
        context.set_default_timeout(20_000)
        yield context
        browser.close()


def concerns_us(message: ConsoleMessage, hub: Hub) -> bool:
    """An error of the hub's own: a platform takes the cover of a deleted video away while a page shows it."""
    elsewhere = message.text.startswith("Failed to load resource") and not message.location["url"].startswith(hub.url)
    return message.type == "error" and not elsewhere


@pytest.fixture
def page(hub: Hub, browser_context: BrowserContext) -> Iterator[Page]:
    """A tab whose console must stay free of errors: a violated security policy is one."""
    complaints: list[str] = []
    tab = browser_context.new_page()
    tab.on("console", lambda message: complaints.append(message.text) if concerns_us(message, hub) else None)
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    yield tab
    tab.close()
    assert complaints == []
