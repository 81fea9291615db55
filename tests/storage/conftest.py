"""Every storage over real HTTP: a disk, the sandbox's OSS, and a server that speaks S3."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from platforms.services.files import bringing
from platforms.storage import bucket, ranged
from sandbox.server import Sandbox
from tests.services.conftest import attentive, box, gate, small_parts  # noqa: F401
from tests.storage.line import Line
from tests.storage.places import S3, Disk, Moto, Oss, Place, port_of

FAR = ("oss", "s3")


@pytest.fixture(scope="session")
def moto() -> Iterator[Moto]:
    with Moto() as running:
        yield running


@pytest.fixture
def make(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch) -> Iterator[Callable[[str], Place]]:
    """Makes a storage of a kind; what asks again waits less than in earnest."""
    monkeypatch.setattr(ranged, "WAITS", (0.01,) * 5)
    lines: list[Line] = []

    def line_to(url: str) -> Line:
        lines.append(Line(port_of(url)))
        return lines[-1]

    def make(kind: str) -> Place:
        if kind == "disk":
            return Disk(tmp_path / "media")
        if kind == "oss":
            box: Sandbox = request.getfixturevalue("box")
            return Oss(box, line_to(box.url))
        moto: Moto = request.getfixturevalue("moto")
        place = S3(moto, line_to(moto.url))
        place.empty()
        return place

    yield make
    for line in lines:
        line.__exit__()


@pytest.fixture(params=("disk", *FAR))
def place(request, make) -> Place:
    """Each storage."""
    made: Place = make(request.param)
    return made


@pytest.fixture(params=FAR)
def far(request, make) -> Place:
    """Each bucket."""
    made: Place = make(request.param)
    return made


@pytest.fixture
def small_pieces(monkeypatch) -> None:
    """Files of some hundred KiB are brought in parts."""
    monkeypatch.setattr(bucket, "SMALLEST_PART", 100 * 1024)


@pytest.fixture
def hub_in(settings, monkeypatch, tmp_path) -> Callable[[Place], Place]:
    """Makes a storage that of the hub."""

    def use(place: Place) -> Place:
        settings.LANGUAGE_CODE = "en"
        settings.MEDIA_ROOT = str(tmp_path / "media")
        settings.STORAGES = {**settings.STORAGES, "default": place.settings}
        monkeypatch.setattr(bringing, "RENEW_SECONDS", 0.0)
        return place

    return use
