"""`publish`, `upload`, `publications`, `poll`, `pause`, `resume`, `cancel`, `remove`: their JSON and exit codes."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone
from django.utils.translation import override

from platforms.models import Publication, Pulse, Video
from platforms.services import uploading
from platforms.services.accounts import save_account
from platforms.services.files import media
from platforms.services.uploads import claims
from platforms.values import State
from sandbox.server import Answer, Sandbox
from tests import hub

pytestmark = pytest.mark.django_db

WORDS = ("--title", "第一课", "--description", "认识分数", "--tags", "数学,三年级")
FILE = str(hub.SAMPLE)
KEYS = {
    "id": int, "video": int, "account": str, "platform": str, "state": str, "remote_id": str, "bytes_total": int,
    "bytes_sent": int, "percent": int, "attempts": int, "upload_seconds": float, "error": type(None), "links": dict,
}  # fmt: skip


@pytest.fixture
def accounts(box: Sandbox) -> list[str]:
    return [hub.add_account(box, platform).name for platform in ("youku", "iqiyi", "baijiayun")]


def to(*names: str) -> list[str]:
    return [argument for name in names for argument in ("--to", name)]


def queued(manage) -> int:
    """The id of a publication that waits on the account yk."""
    pk: int = manage("publish", FILE, *to("yk"), *WORDS, "--json").document["publications"][0]["id"]
    return pk


def test_one_command_publishes_everywhere_and_says_so(box, manage, accounts):
    ran = manage("publish", FILE, *to(*accounts), *WORDS, "--now", "--wait", "--json")
    assert ran.code == 0
    assert ran.document.keys() == {"video", "publications"}
    video, rows = ran.document["video"], ran.document["publications"]
    assert video["md5"] == hashlib.md5(hub.SAMPLE.read_bytes()).hexdigest()
    assert {row["account"] for row in rows} == {"yk", "iq", "bj"}
    for row in rows:
        assert {name: type(value) for name, value in row.items()} == KEYS
        assert (row["state"], row["percent"], row["attempts"], row["error"]) == ("published", 100, 1, None)
        assert row["bytes_sent"] == row["bytes_total"] == hub.SAMPLE.stat().st_size
        assert row["upload_seconds"] > 0
        assert row["links"].keys() == {"page", "embed"}
        assert row["video"] == video["id"]
    assert {each["md5"] for each in box.videos()} == {video["md5"]}
    assert "yk" in ran.err, "progress is for whoever watches"


def test_without_now_and_wait_it_only_queues(box, manage, accounts):
    ran = manage("publish", FILE, *to("yk"), *WORDS, "--json")
    assert ran.code == 0
    (row,) = ran.document["publications"]
    assert (row["state"], row["remote_id"], row["percent"], row["links"]) == ("queued", None, 0, {})
    assert len(box.requests) == 0


def test_a_name_given_twice_is_one_account(manage, accounts):
    assert len(manage("publish", FILE, *to("yk", "yk"), *WORDS, "--json").document["publications"]) == 1


def test_now_waits_for_a_worker_that_was_faster(box, manage, accounts, monkeypatch):
    run_here = uploading.run_here

    def a_worker_is_faster(row, leave):
        if not Publication.objects.exclude(state=State.QUEUED).exists():
            assert claims.claim_next() is not None
            Publication.objects.update(lease_until=timezone.now())
            return False
        return run_here(row, leave)

    monkeypatch.setattr(uploading, "run_here", a_worker_is_faster)
    ran = manage("publish", FILE, *to("yk"), *WORDS, "--now", "--json")
    assert ran.code == 0
    (row,) = ran.document["publications"]
    assert (row["state"], row["attempts"]) in (("processing", 2), ("published", 2))


def test_wait_gives_up_after_its_seconds_and_tells_how_far_it_came(box, manage, accounts):
    ran = manage("publish", FILE, *to("yk"), *WORDS, "--wait", "0", "--json")
    assert ran.code == 1
    assert ran.document["publications"][0]["state"] == "queued"


def test_whoever_waits_while_no_worker_runs_is_told_what_to_start(manage, accounts):
    assert "Start one: script/worker" in manage("publish", FILE, *to("yk"), *WORDS, "--wait", "0").err
    for queue in settings.QUEUES:
        Pulse.objects.create(host="a", queue=queue, answered_at=timezone.now())
    assert "script/worker" not in manage("publish", FILE, *to("yk"), *WORDS, "--wait", "0").err


def test_wait_ends_when_an_account_needs_a_person(box, manage):
    wrong = box.credentials("youku") | {"access_token": "wrong-access", "refresh_token": "wrong-refresh"}
    save_account("yk", "youku", wrong, {}, actor="test")
    ran = manage("publish", FILE, *to("yk"), *WORDS, "--now", "--wait", "--json")
    (row,) = ran.document["publications"]
    assert (ran.code, row["state"], row["error"]["kind"]) == (1, "queued", "LoginExpired")


def test_a_refusal_in_review_is_an_exit_of_1_with_the_reason(box, manage, accounts):
    words = ("--title", "[reject] 第一课", *WORDS[2:])
    ran = manage("publish", FILE, *to("iq"), *words, "--now", "--wait", "--json")
    assert ran.code == 1
    (row,) = ran.document["publications"]
    assert (row["state"], row["error"]["kind"]) == ("rejected", "Refused")
    assert row["error"].keys() == {"kind", "code", "message"}
    assert row["error"]["message"]


def test_a_platform_that_refuses_the_upload_is_an_exit_of_1_with_its_code(box, manage, accounts):
    ran = manage("publish", FILE, *to("yk"), "--title", "[banned]", "--tags", "数学", "--now", "--json")
    assert ran.code == 1
    (row,) = ran.document["publications"]
    assert (row["state"], row["error"]["code"]) == ("failed", "120010104")


def test_a_platform_that_is_down_leaves_the_publication_waiting(box, manage, accounts):
    box.block("/youku/", Answer(502, b"<html>"))
    ran = manage("publish", FILE, *to("yk"), *WORDS, "--now", "--json")
    assert ran.code == 1
    (row,) = ran.document["publications"]
    assert (row["state"], row["error"]["kind"]) == ("queued", "Temporary")


@pytest.mark.parametrize("kind", ["missing", "empty", "text", "folder"])
def test_every_problem_is_told_at_once_and_nothing_is_created(box, manage, accounts, tmp_path, kind):
    file = tmp_path / "课.mp4"
    if kind == "folder":
        file.mkdir()
    elif kind != "missing":
        file.write_bytes(b"" if kind == "empty" else b"words" * 1000)
    arguments = ("publish", str(file), *to(*accounts), "--title", "长" * 61, "--option", "definition=")
    ran = manage(*arguments, "--json")
    assert ran.code == 2
    assert ran.problem["kind"] == "BadInput"
    lines = manage(*arguments).err.splitlines()
    assert lines[0].startswith("file: ")
    assert {tuple(line.split(": ")[:2]) for line in lines[1:]} == {
        ("yk", "title"), ("yk", "tags"), ("iq", "description"), ("bj", "definition"),
    }  # fmt: skip
    assert not Video.objects.exists()
    assert not Publication.objects.exists()
    assert not list(Path(media.kept_folder()).iterdir())
    assert len(box.requests) == 0


def test_a_title_that_the_hub_cannot_keep_is_told_with_the_rest(manage, accounts):
    ran = manage("publish", FILE, *to("iq"), "--title", "长" * 201, "--description", "说明")
    assert ran.code == 2
    assert ran.err.startswith("title: ")
    assert not list(Path(media.kept_folder()).iterdir())


def test_options_go_to_the_platforms_that_have_them(manage, accounts):
    ran = manage("publish", FILE, *to("yk", "bj"), *WORDS, "--option", "public_type=friend", "--json")
    assert ran.code == 0
    assert {row.account.name: row.options.get("public_type") for row in Publication.objects.all()} == {
        "yk": "friend", "bj": None,
    }  # fmt: skip
    assert Publication.objects.get(account__name="bj").options["definition"]


@pytest.mark.parametrize(
    ("arguments", "english", "both"),
    [
        (("--option", "colour=red"), "None of these platforms has an option “colour”", "public_type"),
        (("--category", "no such"), "yk has no category “no such”", "yk"),
        (("--option", "broken"), "“broken” is not of the form NAME=VALUE.", "broken"),
        (("--to", "nobody"), "There is no account “nobody”", "bj, iq, yk"),
        (("--option", "public_type=secret"), "Youku has no such choice", "secret"),
    ],
)
def test_what_does_not_exist_is_named_in_both_languages(manage, accounts, arguments, english, both):
    ran = manage("publish", FILE, *to("yk"), *WORDS, *arguments, "--json")
    assert ran.code == 2
    assert english in ran.problem["message"]
    chinese = manage("publish", FILE, *to("yk"), *WORDS, *arguments, "--json", language="zh-hans").problem["message"]
    assert both in chinese
    assert not Video.objects.exists()


def test_a_category_is_understood_by_name_where_a_platform_has_it(manage, accounts):
    assert manage("publish", FILE, *to("yk", "bj"), *WORDS, "--category", "Education", "--json").code == 0
    assert {row.account.name: row.category for row in Publication.objects.all()} == {"yk": "教育", "bj": ""}


def test_upload_starts_one_publication_here_and_answers_it(box, manage, accounts):
    ran = manage("upload", str(queued(manage)), "--json")
    assert ran.code == 0
    assert (ran.document["state"], ran.document["percent"]) == ("processing", 100)
    again = manage("upload", str(ran.document["id"]), "--json")
    assert again.code == 2
    assert again.problem["kind"] == "BadInput"


def test_upload_goes_on_with_what_failed_or_was_paused(box, manage, accounts):
    pk = queued(manage)
    assert manage("pause", str(pk), "--json").document["state"] == "paused"
    assert manage("upload", str(pk), "--json").document["state"] == "processing"


def test_upload_of_a_file_that_is_gone_is_bad_input(manage, accounts):
    pk = queued(manage)
    manage("cancel", str(pk))
    Path(Video.objects.get().source.path).unlink()
    ran = manage("upload", str(pk), "--json")
    assert ran.code == 2
    assert ran.problem["message"] == "The hub no longer has the file."


def test_a_fault_of_our_own_still_ends_in_one_document(manage, accounts, monkeypatch):
    pk = queued(manage)

    def fault(row, leave):
        raise RuntimeError("a bug")

    monkeypatch.setattr(uploading, "run_here", fault)
    out = io.StringIO()
    with pytest.raises(RuntimeError):
        call_command("upload", str(pk), "--json", stdout=out)
    assert json.loads(out.getvalue())["error"]["kind"] == "Internal"


def test_publications_are_listed_and_filtered(box, manage, accounts):
    manage("publish", FILE, *to(*accounts), *WORDS)
    assert len(manage("publications", "--json").document) == 3
    (row,) = manage("publications", "--account", "iq", "--state", "queued", "--json").document
    assert row.keys() == KEYS.keys()
    assert manage("publications", "--state", "published", "--json").document == []
    assert manage("publications", "--state", "published").out == ""
    assert "第一课" in manage("publications", "--account", "iq").out
    assert manage("publications", "--account", "nobody", "--json").code == 2


def test_poll_makes_one_pass_and_counts(box, manage, accounts):
    manage("publish", FILE, *to("yk"), *WORDS, "--now")
    hub.until(lambda: Publication.objects.filter(next_run_at__lte=timezone.now()).exists())
    box.requests.clear()
    ran = manage("poll", "--json")
    assert ran.document.keys() == {"polled", "calls", "changed"}
    assert ran.document["polled"] == 1
    assert ran.document["calls"] == len(box.requests) == 1
    assert manage("poll", "--account", "iq", "--all", "--json").document == {"polled": 0, "calls": 0, "changed": 0}
    assert manage("poll", "--account", "nobody", "--json").code == 2


def test_a_poll_that_a_platform_fails_exits_with_1_and_says_why_on_stderr(box, manage, accounts):
    manage("publish", FILE, *to("yk"), *WORDS, "--now")
    box.block("/youku/videos/show", Answer(502, b"<html>"), times=10)
    ran = manage("poll", "--all", "--json")
    assert ran.code == 1
    assert ran.document["polled"] == 1
    assert "502" in ran.err


def test_pause_resume_and_cancel_answer_the_publication_or_why_not(manage, accounts):
    pk = str(queued(manage))
    assert manage("pause", pk, "--json").document["state"] == "paused"
    refused = manage("pause", pk, "--json")
    assert (refused.code, refused.problem["kind"]) == (2, "BadInput")
    assert "Paused" in refused.problem["message"]
    assert manage("resume", pk, "--json").document["state"] == "queued"
    assert manage("cancel", pk, "--json").document["state"] == "cancelled"
    for command in ("pause", "resume", "cancel", "upload", "remove"):
        assert manage(command, "4711", "--json").problem["message"] == "There is no publication 4711."


def test_remove_asks_first_and_deletes_for_good(box, manage, accounts):
    ran = manage("publish", FILE, *to("yk"), *WORDS, "--now", "--wait", "--json")
    pk = str(ran.document["publications"][0]["id"])
    unasked = manage("remove", pk, "--json")
    assert unasked.code == 2
    assert "--yes" in unasked.problem["message"]
    removed = manage("remove", pk, "--yes", "--json")
    assert (removed.code, removed.document["state"]) == (0, "deleted")
    assert [video["state"] for video in box.videos()] == ["deleted"]
    assert manage("remove", pk, "--yes", "--json").code == 2


@pytest.mark.parametrize("given", ["nan", "-1", "soon"])
def test_a_wait_that_is_no_number_of_seconds_publishes_nothing(given):
    words = ("--to", "yk", "--title", "T", f"--wait={given}")
    with override("en"), pytest.raises(CommandError, match="number of seconds"):
        call_command("publish", str(hub.SAMPLE), *words)
    assert not Video.objects.exists()
