"""`manage.py call` on an iQiyi account: every documented call under a person's hand."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from platforms.models import Account, Event
from platforms.models.wording import render
from sandbox.server import Answer, Sandbox
from tests import hub
from tests.commands.conftest import Call, events

pytestmark = pytest.mark.django_db

SECRETS = ("client_secret", "access_token", "refresh_token")
METHODS = [
    "open_upload", "upload_range", "finish_upload", "cancel_upload", "set_info", "authorize", "refresh_token",
    "get_full_status", "list_videos", "get_play_urls", "delete_video",
]  # fmt: skip


@pytest.fixture
def account(box: Sandbox) -> Account:
    return hub.add_account(box, "iqiyi")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "lesson.mp4"
    found.write_bytes(bytes(range(256)) * 400)
    return found


def test_without_a_method_every_call_is_listed_with_its_parameters(account: Account, manage) -> None:
    lines = manage("call", account.name).out.splitlines()
    assert [line.split()[1] for line in lines] == METHODS
    assert [line.split()[0] for line in lines] == [f"IQ-{number:02}" for number in range(1, 12)]
    assert "[page_size=INTEGER (20)]" in lines[8]
    assert "[iqiyi-video-cloud.txt 5]" in lines[8]
    assert "(--yes)  file_ids=TEXT" in lines[10]


def test_the_list_is_one_json_document(account: Account, manage) -> None:
    rows = {row["call"]: row for row in manage("call", account.name, "--json").document}
    assert list(rows) == METHODS
    assert [name for name, row in rows.items() if row["dangerous"]] == ["cancel_upload", "delete_video"]
    assert rows["upload_range"]["parameters"][3] == {
        "name": "range", "type": "range", "required": True, "default": ""
    }  # fmt: skip
    assert not [row for row in rows.values() for parameter in row["parameters"] if "token" in parameter["name"]]


def test_a_whole_upload_by_hand(box: Sandbox, call: Call, file: Path) -> None:
    size = file.stat().st_size
    opened = call("open_upload", "--json", filetype="mp4", filesize=size).document["data"]
    where = {"upload_url": opened["upload_url"], "file_id": opened["file_id"], "file_size": size, "file": file}
    found = {"file_id": opened["file_id"]}
    assert call("set_info", **found, file_name="第一课", description="分数", tags="数学,分数", file_type="12").code == 0
    first = call("upload_range", "--json", **where, range="0-1023").document
    assert first["range_md5"] == hashlib.md5(file.read_bytes()[:1024]).hexdigest()
    assert (
        call("upload_range", "--json", **where, range=f"1024-{size - 1}").document["file_range_accepted"] == size - 1024
    )
    assert call("finish_upload", **found).code == 0
    box.clock.advance(1)
    assert call("get_full_status", "--json", **found).document["code"] == "A00000"
    (listed,) = call("list_videos", "--json", file_ids=opened["file_id"], page_size=1).document["data"]
    assert (listed["fileName"], listed["fileSize"]) == ("第一课", size)
    assert "mp4" in call("get_play_urls", "--json", **found).document["data"]
    assert [video["md5"] for video in box.videos("iqiyi")] == [hashlib.md5(file.read_bytes()).hexdigest()]


def test_the_answer_is_shown_as_it_came(call: Call, box: Sandbox) -> None:
    box.block("/iqiyi/api/file/videoListForExternal", Answer(200, '{"code":"A00000","data":[],"新":1}'.encode()))
    assert json.loads(call("list_videos").out) == {"code": "A00000", "data": [], "新": 1}


def test_a_state_that_is_no_success_is_an_answer_too(call: Call) -> None:
    ran = call("get_full_status", "--json", file_id="f" * 32)
    assert (ran.code, ran.document["code"]) == (0, "A00003")


@pytest.mark.parametrize("method", ["authorize", "refresh_token"])
def test_new_tokens_are_stored_and_shown_as_stars(box: Sandbox, account: Account, call: Call, method: str) -> None:
    old = dict(account.credentials)
    ran = call(method)
    account.refresh_from_db()
    new = box.credentials("iqiyi")
    assert new["access_token"] != old["access_token"]
    assert {name: account.credentials[name] for name in SECRETS} == {name: new[name] for name in SECRETS}
    assert ran.out.count("***") == 2
    assert not [name for name in SECRETS if new[name] in ran.out + ran.err or old[name] in ran.out + ran.err]
    assert account.token_expires_at is not None
    assert call("list_videos").code == 0


@pytest.mark.parametrize(
    ("method", "given", "named", "expected"),
    [
        ("get_full_status", {}, "file_id", "file_id=TEXT"),
        ("get_full_status", {"file_id": ""}, "file_id", "file_id=TEXT"),
        ("get_full_status", {"fileid": "f"}, "fileid", "file_id=TEXT"),
        ("open_upload", {"filetype": "mp4", "filesize": "many"}, "filesize", "filetype=TEXT filesize=INTEGER"),
        ("list_videos", {"page": "first"}, "page", "[page=INTEGER (1)]"),
        ("set_info", {"file_id": "f", "file_name": "n"}, "description", "[tags=LIST]"),
        ("list_videos", {"access_token": "t"}, "access_token", "[file_ids=LIST]"),
    ],
)
def test_a_missing_or_mistyped_parameter_is_named_and_nothing_is_sent(
    box: Sandbox, account: Account, call: Call, method: str, given: dict[str, str], named: str, expected: str
) -> None:
    ran = call(method, "--json", **given)
    assert (ran.code, ran.problem["kind"]) == (2, "BadInput")
    assert f"“{named}”" in ran.problem["message"]
    assert expected in ran.problem["message"]
    assert (len(box.requests), events(account)) == (0, [])


def test_ranges_and_files_that_do_not_fit_are_bad_input(box: Sandbox, call: Call, file: Path) -> None:
    where = {"upload_url": "http://127.0.0.1:9/", "file_id": "f", "file_size": 10**6, "file": file}
    for changes, words in (
        ({"range": "1023-0"}, "a range such as 0-1023"),
        ({"range": "0-9", "file": file.parent}, "a file that can be read"),
        ({"range": "0-9", "file": "/no/such/file"}, "a file that can be read"),
        ({"range": "0-2000000"}, "“range” must be from 0 to 999999"),
        ({"range": "0-500000"}, "the file does not have these bytes"),
    ):
        ran = call("upload_range", "--json", **{**where, **changes})
        assert (ran.code, ran.problem["kind"]) == (2, "BadInput")
        assert words in ran.problem["message"]
    assert len(box.requests) == 0


def test_a_large_file_is_not_read_for_one_range(call: Call, tmp_path: Path) -> None:
    """Ten gigabytes with holes: reading them would take longer than the test may."""
    large, size = tmp_path / "large.mp4", 10 * 1024**3
    with large.open("wb") as file:
        file.truncate(size)
    opened = call("open_upload", "--json", filetype="mp4", filesize=size).document["data"]
    where = {"upload_url": opened["upload_url"], "file_id": opened["file_id"], "file_size": size, "file": large}
    ran = call("upload_range", "--json", **where, range=f"{size - 10}-{size - 1}")
    assert ran.document["file_range_accepted"] == 10


def test_pages_that_iqiyi_does_not_have_are_bad_input(box: Sandbox, account: Account, call: Call) -> None:
    ran = call("list_videos", "--json", page_size=101)
    assert (ran.code, ran.problem["kind"]) == (2, "BadInput")
    assert "“page_size” must be from 1 to 100" in ran.problem["message"]
    assert len(box.requests) == 0
    assert events(account)[-1].data == {"call": "list_videos", "sent": False}


def test_a_delete_is_not_sent_without_yes(box: Sandbox, account: Account, call: Call, video_id: str) -> None:
    ran = call("delete_video", "--json", file_ids=video_id)
    assert (ran.code, ran.problem["kind"]) == (2, "BadInput")
    assert "deletes the video for good" in ran.problem["message"]
    assert "--yes" in ran.problem["message"]
    assert box.requests.to("/iqiyi/api/file/delete") == []
    assert events(account) == []
    assert call("delete_video", "--yes", file_ids=video_id).code == 0
    assert [video["state"] for video in box.videos("iqiyi")] == ["deleted"]


@pytest.mark.parametrize(
    "given",
    [
        {"delete_type": "0"},
        {"delete_type": "0", "file_ids": "f"},
        {"file_ids": "f", "delete_type": "1"},
        {"file_ids": "a,b"},
        {"file_ids": "a&delete_type=0"},
        {"file_ids": ""},
    ],
)
def test_everything_can_never_be_deleted(box: Sandbox, call: Call, video_id: str, given: dict[str, str]) -> None:
    ran = call("delete_video", "--yes", "--json", **given)
    assert (ran.code, ran.problem["kind"]) == (2, "BadInput")
    assert box.requests.to("/iqiyi/api/file/delete") == []
    assert [video["state"] for video in box.videos("iqiyi")] == ["published"]


def test_giving_an_upload_up_asks_for_yes_too(call: Call) -> None:
    opened = call("open_upload", "--json", filetype="mp4", filesize=10).document["data"]
    assert call("cancel_upload", file_id=opened["file_id"]).code == 2
    assert call("cancel_upload", "--yes", file_id=opened["file_id"]).code == 0
    assert call("get_full_status", "--json", file_id=opened["file_id"]).document["code"] == "A00006"


def test_a_refusal_shows_the_answer_and_ends_with_one(call: Call) -> None:
    ran = call("get_play_urls", "--json", file_id="f" * 32)
    assert (ran.code, ran.problem["kind"], ran.problem["code"]) == (1, "Refused", "Q00001")
    assert '"msg": "视频不存在"' in ran.err


def test_an_answer_that_cannot_be_read_names_the_call_and_is_shown(box: Sandbox, call: Call) -> None:
    box.block("/iqiyi/api/file/urllist", Answer(200, b"<html>busy</html>"))
    ran = call("get_play_urls", "--json", file_id="f")
    assert (ran.code, ran.problem["kind"]) == (1, "BadAnswer")
    assert "get_play_urls" in ran.problem["message"]
    assert "<html>busy</html>" in ran.err


def test_an_unknown_call_lists_those_there_are(call: Call) -> None:
    ran = call("delete_everything", "--json")
    assert (ran.code, ran.problem["kind"]) == (2, "BadInput")
    assert ", ".join(METHODS) in ran.problem["message"]


def test_the_history_says_who_called_what_with_which_parameters(
    account: Account, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "li")
    call("list_videos", page_size=5)
    call("get_play_urls", file_id="f" * 32)
    listed, asked, refused = events(account)
    assert {event.actor for event in (listed, asked, refused)} == {"li@shell"}
    assert listed.data == {"call": "list_videos", "parameters": {"page_size": "5"}}
    assert "list_videos" in render(listed.sentence)
    assert asked.data["parameters"] == {"file_id": "f" * 32}
    assert (refused.data["code"], "视频不存在" in render(refused.sentence)) == ("Q00001", True)


def test_nothing_that_is_written_or_printed_holds_a_secret(
    box: Sandbox, account: Account, call: Call, file: Path
) -> None:
    secrets = {account.credentials[name] for name in SECRETS}
    opened = call("open_upload", "--json", filetype="mp4", filesize=file.stat().st_size)
    box.block("/iqiyi/api/file/urllist", Answer(200, json.dumps({"code": "Q00001", "msg": [*secrets]}).encode()))
    printed = [
        opened,
        call("get_play_urls", file_id="f"),
        call("refresh_token"),
        call("authorize"),
        call("list_videos"),
    ]
    account.refresh_from_db()
    secrets |= {account.credentials[name] for name in SECRETS} | {box.credentials("iqiyi")[name] for name in SECRETS}
    shown = "".join(ran.out + ran.err for ran in printed)
    kept = json.dumps(list(Event.objects.values_list("sentence", "data", "subject")), ensure_ascii=False)
    assert [secret for secret in secrets if secret in shown + kept] == []
