"""Reading a platform's answers: numbers and times in every form they arrive in, and bodies of the wrong shape."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from platforms.transport.http import Answer

BEIJING = timezone(timedelta(hours=8), "Beijing")
MILLISECONDS_FROM = 100_000_000_000  # as seconds this is the year 5138, as milliseconds 1973
UNPADDED = "%Y-%m-%d %H:%M:%S"  # also reads "2011-7-5 9:00:42", which is no ISO 8601


def as_int(value: object) -> int | None:
    """A whole number from `7`, `"7"`, `7.0` or `"7.0"`; None for anything else."""
    number = as_float(value)
    if number is None:
        return None
    # An integer in digits is read as such: a float would lose the last ones of a long id.
    text = str(value).strip()
    return int(text) if text.lstrip("+-").isdecimal() else int(number) if number == int(number) else None


def as_float(value: object) -> float | None:
    """A finite number from `7`, `"7"` or `"2675.36"`; None for anything else, also for true and false."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def as_text(value: object) -> str:
    """The text of a string or number; "" for null, lists and objects."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def as_flag(value: object) -> bool:
    """True for `true`, `1`, `"1"`, `"true"` and `"yes"`."""
    return value is True or as_text(value).strip().lower() in ("1", "true", "yes")


def as_list(value: object) -> list[Any]:
    """The list itself; an empty one for anything else."""
    return value if isinstance(value, list) else []


def as_object(value: object) -> dict[str, Any]:
    """The object itself; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def beijing_time(value: object) -> datetime | None:
    """Aware UTC from unix seconds (or milliseconds) or "2011-07-15 09:00:42" in Beijing time.

    A text that names its own zone ("2019-01-07T13:03:04Z") keeps it. None for anything else, also for 0 and "".
    """
    return _moment(value, BEIJING)


def utc_time(value: object) -> datetime | None:
    """Aware UTC from unix seconds or "2019-01-07T13:03:04Z"; a text without a zone is taken as UTC."""
    return _moment(value, UTC)


def _moment(value: object, zone: timezone) -> datetime | None:
    seconds = as_float(value)
    try:
        if seconds is not None:
            seconds = seconds / 1000 if seconds >= MILLISECONDS_FROM else seconds
            return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
        return _written(as_text(value).strip(), zone)
    except (ValueError, OverflowError, OSError):
        return None


def _written(text: str, zone: timezone) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = datetime.strptime(text, UNPADDED).replace(tzinfo=zone)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one answer. The getters named after a type raise `BadAnswer` when a needed field is not there.

    Optional fields are read from `body` with the functions above.
    """

    answer: Answer
    body: Mapping[str, Any]

    @classmethod
    def of(cls, answer: Answer) -> Fields:
        """The fields of a JSON object; raises `BadAnswer` (`Temporary` for a server fault) for any other body."""
        body = answer.json()
        if not isinstance(body, dict):
            raise answer.unreadable()
        return cls(answer, body)

    def text(self, name: str) -> str:
        """A text that is not empty."""
        text = as_text(self.body.get(name)).strip()
        if not text:
            raise self.answer.unreadable()
        return text

    def number(self, name: str) -> int:
        """A whole number, zero or more."""
        number = as_int(self.body.get(name))
        if number is None or number < 0:
            raise self.answer.unreadable()
        return number

    def inner(self, name: str) -> Fields:
        """An object inside the answer."""
        if not isinstance(inner := self.body.get(name), dict):
            raise self.answer.unreadable()
        return Fields(self.answer, inner)

    def each(self, name: str) -> Iterable[Fields]:
        """The objects of a list, which must be there; what is in it and no object is left out.

        An empty one may come as null, {} or "", as programs in PHP and Java write it.
        """
        entries = self.body.get(name)
        if entries in ({}, "") or (entries is None and name in self.body):
            return []
        if not isinstance(entries, list):
            raise self.answer.unreadable()
        return [Fields(self.answer, entry) for entry in entries if isinstance(entry, dict)]
