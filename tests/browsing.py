"""A real Chromium for tests: as patient as a busy machine needs, and pages without motion."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.signals import request_finished, request_started
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from tests.hub import PATIENCE_SECONDS, until

PATIENCE = 1000 * PATIENCE_SECONDS  # as Playwright counts
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip
expect.set_options(timeout=PATIENCE)


@contextmanager
def running(chromium: str, *flags: str) -> Iterator[Browser]:
    """A Chromium, closed in the end, as are the connections of the database that were made beside it.

    Playwright runs an event loop in the calling thread. Django keeps connections that are made beside one apart from
    the thread's others, and nobody else can close them once the loop has ended.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS, *flags], timeout=PATIENCE)
        try:
            yield browser
        finally:
            connections.close_all()
            browser.close()


def new_context(browser: Browser, **options: Any) -> BrowserContext:
    """The browser of one person, who does not want things to move."""
    context = browser.new_context(reduced_motion="reduce", **options)
    context.set_default_timeout(PATIENCE)
    return context


@contextmanager
def signed_in(chromium: str, live_server: Any, client: Any, *flags: str, **options: Any) -> Iterator[Page]:
    """A tab, in English, of whoever is signed in at `client`; in the end the server has answered all that was asked.

    Its threads would otherwise read tables that the next test's database is emptied of.
    """
    with answered(), running(chromium, *flags) as browser:
        context = new_context(browser, base_url=live_server.url, locale="en-US", **options)
        session = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        yield context.new_page()


@contextmanager
def answered() -> Iterator[None]:
    """Leave once every request that began meanwhile has its answer."""
    began: list[object] = []
    ended: list[object] = []

    def begin(sender: object, **_: object) -> None:
        began.append(sender)

    def end(sender: object, **_: object) -> None:
        ended.append(sender)

    request_started.connect(begin)
    request_finished.connect(end)
    try:
        yield
        until(lambda: len(ended) >= len(began))
    finally:
        request_started.disconnect(begin)
        request_finished.disconnect(end)


def follow(link: Locator) -> None:
    """Press what leads to another page, and wait until that page is there and its scripts have begun.

    Without the wait the next step may meet the page that is about to go.
    """
    with link.page.expect_navigation():
        link.click()
