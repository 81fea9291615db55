"""A wrong variable is told in one sentence that names it, before anything starts."""

from __future__ import annotations

import subprocess
import sys

import environ
import pytest

from mediahub import environment
from script.make_env import ROOT

KEYS = {"SECRET_KEY": "not empty", "CREDENTIALS_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "ENV_FILE": ""}


def started_with(**variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "script.check_settings"]
    return subprocess.run(command, env=KEYS | variables, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("CREDENTIALS_KEY", ""),
        ("CREDENTIALS_KEY", "no key"),
        ("PUBLIC_URL", "hub.example.com"),
        ("DEBUG", "maybe"),
        ("BEHIND_PROXY", "nginx"),
        ("UPLOAD_WORKERS", "three"),
        ("DEFAULT_WORKERS", "0"),
        ("UPLOAD_SLICE_SECONDS", "-1"),
        ("WORKER_SILENCE_SECONDS", "1.5"),
        ("LANGUAGE_CODE", "xx"),
        ("TIME_ZONE", "Shanghai"),
        ("LOG_LEVEL", "LOUD"),
        ("DATABASE_URL", "somewhere"),
        ("REDIS_URL", "127.0.0.1:6379"),
        ("MACHINE_NAME", "one:two"),
        ("MACHINE_NAME", "主机"),
        ("MACHINE_NAME", "x" * 65),
    ],
)
def test_a_wrong_variable_is_named(name, value):
    done = started_with(**{name: value})
    assert done.returncode == 1
    assert name in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_password_in_a_wrong_database_address_is_not_repeated():
    done = started_with(DATABASE_URL="mongo://hub:s3cret-word@127.0.0.1/mediahub")
    assert done.returncode == 1
    assert "s3cret-word" not in done.stderr


def test_a_wrong_key_is_not_repeated():
    done = started_with(CREDENTIALS_KEY=f"{KEYS['CREDENTIALS_KEY']},s3cret-but-no-key")
    assert done.returncode == 1
    assert "s3cret" not in done.stderr


def test_what_is_not_set_has_a_default():
    assert started_with().returncode == 0


@pytest.mark.parametrize(
    ("address", "query"),
    [
        ("redis://127.0.0.1:6379/0", "socket_connect_timeout=3&socket_timeout=10"),
        ("redis://127.0.0.1:6379/0?db=2", "db=2&socket_connect_timeout=3&socket_timeout=10"),
        ("redis://127.0.0.1:6379/0?socket_timeout=1", "socket_timeout=1"),
    ],
)
def test_redis_never_holds_up_a_page_for_ever(monkeypatch, address, query):
    monkeypatch.setitem(environ.Env.ENVIRON, "REDIS_URL", address)
    assert environment.redis("REDIS_URL").split("?")[1] == query
