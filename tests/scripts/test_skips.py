"""A test that lacks something of the system is skipped visibly; in CI it has failed."""

import os
import subprocess
import sys

import pytest

from script.make_env import ROOT

TESTS = """
import pytest

@pytest.mark.postgres
def test_rows(): pass

def test_other(): pytest.skip("no reason at all")

@pytest.mark.xfail(reason="known", strict=True)
def test_known(): raise AssertionError

def test_plain(): pass
"""


@pytest.fixture
def run(tmp_path):
    (tmp_path / "test_it.py").write_text(TESTS)

    def run(ci: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if name not in ("TEST_POSTGRES_URL", "CI")}
        options = ["-p", "tests.conftest", "-p", "no:cacheprovider", "-rs", f"--rootdir={tmp_path}", str(tmp_path)]
        return subprocess.run(
            [sys.executable, "-m", "pytest", *options],
            cwd=ROOT, env={**environment, "CI": ci}, capture_output=True, text=True, check=False,
        )  # fmt: skip

    return run


def test_without_a_server_its_tests_are_skipped_and_say_so(run):
    done = run("")
    assert done.returncode == 0
    assert "1 passed, 2 skipped, 1 xfailed" in done.stdout
    assert "TEST_POSTGRES_URL is not set: run the tests with script/test" in done.stdout


def test_in_ci_a_skipped_test_has_failed(run):
    done = run("true")
    assert done.returncode == 1
    # One is skipped before it begins, which pytest counts as an error, and one by itself.
    assert "1 failed, 1 passed, 1 xfailed" in done.stdout
    assert "1 error" in done.stdout
    assert "With CI=true nothing is skipped. Skipped: TEST_POSTGRES_URL is not set" in done.stdout
