"""A platform may say when to come again: a call waits for seconds, whoever made it for longer."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace

import pytest

from platforms.transport import http
from platforms.transport.headers import LONGEST_RETRY_AFTER, retry_after
from sandbox.server import Answer, Sandbox


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("120", 120), ("99999999", LONGEST_RETRY_AFTER), ("", None), ("soon", None), ("-5", None)],
)
def test_seconds_are_read(text: str, seconds: float | None) -> None:
    assert retry_after(text) == seconds


def test_a_time_is_read_as_the_seconds_until_then() -> None:
    assert (retry_after(format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)) or 0) > 3000
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0


@pytest.mark.parametrize(("asked", "waits"), [("", [0.3]), ("2", [2.0]), ("3", [])])
def test_a_call_waits_for_seconds_only(asked: str, waits: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(http, "time", SimpleNamespace(monotonic=time.monotonic, sleep=waited.append))
    with Sandbox() as box:
        box.block("/youku/videos", Answer(503, b"", headers={"Retry-After": asked} if asked else {}))
        answer = http.Http().call("show_video", "GET", f"{box.url}/youku/videos/show.json", safe=True)
    assert waited == waits
    assert answer.status == (400 if waits else 503)
