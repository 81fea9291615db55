"""What is refused is refused in a sentence, early, and after the body was taken off the wire."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from platforms.intake import entrance
from platforms.models import IncomingFile
from tests.intake.tus_client import BYTES, Person, metadata

pytestmark = pytest.mark.django_db(transaction=True)
MIB = 1024 * 1024
EVERYWHERE = [("OPTIONS", "files/"), ("POST", "files/"), ("GET", "files.json")]


@pytest.mark.parametrize(("method", "path"), EVERYWHERE)
def test_a_stranger_is_told_to_log_in_and_not_led_away(live_server, folder, method, path):
    answer = Person(live_server.url).ask(method, f"/intake/{path}")
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("method", "path"), EVERYWHERE)
@pytest.mark.parametrize(("permission", "staff"), [("view_video", True), ("add_video", False)])
def test_who_may_not_add_videos_is_refused(live_server, someone, method, path, permission, staff):
    person = someone("guest", permission, staff=True)
    User.objects.update(is_staff=staff)
    answer = person.ask(method, f"/intake/{path}")
    assert answer.status_code == 403
    assert answer.json() == {"error": "You may not add videos."}


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_without_the_pages_token_nothing_changes(li, method):
    path = li.begin()
    answer = li.ask(method, "/intake/files/" if method == "POST" else path, BYTES[:100], X_CSRFToken="")
    assert answer.status_code == 403
    assert answer.json() == {"error": "The page is too old; load it again."}
    assert li.offset(path) == 0
    assert IncomingFile.objects.count() == 1


@pytest.mark.parametrize("method", ["POST", "HEAD", "PATCH", "DELETE"])
def test_another_version_of_the_protocol_is_refused(li, method):
    path = li.begin()
    answer = li.ask(method, "/intake/files/" if method == "POST" else path, Tus_Resumable="0.2.2")
    assert answer.status_code == 412
    assert answer.headers["Tus-Version"] == "1.0.0"


def test_what_the_server_can_do_is_told(li, settings):
    answer = li.ask("OPTIONS", "/intake/files/", Tus_Resumable="")
    assert answer.status_code == 204
    assert answer.headers["Tus-Extension"] == "creation,termination,expiration"
    assert "Tus-Max-Size" not in answer.headers
    settings.INTAKE_MAX_BYTES = 5000
    assert li.ask("OPTIONS", "/intake/files/").headers["Tus-Max-Size"] == "5000"


@pytest.mark.parametrize(
    ("size", "name", "sentence"),
    [
        ("0", "lesson.mp4", "“lesson.mp4” is empty."),
        ("10", "lesson", "“lesson” has no extension; platforms need one such as .mp4."),
        ("10", "", "“” has no extension; platforms need one such as .mp4."),
        ("-1", "lesson.mp4", "The header Upload-Length is missing or no number."),
        ("１", "lesson.mp4", "The header Upload-Length is missing or no number."),
        ("", "lesson.mp4", "The header Upload-Length is missing or no number."),
    ],
)
def test_a_file_that_is_none_is_refused_before_it_is_sent(li, size, name, sentence):
    size = size.encode().decode("latin-1")
    answer = li.ask("POST", "/intake/files/", Upload_Length=size, Upload_Metadata=metadata(filename=name))
    assert (answer.status_code, answer.json()) == (400, {"error": sentence})
    assert not IncomingFile.objects.exists()


def test_metadata_that_nobody_can_read_are_refused(li):
    answer = li.ask("POST", "/intake/files/", Upload_Length="10", Upload_Metadata="filename !!!")
    assert (answer.status_code, answer.json()["error"]) == (400, "The header Upload-Metadata cannot be read.")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.mp4", "passwd.mp4"),
        ("C:\\films\\第一课.mp4", "第一课.mp4"),
        ("a\x00b\r\nc\u202e.mp4", "abc.mp4"),
        ("x" * 400 + ".mp4", "x" * 251 + ".mp4"),
        ("Cafe\u0301.mp4", "Café.mp4"),
    ],
)
def test_a_name_is_only_a_name(li, given, kept):
    li.begin(filename=given)
    assert IncomingFile.objects.get().name == kept


def test_a_piece_of_the_wrong_type_is_refused(li):
    path = li.begin()
    answer = li.append(path, 0, BYTES[:100], Content_Type="application/octet-stream")
    assert answer.status_code == 415
    assert li.offset(path) == 0


def test_a_piece_that_does_not_say_how_long_it_is_is_refused(li):
    path = li.begin()
    answer = li.append(path, 0, iter([b"some", b"bytes"]))
    assert answer.status_code == 411


def test_a_piece_that_is_too_large_is_taken_off_the_wire_and_refused(li, monkeypatch):
    monkeypatch.setattr("platforms.intake.tus.LARGEST_PIECE", MIB)
    path = li.begin(size=10 * MIB)
    answer = li.append(path, 0, bytes(3 * MIB))
    assert answer.status_code == 413
    assert answer.json() == {"error": "A piece of a file has at most 1048576 bytes."}
    assert li.offset(path) == 0


def test_a_file_that_is_no_video_fails_with_the_reason_and_leaves_nothing(li, folder):
    path = li.begin(size=5000, filename="notes.mp4", makes_video="1")
    assert li.append(path, 0, b"text " * 1000).status_code == 204
    file = li.file(path)
    assert (file["state"], file["video"], file["received"]) == ("failed", None, 5000)
    assert file["error"] == "“notes.mp4” is not a video: it holds neither pictures nor sound."
    assert list(folder.iterdir()) == []
    assert li.ask("HEAD", path).status_code == 410
    assert li.append(path, 0, b"text").status_code == 410


def test_what_is_not_there_is_told_as_json(li):
    path = "/intake/files/6f1a5e0c-1111-4222-8333-944455566677/"
    assert li.append(path, 0, BYTES[:10]).json() == {
        "error": "The hub does not have this file, or somebody else began it."
    }
    answer = li.ask("PUT", "/intake/files/")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "OPTIONS, POST")


def test_a_body_is_drained_only_as_far_as_is_reasonable(li, monkeypatch):
    monkeypatch.setattr(entrance, "DRAIN_SECONDS", 0.0)
    path = li.begin()
    assert li.append(path, 7, BYTES[:100]).status_code == 409
