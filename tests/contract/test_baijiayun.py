from __future__ import annotations

from typing import Any, ClassVar

import pytest

from platforms.drivers.baijiayun import upload
from platforms.drivers.baijiayun.driver import Baijiayun
from platforms.transport import checkpoints
from sandbox.server import Sandbox
from tests.contract.suite import PlatformContract

KIB = 1024


class BaijiayunContract(PlatformContract):
    driver_class = Baijiayun
    api = "/baijiayun"
    draft = {"options": {"definition": "16,1"}}
    wrong_credentials = {"partner_id": "partner_key", "private_domain": "partner_key"}
    # The document gives refusals no codes: only words say what is wrong.
    banned_field = ""
    largest_whole: ClassVar[int]

    def prepare(self, box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(checkpoints, "SECONDS_BETWEEN", 0.0)
        monkeypatch.setattr(upload, "SMALLEST_CHUNK", 16 * KIB)
        monkeypatch.setattr(upload, "LARGEST_CHUNK", 16 * KIB)
        monkeypatch.setattr(upload, "LARGEST_WHOLE", self.largest_whole)

    def list_of(self, videos: object) -> dict[str, Any]:
        return {"code": 0, "data": {"total": 0, "page": 1, "page_size": 1000, "list": videos}, "msg": ""}


class TestBaijiayunInChunks(BaijiayunContract):
    largest_whole = 16 * KIB
    file_size = 5 * 16 * KIB + 1
    under_way = 16 * KIB


class TestBaijiayunWhole(BaijiayunContract):
    largest_whole = file_size = 5 * 16 * KIB + 1
    under_way = file_size
    # A whole file has no middle: it is created, then it is there.
    fewest_calls = 3
    fewest_checkpoints = 2
    cancel_after = None
