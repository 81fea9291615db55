"""`manage.py call` on a Youku account: every documented call under a person's hand."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from platforms.models import Account, Event
from platforms.models.wording import render
from platforms.services import lending
from sandbox.server import Answer, Sandbox
from tests import hub
from tests.commands.conftest import Call

pytestmark = pytest.mark.django_db

BACK = "https://hub.example.com/connected"
DATA = bytes(range(256)) * 600
SECRETS = ("client_secret", "access_token", "refresh_token")


@pytest.fixture
def account(box: Sandbox) -> Account:
    box.youku.slices.lag = 0.0
    return hub.add_account(box, "youku")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "lesson.mp4"
    path.write_bytes(DATA)
    return path


def facts(**changes: Any) -> dict[str, Any]:
    return {
        "title": "第一课", "tags": "数学,三年级", "file_name": "lesson.mp4", "file_size": len(DATA),
        "file_md5": hashlib.md5(DATA).hexdigest(), **changes,
    }  # fmt: skip


def code_of(url: str) -> str:
    form = dict(parse_qsl(urlsplit(url).query)) | {"decision": "allow"}
    answer = requests.post(url.partition("?")[0], data=form, allow_redirects=False, timeout=60)
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))["code"]


def history() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (event.actor, render(event.sentence), event.data) for event in Event.objects.filter(kind="call").order_by("pk")
    ]


def everything_in_the_history() -> str:
    return json.dumps(list(Event.objects.values_list("sentence", "data", "subject")), ensure_ascii=False)


def test_without_a_method_the_calls_are_listed_with_their_parameters(account: Account, manage) -> None:
    lines = manage("call", account.name).out.splitlines()
    assert len(lines) == 18
    assert lines[0].startswith("YK-01   refresh_token")
    assert (
        "YK-02 YK-03 create_upload  title=TEXT tags=LIST file_name=TEXT file_size=INTEGER [file_md5=TEXT]" in lines[1]
    )
    assert "YK-11   show_video  video_id=TEXT [ext=LIST]  [youku-slice-upload.txt 4]" in lines
    assert [line.split()[1] for line in lines if "(--yes)" in line] == ["cancel_upload", "delete_video"]


def test_the_list_can_be_read_by_a_program(account: Account, manage) -> None:
    rows = manage("call", account.name, "--json").document
    assert len([number for row in rows for number in (row["id"], *row["also"])]) == 19
    (row,) = [row for row in rows if row["call"] == "create_file"]
    assert (row["id"], row["dangerous"]) == ("YK-07", False)
    assert row["parameters"][-1] == {"name": "slice_length", "type": "integer", "required": False, "default": "2048"}


def test_an_upload_in_slices_is_sent_call_by_call(box: Sandbox, call: Call, file) -> None:
    created = call("create_upload", "--json", **facts()).document
    where = {"upload_server": created["upload_server_uri"], "upload_token": created["upload_token"]}
    assert call("create_file", **where, file_size=len(DATA), ext="mp4", slice_length=100).code == 0
    task = call("new_slice", "--json", **where).document
    while task["slice_task_id"]:
        piece = {name: task[name] for name in ("slice_task_id", "offset", "length")}
        task = call("upload_slice", "--json", **where, **piece, file=file).document
    check = call("check_upload", "--json", **where).document
    assert (check["status"], check["transferred_percent"]) == (1, 100)
    ip = check["upload_server_ip"]
    committed = call("commit_upload", "--json", upload_token=where["upload_token"], upload_server_ip=ip).document
    assert committed == {"video_id": created["video_id"]}
    (row,) = box.videos("youku")
    assert (row["id"], row["md5"]) == (created["video_id"], facts()["file_md5"])


def test_a_video_is_shown_listed_changed_and_deleted(box: Sandbox, call: Call, account: Account) -> None:
    (row,) = hub.publish(hub.add_video(), account)
    hub.work([row])
    video_id = row.remote_id
    shown = call("show_video", "--json", video_id=video_id, ext="thumbnails").document
    assert (shown["id"], shown["title"], shown["state"]) == (video_id, hub.LESSON.title, "normal")
    assert call("show_videos", "--json", video_ids=f"{video_id},XMTIz").document["total"] == 1
    assert call("list_my_videos", "--json", count=5, orderby="view-count").document["videos"][0]["id"] == video_id
    assert call("update_video", "--json", video_id=video_id, title="改名", thumbnail_seq=2).document == {"id": video_id}
    assert call("show_video", "--json", video_id=video_id).document["title"] == "改名"
    assert call("delete_video", "--yes", video_id=video_id).code == 0
    gone = call("show_video", "--json", video_id=video_id)
    assert (gone.code, gone.problem["kind"], gone.problem["code"]) == (1, "Gone", "120020001")


def test_an_upload_over_oss_is_begun_renewed_and_given_up(call: Call) -> None:
    created = call("create_upload", "--json", **facts(isnew=1)).document
    where = {name: created[name] for name in ("upload_token", "oss_bucket", "oss_object")}
    renewed = call("renew_sts", "--json", **where).document
    assert renewed["upload_token"] == created["upload_token"]
    keys = {answer[name] for answer in (created, renewed) for name in answer if name.startswith(("temp_", "security"))}
    assert keys == {"***"}
    assert call("cancel_upload", "--yes", upload_token=where["upload_token"]).code == 0
    assert call("renew_sts", "--json", **where).problem["code"] == "120010151"


def test_categories_are_printed_as_they_came(call: Call) -> None:
    assert {"term": "Sports", "label": "体育", "lang": "zh_CN"} in call("list_categories", "--json").document[
        "categories"
    ]


def test_a_refresh_by_hand_leaves_a_working_account(box: Sandbox, call: Call, account: Account, manage) -> None:
    before = dict(account.credentials)
    ran = call("refresh_token", "--json")
    account.refresh_from_db()
    assert account.credentials == box.credentials("youku")
    assert account.credentials["refresh_token"] != before["refresh_token"]
    assert (ran.document["access_token"], ran.document["refresh_token"], ran.document["expires_in"]) == (
        "***",
        "***",
        "3600",
    )
    assert account.token_expires_at is not None
    assert manage("account_check", account.name).code == 0
    assert call("refresh_token").code == 0


def test_an_account_is_connected_through_youkus_page(box: Sandbox, call: Call, account: Account, manage) -> None:
    url = call("authorize_url", redirect_uri=BACK, state="a state").out.strip()
    assert url.startswith(f"{box.url}/youku/v2/oauth2/authorize?")
    before = dict(account.credentials)
    ran = call("exchange_code", "--json", code=code_of(url), redirect_uri=BACK)
    assert (ran.code, ran.document["access_token"]) == (0, "***")
    account.refresh_from_db()
    assert account.credentials["access_token"] != before["access_token"]
    assert manage("account_check", account.name).code == 0


@pytest.mark.parametrize(
    ("method", "given", "named"),
    [
        ("show_video", {}, ("“video_id”", "Expected: video_id=TEXT [ext=LIST]")),
        ("show_video", {"vido_id": "X"}, ("“vido_id”", "Expected: video_id=TEXT [ext=LIST]")),
        ("show_video", {"video_id": ""}, ("“video_id”",)),
        ("list_my_videos", {"page": "one"}, ("“page”", "whole number", "“one”", "[count=INTEGER (20)]")),
        ("create_upload", facts(isnew="perhaps"), ("“isnew”", "1 or 0", "“perhaps”")),
        (
            "upload_slice",
            {"upload_server": "s", "upload_token": "t", "slice_task_id": 1, "offset": 0, "length": 1, "file": "/none"},
            ("“file”", "/none"),
        ),
    ],
)
def test_a_parameter_that_is_wrong_is_named_and_nothing_is_sent(
    box: Sandbox, call: Call, method: str, given: dict[str, Any], named: tuple[str, ...]
) -> None:
    ran = call(method, **given)
    assert ran.code == 2
    assert [words for words in named if words not in ran.err] == []
    assert (len(box.requests), history()) == (0, [])


def test_a_call_that_there_is_not_lists_those_that_there_are(call: Call) -> None:
    ran = call("show_vidoe", "--json", video_id="X")
    assert (ran.code, ran.problem["kind"]) == (2, "BadInput")
    assert "show_video, cancel_upload, list_my_videos" in ran.problem["message"]


@pytest.mark.parametrize("method", ["delete_video", "cancel_upload"])
def test_what_destroys_is_not_sent_without_yes(box: Sandbox, call: Call, method: str) -> None:
    given = {"video_id": "X1"} if method == "delete_video" else {"upload_token": "0" * 32}
    ran = call(method, "--json", **given)
    assert (ran.code, ran.problem["kind"]) == (2, "BadInput")
    assert "--yes" in ran.problem["message"]
    assert (len(box.requests), history()) == (0, [])


def test_a_refusal_shows_the_platforms_own_answer_beside_it(call: Call) -> None:
    ran = call("list_my_videos", "--json", orderby="nonsense")
    assert (ran.code, ran.problem["code"]) == (1, "1013")
    assert '"description": "Invalid parameter"' in ran.err


def test_an_answer_that_cannot_be_read_names_the_call(box: Sandbox, call: Call) -> None:
    box.block("/youku/videos/show.json", Answer(200, b"<html><h1>Not Youku</h1>"))
    ran = call("show_video", "--json", video_id="X1")
    assert (ran.code, ran.problem["kind"]) == (1, "BadAnswer")
    assert "show_video" in ran.problem["message"]
    assert "<h1>Not Youku</h1>" in ran.err


def test_the_history_says_who_called_what(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "li")
    call("show_video", video_id="X1", ext="thumbnails")
    (actor, sentence, data), (_, refusal, outcome) = history()
    assert actor == "li@shell"
    assert "show_video" in sentence
    assert data == {"call": "show_video", "parameters": {"video_id": "X1", "ext": "thumbnails"}}
    assert (outcome, bool(refusal)) == ({"call": "show_video", "code": "120020001"}, True)


def test_no_secret_stands_in_the_history_or_in_what_is_printed(box: Sandbox, call: Call, account: Account) -> None:
    secrets, printed = {account.credentials[name] for name in SECRETS}, []
    url = call("authorize_url", redirect_uri=BACK).out.strip()
    code = code_of(url)
    secrets.add(code)
    created = call("create_upload", "--json", **facts(public_type="password", watch_password="w4tchM3n0w", isnew=1))
    where = {name: created.document[name] for name in ("upload_token", "oss_bucket", "oss_object")}
    box.block("/youku/videos/show.json", Answer(200, account.credentials["access_token"].encode()))
    printed += [
        created,
        call("renew_sts", **where),
        call("show_video", video_id="X1"),
        call("refresh_token"),
        call("exchange_code", code=code, redirect_uri=BACK),
        call("exchange_code", code=code, redirect_uri=BACK),
        call("cancel_upload", "--yes", upload_token=where["upload_token"]),
    ]
    account.refresh_from_db()
    secrets |= {account.credentials[name] for name in SECRETS} | {box.credentials("youku")[name] for name in SECRETS}
    shown = "".join(ran.out + ran.err for ran in printed)
    assert [secret for secret in secrets if secret in shown] == []
    kept = everything_in_the_history()
    assert [secret for secret in secrets | {"w4tchM3n0w", where["upload_token"]} if secret in kept] == []


def test_an_account_that_youku_no_longer_takes_says_what_to_do(box: Sandbox, call: Call, account: Account) -> None:
    box.youku.revoke_refresh_token()
    ran = call("refresh_token", "--json")
    assert (ran.code, ran.problem["kind"], ran.problem["code"]) == (1, "LoginExpired", "130011207")
    account.refresh_from_db()
    assert lending.driver_for(account).check_account()
