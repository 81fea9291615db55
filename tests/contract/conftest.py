"""A sandbox of each test's own; `PlatformContract` has its own way to get one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from platforms.transport import http
from sandbox.server import Sandbox


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setattr(http, "WAITS", (0.0, 0.0))
    with Sandbox(pace=0) as box:
        yield box
        assert box.errors == []
