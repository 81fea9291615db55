"""The simulated platforms that driver tests talk to over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.server import Sandbox

PACE = 100.0  # seconds a video stays in each state: it moves on only when a test advances the clock


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """A sandbox of this test alone, which must not have made a mistake of its own."""
    with Sandbox(pace=PACE) as sandbox:
        yield sandbox
        assert sandbox.errors == []
