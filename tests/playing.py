"""A browser that is driven by a test which uses the database itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections
from playwright.sync_api import Playwright, sync_playwright


@contextmanager
def playwright_beside_rows() -> Iterator[Playwright]:
    """Playwright, and in the end no database connection of its block is left open.

    Playwright runs an event loop in the calling thread. Django keeps connections that are made beside one apart from
    the thread's others, and nobody else can close them once the loop has ended.
    """
    with sync_playwright() as playwright:
        try:
            yield playwright
        finally:
            connections.close_all()
