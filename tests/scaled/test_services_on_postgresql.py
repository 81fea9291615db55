"""Everything the services promise, they promise on PostgreSQL too."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.postgres
def test_the_suite_of_the_services_passes_on_postgresql(postgres_url):
    # Two runs on one server must not share a database. Supervised workers have a test of their own beside this one.
    address = urlsplit(postgres_url)._replace(path=f"/mediahub_services_{os.getpid()}").geturl()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--ignore", "tests/services/test_supervising.py"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "tests/services"],
        cwd=ROOT, env={**environment, "DATABASE_URL": address}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
