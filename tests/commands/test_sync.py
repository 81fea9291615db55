"""`sync`: one JSON document with the counts of new, updated and missing videos, and exit codes that mean something."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from platforms.models import Publication
from platforms.services.importing import jobs
from tests import hub
from tests.importing.library import account_with, plant
from tests.services.conftest import box

pytestmark = pytest.mark.django_db
__all__ = ["box"]


def run(*arguments: str) -> tuple[int, Any]:
    """Exit code and document."""
    out = StringIO()
    try:
        call_command("sync", *arguments, "--json", stdout=out, stderr=StringIO())
    except SystemExit as end:
        return int(str(end.code)), json.loads(out.getvalue())
    except CommandError as error:
        return error.returncode, json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())


def test_it_prints_the_counts_of_what_it_brought_in(box):
    account, _ids = account_with(box, "baijiayun", "第一课", "第二课")
    assert run(account.name, "--videos") == (0, {"videos": {"created": 2, "updated": 0, "missing": 0}})
    assert run(account.name) == (0, {"videos": {"created": 0, "updated": 0, "missing": 0}})


def test_a_dry_run_says_what_would_change_and_writes_nothing(box):
    account, (remote_id,) = account_with(box, "youku", "第一课")
    code, document = run(account.name, "--videos", "--dry-run")
    assert (code, document["videos"], document["dry_run"]) == (0, {"created": 1, "updated": 0, "missing": 0}, True)
    assert document["examples"]["created"] == [{"remote_id": remote_id, "title": "第一课"}]
    assert not Publication.objects.exists()


def test_videos_are_named_by_their_ids(box):
    account, (first, _second) = account_with(box, "youku", "第一课", "第二课")
    code, document = run(account.name, "--videos", "--id", first)
    assert (code, document["videos"]["created"], document["not_found"]) == (0, 1, [])


def test_an_id_that_the_account_does_not_have_is_told_and_fails(box):
    account, (first,) = account_with(box, "youku", "第一课")
    code, document = run(account.name, "--id", first, "--id", "XNOSUCH")
    assert (code, document["videos"]["created"], document["not_found"]) == (1, 1, ["XNOSUCH"])


def test_an_unknown_account_is_bad_input(box):
    account_with(box, "youku")
    code, document = run("nobody", "--videos")
    assert (code, document["error"]["kind"]) == (2, "BadInput")


def test_an_empty_id_is_bad_input(box):
    account, _ids = account_with(box, "youku")
    assert run(account.name, "--id", " ")[0] == 2


def test_another_import_under_way_is_told(box):
    account, _ids = account_with(box, "youku", "第一课")
    jobs.start(account, actor="wang", dry_run=True)
    code, document = run(account.name, "--videos")
    assert (code, document["error"]["kind"]) == (1, "Busy")
    assert "wang" in document["error"]["message"]


def test_a_platform_that_does_not_answer_fails(box):
    account, _ids = account_with(box, "youku", "第一课")
    plant(box, "youku", "第二课")
    box.block("/youku", hub.LOST, times=100)
    code, document = run(account.name, "--videos")
    assert (code, document["error"]["kind"]) == (1, "Temporary")
