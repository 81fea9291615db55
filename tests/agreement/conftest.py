"""The sandbox behind the platforms' real addresses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from requests.adapters import HTTPAdapter

from platforms.transport import http
from sandbox.server import Sandbox
from tests.agreement.wire import Wire
from tests.drivers.conftest import PACE


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setattr(http, "WAITS", (0.0, 0.0))
    with Sandbox(pace=PACE) as sandbox:
        yield sandbox
        assert sandbox.errors == []


@pytest.fixture
def wire(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Wire:
    wire = Wire(box)
    monkeypatch.setattr(HTTPAdapter, "send", wire.sender(HTTPAdapter.send))
    return wire
