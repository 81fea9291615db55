from __future__ import annotations

from tests.services.conftest import box

__all__ = ["box"]
