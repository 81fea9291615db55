"""What tests need from the system, and what becomes of those that do not get it.

Without Chromium, PostgreSQL or Redis the tests concerned are skipped; with `CI=true` a skipped test has failed, except
for a capability that a platform does not have (the contract suite names those).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as of_hypothesis
from requests.adapters import HTTPAdapter

from tests.installed import Installed

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
MAY_SKIP = "tests/contract/"
# They start whole hubs. What takes minutes begins first, so that no worker is left alone with it in the end.
LONGEST = (
    "tests/services/test_supervising",
    "tests/scaled/",
    "tests/bench/",
    "tests/browser/",
    "tests/faults/test_matrix",
    "tests/storage/test_going_on",
    "tests/commands/test_real",
    "tests/services/test_leaving",
    "tests/contract/test_no_leaks",
)
# How long an example takes says how busy the machine is, and nothing about the hub.
of_hypothesis.register_profile("hub", deadline=None, suppress_health_check=[HealthCheck.too_slow])
of_hypothesis.load_profile("hub")


def find_chromium() -> str:
    """The path of an installed Chromium; empty when there is none."""
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), "")


def postgres_address() -> str:
    return os.environ.get("TEST_POSTGRES_URL", "")


def redis_address() -> str:
    return os.environ.get("TEST_REDIS_URL", "")


NEEDS: dict[str, tuple[str, Callable[[], str]]] = {
    "browser": ("Chromium is not installed", find_chromium),
    "postgres": ("TEST_POSTGRES_URL is not set", postgres_address),
    "redis": ("TEST_REDIS_URL is not set", redis_address),
}


@pytest.fixture(scope="session")
def chromium() -> str:
    return find_chromium()


@pytest.fixture(scope="session")
def postgres_url() -> str:
    return postgres_address()


@pytest.fixture(scope="session")
def redis_url() -> str:
    return redis_address()


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """A hub to copy; pytest's workers share it."""
    folder = tmp_path_factory.getbasetemp()
    return Installed((folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "installed")


@pytest.fixture(autouse=True)
def new_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a process that has just started: whatever ran before leaves no account's turn and no language behind."""
    # By its name: this file is imported before Django is ready.
    monkeypatch.setattr("platforms.services.uploads.claims._turns", {})
    translation.deactivate()


@pytest.fixture
def calls_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """No call gives up because its time is over."""
    send = HTTPAdapter.send

    def wait(adapter: HTTPAdapter, *arguments: Any, **options: Any) -> Any:
        return send(adapter, *arguments, **{**options, "timeout": None})

    monkeypatch.setattr(HTTPAdapter, "send", wait)


@pytest.fixture
def noon() -> Iterator[None]:
    """It is half past twelve in Beijing: no hour, day or month ends while the test runs."""
    now = datetime.now(ZoneInfo("Asia/Shanghai"))
    with time_machine.travel(now.replace(hour=12, minute=30, second=0)):
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, (lack, find) in NEEDS.items():
        if item.get_closest_marker(marker) and not find():
            pytest.skip(f"{lack}: run the tests with script/test")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        _refuse_skip(report)
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.skipped:
        _refuse_skip(report)


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """With `CI=true`, turn a skip into a failure that says what was missing."""
    if os.environ.get("CI") == "true" and not report.nodeid.startswith(MAY_SKIP):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"With CI=true nothing is skipped. {reason}"
