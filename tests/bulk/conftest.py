"""A hub with an ingest folder, a sandbox and an account of each platform."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation

from sandbox.server import Sandbox
from tests import hub
from tests.fetching import fetched
from tests.fetching.conftest import house
from tests.services.conftest import box

__all__ = ["box", "house"]


@pytest.fixture(autouse=True)
def english(settings) -> Iterator[None]:
    """Sentences as their messages have them."""
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def here(box: Sandbox, house: fetched.House) -> fetched.House:
    """The folder, with an account of each platform: yk, iq and bj."""
    for platform in hub.NAMES:
        hub.add_account(box, platform)
    return house
