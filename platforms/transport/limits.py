"""Limits that the documents state and that are certain before a call is sent."""

from __future__ import annotations

from datetime import date, datetime

from platforms.errors import Refused
from platforms.transport.answers import BEIJING
from platforms.values import gettext_noop, say

OUT_OF_BOUNDS = gettext_noop("“%(name)s” must be from %(least)s to %(most)s, not %(value)s.")
TOO_SMALL = gettext_noop("“%(name)s” must be at least %(least)s, not %(value)s.")
BACKWARDS = gettext_noop("“%(name)s” lies before “%(first)s”.")
TWO_MONTHS = gettext_noop("“%(first)s” and “%(name)s” must lie in the same month.")
TWO_DAYS = gettext_noop("“%(first)s” and “%(name)s” must lie on the same day, in Beijing time.")


def check_number(call: str, name: str, value: int, least: int, most: int | None = None) -> None:
    """Raise `Refused` at the parameter unless `value` is from `least` to `most`."""
    if most is None and value < least:
        raise Refused(say(TOO_SMALL, name=name, least=least, value=value), field=name, call=call)
    if most is not None and not least <= value <= most:
        raise Refused(say(OUT_OF_BOUNDS, name=name, least=least, most=most, value=value), field=name, call=call)


def check_page(call: str, page: int, page_size: int, most: int | None = None) -> None:
    """Raise `Refused` for a page before the first one, and for one of none or more than `most` entries."""
    check_number(call, "page", page, 1)
    check_number(call, "page_size", page_size, 1, most)


def check_days(call: str, start_date: date, end_date: date, *, same_month: bool = False) -> None:
    """Raise `Refused` at `end_date` when it lies before `start_date`, or in another month although it must not."""
    if end_date < start_date:
        raise _refusal(call, BACKWARDS, "start_date", "end_date")
    if same_month and (start_date.year, start_date.month) != (end_date.year, end_date.month):
        raise _refusal(call, TWO_MONTHS, "start_date", "end_date")


def check_one_day(call: str, start_time: datetime, end_time: datetime) -> None:
    """Raise `Refused` at `end_time` when it lies before `start_time`, or on another day in Beijing. Times are aware."""
    if end_time < start_time:
        raise _refusal(call, BACKWARDS, "start_time", "end_time")
    if start_time.astimezone(BEIJING).date() != end_time.astimezone(BEIJING).date():
        raise _refusal(call, TWO_DAYS, "start_time", "end_time")


def _refusal(call: str, text: str, first: str, name: str) -> Refused:
    return Refused(say(text, first=first, name=name), field=name, call=call)
