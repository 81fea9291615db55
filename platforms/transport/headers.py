"""HTTP headers that name numbers and times."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_RETRY_AFTER = 2 * 3600.0


def retry_after(text: str) -> float | None:
    """How many seconds a Retry-After asks to wait, two hours at most; None when it says nothing that can be read."""
    seconds: float | None = digits(text)
    if seconds is None and (until := http_date(text)):
        seconds = (until - datetime.now(UTC)).total_seconds()
    return None if seconds is None else min(max(float(seconds), 0.0), LONGEST_RETRY_AFTER)


def digits(text: str) -> int | None:
    """A number of digits alone; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def http_date(text: str) -> datetime | None:
    """The aware time of a Date or Last-Modified, None when it is none."""
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
