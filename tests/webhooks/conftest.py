"""A hub that can be reached over real HTTP, beside the simulated platform that calls back."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pytest
import requests

from platforms.models import Account, Publication
from platforms.services import callbacks, waits
from platforms.services.files import media
from sandbox.server import Sandbox
from tests import hub


@dataclass(frozen=True)
class Site:
    """An account of the hub, one publication of it, and the address that its platform knocks at."""

    box: Sandbox
    account: Account
    publication: Publication
    address: str

    def form(self, **changes: str) -> dict[str, str]:
        """A genuine transcode event; a change to "" leaves the parameter out."""
        now = str(int(time.time()))
        fields = {"video_id": str(self.publication.remote_id), "status": "100", "qid": "q-1", "timestamp": now}
        return signed({name: value for name, value in (fields | changes).items() if value}, self.key)

    @property
    def key(self) -> str:
        return self.box.credentials("baijiayun")["partner_key"]

    def knock(self, form: Mapping[str, str] | None = None, **rest: object) -> requests.Response:
        return requests.post(self.address, data=self.form() if form is None else form, timeout=60, **rest)  # type: ignore[arg-type]


def signed(fields: Mapping[str, str], key: str) -> dict[str, str]:
    """The document's rule, written here anew: sorted, joined, with the key at the end."""
    text = "&".join([*(f"{name}={fields[name]}" for name in sorted(fields)), f"partner_key={key}"])
    return {**fields, "sign": hashlib.md5(text.encode()).hexdigest()}


@pytest.fixture
def box(settings, tmp_path, monkeypatch) -> Iterator[Sandbox]:
    monkeypatch.setattr(waits, "LOOK_SECONDS", (3600.0,) * 20)
    monkeypatch.setattr(media, "probe", hub.probe_once)
    settings.MEDIA_ROOT = str(tmp_path / "media")
    with Sandbox(tmp_path / "sandbox", pace=0.02) as running:
        settings.PLATFORM_ADDRESSES = running.environment()
        yield running
        assert running.errors == []


@pytest.fixture
def site(box, settings, live_server) -> Site:
    """A publication whose next look is an hour away, so that only a callback brings news."""
    settings.PUBLIC_URL = live_server.url
    account = hub.add_account(box, "baijiayun")
    (row,) = hub.publish(hub.add_video(), account)
    hub.work([row], until=["processing"])
    found = callbacks.addresses(account)
    assert found is not None
    return Site(box, account, row, found.transcode)


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    return hub.until
