"""The scripts that people type."""

import os
import subprocess

import pytest

from script.make_env import ROOT

COMMANDS = (
    "script/demo",
    "script/test",
    "script/setup",
    "script/server",
    "script/worker",
    "script/make-sample",
    ".ci/run",
)


@pytest.mark.parametrize("name", [*COMMANDS, "script/common.sh"])
def test_bash_understands_it(name):
    assert subprocess.run(["bash", "-n", ROOT / name], check=False).returncode == 0


@pytest.mark.parametrize("name", COMMANDS)
def test_it_can_be_run_and_stops_at_the_first_error(name):
    assert os.access(ROOT / name, os.X_OK)
    assert "set -euo pipefail" in (ROOT / name).read_text()


@pytest.fixture
def bare_project(tmp_path):
    """The scripts in a folder of their own, without a virtual environment."""
    (tmp_path / "script").mkdir()
    for name in ("common.sh", "setup", "server", "worker"):
        target = tmp_path / "script" / name
        target.write_bytes((ROOT / "script" / name).read_bytes())
        target.chmod(0o755)
    return tmp_path


@pytest.fixture
def old_python(tmp_path):
    """A PATH whose only Python is one that is too old."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in ("bash", "dirname", "cat"):
        (folder / tool).symlink_to(f"/bin/{tool}" if os.path.exists(f"/bin/{tool}") else f"/usr/bin/{tool}")
    python = folder / "python3"
    python.write_text('#!/bin/bash\nif [ "$1" = -c ]; then echo 3.9; else exit 1; fi\n')
    python.chmod(0o755)
    return folder


def test_a_python_that_is_too_old_is_named(bare_project, old_python):
    done = subprocess.run(
        ["bash", "script/setup"],
        cwd=bare_project,
        env={"PATH": str(old_python)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "needs Python 3.11 or newer; python3 is 3.9" in done.stderr
    assert not (bare_project / ".venv").exists()


@pytest.mark.parametrize("name", ["script/server", "script/worker"])
def test_serving_without_setup_says_what_to_do(bare_project, name):
    done = subprocess.run(["bash", name], cwd=bare_project, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Run script/setup first." in done.stderr


@pytest.mark.parametrize("name", ["script/server", "script/worker"])
def test_a_missing_key_is_one_sentence_instead_of_a_traceback(name):
    environment = {**os.environ, "ENV_FILE": "", "SECRET_KEY": "", "CREDENTIALS_KEY": "", "DEBUG": "0"}
    done = subprocess.run(["bash", ROOT / name], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "SECRET_KEY is not set" in done.stderr
