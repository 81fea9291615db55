"""`manage.py call` on a Baijiayun account: every documented call under a person's hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from platforms.models import Account, Event
from platforms.models.wording import render
from platforms.transport.answers import BEIJING
from sandbox.server import Answer, Sandbox
from tests import hub
from tests.commands.conftest import Call, events

pytestmark = pytest.mark.django_db

SECRETS = ("partner_key", "secret_key")
DANGEROUS = {
    "remove_definition": {"definition": "16"},
    "delete_origin_videos": {},
    "delete_video": {},
    "delete_category": {"category_id": "491"},
    "delete_subtitle": {"subtitle_id": "261"},
    "create_key": {"regenerate": "1"},
}


@pytest.fixture
def account(box: Sandbox) -> Account:
    return hub.add_account(box, "baijiayun")


@pytest.fixture
def answer(call: Call) -> Callable[..., Any]:
    """The `data` of a call that was answered."""

    def send(method: str, *options: str, **given: Any) -> Any:
        ran = call(method, "--json", *options, **given)
        assert ran.code == 0, ran.err
        return ran.document.get("data")

    return send


@pytest.fixture
def subtitle(tmp_path: Path) -> Path:
    found = tmp_path / "zh.vtt"
    found.write_text("WEBVTT\n\n00:00.000 --> 00:01.000\n你好\n", "utf-8")
    return found


def today() -> date:
    return datetime.now(BEIJING).date()


def test_without_a_method_every_row_is_listed_with_its_parameters(account: Account, manage) -> None:
    lines = manage("call", account.name).out.splitlines()
    numbers = [f"BJ-{number:02}" for number in range(1, 41)] + [f"BJ-C{number}" for number in range(1, 5)]
    assert [line.split()[0] for line in lines] == numbers
    assert "get_status  video_id=TEXT  [baijiayun-vod.txt API-5]" in lines[4]
    assert "create_key (--yes with regenerate=1)  [regenerate=FLAG (0)]" in lines[0]
    assert {line.split()[1] for line in lines if "(--yes)" in line} == DANGEROUS.keys() - {"create_key"}


def test_the_list_holds_no_key_timestamp_or_sign(account: Account, manage) -> None:
    rows = manage("call", account.name, "--json").document
    names = {parameter["name"] for row in rows for parameter in row["parameters"]}
    assert not names & {"partner_id", "partner_key", "secret_key", "timestamp", "sign", "use_https"}
    assert {"video_id", "video_ids", "start_date", "start_time", "page_size", "product_type", "subtitle"} <= names


def test_a_file_is_created_sent_in_two_pieces_and_followed(box: Sandbox, answer, tmp_path: Path) -> None:
    data = hub.SAMPLE.read_bytes()
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_bytes(data[:1000])
    second.write_bytes(data[1000:])
    created = answer("get_upload_url", file_name="课.mp4", definition="16,1", format="1,4")
    where, video_id = {"upload_url": created["upload_url"]}, created["video_id"]
    assert answer("get_status", video_id=video_id)["status"] == 10
    answer("upload_file", **where, file=first, content_range=f"bytes 1-1000/{len(data)}")
    resumed = answer("get_resume_upload_url", video_id=video_id)
    assert resumed["upload_size"] == 1000
    rest = {"upload_url": resumed["upload_url"], "content_range": f"bytes 1001-{len(data)}/{len(data)}"}
    answer("upload_file", **rest, file=second)
    box.clock.advance(1)
    info = answer("get_info", video_id=video_id)
    assert (info["name"], info["status"], info["total_size"]) == ("课", 100, len(data))
    assert {found["type"] for found in info["transcode_info"]} == {"mp4", "m3u8"}


def test_a_file_is_sent_whole(box: Sandbox, answer) -> None:
    created = answer("get_upload_url", file_name="课.mp4", definition="16")
    answer("upload_file", upload_url=created["upload_url"], file=hub.SAMPLE)
    assert [video["size"] for video in box.videos("baijiayun")] == [hub.SAMPLE.stat().st_size]


def test_a_video_is_looked_at_renamed_blocked_and_deleted(box: Sandbox, answer, call: Call, video_id: str) -> None:
    assert answer("get_images", video_id=video_id)["img_count"] == 5
    assert "iframe" in answer("get_share_urls", video_id=video_id)
    assert answer("get_play_urls", video_id=video_id, format="m3u8", expires_in=60)["play_info"]
    assert answer("update_video", video_id=video_id, name="新名字") == {"video_id": int(video_id)}
    assert answer("set_publish_status", video_id=video_id, status=2) == {"status": 2}
    refused = call("get_play_urls", "--json", video_id=video_id)
    assert (refused.code, refused.problem["kind"]) == (1, "Refused")
    (listed,) = answer("list_videos", page_size=5, create_time="2020-01-01 10:01:01")["list"]
    assert (listed["name"], listed["publish_status"]) == ("新名字", 2)
    answer("delete_video", "--yes", video_id=video_id)
    assert [video["state"] for video in box.videos("baijiayun")] == ["deleted"]


def test_files_of_a_video_are_removed_and_made_again(answer, video_id: str) -> None:
    answer("remove_definition", "--yes", video_id=video_id, definition="16", type="2,4")
    assert answer("transcode_again", video_id=video_id, definition="16", format="2")["definition"] == "16"
    assert answer("delete_origin_videos", "--yes", video_ids=video_id) is None


def test_a_tree_of_categories_is_grown_used_and_cut(answer, video_id: str) -> None:
    root = answer("add_category", name="数学")["id"]
    child = answer("add_category", name="三年级", parent_id=root)["id"]
    assert answer("set_video_category", video_id=video_id, category_id=child)["category_level2_id"] == child
    assert answer("list_category_videos", category_id=root, page_size=10)["total"] == "1"
    assert answer("list_categories")["list"][0]["children"][0]["name"] == "三年级"
    assert answer("get_category", category_id=root)["children"][0]["id"] == child
    answer("set_video_category", video_id=video_id, category_id=0)
    assert answer("delete_category", "--yes", category_id=child) == {"category_id": child}


def test_a_subtitle_is_added_renamed_and_deleted(answer, video_id: str, subtitle: Path) -> None:
    added = answer("upload_subtitle", video_id=video_id, name="中文", subtitle=subtitle)["subtitle_id"]
    answer("rename_subtitle", subtitle_id=added, name="简体中文")
    answer("set_default_subtitle", video_id=video_id, subtitle_id=added)
    (listed,) = answer("list_subtitles", video_id=video_id)
    assert (listed["subtitle_name"], listed["is_default"]) == ("简体中文", 1)
    answer("delete_subtitle", "--yes", subtitle_id=added)
    assert answer("list_subtitles", video_id=video_id) == []


@pytest.mark.usefixtures("noon")
def test_figures_of_a_video_and_of_the_account(box: Sandbox, answer, video_id: str) -> None:
    before, now = today() - timedelta(days=1), datetime.now(BEIJING)
    box.baijiayun.add_play(int(video_id), now.timestamp(), play_length=45)
    box.baijiayun.add_flow(int(video_id), 5000, before)
    days = {"start_date": before, "end_date": before}
    assert answer("get_video_flow", video_id=video_id, **days) == {"flow": 5000}
    assert answer("get_account_flow", **days) == {"flow": 5000}
    assert answer("get_daily_flow", **days) == {"flow": {before.isoformat(): 5000}}
    assert answer("list_daily_video_flow", date=before)["list"] == [{"video_id": video_id, "flow": "5000"}]
    played = {"start_date": today(), "end_date": today()}
    assert answer("get_play_rank", **played)["play_rank"] == [{"video_id": int(video_id), "play_count": 1}]
    assert answer("get_video_daily_plays", video_id=video_id, **played)["play_count"] == {today().isoformat(): 1}
    assert answer("get_account_daily_plays", **played, product_type=5)["play_count"] == {today().isoformat(): 1}
    times = {"start_time": f"{today()} 00:00:00", "end_time": f"{today()} 23:59:59"}
    assert answer("list_video_play_records", video_id=video_id, **times)["list"][0]["play_length"] == 45
    assert answer("list_account_play_records", **times, page_size=1000)["total"] == 1


def test_the_account_is_looked_at(answer, video_id: str) -> None:
    assert answer("get_account_info")["used_storage"] > 0
    assert answer("get_storage_and_flow")["video"]["storage"] > 0
    assert answer("get_callback_url") == {"url": ""}
    assert answer("set_callback_url", url="http://127.0.0.1:9/x") == {"url": "http://127.0.0.1:9/x"}
    assert answer("get_callback_url") == {"url": "http://127.0.0.1:9/x"}
    assert answer("get_player_token", video_id=video_id, expires_in=60)["token"]
    assert set(answer("get_player_tokens", video_ids=video_id, expires_in=60)) == {video_id}


def test_a_time_is_beijings_wherever_the_machine_stands(box: Sandbox, answer, video_id: str, settings) -> None:
    settings.TIME_ZONE = "America/New_York"
    answer(
        "list_video_play_records", video_id=video_id, start_time="2026-11-01 00:00:00", end_time="2026-11-01T23:59:59"
    )
    (sent,) = box.requests.to("/baijiayun/b0001/openapi/video_data/getVideoPlayRecord")
    assert (sent.values["start_time"], sent.values["end_time"]) == ("2026-11-01 00:00:00", "2026-11-01 23:59:59")


@pytest.mark.parametrize(
    ("method", "given", "named", "expected"),
    [
        ("get_status", {}, "video_id", "video_id=TEXT"),
        ("get_status", {"vid": "1"}, "vid", "video_id=TEXT"),
        ("get_status", {"video_id": "1", "sign": "0"}, "sign", "video_id=TEXT"),
        ("get_video_flow", {"video_id": "1", "start_date": "2026-11-01"}, "end_date", "end_date=DATE"),
        ("get_video_flow", {"video_id": "1", "start_date": "1.11.2026", "end_date": "2026-11-01"}, "start_date",
         "start_date=DATE"),
        ("list_videos", {"create_time": "last week"}, "create_time", "[create_time=TIME]"),
        ("list_videos", {"page_size": "all"}, "page_size", "[page_size=INTEGER (20)]"),
        ("create_key", {"regenerate": "perhaps"}, "regenerate", "[regenerate=FLAG (0)]"),
        ("upload_subtitle", {"video_id": "1", "name": "n", "subtitle": "/no/such.vtt"}, "subtitle", "subtitle=FILE"),
        ("set_publish_status", {"video_id": "1", "status": "on"}, "status", "status=INTEGER"),
    ],
)  # fmt: skip
def test_a_missing_or_mistyped_parameter_is_named_and_nothing_is_sent(
    box: Sandbox, account: Account, call: Call, method: str, given: dict[str, str], named: str, expected: str
) -> None:
    ran = call(method, "--json", **given)
    assert (ran.code, ran.problem["kind"]) == (2, "BadInput")
    assert f"“{named}”" in ran.problem["message"]
    assert expected in ran.problem["message"]
    assert (len(box.requests), events(account)) == (0, [])


@pytest.mark.parametrize(
    ("method", "given", "words"),
    [
        ("get_video_flow", {"video_id": "1", "start_date": "2026-10-31", "end_date": "2026-11-01"}, "the same month"),
        ("list_videos", {"page_size": 1001}, "from 1 to 1000"),
        ("list_category_videos", {"category_id": 1, "page_size": 101}, "from 1 to 100"),
        ("list_account_play_records", {"start_time": "2026-11-01 00:00:00", "end_time": "2026-11-02 00:00:00"},
         "on the same day"),
        ("set_callback_url", {"url": "our.site/callbacks"}, "http:// or https://"),
        ("set_publish_status", {"video_id": "1", "status": 3}, "from 1 to 2"),
    ],
)  # fmt: skip
def test_what_the_document_certainly_refuses_is_bad_input(
    box: Sandbox, account: Account, call: Call, method: str, given: dict[str, Any], words: str
) -> None:
    ran = call(method, "--json", **given)
    assert (ran.code, ran.problem["kind"]) == (2, "BadInput")
    assert words in ran.problem["message"]
    assert len(box.requests) == 0
    assert events(account)[-1].data == {"call": method, "sent": False}


def test_a_subtitle_of_another_kind_is_bad_input(box: Sandbox, call: Call, tmp_path: Path) -> None:
    wrong = tmp_path / "zh.ass"
    wrong.write_text("[Script Info]")
    ran = call("upload_subtitle", "--json", video_id="1", name="中文", subtitle=wrong)
    assert (ran.code, ".vtt and .srt" in ran.problem["message"]) == (2, True)
    assert len(box.requests) == 0


@pytest.mark.parametrize(("method", "given"), DANGEROUS.items())
def test_what_destroys_is_not_sent_without_yes(
    box: Sandbox, account: Account, call: Call, method: str, given: dict[str, str]
) -> None:
    about = {"delete_origin_videos": {"video_ids": "1"}, "remove_definition": {"video_id": "1"},
             "delete_video": {"video_id": "1"}}  # fmt: skip
    ran = call(method, "--json", **about.get(method, {}), **given)
    assert (ran.code, ran.problem["kind"]) == (2, "BadInput")
    assert "--yes" in ran.problem["message"]
    assert (len(box.requests), events(account)) == (0, [])


@pytest.mark.parametrize("given", [{}, {"regenerate": "0"}, {"regenerate": "no"}, {"regenerate": ""}])
def test_fetching_the_key_needs_no_yes_and_makes_no_new_one(
    box: Sandbox, account: Account, call: Call, given: dict[str, str]
) -> None:
    before = box.credentials("baijiayun")["partner_key"]
    ran = call("create_key", "--json", **given)
    assert (ran.code, ran.document["data"]) == (0, {"partner_key": "***"})
    assert box.credentials("baijiayun")["partner_key"] == before


def test_a_new_key_is_stored_shown_as_stars_and_works(box: Sandbox, account: Account, call: Call, answer) -> None:
    old = account.credentials["partner_key"]
    ran = call("create_key", "--yes", "--json", regenerate=1)
    new = box.credentials("baijiayun")["partner_key"]
    account.refresh_from_db()
    assert account.credentials["partner_key"] == new != old
    assert ran.document["data"] == {"partner_key": "***"}
    assert not [key for key in (old, new) if key in ran.out + ran.err]
    assert answer("get_account_info")["status"] == 1
    (told,) = Event.objects.filter(account=account, kind="token")
    assert "partner_key" in render(told.sentence)


def test_a_new_key_whose_answer_was_lost_is_fetched_by_hand(box: Sandbox, account: Account, call: Call, answer) -> None:
    box.block("/baijiayun/b0001/openapi/partner/createkey", Answer(close=True, after_work=True))
    assert call("create_key", "--yes", regenerate=1).code == 1
    assert call("get_account_info").code == 1
    answer("create_key")
    assert answer("get_account_info")["status"] == 1


def test_a_refusal_shows_the_answer_and_ends_with_one(account: Account, call: Call) -> None:
    ran = call("get_status", "--json", video_id="99")
    assert (ran.code, ran.problem["kind"], ran.problem["code"]) == (1, "Refused", "2001")
    assert '"msg": "视频不存在"' in ran.err
    asked, refused = events(account)
    assert asked.data == {"call": "get_status", "parameters": {"video_id": "99"}}
    assert refused.data == {"call": "get_status", "code": "2001"}


def test_an_answer_that_cannot_be_read_names_the_call_and_is_shown(box: Sandbox, call: Call) -> None:
    box.block("/baijiayun/b0001/openapi/video/getStatus", Answer(200, b"<html>busy</html>"))
    ran = call("get_status", "--json", video_id="1")
    assert (ran.code, ran.problem["kind"]) == (1, "BadAnswer")
    assert "get_status" in ran.problem["message"]
    assert "<html>busy</html>" in ran.err


def test_the_history_says_who_called_what(account: Account, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "li")
    call("list_videos", page_size=5)
    (event,) = events(account)
    assert event.actor == "li@shell"
    assert event.data == {"call": "list_videos", "parameters": {"page_size": "5"}}
    assert "list_videos" in render(event.sentence)


def test_nothing_that_is_written_or_printed_holds_a_secret(box: Sandbox, account: Account, call: Call) -> None:
    secrets = {account.credentials[name] for name in SECRETS}
    echo = json.dumps({"code": 9, "msg": " ".join(secrets)}).encode()
    box.block("/baijiayun/b0001/openapi/video/getStatus", Answer(200, echo))
    printed = [call("get_status", video_id="1"), call("create_key", "--yes", regenerate=1), call("create_key")]
    account.refresh_from_db()
    secrets |= {account.credentials[name] for name in SECRETS}
    created = call("get_upload_url", "--json", file_name="a.mp4", definition="16")
    url = created.document["data"]["upload_url"]
    printed += [created, call("upload_file", upload_url=url, file=hub.SAMPLE)]
    kept = json.dumps(list(Event.objects.values_list("sentence", "data", "subject")), ensure_ascii=False)
    shown = "".join(ran.out + ran.err for ran in printed)
    assert [secret for secret in secrets if secret in shown + kept] == []
    # The token of the upload address is the caller's to use, and nobody else's to read.
    token = url.rpartition("token=")[2]
    assert token in created.out
    assert token not in kept


@pytest.mark.parametrize("place", [1, 2, 3])
def test_options_may_stand_anywhere_between_the_words_of_a_call(account, manage, video_id, place):
    words = ["call", account.name, "get_info", f"video_id={video_id}"]
    words.insert(place, "--json")
    ran = manage(*words)
    assert (ran.code, ran.document["code"]) == (0, 0)
