"""A whole hub for a real browser: sandbox, gunicorn and workers as processes, everything in a temporary folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import BrowserContext, ConsoleMessage, Page

from sandbox.server import Sandbox
from tests.browsing import new_context, running
from tests.hub import PATIENCE_SECONDS
from tests.installed import PASSWORD, USER, Installed
from tests.ports import Port

ROOT = Path(__file__).resolve().parent.parent.parent


class Hub:
    """One hub against one sandbox; `manage` runs a command and answers its JSON."""

    def __init__(self, folder: Path, box: Sandbox, installed: Installed) -> None:
        self.box = box
        self._port = Port()
        place = f"127.0.0.1:{self._port.number}"
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
            "INGEST_ROOT": str(folder / "ingest"),
            "STATIC_ROOT": str(installed.static),
            "PUBLIC_URL": self.url,
            "BIND": place,
            "LOG_LEVEL": "WARNING",
        }
        (folder / "ingest").mkdir()
        installed.copy_database(folder / "hub.sqlite3")
        self._folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []

    def run(self, *arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True
        ).stdout

    def manage(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json"))

    def add_account(self, name: str, platform: str) -> None:
        """An account of the sandbox, by the command."""
        file = self._folder / "credentials.json"
        file.write_text(json.dumps(self.box.credentials(platform)))
        self.manage("account_add", name, "--platform", platform, "--credentials-file", str(file))

    def publish(self, file: Path, *arguments: str) -> list[dict[str, Any]]:
        """Publications of a new video that play, without waiting for the times at which workers look."""
        rows: list[dict[str, Any]] = self.manage("publish", str(file), *arguments, "--now")["publications"]
        deadline = time.monotonic() + PATIENCE_SECONDS
        while any(row["state"] != "published" for row in rows):
            assert time.monotonic() < deadline, rows
            self.manage("poll", "--all")
            now = {row["id"]: row for row in self.manage("publications")}
            rows = [now[row["id"]] for row in rows]
        return rows

    def start(self) -> None:
        self.begin("manage.py", "supervise")
        self.start_web()

    def begin(self, *arguments: str) -> None:
        command = [sys.executable, *arguments]
        self.processes.insert(0, subprocess.Popen(command, cwd=ROOT, env=self.environment))

    def start_web(self) -> None:
        """Start the web server, as the first process, and wait until it answers."""
        self.begin("-m", "gunicorn", "--config", "script/gunicorn.conf.py", "mediahub.wsgi:application")
        # Nothing but a busy machine keeps one waiting that is there: whole hubs start beside it.
        deadline = time.monotonic() + 5 * PATIENCE_SECONDS
        while not self._answers():
            assert self.processes[0].poll() is None, "the web server has gone"
            assert time.monotonic() < deadline, "the web server does not answer"
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=60).ok
        except (requests.ConnectionError, requests.Timeout):
            return False

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(PATIENCE_SECONDS)
        self._port.close()


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, installed: Installed) -> Iterator[Hub]:
    folder = tmp_path_factory.mktemp("hub")
    with Sandbox(folder / "sandbox", pace=0.3) as box:
        running = Hub(folder, box, installed)
        try:
            running.start()
            yield running
        finally:
            running.stop()
        assert box.errors == []


@pytest.fixture(scope="module")
def browser_context(hub: Hub, chromium: str) -> Iterator[BrowserContext]:
    with running(chromium) as browser:
        yield new_context(browser, base_url=hub.url, locale="zh-CN", viewport={"width": 1280, "height": 900})


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


def log_in(page: Page) -> None:
    """Fill in the form of the page to log in, send it, and wait for the page that it leads to.

    The address cannot tell that it is there: that of the log-in ends like it, in `?next=`.
    """
    page.fill("#id_username", USER)
    page.fill("#id_password", PASSWORD)
    with page.expect_navigation():
        page.press("#id_password", "Enter")


@pytest.fixture
def inside(page: Page) -> Page:
    """A tab of somebody who is logged in."""
    page.goto("/admin/")
    if page.locator("#id_password").count():
        log_in(page)
    return page
