"""Processes that share a database and a bucket: one is killed in the middle, another goes on."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sandbox.server import Answer, Call, Sandbox
from tests import hub
from tests.commands.test_real_processes import WORDS, Shell
from tests.hub import until

pytestmark = pytest.mark.xdist_group("processes")


@pytest.fixture
def shell(far, box, tmp_path, installed) -> Shell:
    """A hub whose files are in the bucket, with an account."""
    made = Shell(tmp_path, installed)
    made.environment |= far.environment | box.environment()
    credentials = json.dumps(box.credentials("iqiyi", "main"))
    added = made.run("account_add", "iq", "--platform", "iqiyi", "--credentials-file", "-", "--json", stdin=credentials)
    assert added[0] == 0, added
    return made


def test_an_upload_from_the_bucket_is_resumed_by_another_process(shell, far, box, tmp_path):
    file = tmp_path / "long.mp4"
    # An mp4 may end in a box of anything.
    padding = 12 * 1024 * 1024
    file.write_bytes(hub.SAMPLE.read_bytes() + (padding + 8).to_bytes(4, "big") + b"free" + bytes(padding))
    code, queued, err = shell.run("publish", str(file), "--to", "iq", *WORDS, "--json")
    assert code == 0, err
    (row,) = queued["publications"]
    many, shell.environment = shell.environment, {**shell.environment, "UPLOAD_CONNECTIONS": "1"}
    answers_no_more(box, after=4_000_000)
    first = shell.start("upload", str(row["id"]), "--json")
    shell.environment = many
    until(lambda: box.blocks.taken)
    first.kill()
    first.communicate()
    # The file was brought before; it is not on the disk of whoever goes on.
    (name,) = far.names()
    assert not (Path(shell.environment["MEDIA_ROOT"]) / name).exists()
    with closing(sqlite3.connect(tmp_path / "hub.sqlite3")) as rows, rows:
        rows.execute("UPDATE platforms_publication SET lease_until = '2020-01-01'")
    done = shell.run("upload", str(row["id"]), "--json")
    assert done[0] == 0, done
    assert sent_to_the_platform(box) < 1.7 * file.stat().st_size
    assert [video["md5"] for video in box.videos()] == [queued["video"]["md5"]]
    assert box.videos()[0]["size"] == file.stat().st_size


def answers_no_more(box: Sandbox, after: int) -> None:
    """Once it has received so many bytes, the platform leaves the next part without an answer."""
    add = box.requests.add

    def note(call: Call) -> None:
        add(call)
        if sent_to_the_platform(box) > after:
            box.block("/iqiyi-upload/", Answer(503, delay=3600), method="POST")
            box.requests.add = add  # type: ignore[method-assign]

    box.requests.add = note  # type: ignore[method-assign]


def sent_to_the_platform(box: Sandbox) -> int:
    """How many bytes of the file the platform has received."""
    calls = [call for call in box.requests if call.platform == "iqiyi" and call.method == "POST"]
    return sum(int(call.headers.get("content-length") or 0) for call in calls)
