"""What is certain before a call is sent, said at the parameter concerned."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from platforms.errors import Refused
from platforms.transport.answers import BEIJING
from platforms.transport.limits import check_days, check_number, check_one_day, check_page


def beijing(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=BEIJING)


def utc(day: int, hour: int) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


REFUSED: list[tuple[Callable[[], None], str]] = [
    (lambda: check_number("c", "expires_in", -1, 0), "expires_in"),
    (lambda: check_number("c", "status", 3, 1, 2), "status"),
    (lambda: check_page("c", 0, 20, 100), "page"),
    (lambda: check_page("c", 1, 0, 100), "page_size"),
    (lambda: check_page("c", 1, 101, 100), "page_size"),
    (lambda: check_page("c", 1, 0), "page_size"),
    (lambda: check_days("c", date(2026, 11, 2), date(2026, 11, 1)), "end_date"),
    (lambda: check_days("c", date(2026, 10, 31), date(2026, 11, 1), same_month=True), "end_date"),
    (lambda: check_days("c", date(2025, 11, 1), date(2026, 11, 1), same_month=True), "end_date"),
    (lambda: check_one_day("c", beijing(2, 9), beijing(2, 8)), "end_time"),
    (lambda: check_one_day("c", beijing(2, 23, 59), beijing(3, 0)), "end_time"),
    # One day in UTC, two in Beijing.
    (
        lambda: check_one_day("c", datetime(2026, 11, 2, 15, tzinfo=UTC), datetime(2026, 11, 2, 16, tzinfo=UTC)),
        "end_time",
    ),
]


@pytest.mark.parametrize(("check", "field"), REFUSED)
def test_it_names_the_parameter_and_the_call(check: Callable[[], None], field: str) -> None:
    with pytest.raises(Refused) as caught:
        check()
    assert (caught.value.field, caught.value.call, caught.value.maybe_done) == (field, "c", False)
    assert field in caught.value.sentence.text % caught.value.sentence.params


def test_the_limits_themselves_are_allowed() -> None:
    check_number("c", "expires_in", 0, 0)
    check_page("c", 1, 100, 100)
    check_page("c", 10**9, 10**9)
    check_days("c", date(2026, 11, 1), date(2026, 11, 30), same_month=True)
    check_days("c", date(2026, 11, 1), date(2026, 11, 1))
    check_days("c", date(2020, 1, 1), date(2026, 11, 1))
    check_one_day("c", beijing(2, 0), beijing(2, 23, 59))
    # Two days in UTC, one in Beijing.
    check_one_day("c", utc(1, 16), utc(2, 15))
