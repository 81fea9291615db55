"""The sandbox behind the platforms' real addresses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.server import Sandbox
from tests.agreement.wire import Wire, wired_sandbox


@pytest.fixture
def wired() -> Iterator[tuple[Sandbox, Wire]]:
    with wired_sandbox() as both:
        yield both


@pytest.fixture
def box(wired: tuple[Sandbox, Wire]) -> Sandbox:
    return wired[0]


@pytest.fixture
def wire(wired: tuple[Sandbox, Wire]) -> Wire:
    return wired[1]
