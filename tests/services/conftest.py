"""A sandbox, settings that point the hub at it, and waits that do not keep a test waiting."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation

from platforms.drivers.baijiayun import upload as baijiayun_upload
from platforms.drivers.iqiyi import upload as iqiyi_upload
from platforms.drivers.youku import upload_oss, upload_slices
from platforms.services import waits
from platforms.services.files import media
from platforms.services.uploads import job
from platforms.transport import checkpoints, http, sender
from sandbox.server import Sandbox
from tests import hub

KIB = 1024


@pytest.fixture
def box(settings, tmp_path, monkeypatch) -> Iterator[Sandbox]:
    monkeypatch.setattr(http, "WAITS", (0.0, 0.0))
    monkeypatch.setattr(upload_oss, "WAITS", (0.0, 0.0))
    monkeypatch.setattr(waits, "LOOK_SECONDS", (0.02,) * 20)
    monkeypatch.setattr(upload_slices, "FIRST_WAIT", 0.02)
    monkeypatch.setattr(media, "probe", hub.probe_once)
    settings.MEDIA_ROOT = str(tmp_path / "media")
    with Sandbox(tmp_path / "sandbox", pace=0.02) as running:
        settings.PLATFORM_ADDRESSES = running.environment()
        yield running
        assert running.errors == []


@pytest.fixture
def english() -> Iterator[None]:
    """The reader reads English."""
    with translation.override("en"):
        yield


@pytest.fixture
def small_parts(monkeypatch) -> None:
    """The sample goes in eight parts, and each is checkpointed."""
    monkeypatch.setattr(checkpoints, "SECONDS_BETWEEN", 0.0)
    monkeypatch.setattr(upload_oss, "SMALLEST_PART", 100 * KIB)
    monkeypatch.setattr(upload_oss, "LARGEST_PART", 100 * KIB)
    monkeypatch.setattr(upload_slices, "SMALLEST_SLICE_KB", 100)
    monkeypatch.setattr(upload_slices, "LARGEST_SLICE_KB", 100)
    monkeypatch.setattr(iqiyi_upload, "SMALLEST_PART", 100 * KIB)
    monkeypatch.setattr(iqiyi_upload, "LARGEST_PART", 100 * KIB)
    monkeypatch.setattr(baijiayun_upload, "SMALLEST_CHUNK", 100 * KIB)
    monkeypatch.setattr(baijiayun_upload, "LARGEST_CHUNK", 100 * KIB)
    monkeypatch.setattr(baijiayun_upload, "LARGEST_WHOLE", 100 * KIB)


@pytest.fixture
def attentive(small_parts, monkeypatch) -> None:
    """Uploads look at their row at every step."""
    monkeypatch.setattr(job, "PROGRESS_SECONDS", 0.0)
    monkeypatch.setattr(sender, "PULSE_SECONDS", 0.02)


@pytest.fixture
def gate(monkeypatch) -> Iterator[hub.Gate]:
    """Lets two reads of the file pass, and is open in the end whatever happens."""
    made = hub.Gate(monkeypatch, after=2)
    yield made
    made.open()
