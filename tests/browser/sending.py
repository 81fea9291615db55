"""Files that are large enough to be in the middle of, a slow line, and what has become of them in the hub."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from playwright.sync_api import BrowserContext, CDPSession, Locator, Page, Request

from tests.browser.conftest import Hub
from tests.hub import PATIENCE_SECONDS, SAMPLE

MIB = 1024 * 1024
UPLOAD = "/admin/platforms/video/upload/"


def make_video(path: Path, mebibytes: int) -> Path:
    """A valid MP4 of that size: the sample, and a `free` box of random bytes behind it."""
    sample = SAMPLE.read_bytes()
    rest = mebibytes * MIB - len(sample)
    block = os.urandom(MIB)
    with path.open("wb") as out:
        out.write(sample + rest.to_bytes(4, "big") + b"free")
        for _ in range(mebibytes):
            out.write(block)
        out.truncate(mebibytes * MIB)
    return path


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stored(hub: Hub) -> list[str]:
    """The sha256 of every video file that the hub keeps."""
    folder = Path(hub.environment["MEDIA_ROOT"]) / "videos"
    return [sha256(path) for path in folder.rglob("*") if path.is_file()]


def landed(hub: Hub) -> int:
    """How many bytes are there of the file that the hub receives."""
    folder = Path(hub.environment["MEDIA_ROOT"]) / "incoming"
    found = [path.stat() for path in folder.glob("*")]
    return max(found, key=lambda file: file.st_mtime).st_size if found else 0


def kill_web(hub: Hub) -> None:
    """kill -9 of the web server with all its processes."""
    master = psutil.Process(hub.processes[0].pid)
    for process in [master, *master.children(recursive=True)]:
        process.kill()
    hub.processes.pop(0).wait()


class Line:
    """What connects a page with the hub, as slow as wanted."""

    def __init__(self, page: Page) -> None:
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._session.send("Network.enable")

    def slow(self, mebibytes_a_second: float) -> None:
        self._set(mebibytes_a_second * MIB)

    def crawl(self) -> None:
        """So slow that nothing arrives whole before the test has done what it is about."""
        self.slow(0.05)

    def fast(self) -> None:
        self._set(-1)

    def _set(self, throughput: float) -> None:
        line = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": throughput}
        self._session.send("Network.emulateNetworkConditions", line)


def row(page: Page, name: str) -> Locator:
    return page.locator(".upload", has_text=name)


def percent(page: Page, name: str) -> int:
    return int(float(row(page, name).locator("progress").evaluate("bar => bar.value")))


def until(condition: Callable[[], object], page: Page) -> None:
    """Wait until something holds, while the page goes on."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, page.locator("#content").inner_text()
        page.wait_for_timeout(40)


class Pieces:
    """The offsets at which a browser's pieces began."""

    def __init__(self, context: BrowserContext) -> None:
        self.offsets: list[int] = []
        context.on("request", self._note)

    def _note(self, request: Request) -> None:
        if request.method == "PATCH":
            self.offsets.append(int(request.headers["upload-offset"]))
