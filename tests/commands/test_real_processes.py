"""The commands as a person's script runs them: real processes against a real `manage.py sandbox`."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

from tests import hub
from tests.installed import Installed

pytestmark = pytest.mark.xdist_group("processes")

ROOT = Path(__file__).resolve().parents[2]
# Each process takes its time to start on a busy machine.
LONG_SECONDS = 10 * int(hub.PATIENCE_SECONDS)
WORDS = ("--title", "第一课", "--description", "认识分数", "--tags", "数学,三年级")


class Shell:
    """A hub of its own, as someone has it who has just installed it."""

    def __init__(self, folder: Path, installed: Installed) -> None:
        installed.copy_database(folder / "hub.sqlite3")
        self.environment = {
            "PATH": os.environ["PATH"],
            "ENV_FILE": "",
            "SECRET_KEY": "only this test's own, and long enough for Django's liking",
            "CREDENTIALS_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
            "DATABASE_URL": f"sqlite:///{folder / 'hub.sqlite3'}",
            "MEDIA_ROOT": str(folder / "media"),
            "LANGUAGE_CODE": "en",
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "manage.py", *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True
        )

    def run(self, *arguments: str, stdin: str = "") -> tuple[int, Any, str]:
        """Exit code, the one document on stdout (None: nothing there), stderr."""
        process = self.start(*arguments)
        out, err = process.communicate(stdin, timeout=LONG_SECONDS)
        return process.returncode, json.loads(out) if out else None, err


@pytest.fixture(scope="module")
def shell(tmp_path_factory, installed) -> Shell:
    return Shell(tmp_path_factory.mktemp("hub"), installed)


@pytest.fixture(scope="module")
def credentials(shell, tmp_path_factory) -> Iterator[dict[str, str]]:
    """A sandbox in a process of its own; an account of the hub for each platform; their credentials as JSON."""
    folder = tmp_path_factory.mktemp("sandbox")
    process = shell.start("sandbox", "--data", str(folder), "--pace", "0.1", "--json")
    assert process.stdout is not None
    document = json.loads(process.stdout.readline())
    shell.environment |= document["environment"]
    given = {platform: Path(file).read_text() for platform, file in document["credentials"].items()}
    for platform, text in given.items():
        assert add(shell, platform, text) == (0, True)
    yield given
    process.send_signal(signal.SIGTERM)
    assert process.wait(LONG_SECONDS) == 0


def add(shell: Shell, platform: str, credentials: str) -> tuple[int, bool]:
    arguments = ("account_add", platform, "--platform", platform, "--credentials-file", "-", "--json")
    code, document, _err = shell.run(*arguments, stdin=credentials)
    return code, document["created"]


def test_the_main_job_is_done_by_processes_that_share_nothing_but_the_database(shell, credentials):
    to = [argument for platform in credentials for argument in ("--to", platform)]
    code, published, err = shell.run("publish", str(hub.SAMPLE), *to, *WORDS, "--now", "--wait", "--json")
    assert (code, [row["state"] for row in published["publications"]]) == (0, ["published"] * 3), err
    assert published["video"]["md5"] == hashlib.md5(hub.SAMPLE.read_bytes()).hexdigest()
    assert "Traceback" not in err
    secrets = [value for text in credentials.values() for value in json.loads(text).values() if len(value) > 20]
    assert not [value for value in secrets if value in err + json.dumps(published)]


def test_bad_input_and_wrong_usage_are_one_document_and_an_exit_of_2(shell, credentials):
    code, refused, err = shell.run("publish", "missing.mp4", "--to", "iqiyi", *WORDS, "--json")
    assert (code, refused["error"]["kind"]) == (2, "BadInput")
    assert "Traceback" not in err
    code, wrong, err = shell.run("publications", "--state", "no such", "--json")
    assert (code, wrong["error"]["kind"]) == (2, "BadInput")
    assert "usage:" in err


def test_two_processes_that_meet_an_expired_token_at_once_refresh_it_once(shell, credentials):
    # A second use of the refresh token would be refused: both can only succeed when it was used once.
    assert add(shell, "youku", json.dumps({"access_token": "expired"})) == (0, False)
    both = [shell.start("account_check", "youku", "--json") for _ in range(2)]
    answers = [process.communicate(timeout=LONG_SECONDS) for process in both]
    assert [process.returncode for process in both] == [0, 0], answers


def test_two_processes_that_upload_the_same_publication_at_once_make_one_video(shell, credentials):
    _code, queued, _err = shell.run("publish", str(hub.SAMPLE), "--to", "iqiyi", *WORDS, "--json")
    pk = str(queued["publications"][0]["id"])
    both = [shell.start("upload", pk, "--json") for _ in range(2)]
    for process in both:
        process.communicate(timeout=LONG_SECONDS)
    assert sorted(process.returncode for process in both) == [0, 2]
    assert shell.run("upload", pk, "--json")[0] == 2


def test_a_reader_that_goes_away_leaves_no_traceback(shell, credentials):
    process = shell.start("call", "baijiayun")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(LONG_SECONDS) == 0


def test_ctrl_c_while_a_bulk_upload_is_waited_for_tells_what_was_queued(shell, credentials, tmp_path, monkeypatch):
    monkeypatch.setitem(shell.environment, "INGEST_ROOT", str(tmp_path))
    (tmp_path / "lesson.mp4").write_bytes(hub.SAMPLE.read_bytes())
    table = tmp_path / "lessons.csv"
    table.write_text("文件,标题,账号\nlesson.mp4,第一课,baijiayun\n", encoding="gb18030")
    process = shell.start("bulk_publish", str(table), "--wait", "--json")
    assert process.stderr is not None
    before = list(takewhile(lambda line: "lessons.csv" not in line, iter(process.stderr.readline, "")))
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=LONG_SECONDS)
    assert ["script/worker" in line for line in before] == [True], "nobody works for it, which is said first"
    assert (process.returncode, json.loads(out)["state"], json.loads(out)["states"]) == (1, "running", {"waiting": 1})
    assert "Traceback" not in err
