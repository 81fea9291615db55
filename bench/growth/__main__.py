"""How the admin's lists, searches and pages and the workers' ticks take a thousand, a hundred thousand and a million
publications, on PostgreSQL and SQLite.

0 when every target is reached. It needs 5 GB below var/ and as much for PostgreSQL, and removes all of it.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from bench.common import command
from bench.common.hub import environment, manage
from bench.common.page import ROOT
from bench.growth.databases import POSTGRES, SQLITE, Worker, worker
from bench.growth.report import Measured, Report

NAME = "bench.growth"
SIZES = (1_000, 100_000, 1_000_000)


def main() -> int:
    parser = command.parser(NAME, __doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="N", help="publications")
    parser.add_argument("--only", choices=(POSTGRES, SQLITE), help="one database")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--match", default="", metavar="WORDS", help="cases whose name has these words")
    options = parser.parse_args()
    report = Report(sorted(options.sizes), options.runs)
    place = ROOT / "var" / "bench"
    place.mkdir(parents=True, exist_ok=True)
    for database in [options.only] if options.only else [POSTGRES, SQLITE]:
        with tempfile.TemporaryDirectory(dir=place, prefix="growth-") as folder:
            measure(report, database, Path(folder), options.match)
    return command.end(NAME, report, options)


def measure(report: Report, database: str, folder: Path, match: str) -> None:
    """Fill a hub of each size, then measure every case in all of them by turns."""
    manage(environment(folder, STATIC_ROOT=str(folder / "static")), "collectstatic", "--noinput", "--verbosity", "0")
    with ExitStack() as stack:
        workers: dict[int, Worker] = {}
        for size in report.sizes:
            own = folder / str(size)
            own.mkdir()
            workers[size] = stack.enter_context(worker(database, size, own))
            filled = json.loads(workers[size].answer())["fill_seconds"]
            report.fill_seconds.setdefault(database, {})[size] = filled
            _say(f"{database}: {size:,} publications in {filled} s")
        started = time.monotonic()
        report.measured[database] = [
            _case(number, one, workers, report.runs)
            for number, one in enumerate(_known(workers))
            if match in f"{one.place}: {one.name}"
        ]
        _say(f"{database}: measured in {time.monotonic() - started:.0f} s")


def _known(workers: dict[int, Worker]) -> list[Measured]:
    """The cases, as the workers number them."""
    one = next(iter(workers.values()))
    one.tell("cases")
    return [Measured(*names) for names in json.loads(one.answer())]


def _case(number: int, measured: Measured, workers: dict[int, Worker], runs: int) -> Measured:
    for run in range(runs + 1):
        for size, running in workers.items():
            running.tell(number)
            answer = json.loads(running.answer())
            if run:  # the first one fills caches
                measured.milliseconds.setdefault(size, []).append(round(answer["seconds"] * 1000, 2))
                measured.statements[size], measured.bytes[size] = answer["statements"], answer["bytes"]
    medians = "  ".join(f"{measured.median(size):8.1f}" for size in workers)
    _say(f"  {medians}  {measured.ratio:5.1f}  {measured.place}: {measured.name}")
    return measured


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
