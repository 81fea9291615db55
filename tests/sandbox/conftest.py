"""A sandbox for each test, and a check that it made no mistake of its own."""

from collections.abc import Iterator

import pytest

from sandbox.server import Sandbox
from tests.sandbox.youku_client import YoukuClient


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """Videos are through all their states at once."""
    with Sandbox(pace=0) as sandbox:
        yield sandbox
        assert sandbox.errors == []


@pytest.fixture
def slow_box() -> Iterator[Sandbox]:
    """Videos stay 100 seconds in each state: tests move the clock."""
    with Sandbox(pace=100) as sandbox:
        yield sandbox
        assert sandbox.errors == []


@pytest.fixture
def youku(box: Sandbox) -> YoukuClient:
    return YoukuClient(box)
