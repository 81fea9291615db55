"""`bulk_publish`: its JSON, its exit codes, and what it leaves alone."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import override

from platforms import tasks
from platforms.models import Account, BulkUpload, Publication, Video, VideoTemplate
from sandbox.server import Sandbox
from tests import hub
from tests.bulk.tables import csv_of, film, good, xlsx_of
from tests.fetching.conftest import house
from tests.fetching.fetched import House

__all__ = ["house"]
pytestmark = pytest.mark.django_db(transaction=True)
KEYS = {"bulk_upload", "state", "rows", "good", "states", "problems", "failed", "notes"}


@pytest.fixture(autouse=True)
def accounts(box: Sandbox, house: House) -> None:
    for platform in hub.NAMES:
        hub.add_account(box, platform)


@pytest.fixture
def table(house: House, tmp_path: Path) -> Path:
    """A good table of two videos."""
    for number in (1, 2):
        house.put(f"{number}.mp4", film(number))
    path = tmp_path / "lessons.csv"
    path.write_bytes(csv_of(*(good(f"{number}.mp4", f"第{number}课") for number in (1, 2))))
    return path


@pytest.fixture
def workers(monkeypatch) -> None:
    """Whoever waits works meanwhile."""

    class Working(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            tasks.run_fetches()
            return self.is_set()

    monkeypatch.setattr("platforms.management.commands.bulk_publish.leaving", lambda: nullcontext(Working()))


def test_a_check_says_what_is_wrong_and_stores_nothing(manage, table):
    assert manage("bulk_publish", str(table), "--check", "--json").document == {
        "bulk_upload": None, "state": None, "rows": 2, "good": 2, "states": {}, "problems": [], "failed": [],
        "notes": [],
    }  # fmt: skip
    assert not BulkUpload.objects.exists()


def test_a_table_is_queued_and_waited_for(manage, table, workers):
    ran = manage("bulk_publish", str(table), "--wait", "--json")
    assert ran.code == 0
    assert ran.document.keys() == KEYS
    assert (ran.document["state"], ran.document["states"]) == ("done", {"done": 2})
    assert BulkUpload.objects.get(pk=ran.document["bulk_upload"]).name == "lessons.csv"
    rows = list(Publication.objects.all())
    hub.work(rows)
    assert [row.state for row in rows] == ["published"] * 6


def test_without_waiting_it_only_queues(manage, table):
    ran = manage("bulk_publish", str(table), "--json")
    assert (ran.code, ran.document["state"], ran.document["states"]) == (0, "running", {"waiting": 2})
    assert not Video.objects.exists()


def test_again_it_skips_what_is_there(manage, table, workers):
    manage("bulk_publish", str(table), "--wait", "--json")
    assert manage("bulk_publish", str(table), "--wait", "--json").document["states"] == {"skipped": 2}
    assert Video.objects.count() == 2


def test_problems_are_bad_input_and_nothing_is_queued(manage, tmp_path, house):
    house.put()
    table = tmp_path / "lessons.xlsx"
    table.write_bytes(xlsx_of(["文件", "标题", "简介", "标签", "账号"], good(), good("gone.mp4", accounts="nobody")))
    ran = manage("bulk_publish", str(table), "--json")
    assert (ran.code, ran.document["bulk_upload"], ran.document["good"]) == (2, None, 1)
    assert [(one["row"], one["column"], one["account"]) for one in ran.document["problems"]] == [
        (3, "file", None), (3, "accounts", None),
    ]  # fmt: skip
    assert "Row 3, Accounts: There is no account “nobody”." in manage("bulk_publish", str(table)).out
    assert not BulkUpload.objects.exists()
    ran = manage("bulk_publish", str(table), "--good-rows", "--json")
    assert (ran.code, ran.document["states"]) == (0, {"waiting": 1, "wrong": 1})


def test_a_folder_goes_to_the_accounts_named_with_their_options(manage, house, workers):
    (house.folder / "unit").mkdir()
    house.put("unit/Lesson 1.mp4")
    ran = manage(
        "bulk_publish", "unit", "--to", "yk", "--tags", "maths", "--option", "public_type=friend", "--wait", "--json"
    )
    assert ran.code == 0
    row = Publication.objects.get()
    assert (row.account.name, row.shown_title, row.options["public_type"]) == ("yk", "Lesson 1", "friend")


def test_a_template_says_where_and_how(manage, house):
    template = VideoTemplate.objects.create(name="Weekly", title="Week {number}", description="About", tags="maths")
    template.targets.create(account=Account.objects.get(name="yk"), options={})
    house.put()
    ran = manage("bulk_publish", ".", "--template", "weekly", "--json")
    assert ran.code == 0
    assert BulkUpload.objects.get().rows.get().title == "Week 1"


def test_a_row_that_fails_is_an_exit_of_1_with_its_reason(manage, table, house, workers):
    (house.folder / "2.mp4").write_bytes(b"words" * 1000)
    ran = manage("bulk_publish", str(table), "--wait", "--json")
    assert (ran.code, ran.document["states"]) == (1, {"done": 1, "failed": 1})
    ((number, file),) = [(one["row"], one["file"]) for one in ran.document["failed"]]
    assert (number, file) == (3, "2.mp4")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere"], "“nowhere” is not there."),
        (["/etc"], "does not lie in the ingest folder"),
        ([".", "--to", "nobody"], "There is no account “nobody”"),
        ([".", "--template", "Monthly"], "There is no template “Monthly”."),
        ([".", "--to", "yk", "--option", "colour=red"], "has an option “colour”"),
    ],
)
def test_what_cannot_be_used_is_bad_input(manage, arguments, told):
    ran = manage("bulk_publish", *arguments, "--json")
    assert (ran.code, ran.problem["kind"]) == (2, "BadInput")
    assert told in ran.problem["message"]


def test_a_table_that_is_not_there_is_not_taken_for_a_folder(manage, tmp_path):
    ran = manage("bulk_publish", str(tmp_path / "lessons.csv"), "--check", "--json")
    assert (ran.code, ran.problem["kind"]) == (2, "BadInput")
    assert "lessons.csv" in ran.problem["message"]
    assert "cannot be read" in ran.problem["message"]


@pytest.mark.parametrize("given", ["nan", "-1", "soon"])
def test_a_wait_that_is_no_number_of_seconds_queues_nothing(manage, table, given):
    with override("en"), pytest.raises(CommandError, match="number of seconds"):
        call_command("bulk_publish", str(table), "--to", "yk", f"--wait={given}")
    assert not BulkUpload.objects.exists()
