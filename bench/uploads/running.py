"""Rounds of clients against a sink: A B C, A B C, so that a machine's moods meet all of them."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench.common.page import ROOT
from bench.uploads import ours
from bench.uploads.material import random_file, sparse_file
from bench.uploads.names import MD5
from bench.uploads.wire import Link

FULL_SPEED, SLOW_LINE = Link(), Link(delay=0.040, rate=4_000_000)
MIB, GIB = 1024**2, 1024**3


@dataclass(frozen=True)
class Plan:
    """What is uploaded by whom: `size` in bytes; `runs` are counted, `warm_ups` before them are not."""

    names: Sequence[str]
    size: int
    runs: int
    link: Link = FULL_SPEED
    warm_ups: int = 0
    sparse: bool = False
    verify: bool = False


@dataclass(frozen=True)
class Run:
    """One client's run: what it cost it, and what the sink saw and used (`sink_cpu`, seconds).

    `hashed`: bytes that the sink hashed meanwhile, which slows the client down: none in a good run.
    """

    seconds: float
    cpu: float
    idle: int
    peak: int
    received: int = 0
    most_under_way: int = 0
    largest: int = 0
    requests: int = 0
    hashed: int = 0
    sink_cpu: float = 0.0


@dataclass(frozen=True)
class Result:
    """A client's runs over a file of `size` bytes."""

    name: str
    size: int
    runs: tuple[Run, ...]

    @property
    def seconds(self) -> float:
        return median(run.seconds for run in self.runs)

    @property
    def speed(self) -> float:
        """Bytes a second."""
        return self.size / self.seconds

    @property
    def speeds(self) -> tuple[float, float]:
        """Bytes a second of the slowest and of the fastest run."""
        seconds = [run.seconds for run in self.runs]
        return self.size / max(seconds), self.size / min(seconds)

    @property
    def cpu(self) -> float:
        """Seconds for a GiB."""
        return median(run.cpu for run in self.runs) * GIB / self.size

    @property
    def sink_cpu(self) -> float:
        """The sink's seconds for a GiB."""
        return median(run.sink_cpu for run in self.runs) * GIB / self.size

    @property
    def idle(self) -> int:
        return int(median(run.idle for run in self.runs))

    @property
    def growth(self) -> int:
        """Bytes of resident memory that the largest run took on top of its idle."""
        return max(run.peak - run.idle for run in self.runs)

    @property
    def bound(self) -> int:
        """Bytes of the parts that were under way at once."""
        return max(run.most_under_way * run.largest for run in self.runs)

    def as_json(self) -> dict[str, Any]:
        figures = {"mb_per_second": self.speed / 1e6, "cpu_seconds_per_gib": self.cpu, "idle": self.idle}
        return {"name": self.name, "size": self.size, **figures, "growth": self.growth,
                "runs": [asdict(run) for run in self.runs]}  # fmt: skip


class Damaged(Exception):
    """What arrived is not the file."""


def measured(plan: Plan, folder: Path) -> dict[str, Result]:
    """Run the rounds of a plan; `folder` keeps the files and the hub's empty database."""
    file = sparse_file(folder, plan.size) if plan.sparse else random_file(folder, plan.size)
    ours.make_database(folder)
    if not plan.sparse:
        _read(file)
    try:
        return _rounds(plan, file, folder)
    finally:
        if plan.sparse:
            file.unlink()


def _read(file: Path) -> None:
    """Bring a file into the page cache."""
    with file.open("rb") as source:
        while source.read(MIB):
            pass


def _rounds(plan: Plan, file: Path, folder: Path) -> dict[str, Result]:
    found: dict[str, list[Run]] = {name: [] for name in plan.names}
    with sink(file, plan) as url:
        for number in range(plan.warm_ups + plan.runs):
            for name in plan.names:
                run = _run(name, url, file, folder)
                _say(plan, number, name, run)
                if number >= plan.warm_ups:
                    found[name].append(run)
    return {name: Result(name, plan.size, tuple(runs)) for name, runs in found.items()}


@contextmanager
def sink(file: Path, plan: Plan) -> Iterator[str]:
    """The sink's address; it ends with the block."""
    options = ["--delay", str(plan.link.delay), "--rate", str(plan.link.rate)]
    options += ["--sparse"] if plan.sparse else []
    options += ["--verify"] if plan.verify else []
    command = [sys.executable, "-m", "bench.uploads.sink", str(file), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def _run(name: str, url: str, file: Path, folder: Path) -> Run:
    _ask(f"{url}/bench/begin")
    # A sparse file's md5 is nobody's business here: at intake it would be known.
    md5 = _ask(f"{url}/bench/file")["md5"]
    command = [sys.executable, "-m", "bench.uploads.client", name, url, str(file), "--md5", md5]
    command += ["--folder", str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, check=True)
    report = _ask(f"{url}/bench/report")
    missing, damaged = report.pop("missing"), report.pop("damaged")
    if name != MD5 and (missing or damaged or report["received"] < file.stat().st_size):
        raise Damaged(f"{name}: {missing} bytes are missing, {damaged} parts are damaged: {report}")
    return Run(**json.loads(done.stdout.splitlines()[-1]), **report)


def _ask(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310
        return dict(json.load(answer))


def _say(plan: Plan, number: int, name: str, run: Run) -> None:
    of = "warm-up" if number < plan.warm_ups else f"run {number - plan.warm_ups + 1}"
    speed, hashed = plan.size / run.seconds / 1e6, f", sink hashed {run.hashed}" if run.hashed else ""
    print(f"{of}: {name:15} {speed:8.1f} MB/s{hashed}", file=sys.stderr, flush=True)
