"""What the services promise about rows, they promise on PostgreSQL too."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
# Claims, leases, conditional updates and columns: where the database decides. What platforms and files can do wrong
# is the same on any database.
DECIDED_BY_ROWS = (
    "leases", "main_job", "polling", "progress", "queue", "removal", "stopping_uploads", "stored_credentials",
    "token_renewal",
)  # fmt: skip


@pytest.mark.postgres
def test_rows_are_claimed_changed_and_kept_on_postgresql_as_on_sqlite(postgres_url):
    # Two runs on one server must not share a database.
    address = urlsplit(postgres_url)._replace(path=f"/mediahub_services_{os.getpid()}").geturl()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    files = [f"tests/services/test_{name}.py" for name in DECIDED_BY_ROWS]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *files],
        cwd=ROOT, env={**environment, "DATABASE_URL": address}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
