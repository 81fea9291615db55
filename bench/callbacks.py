"""How fast the hub answers platforms, beside its health page in the same run: `python -m bench.callbacks`.

A real gunicorn with one process over a SQLite file answers rounds of requests, one after the other over one kept-alive
connection: the health page, a signed callback of a new event, and a question about an access key. The table shows
medians, and each median as a multiple of the health page's.
"""

from __future__ import annotations

import hashlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from bench.common import command
from bench.common.hub import environment, free_port, manage
from bench.common.machine import machine, told
from bench.common.page import ROOT
from bench.common.tables import Row, as_markdown, as_text

NAME = "bench.callbacks"
KEY = "a-partner-key-of-the-benchmark"
HEALTH = "health page"
TARGETS = {"callback": 4.0, "access key": 2.0}
NAMES = {"sqlite": "SQLite", "postgres": "PostgreSQL", "postgresql": "PostgreSQL"}
TITLE = "## Answers to platforms"
HEAD = ("", "median ms", "95 % below, ms", "x health page", "target")
METHOD = """`.venv/bin/python -m bench.callbacks --write` renews this part. One gunicorn process answers in turn, over
one kept-alive connection: the **health page**, which touches no row; a **callback** of Baijiayun with a new event
number, whose sign is verified and which is stored before the answer; and Baijiayun's question about an **access key**
that the hub has issued. Client and server share the machine's cores, and every answer is checked."""
PREPARE = """
import datetime
from django.utils import timezone
from platforms.models import Account, Publication, Video
from platforms.services import access_keys
account = Account.objects.create(name="bj", platform="baijiayun", credentials={
    "private_domain": "demo", "partner_id": "1", "partner_key": %r})
video = Video.objects.create(title="lesson")
Publication.objects.create(video=video, account=account, remote_id="7", state="processing")
later = timezone.now() + datetime.timedelta(days=1)
key = access_keys.issue(account, video=video, expires_at=later, most_plays=None, viewer="", actor="bench")
print(account.callback_id, access_keys.token(key))
"""


@dataclass(frozen=True)
class Hub:
    """A running server, and what a request to it needs."""

    url: str
    callback_id: str
    token: str

    def health(self, session: requests.Session, number: int) -> requests.Response:
        return session.get(f"{self.url}/healthz", timeout=10)

    def callback(self, session: requests.Session, number: int) -> requests.Response:
        form = {"video_id": "7", "status": "100", "qid": f"{time.time_ns()}", "timestamp": str(int(time.time()))}
        text = "&".join([*(f"{name}={form[name]}" for name in sorted(form)), f"partner_key={KEY}"])
        signed = form | {"sign": hashlib.md5(text.encode()).hexdigest()}
        return session.post(f"{self.url}/callbacks/baijiayun/{self.callback_id}/", data=signed, timeout=10)

    def access_key(self, session: requests.Session, number: int) -> requests.Response:
        form = {"access_key": self.token, "video_id": "7"}
        return session.post(f"{self.url}/callbacks/baijiayun/{self.callback_id}/authorize/", data=form, timeout=10)


@dataclass(frozen=True)
class Report:
    """`seconds` of every answer, by what was asked, on a `machine` as `machine()` tells it."""

    machine: Mapping[str, Any]
    database: str
    seconds: Mapping[str, Sequence[float]]

    def median(self, name: str) -> float:
        """In milliseconds."""
        return statistics.median(self.seconds[name]) * 1000

    def ratio(self, name: str) -> float:
        return self.median(name) / self.median(HEALTH)

    @property
    def passed(self) -> bool:
        return all(self.ratio(name) <= target for name, target in TARGETS.items())

    def rows(self) -> list[Row]:
        return [
            (
                name,
                f"{self.median(name):.2f}",
                f"{statistics.quantiles(seconds, n=20)[-1] * 1000:.2f}",
                f"{self.ratio(name):.2f}",
                f"≤ {TARGETS[name]:g}" if name in TARGETS else "",
            )
            for name, seconds in self.seconds.items()
        ]

    def as_text(self) -> str:
        return as_text(HEAD, self.rows())

    def section(self) -> str:
        count = len(self.seconds[HEALTH])
        where = f"{told(self.machine)} {count:,} requests of each kind, {self.database}."
        verdict = "Both targets were reached." if self.passed else "A target was missed."
        return "\n\n".join([TITLE, where, verdict, as_markdown(HEAD, self.rows()), METHOD])

    def as_json(self) -> dict[str, Any]:
        answers = {
            name: {"median_ms": round(self.median(name), 3), "times_health_page": round(self.ratio(name), 3)}
            for name in self.seconds
        }
        return {
            "machine": dict(self.machine), "database": self.database, "answers": answers, "targets": TARGETS,
            "passed": self.passed,
        }  # fmt: skip


def main() -> int:
    """0 when every target is met."""
    parser = command.parser(NAME, __doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--requests", type=int, default=100, help="of each kind in a round")
    parser.add_argument(
        "--database", default="", help="a DATABASE_URL to use instead of a SQLite file; it is written to"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = measured(Path(folder), options.database, options.rounds, options.requests)
    return command.end(NAME, report, options)


def measured(folder: Path, database: str, rounds: int, count: int) -> Report:
    """Start the hub's server over this database ("": a SQLite file in `folder`) and ask it."""
    facts, port = machine(), free_port()
    more = {"DATABASE_URL": database} if database else {}
    settings = environment(
        folder, DEBUG="1", BIND=f"127.0.0.1:{port}", WEB_WORKERS="1", PUBLIC_URL=f"http://127.0.0.1:{port}", **more
    )
    manage(settings, "migrate", "--verbosity", "0")
    callback_id, token = manage(settings, "shell", "-v", "0", "-c", PREPARE % KEY).split()[-2:]
    gunicorn = [sys.executable, "-m", "gunicorn", "--config", "script/gunicorn.conf.py", "mediahub.wsgi:application"]
    server = subprocess.Popen(gunicorn, cwd=ROOT, env=settings, stderr=subprocess.DEVNULL)
    try:
        hub = Hub(f"http://127.0.0.1:{port}", callback_id, token)
        _wait(hub.url)
        kind = database.partition(":")[0] or "sqlite"
        return Report(facts, f"the hub on {NAMES.get(kind, kind)}", _asked(hub, rounds, count))
    finally:
        server.terminate()
        server.wait()


def _asked(hub: Hub, rounds: int, count: int) -> dict[str, list[float]]:
    kinds: dict[str, Callable[[requests.Session, int], requests.Response]] = {
        HEALTH: hub.health, "callback": hub.callback, "access key": hub.access_key,
    }  # fmt: skip
    times: dict[str, list[float]] = {name: [] for name in kinds}
    with requests.Session() as session:
        for _round in range(rounds):
            for name, ask in kinds.items():
                times[name] += [_seconds(ask, session, number) for number in range(count)]
    return times


def _seconds(
    ask: Callable[[requests.Session, int], requests.Response], session: requests.Session, number: int
) -> float:
    started = time.perf_counter()
    answer = ask(session, number)
    took = time.perf_counter() - started
    if answer.status_code != 200 or answer.json().get("code", 0) != 0:
        raise SystemExit(f"answered {answer.status_code} {answer.text[:200]}")
    return took


def _wait(url: str) -> None:
    for _attempt in range(100):
        try:
            requests.get(f"{url}/healthz", timeout=10)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server did not start")


if __name__ == "__main__":
    sys.exit(main())
