"""Pages in English, whatever the catalogue holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from platforms.services.files import media
from tests.hub import probe_once
from tests.services.conftest import box

__all__ = ["box"]


@pytest.fixture(autouse=True)
def english(settings) -> None:
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def intake(settings, tmp_path: Path, monkeypatch) -> Path:
    """The folder where files of forms are kept; the media library looks once at the same bytes."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    monkeypatch.setattr(media, "probe", probe_once)
    return tmp_path / "media" / media.KEPT_FOLDER
