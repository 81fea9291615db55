"""The set-up for several machines: rows in PostgreSQL, hints in Redis, workers in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
from psycopg import sql

from sandbox.server import Sandbox
from tests.hub import SAMPLE

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE_SECONDS = 120
PLATFORMS = ("youku", "iqiyi", "baijiayun")


@pytest.fixture
def database(postgres_url) -> Iterator[str]:
    """The address of an empty database that nobody else uses."""
    name = f"mediahub_workers_{os.getpid()}"
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield urlsplit(postgres_url)._replace(path=f"/{name}").geturl()
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


class Hub:
    """A hub in processes; `manage` runs a command and answers its JSON."""

    def __init__(self, folder: Path, box: Sandbox, database: str, redis_url: str) -> None:
        self.environment = {
            **os.environ,
            **box.environment(),
            "DJANGO_SETTINGS_MODULE": "mediahub.settings",
            "ENV_FILE": "",
            "DEBUG": "0",
            "SECRET_KEY": "only these tests' own, and long enough to be a real one",
            "CREDENTIALS_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
            "DATABASE_URL": database,
            "REDIS_URL": redis_url,
            "MEDIA_ROOT": str(folder / "media"),
            "LOG_LEVEL": "WARNING",
        }

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment)

    def manage(self, *arguments: str, stdin: str = "") -> Any:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment, input=stdin,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout) if "--json" in arguments else None


@pytest.fixture
def hub(tmp_path, database, redis_url) -> Iterator[Hub]:
    """A hub with an account on each platform, and its workers."""
    with Sandbox(tmp_path / "sandbox", pace=0.3) as box:
        made = Hub(tmp_path, box, database, redis_url)
        made.manage("migrate", "-v0")
        for platform in PLATFORMS:
            credentials = json.dumps(box.credentials(platform))
            made.manage("account_add", platform, "--platform", platform, "--credentials-file", "-", stdin=credentials)
        workers = made.start("supervise")
        try:
            yield made
        finally:
            workers.terminate()
            workers.wait(PATIENCE_SECONDS)
        assert box.errors == []


@pytest.mark.postgres
@pytest.mark.redis
def test_one_video_is_published_everywhere_by_workers_that_redis_wakes(hub, redis_url):
    to = [argument for platform in PLATFORMS for argument in ("--to", platform)]
    words = ["--title", "第一课 认识分数", "--description", "三年级数学", "--tags", "数学,三年级"]
    options = ["--option", "definition=4", "--wait", str(PATIENCE_SECONDS), "--json"]
    sent = hub.manage("publish", str(SAMPLE), *to, *words, *options)
    assert {row["platform"]: row["state"] for row in sent["publications"]} == dict.fromkeys(PLATFORMS, "published")
    assert all(row["attempts"] == 1 for row in sent["publications"])
    # Nothing is queued beside Redis: the table of the other broker stays empty.
    with psycopg.connect(hub.environment["DATABASE_URL"]) as rows:
        assert rows.execute("SELECT count(*) FROM django_q_ormq").fetchone() == (0,)
    assert [key for key in redis.Redis.from_url(redis_url).keys("*") if b"mediahub" in key]
