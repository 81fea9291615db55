"""Uploads to gunicorn: killed in the middle, on a full disk, with a network that falls silent."""

from __future__ import annotations

import contextlib
import hashlib
import random
import shutil
import struct
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from platforms.intake.entrance import LARGEST_PIECE
from platforms.services.files.landing import size_of
from tests.hub import until
from tests.intake.server import Server
from tests.intake.test_going_on import Slowly
from tests.intake.tus_client import BYTES, Person

MIB = 1024 * 1024
# A film with some empty room at its end, as its format allows.
ROOM = 12 * MIB
FILM = BYTES + struct.pack(">I", ROOM + 8) + b"free" + random.Random(13).randbytes(ROOM)
FILM_MD5 = hashlib.md5(FILM).hexdigest()


@pytest.fixture(scope="module")
def server(tmp_path_factory, installed) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("server"), installed)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def li(server: Server) -> Person:
    return Person(server.url, "li")


def on_disk(server: Server, path: str) -> Path:
    return server.media / "incoming" / path.strip("/").rsplit("/", 1)[-1]


def stored(server: Server) -> set[Path]:
    """The files of the hub's videos."""
    return set((server.media / "videos").rglob("*.mp4"))


def reaches(path: Path, size: int) -> bool:
    return size_of(path) >= size


def send_half(person: Person, path: str, offset: int, piece: bytes, half: int) -> Slowly:
    """Begin to send a piece, and be silent after its first half until told to finish."""

    def work() -> None:
        with contextlib.suppress(requests.RequestException):
            person.append(path, offset, body)

    body = Slowly(piece, half)
    threading.Thread(target=work).start()
    return body


@pytest.mark.parametrize("number", range(2))
def test_killed_in_the_middle_of_a_piece_it_goes_on_after_its_restart(server, li, number):
    chance, before = random.Random(number), stored(server)
    path, at = li.begin(len(FILM), makes_video="1"), 0
    for _time in range(2):
        piece = FILM[at : at + chance.randrange(MIB, 4 * MIB)]
        body = send_half(li, path, at, piece, half=len(piece) // 2)
        enough = at + chance.randrange(1, len(piece) // 4)
        until(partial(reaches, on_disk(server, path), enough))
        server.kill()
        body.finish()
        landed = size_of(on_disk(server, path))
        server.start()
        at = li.offset(path)
        assert at == landed
    li.send(path, FILM, piece=4 * MIB)
    file = li.file(path)
    assert file["state"] == "taken"
    (video,) = stored(server) - before
    assert hashlib.md5(video.read_bytes()).hexdigest() == FILM_MD5
    assert not on_disk(server, path).exists()


def test_killed_after_the_last_byte_it_is_finished_when_somebody_asks(server, li):
    path = li.begin(filename="killed.mp4", makes_video="1")
    li.append(path, 0, BYTES[:-1])
    server.kill()
    with on_disk(server, path).open("ab") as file:
        file.write(BYTES[-1:])
    server.start()
    assert li.offset(path) == len(BYTES)
    assert li.file(path)["state"] == "taken"


def test_a_network_that_falls_silent_does_not_lock_the_file_for_ever(server, li):
    path = li.begin()
    body = send_half(li, path, 0, BYTES, half=300_000)
    until(lambda: size_of(on_disk(server, path)) > 0)
    second = Person(server.url, "li")
    offset = second.offset(path)
    until(lambda: second.append(path, second.offset(path), b"").status_code == 204)
    assert second.offset(path) >= offset
    second.send(path)
    assert second.file(path)["state"] == "ready"
    body.finish()


def test_an_early_refusal_is_read_by_the_sender(server, li):
    """Also when the piece is far larger than what sockets hold."""
    path = li.begin(size=100 * MIB)
    answer = li.append(path, 7, bytes(32 * MIB))
    assert (answer.status_code, "do not follow" in answer.json()["error"]) == (409, True)
    assert li.append(path, 0, bytes(1000)).status_code == 204
    li.ask("DELETE", path)


def test_the_server_needs_no_more_memory_for_a_large_file(server, li):
    def memory() -> int:
        return max(int(process.memory_info().rss) for process in server.processes())

    li.send(li.begin())
    before, peak = memory(), 0
    path, piece = li.begin(4 * LARGEST_PIECE), bytes(LARGEST_PIECE)
    for number in range(4):
        assert li.append(path, number * LARGEST_PIECE, piece).status_code == 204
        peak = max(peak, memory())
    assert peak - before < 24 * MIB


# A full disk ----------------------------------------------------------------------------------------------------------


class LimitedFiles:
    """No file of the server may grow beyond `most` bytes."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def fill(self, most: int) -> None:
        for process in self._server.processes():
            process.rlimit(psutil.RLIMIT_FSIZE, (most, psutil.RLIM_INFINITY))

    def make_room(self) -> None:
        self.fill(psutil.RLIM_INFINITY)

    end = make_room


class SmallDisk:
    """A disk in memory where files arrive, which another file fills up to `most` bytes. Only root may have one."""

    def __init__(self, server: Server) -> None:
        self._folder = server.media / "incoming"
        self._other = self._folder / "another file"
        self._folder.mkdir(parents=True, exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(self._folder)]
        if subprocess.run(command, check=False, capture_output=True).returncode:
            pytest.skip("only root may mount a small disk")

    def fill(self, most: int) -> None:
        self._other.write_bytes(bytes(shutil.disk_usage(self._folder).free - most))

    def make_room(self) -> None:
        self._other.unlink()

    def end(self) -> None:
        subprocess.run(["umount", "--lazy", str(self._folder)], check=True)


@pytest.fixture(params=[LimitedFiles, SmallDisk])
def disk(request, server: Server) -> Iterator[Any]:
    made = request.param(server)
    yield made
    made.end()


def test_a_disk_that_fills_up_keeps_what_arrived_and_the_upload_goes_on_later(server, li, disk):
    path = li.begin(len(FILM))
    assert li.append(path, 0, FILM[:MIB]).status_code == 204
    disk.fill(most=8 * MIB)
    answer = li.append(path, MIB, FILM[MIB:])
    assert answer.status_code == 507
    assert answer.json() == {"error": "The hub's disk is full. What has arrived is kept; make room, then go on."}
    landed = li.offset(path)
    assert MIB < landed < len(FILM)
    assert li.append(path, landed, FILM[landed : landed + MIB]).status_code == 507
    disk.make_room()
    li.send(path, FILM, piece=4 * MIB)
    assert li.file(path)["state"] == "ready"
    assert hashlib.md5(on_disk(server, path).read_bytes()).hexdigest() == FILM_MD5
