"""A hub with an ingest folder and an in-house web server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from platforms.services.fetching import keeper, wire
from platforms.services.files import media
from tests import hub
from tests.fetching import fetched


@pytest.fixture(autouse=True)
def english(settings) -> Iterator[None]:
    """Sentences as their messages have them."""
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def endless_patience(monkeypatch) -> None:
    """Whoever waits for a server waits until something else ends it."""
    for name in ("CONNECT_SECONDS", "READ_SECONDS", "ANSWER_SECONDS"):
        monkeypatch.setattr(wire, name, 24 * 3600.0)


@pytest.fixture
def house(settings, tmp_path: Path, monkeypatch) -> fetched.House:
    """The hub may ask this machine, and takes files of `house.folder`."""
    folder = tmp_path / "ingest"
    folder.mkdir()
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.INGEST_ROOT = str(folder)
    settings.INGEST_ALLOW_NETWORKS = fetched.THIS_MACHINE
    settings.INTAKE_RESERVE = 0
    monkeypatch.setattr(media, "probe", hub.probe_once)
    monkeypatch.setattr(keeper, "BEAT_SECONDS", 0.05)
    return fetched.House(folder)
