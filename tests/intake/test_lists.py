"""What a page learns about a person's files."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from platforms.models import IncomingFile
from tests.intake.tus_client import BYTES

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_file_that_is_arriving(li):
    path = li.begin(fingerprint="lesson.mp4-766213-17", makes_video="1")
    li.append(path, 0, BYTES[:200_000])
    (file,) = li.files()
    row = IncomingFile.objects.get()
    assert file == li.file(path)
    assert file == {
        "id": str(row.pk), "name": "lesson.mp4", "way": "browser", "state": "arriving", "received": 200_000,
        "size": len(BYTES), "percent": 26, "error": None, "video": None, "fingerprint": "lesson.mp4-766213-17",
        "url": path, "makes_video": True, "created_at": row.created_at.isoformat(),
        "expires_at": (row.touched_at + timedelta(days=7)).isoformat(),
    }  # fmt: skip


def test_one_that_is_silent_is_shown_as_paused_and_goes_on(li):
    path = li.begin()
    IncomingFile.objects.update(touched_at=timezone.now() - timedelta(minutes=1))
    assert li.file(path)["state"] == "paused"
    li.append(path, 0, BYTES[:100])
    assert li.file(path)["state"] == "arriving"


def test_only_ones_own_files_are_listed_newest_first(li, someone):
    li.begin(filename="a.mp4")
    li.begin(filename="b.mp4")
    someone("wang").begin(filename="c.mp4")
    assert [file["name"] for file in li.files()] == ["b.mp4", "a.mp4"]


def test_what_became_a_video_is_listed_for_a_day(li):
    li.send(li.begin(makes_video="1"))
    assert [file["state"] for file in li.files()] == ["taken"]
    IncomingFile.objects.update(touched_at=timezone.now() - timedelta(days=2))
    assert li.files() == []


def test_who_may_not_see_videos_gets_no_address_of_one(someone):
    person = someone("wang", "add_video")
    path = person.begin(makes_video="1")
    person.send(path)
    video = person.file(path)["video"]
    assert (video["title"], video["url"]) == ("lesson", None)


def test_an_answer_says_until_when_the_file_is_kept(li):
    path = li.begin()
    answer = li.ask("HEAD", path)
    assert answer.headers["Upload-Expires"].endswith("GMT")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    IncomingFile.objects.update(touched_at=timezone.now() - timedelta(days=8))
    assert li.ask("HEAD", path).status_code == 410
    assert li.append(path, 0, BYTES[:100]).status_code == 410
