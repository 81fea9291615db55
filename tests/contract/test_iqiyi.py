from __future__ import annotations

from typing import Any

import pytest

from platforms.drivers.iqiyi import upload
from platforms.drivers.iqiyi.driver import Iqiyi
from platforms.transport import checkpoints
from sandbox.server import Sandbox
from tests.contract.suite import PlatformContract
from tests.drivers.lent import CONNECTIONS

KIB = 1024


class TestIqiyi(PlatformContract):
    driver_class = Iqiyi
    api = "/iqiyi"
    file_size = 5 * 16 * KIB + 1
    under_way = CONNECTIONS * 16 * KIB
    wrong_credentials = {"client_id": "client_secret", "client_secret": "client_secret"}
    # Key and secret matter only when there are no tokens yet.
    no_tokens = {"access_token": "", "refresh_token": ""}

    def prepare(self, box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(checkpoints, "SECONDS_BETWEEN", 0.0)
        monkeypatch.setattr(upload, "SMALLEST_PART", 16 * KIB)
        monkeypatch.setattr(upload, "LARGEST_PART", 16 * KIB)

    def expire_tokens(self, box: Sandbox) -> None:
        box.clock.advance(box.iqiyi.token_lifetime + 1)

    def list_of(self, videos: object) -> dict[str, Any]:
        return {"code": "A00000", "count": 0, "data": videos}
