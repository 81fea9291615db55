"""A sandbox, and media in a folder of the test's own."""

from __future__ import annotations

from tests.services.conftest import box, english

__all__ = ["box", "english"]
