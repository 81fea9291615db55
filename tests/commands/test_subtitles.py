"""`subtitle_add`, `subtitles`, `subtitle_remove` and `sync --subtitles`, as scripts see them."""

from __future__ import annotations

import pytest
from django.utils import timezone

from platforms.models import Account, Subtitle
from platforms.services import budgets
from platforms.services.subtitles.reading import MIB
from sandbox.server import Answer
from tests import hub
from tests.subtitles.files import SRT, VTT
from tests.subtitles.there import PLATFORMS, call, driver_of, listed, names, published, put, supports

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "lesson.srt"
    path.write_bytes(SRT.encode("gb18030"))
    return path


def test_it_is_added_and_brought_to_every_platform_that_has_subtitles(box, manage, file):
    rows = published(box, *PLATFORMS)
    video = rows[0].video
    done = manage("subtitle_add", str(video.pk), str(file), "--language", "zh-Hans", "--default", "--json")
    assert (done.code, list(done.document)) == (
        0,
        ["id", "video", "language", "name", "format", "default", "cues", "size", "warnings", "copies", "skipped"],
    )
    document = done.document
    assert (document["name"], document["default"], document["cues"]) == ("简体中文", True, 3)
    assert document["warnings"] == [{"line": 0, "message": "The file was in GB18030; it is kept as UTF-8."}]
    there = [row for row in rows if supports(row.account.platform)]
    assert [(one["publication"], one["state"], one["error"]) for one in document["copies"]] == [
        (row.pk, "there", None) for row in there
    ]
    assert [listed(row)[0].remote_id for row in there] == [one["remote_id"] for one in document["copies"]]
    assert [one["reason"] for one in document["skipped"]] == ["iQiyi has no subtitles.", "Youku has no subtitles."]
    assert manage("subtitles", str(video.pk), "--json").document == [document]


def test_it_is_removed_here_and_there(box, manage, file):
    (row,) = published(box)
    added = manage(
        "subtitle_add", str(row.video_id), str(file), "--language", "中文", "--name", "字幕", "--json"
    ).document
    done = manage("subtitle_remove", str(added["id"]), "--json")
    assert (done.code, done.document) == (
        0,
        {"id": added["id"], "video": row.video_id, "name": "字幕", "removed": True, "copies": []},
    )
    assert (names(row), Subtitle.objects.count()) == ([], 0)
    again = manage("subtitle_remove", str(added["id"]), "--json")
    assert (again.code, "no subtitle" in again.problem["message"]) == (2, True)


def test_every_problem_is_told_by_line_as_bad_input(box, manage, tmp_path):
    video = hub.add_video()
    path = tmp_path / "a.vtt"
    path.write_text("WEBVTT\n\n00:01,000 --> 00:02.000\na\n\n00:05.000 --> 00:04.000\nb\n")
    done = manage("subtitle_add", str(video.pk), str(path), "--language", "en", "--json")
    assert (done.code, done.problem["kind"]) == (2, "BadInput")
    assert "Line 3: “00:01,000 --> 00:02.000” are not two times" in done.problem["message"]
    assert "Line 6: The cue ends" in done.err
    assert Subtitle.objects.count() == 0


def test_bad_input_is_named(box, manage, tmp_path, file):
    video = hub.add_video()
    large = tmp_path / "large.srt"
    with large.open("wb") as out:
        out.truncate(50 * MIB)
    cases = {
        ("999", str(file), "--language", "en"): "no video 999",
        (str(video.pk), str(tmp_path / "none.srt"), "--language", "en"): "is not a file",
        (str(video.pk), str(large), "--language", "en"): "50.0 MB",
        (str(video.pk), str(file), "--language", "tlh"): "zh-Hans",
        (str(video.pk), str(file), "--language", "en", "--name", "x" * 101): "at most 100 characters",
    }
    for arguments, words in cases.items():
        done = manage("subtitle_add", *arguments, "--json")
        assert (done.code, words in done.problem["message"]) == (2, True), done
    assert manage("subtitles", "999").code == 2


def test_a_refusal_of_the_platform_is_exit_1_with_its_reason(box, manage, file):
    (row,) = published(box)
    box.block(call(box, "uploadSubtitle"), Answer(200, b'{"code": 5002, "msg": "no", "data": null, "ts": 1}'))
    done = manage("subtitle_add", str(row.video_id), str(file), "--language", "zh-Hans", "--json")
    (copy,) = done.document["copies"]
    assert (done.code, copy["state"], copy["error"]["code"]) == (1, "failed", "5002")


def test_what_the_platform_has_is_brought_in_and_counted(box, manage):
    (row,) = published(box)
    put(row, "English", VTT)
    assert manage("sync", row.account.name, "--subtitles", "--json").document == {
        "subtitles": {"created": 1, "updated": 0, "missing": 0}
    }
    driver_of(row).delete_subtitle(listed(row)[0].remote_id)
    done = manage("sync", row.account.name, "--subtitles", "--videos", "--json")
    assert (done.code, done.document["subtitles"]) == (0, {"created": 0, "updated": 0, "missing": 1})
    assert "videos" in done.document


@pytest.mark.usefixtures("noon")
def test_it_says_when_the_calls_for_this_hour_are_used_up(box, manage):
    (row,) = published(box)
    hour = budgets.hour_of(timezone.now())
    Account.objects.update(calls_per_hour=2, calls_hour=hour, calls_made=2, calls_followed=1)
    done = manage("sync", row.account.name, "--subtitles", "--json")
    assert (done.code, done.document["subtitles"]) == (1, {"created": 0, "updated": 0, "missing": 0})
    assert done.document["error"]["kind"] == "Stopped"
    assert "The calls for this hour are used up. Compare the subtitles again from" in done.document["error"]["message"]


def test_a_platform_without_subtitles_is_refused_in_one_line(box, manage):
    account = hub.add_account(box, "youku")
    done = manage("sync", account.name, "--subtitles", "--json")
    assert (done.code, done.problem["kind"], done.problem["message"]) == (1, "Unsupported", "Youku has no subtitles.")


def test_what_the_platform_does_not_have_is_told_and_the_other_kinds_are_done(box, manage):
    account = hub.add_account(box, "youku")
    done = manage("sync", account.name, "--subtitles", "--videos", "--categories", "--json")
    assert (done.code, set(done.document)) == (0, {"categories", "videos", "unsupported"})
    assert done.document["unsupported"] == {"subtitles": "Youku has no subtitles."}


def test_nothing_but_what_the_platform_does_not_have_fails_in_words(box, manage):
    account = hub.add_account(box, "youku")
    done = manage("sync", account.name, "--subtitles")
    assert done.code == 1
    assert done.err.strip() == "Youku has no subtitles."
