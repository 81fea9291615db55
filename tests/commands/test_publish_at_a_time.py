"""`publish --at` and `--block-at`, and the time zone of `account_add`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from platforms.models import BLOCK_AT, Account, Operation, Publication
from platforms.values import State
from tests import hub

pytestmark = pytest.mark.django_db

FILE = str(hub.SAMPLE)
TITLE = ("--title", "第一课", "--description", "认识分数", "--tags", "数学,三年级")


@pytest.fixture(autouse=True)
def before_the_times() -> Iterator[None]:
    """It is the end of 2026: the times of these tests are to come."""
    with time_machine.travel(datetime(2026, 11, 30, 4, 30, tzinfo=UTC)):
        yield


@pytest.fixture
def accounts(box) -> None:
    for platform in ("youku", "baijiayun"):
        hub.add_account(box, platform)


def tomorrow(zone_offset: int = 0) -> str:
    return (timezone.now() + timedelta(days=1, hours=zone_offset)).strftime("%Y-%m-%dT%H:%M")


def test_each_account_publishes_at_the_time_on_its_own_clocks(box, manage, accounts):
    Account.objects.filter(name="yk").update(time_zone="America/New_York")
    ran = manage("publish", FILE, "--to", "yk", "--to", "bj", *TITLE, "--at", "2027-06-01T08:00", "--json")
    assert ran.code == 0
    rows = {row.account.name: row for row in Publication.objects.select_related("account")}
    assert rows["yk"].upload_from == datetime(2027, 6, 1, 12, 0, tzinfo=UTC)
    assert (rows["bj"].publish_at, rows["bj"].upload_from) == (datetime(2027, 6, 1, 0, 0, tzinfo=UTC), None)
    assert "2027-06-01 08:00 (America/New_York)" in manage("publications").out


def test_an_offset_is_one_moment_for_all(box, manage, accounts):
    Account.objects.filter(name="yk").update(time_zone="America/New_York")
    manage("publish", FILE, "--to", "yk", "--to", "bj", *TITLE, "--at", "2027-06-01T08:00+08:00", "--json")
    assert set(Publication.objects.values_list("publish_at", flat=True)) == {datetime(2027, 6, 1, tzinfo=UTC)}


def test_now_uploads_here_what_its_platform_can_keep_blocked(box, manage, accounts):
    ran = manage("publish", FILE, "--to", "bj", *TITLE, "--at", tomorrow(8), "--block-at", "2028-01-01 00:00", "--now")
    assert ran.code == 0
    row = Publication.objects.get()
    assert row.uploaded_at
    assert Operation.objects.get(kind=BLOCK_AT).planned_at == datetime(2027, 12, 31, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--to", "yk", "--at", "2027-06-01T08:00", "--now"), "yk"),
        (("--to", "bj", "--at", "2027-06-01T08:00", "--wait"), "--wait"),
        (("--to", "bj", "--at", "2020-06-01T08:00"), "publish_at"),
        (("--to", "bj", "--at", "2099-06-01T08:00"), "publish_at"),
        (("--to", "bj", "--at", "soon"), "2026-12-01T08:00"),
        (("--to", "yk", "--block-at", "2027-06-01T08:00"), "yk: block_at"),
        (("--to", "bj", "--at", "2027-06-02T08:00", "--block-at", "2027-06-01T08:00"), "2027-06-01 08:00"),
    ],
)
def test_a_time_that_cannot_be_is_bad_input_and_publishes_nothing(box, manage, accounts, arguments, said):
    ran = manage("publish", FILE, *TITLE, *arguments, "--json")
    assert ran.code == 2
    assert said in ran.document["error"]["message"]
    assert not Publication.objects.exists()
    assert len(box.requests) == 0


def test_a_time_that_comes_twice_is_told(box, manage, accounts):
    Account.objects.update(time_zone="Europe/Berlin")
    ran = manage("publish", FILE, "--to", "bj", *TITLE, "--at", "2027-10-31T02:30", "--json")
    assert "UTC+0200" in ran.err
    assert Publication.objects.get().publish_at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_upload_does_not_begin_before_the_time_and_says_when(box, manage, accounts):
    manage("publish", FILE, "--to", "yk", *TITLE, "--at", "2027-06-01T08:00", "--json")
    row = Publication.objects.get()
    ran = manage("upload", str(row.pk), "--json")
    assert ran.code == 2
    assert "2027-06-01 08:00" in ran.document["error"]["message"]
    row.refresh_from_db()
    assert row.state == State.QUEUED


def test_an_account_is_added_with_its_time_zone_or_not_at_all(box, manage, tmp_path):
    file = tmp_path / "bj.json"
    file.write_text(json.dumps(box.credentials("baijiayun")))
    given = ("account_add", "lab", "--platform", "baijiayun", "--credentials-file", str(file), "--json")
    refused = manage(*given, "--time-zone", "Mars/Olympus")
    assert refused.code == 2
    assert "Mars/Olympus" in refused.document["error"]["message"]
    assert not Account.objects.exists()
    assert manage(*given, "--time-zone", "Asia/Urumqi").code == 0
    assert Account.objects.get().time_zone == "Asia/Urumqi"
    assert manage(*given).code == 0
    assert Account.objects.get().time_zone == "Asia/Urumqi"
