"""Uploads beside the clients that people use today; bench/README.md says how to read the figures."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from bench.common import command
from bench.common.machine import machine
from bench.common.page import DOCS, ROOT
from bench.uploads.chart import chart
from bench.uploads.names import FAST_ONLY, NAMES, OURS
from bench.uploads.report import Report
from bench.uploads.running import GIB, MIB, SLOW_LINE, Plan, Result, measured

NAME = "bench.uploads"
FOLDER = ROOT / "var" / "bench"
DRAWING, FIGURES = DOCS / "uploads.svg", DOCS / "uploads.json"
FAST_MIB, SLOW_MIB, MEMORY_GIB = 256, 32, 20


def main(arguments: Sequence[str] | None = None) -> int:
    given = _arguments(arguments)
    report = Report(machine(), _fast(given), _slow(given), _memory(given))
    if given.svg:
        given.svg.write_text(chart(report))
    if given.write:
        DRAWING.write_text(chart(report))
        FIGURES.write_text(json.dumps(report.as_json(), indent=1) + "\n")
    return command.end(NAME, report, given)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    epilog = f"NAME is one of {', '.join(NAMES)}. The exit code is 1 when a target was missed."
    parser = command.parser(NAME, __doc__, epilog=epilog)
    parser.add_argument("--size", type=int, metavar="MiB", help=f"of the file ({FAST_MIB}; {SLOW_MIB} with --slow)")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="of which the median counts (3)")
    parser.add_argument("--slow", action="store_true", help="over a line of 4 MB/s a connection and 40 ms a request")
    parser.add_argument("--memory", action="store_true", help=f"the memory of ours over a file of {MEMORY_GIB} GiB")
    parser.add_argument("--gib", type=int, default=MEMORY_GIB, help="of that file")
    parser.add_argument("--only", nargs="+", action="extend", choices=NAMES, metavar="NAME", help="clients to run")
    parser.add_argument("--verify", action="store_true", help="hash what arrives: the figures are worth nothing then")
    parser.add_argument("--no-warm-up", action="store_true", help="count the first round")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="draw the speeds there")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="for the files (var/bench)")
    given = parser.parse_args(arguments)
    given.only = given.only or list(NAMES)
    return given


def _fast(given: argparse.Namespace) -> dict[str, Result]:
    if (given.slow or given.memory) and not given.write:
        return {}
    size = (given.size or FAST_MIB) * MIB
    plan = Plan(given.only, size, given.runs, warm_ups=0 if given.no_warm_up else 1, verify=given.verify)
    return measured(plan, given.folder)


def _slow(given: argparse.Namespace) -> dict[str, Result]:
    if not (given.slow or given.write):
        return {}
    names = [name for name in given.only if name not in FAST_ONLY]
    size = SLOW_MIB if given.write else given.size or SLOW_MIB
    return measured(Plan(names, size * MIB, given.runs, SLOW_LINE, verify=given.verify), given.folder)


def _memory(given: argparse.Namespace) -> dict[str, Result]:
    if not (given.memory or given.write):
        return {}
    names = [name for name in given.only if name in OURS]
    return measured(Plan(names, given.gib * GIB, 1, sparse=True), given.folder)


if __name__ == "__main__":
    raise SystemExit(main())
