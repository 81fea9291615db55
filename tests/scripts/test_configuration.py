"""`.env.example` and what is made of it."""

import json
import re
import subprocess
import sys

import environ
import pytest

from script.make_env import ROOT, make_env

EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
RECORD = """
import json, os, runpy
import environ

class Recorder(dict):
    names = set()

    def __getitem__(self, name):
        self.names.add(name)
        return super().__getitem__(name)

environ.Env.ENVIRON = Recorder(os.environ)
runpy.run_path("script/gunicorn.conf.py")
print(json.dumps(sorted(Recorder.names)))
"""


def variables_read() -> set[str]:
    """The names that the settings and the web server's configuration ask the environment for."""
    keys = {
        "SECRET_KEY": "not empty",
        "CREDENTIALS_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
        "ENV_FILE": "",
    }
    done = subprocess.run(
        [sys.executable, "-c", RECORD], env=keys, cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout))


def test_the_example_names_exactly_the_variables_that_are_read():
    named = re.findall(r"(?m)^#?([A-Z][A-Z0-9_]+)=", EXAMPLE)
    assert len(named) == len(set(named))
    assert set(named) == variables_read() - {"ENV_FILE"}


def test_every_variable_is_explained_in_both_languages():
    for block in re.split(r"\n\n+", EXAMPLE):
        if re.search(r"(?m)^#?[A-Z][A-Z0-9_]+=", block):
            words = [line for line in block.splitlines() if line.startswith("# ")]
            assert any(re.search(r"[a-z]{3}", line) for line in words), block
            assert any(re.search(r"[\u4e00-\u9fff]", line) for line in words), block


@pytest.fixture
def folder(tmp_path):
    (tmp_path / ".env.example").write_text(EXAMPLE, encoding="utf-8")
    return tmp_path


def test_a_new_env_has_keys_of_its_own_and_is_for_its_owner_only(folder, monkeypatch):
    monkeypatch.setattr(environ.Env, "ENVIRON", {})
    assert make_env(folder) is True
    environ.Env.read_env(str(folder / ".env"))
    read = environ.Env.ENVIRON
    assert len(read["SECRET_KEY"]) >= 50
    assert len(read["CREDENTIALS_KEY"]) == 44
    assert (folder / ".env").stat().st_mode & 0o777 == 0o600


def test_an_env_that_exists_is_left_alone(folder):
    (folder / ".env").write_text("SECRET_KEY=mine\n")
    assert make_env(folder) is False
    assert (folder / ".env").read_text() == "SECRET_KEY=mine\n"


def test_two_installations_have_different_keys(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    (other / ".env.example").write_text(EXAMPLE, encoding="utf-8")
    make_env(folder)
    make_env(other)
    assert (folder / ".env").read_text() != (other / ".env").read_text()
