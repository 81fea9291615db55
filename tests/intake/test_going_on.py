"""An upload goes on from the last byte that landed, for the person who began it."""

from __future__ import annotations

import socket
import threading

import pytest

from platforms.intake.entrance import SMALLEST_READ
from platforms.models import IncomingFile
from platforms.services.files.landing import size_of
from tests.hub import PATIENCE_SECONDS, until
from tests.intake.tus_client import BYTES, MD5, PIECE

pytestmark = pytest.mark.django_db(transaction=True)


class Slowly:
    """A body that waits in the middle until `finish` is called."""

    def __init__(self, content: bytes, first: int) -> None:
        self._parts = [content[:first], content[first:]]
        self._go_on, self.length = threading.Event(), len(content)

    def __len__(self) -> int:
        return self.length

    def __iter__(self):
        yield self._parts[0]
        assert self._go_on.wait(PATIENCE_SECONDS)
        yield self._parts[1]

    def finish(self) -> None:
        self._go_on.set()


def landed(folder, path: str) -> int:
    """How many bytes lie on the disk."""
    return size_of(folder / path.strip("/").rsplit("/", 1)[-1])


def cut(person, path: str, offset: int, content: bytes, promised: int) -> None:
    """Send less than was promised, and break the connection."""
    host, port = person.url.removeprefix("http://").split(":")
    cookies = "; ".join(f"{name}={value}" for name, value in person.http.cookies.items())
    head = {"Host": f"{host}:{port}", "Cookie": cookies, "X-CSRFToken": person.token, "Tus-Resumable": "1.0.0",
            "Upload-Offset": str(offset), "Content-Length": str(promised), **PIECE}  # fmt: skip
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(f"PATCH {path} HTTP/1.1\r\n{lines}\r\n".encode() + content)


@pytest.mark.parametrize("at", [1, 63, 64, 65, 65_536, 200_001, len(BYTES) - 1])
def test_after_a_cut_it_goes_on_from_what_landed(li, folder, at):
    path = li.begin()
    cut(li, path, 0, BYTES[:at], len(BYTES))
    until(lambda: landed(folder, path) == at)
    until(lambda: li.append(path, at, b"").status_code == 204)
    assert li.offset(path) == at
    li.send(path, piece=len(BYTES))
    assert IncomingFile.objects.get().md5 == MD5


def test_two_at_once_are_told_to_wait(li, someone, folder):
    path = li.begin()
    body = Slowly(BYTES, SMALLEST_READ)
    second = someone("li")
    first = threading.Thread(target=li.append, args=(path, 0, body))
    first.start()
    until(lambda: landed(folder, path) == SMALLEST_READ)
    answer = second.append(path, SMALLEST_READ, BYTES[SMALLEST_READ:100_000])
    assert answer.status_code == 423
    assert answer.json() == {"error": "This file is being received at this moment; try again in a few seconds."}
    body.finish()
    first.join()
    assert IncomingFile.objects.get().md5 == MD5


@pytest.mark.parametrize("offset", [0, 99, 101, len(BYTES)])
def test_a_wrong_offset_changes_nothing(li, folder, offset):
    path = li.begin()
    li.append(path, 0, BYTES[:100])
    answer = li.append(path, offset, BYTES[:50])
    assert answer.status_code == 409
    assert "do not follow" in answer.json()["error"]
    assert li.offset(path) == 100


def test_more_than_was_announced_is_refused(li):
    path = li.begin(size=100)
    assert li.append(path, 0, BYTES[:101]).status_code == 413
    assert li.offset(path) == 0


def test_after_a_log_out_it_waits_for_the_same_person(li):
    path = li.begin()
    li.append(path, 0, BYTES[:1000])
    li.log_out()
    answer = li.append(path, 1000, BYTES[1000:2000])
    assert answer.status_code == 401
    assert "Log in" in answer.json()["error"]
    li.log_in("li")
    assert li.offset(path) == 1000
    li.send(path)
    assert IncomingFile.objects.get().md5 == MD5


def test_a_log_out_in_the_middle_of_a_piece_loses_nothing(li, someone, folder):
    path = li.begin()
    body = Slowly(BYTES[:200_000], SMALLEST_READ)
    sending = threading.Thread(target=li.append, args=(path, 0, body))
    sending.start()
    until(lambda: landed(folder, path) == SMALLEST_READ)
    li.log_out()
    body.finish()
    sending.join()
    li.log_in("li")
    assert li.offset(path) == 200_000


@pytest.mark.parametrize("method", ["HEAD", "PATCH", "DELETE", "GET"])
def test_nobody_else_sees_or_touches_it(li, someone, folder, method):
    path = li.begin()
    wang = someone("wang")
    wang_path = path.rstrip("/") + ".json" if method == "GET" else path
    body = BYTES[:10] if method == "PATCH" else None
    headers = {name.replace("-", "_"): value for name, value in PIECE.items()} if body else {}
    answer = wang.ask(method, wang_path, body, Upload_Offset="0", **headers)
    assert answer.status_code == 404
    assert wang.files() == []
    assert li.offset(path) == 0


def test_a_superuser_does_not_continue_it_either(li, someone, django_user_model):
    path = li.begin()
    boss = someone("boss")
    django_user_model.objects.filter(username="boss").update(is_superuser=True)
    assert boss.append(path, 0, BYTES[:10]).status_code == 404


def test_the_last_piece_may_be_asked_for_twice(li):
    """Its answer was lost: the file is there once."""
    path = li.begin(makes_video="1")
    li.send(path)
    assert li.offset(path) == len(BYTES)
    assert li.append(path, len(BYTES), b"").status_code == 204
    assert li.append(path, 0, BYTES).status_code == 409
    assert IncomingFile.objects.count() == 1
    assert IncomingFile.objects.get().video is not None


def test_one_that_is_removed_is_gone(li, folder):
    path = li.begin()
    li.append(path, 0, BYTES[:1000])
    assert li.ask("DELETE", path).status_code == 204
    assert li.ask("HEAD", path).status_code == 404
    assert list(folder.iterdir()) == []


def test_one_may_be_removed_while_a_piece_is_under_way(li, someone, folder):
    path = li.begin()
    body, answers = Slowly(BYTES, SMALLEST_READ), []
    sending = threading.Thread(target=lambda: answers.append(li.append(path, 0, body)))
    sending.start()
    until(lambda: landed(folder, path) == SMALLEST_READ)
    assert someone("li").ask("DELETE", path).status_code == 204
    body.finish()
    sending.join()
    assert answers[0].status_code == 410
    assert list(folder.iterdir()) == []


def test_removing_one_that_a_video_has_taken_leaves_the_video_its_file(li):
    path = li.begin(makes_video="1")
    li.send(path)
    video = IncomingFile.objects.get().video
    assert video is not None
    li.ask("DELETE", path)
    with video.source.open("rb") as stored:
        assert stored.read() == BYTES
    assert li.files() == []
