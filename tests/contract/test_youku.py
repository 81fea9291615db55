from __future__ import annotations

from typing import Any

import pytest

from platforms.drivers.youku import upload_oss, upload_slices
from platforms.drivers.youku.driver import Youku
from platforms.transport import checkpoints
from platforms.values import State
from sandbox.server import Sandbox
from tests.contract.suite import PlatformContract
from tests.drivers.lent import CONNECTIONS

KIB = 1024


class YoukuContract(PlatformContract):
    driver_class = Youku
    api = "/youku"
    wrong_credentials = {"client_id": "client_id", "access_token": "access_token"}
    refuses_duplicates = True
    rejected = State.BLOCKED

    def prepare(self, box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(checkpoints, "SECONDS_BETWEEN", 0.0)
        monkeypatch.setattr(upload_oss, "SMALLEST_PART", 100 * KIB)
        monkeypatch.setattr(upload_oss, "LARGEST_PART", 100 * KIB)
        monkeypatch.setattr(upload_slices, "SMALLEST_SLICE_KB", 64)
        monkeypatch.setattr(upload_slices, "LARGEST_SLICE_KB", 64)
        monkeypatch.setattr(upload_slices, "FIRST_WAIT", 0.05)
        box.youku.slices.patience, box.youku.slices.lag = 0.5, 0.0

    def expire_tokens(self, box: Sandbox) -> None:
        box.youku.expire_access_tokens()

    def list_of(self, videos: object) -> dict[str, Any]:
        return {"total": 0, "page": 1, "count": 50, "videos": videos}


class TestYoukuOverOss(YoukuContract):
    file_size = 5 * 100 * KIB + 1
    under_way = CONNECTIONS * 100 * KIB


class TestYoukuInSlices(YoukuContract):
    account_options = {"upload_method": "slices"}
    file_size = 5 * 64 * KIB + 1
    under_way = CONNECTIONS * 64 * KIB
