"""A sandbox, and settings that point the hub at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.server import Sandbox


@pytest.fixture
def box(settings, tmp_path) -> Iterator[Sandbox]:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    with Sandbox(tmp_path / "sandbox", pace=0.02) as running:
        settings.PLATFORM_ADDRESSES = running.environment()
        yield running
        assert running.errors == []
