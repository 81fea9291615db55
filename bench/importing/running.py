"""One run: a library, an empty hub, and a process that imports it three times."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.common.hub import database, environment, manage
from bench.common.page import ROOT
from bench.importing.listing import Library, served

#: What the library is like each time: as it was, as it was, and with another cover for each video.
PASSES = ("first import", "nothing new", "every cover is another")


@dataclass(frozen=True)
class Run:
    """The figures of each pass over `size` videos, in the order of `PASSES`; see `worker.py`."""

    size: int
    database: str
    passes: list[dict[str, Any]]


def run(size: int, address: str = "") -> Run:
    """Import `size` videos into a hub of its own: on the PostgreSQL server of `address`, or on SQLite."""
    library = Library(size)
    with (
        tempfile.TemporaryDirectory(prefix="bench-importing-") as name,
        database(address) as own,
        served(library) as url,
    ):
        settings = environment(Path(name), BAIJIAYUN_API_URL=url, **own)
        manage(settings, "migrate", "--skip-checks", "--verbosity", "0")
        command = [sys.executable, "-m", "bench.importing.worker"]
        with subprocess.Popen(
            command, cwd=ROOT, env=settings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as worker:
            passes = [_pass(worker, library, number) for number in range(len(PASSES))]
            assert worker.stdin is not None
            worker.stdin.close()
        return Run(size, "PostgreSQL" if address else "SQLite", passes)


def _pass(worker: subprocess.Popen[str], library: Library, number: int) -> dict[str, Any]:
    assert worker.stdin is not None
    assert worker.stdout is not None
    library.covers = "b" if number == len(PASSES) - 1 else "a"
    worker.stdin.write("\n")
    worker.stdin.flush()
    answer = worker.stdout.readline()
    if not answer:
        raise subprocess.CalledProcessError(worker.wait(), worker.args)
    figures: dict[str, Any] = json.loads(answer)
    print(f"  {PASSES[number]}: {figures['seconds']:.1f} s", file=sys.stderr)
    return figures
