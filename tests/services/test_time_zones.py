"""Times as people write them, in the time zone of an account."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from platforms.models import Account
from platforms.services import accounts, zones


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def account(zone: str) -> Account:
    return Account(name="a", platform="baijiayun", time_zone=zone)


@pytest.mark.parametrize("written", ["2026-12-01T08:00", "2026-12-01 08:00", " 2026-12-01T08:00:00 "])
def test_a_time_is_the_accounts_own(written):
    assert zones.read(written, account("Asia/Shanghai")) == datetime(2026, 12, 1, 0, 0, tzinfo=UTC)
    assert zones.read(written, account("America/New_York")) == datetime(2026, 12, 1, 13, 0, tzinfo=UTC)


@pytest.mark.parametrize("written", ["2026-12-01T08:00+08:00", "2026-12-01T00:00Z", "2026-11-30T19:00-0500"])
def test_an_offset_says_it_for_every_account(written):
    assert zones.read(written, account("Europe/Berlin")) == datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    ["", "tomorrow", "2026-13-01T08:00", "2026-12-01", "01.12.2026 08:00", "2026-12-01T24:10", "0001-01-01T00:00",
     "9999-12-31T23:00", "2026-12-01T08:00+99:00", "２０２６-12-01T08:00"],
)  # fmt: skip
def test_what_is_no_time_is_refused_and_the_form_is_named(written):
    with pytest.raises(zones.BadTime, match="write it like 2026-12-01T08:00"):
        zones.read(written, account("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("zone", "written", "before", "after"),
    [
        ("Europe/Berlin", "2027-03-28T02:30", "2027-03-28 01:59", "2027-03-28 03:00"),
        ("America/New_York", "2027-03-14T02:00", "2027-03-14 01:59", "2027-03-14 03:00"),
        ("Australia/Lord_Howe", "2027-10-03T02:15", "2027-10-03 01:59", "2027-10-03 02:30"),
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-29 23:59", "2011-12-31 00:00"),
    ],
)
def test_a_time_that_clocks_skip_is_refused_and_its_neighbours_are_named(zone, written, before, after):
    with pytest.raises(zones.BadTime) as caught:
        zones.read(written, account(zone))
    assert before in str(caught.value)
    assert after in str(caught.value)
    for neighbour in (before, after):
        assert zones.local(zones.read(neighbour, account(zone)), account(zone)).strftime(zones.FORM) == neighbour


def test_of_a_time_that_comes_twice_the_first_is_meant_unless_an_offset_says_otherwise():
    berlin = account("Europe/Berlin")
    assert zones.read("2027-10-31T02:30", berlin) == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert zones.read("2027-10-31T02:30+01:00", berlin) == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)
    for written, twice in (("2027-10-31T02:30", True), ("2027-10-31T03:30", False), ("2027-03-28T03:30", False)):
        assert zones.comes_twice(zones.read(written, berlin), berlin) == twice


def test_a_time_names_its_zone_where_that_is_not_the_hubs(settings):
    at = datetime(2026, 12, 1, tzinfo=UTC)
    assert zones.text(at, account(settings.TIME_ZONE)) == "2026-12-01 08:00"
    assert zones.text(at, account("Europe/Berlin")) == "2026-12-01 01:00 (Europe/Berlin)"


@pytest.mark.django_db
def test_an_account_has_the_hubs_zone_until_somebody_names_another_that_exists(settings):
    given = {"private_domain": "b1", "partner_id": "1", "partner_key": "k"}
    made, _new = accounts.save_account("bj", "baijiayun", given, {}, actor="test")
    assert made.time_zone == settings.TIME_ZONE
    with pytest.raises(ValidationError, match="is no time zone"):
        accounts.set_time_zone(made, "Asia/Beijing", actor="li")
    accounts.set_time_zone(made, "Asia/Urumqi", actor="li")
    made.refresh_from_db()
    assert made.time_zone == "Asia/Urumqi"
    assert made.events.filter(actor="li").count() == 1
    accounts.set_time_zone(made, "Asia/Urumqi", actor="li")
    assert made.events.filter(actor="li").count() == 1
