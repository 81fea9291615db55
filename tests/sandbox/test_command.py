"""``manage.py sandbox`` as a script or a person starts it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest
import requests

from sandbox.server import Sandbox

MANAGE = Path(__file__).parents[2] / "manage.py"
ENVIRONMENT = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}


def command(*arguments: str) -> list[str]:
    return [sys.executable, str(MANAGE), "sandbox", *arguments]


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    with subprocess.Popen(command(*arguments), env=ENVIRONMENT, text=True, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout
        finally:
            process.kill()


def test_it_prints_one_json_document_serves_and_ends_with_ctrl_c(tmp_path: Path):
    with running("--json", "--data", str(tmp_path)) as (process, output):
        document = json.loads(output.readline())

        assert set(document) == {"url", "data", "environment", "credentials"}
        assert requests.get(f"{document['url']}/sandbox/videos.json").json() == []
        assert {"client_id", "access_token"} <= set(json.loads(Path(document["credentials"]["youku"]).read_text()))
        process.send_signal(signal.SIGINT)
        assert (process.wait(60), output.read()) == (0, "")


def test_it_prints_lines_for_an_environment_file_and_ends_with_sigterm(tmp_path: Path):
    with running("--data", str(tmp_path)) as (process, output):
        lines = [output.readline().strip() for _ in range(5)]
        process.send_signal(signal.SIGTERM)
        rest = output.read()
        assert process.wait(60) == 0

    names = [line.partition("=")[0] for line in lines]
    assert names == [
        *("YOUKU_API_URL", "YOUKU_OPENAPI_URL", "IQIYI_API_URL", "IQIYI_UPLOAD_URL", "BAIJIAYUN_API_URL"),
    ]
    assert str(tmp_path / "credentials" / "youku.json") in rest


def refused(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(command(*arguments), env=ENVIRONMENT, text=True, capture_output=True, check=False, timeout=60)
    if "--json" in arguments:
        assert json.loads(done.stdout)["error"]["message"] in done.stderr
    else:
        assert done.stdout == ""
    return done.returncode, done.stderr


@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_a_port_in_use_is_a_clear_failure(tmp_path: Path, as_json: list[str]):
    with Sandbox() as box:
        port = box.url.rpartition(":")[2]
        status, message = refused("--port", port, "--data", str(tmp_path), *as_json)

    assert status == 1
    assert port in message
    assert "Traceback" not in message


@pytest.mark.parametrize(
    "arguments",
    [["--port", "70000"], ["--pace", "-1"], ["--fault", "kind=x"], ["--fault", "kind=expired_sts,path=/iqiyi"]],
)
def test_wrong_usage(tmp_path: Path, arguments: list[str]):
    assert refused("--data", str(tmp_path), *arguments)[0] == 2
    assert refused("--data", str(tmp_path), *arguments, "--json")[0] == 2


def test_it_explains_itself():
    done = subprocess.run(command("--help"), env=ENVIRONMENT, text=True, capture_output=True, check=False, timeout=60)

    assert done.returncode == 0
    assert "--pace" in done.stdout


def test_it_starts_with_faults(tmp_path: Path):
    with running("--json", "--data", str(tmp_path), "--fault", "kind=http_503,path=/iqiyi") as (_, output):
        url = json.loads(output.readline())["url"]

        assert [requests.get(f"{url}/iqiyi/api/file/info").status_code for _ in range(3)] == [503, 503, 503]
        assert requests.get(f"{url}/sandbox/faults").json()["counts"][0]["count"] == 3
