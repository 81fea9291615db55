"""What it takes to bring in a library: rows a second, memory, statements; at first, again, and when all have changed.

The exit code is 1 when a target was missed. bench/README.md says how to read the figures.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from bench.common import command
from bench.common.machine import machine
from bench.importing.report import Report
from bench.importing.running import run

NAME = "bench.importing"


def main(arguments: Sequence[str] | None = None) -> int:
    given = _arguments(arguments)
    facts, runs = machine(), []
    for address in ["", given.database] if given.database else [""]:
        for size in sorted(given.sizes):
            print(f"{size:,} videos on {'PostgreSQL' if address else 'SQLite'} ...", file=sys.stderr)
            runs.append(run(size, address))
    return command.end(NAME, Report(facts, runs), given)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = command.parser(NAME, __doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=(10_000, 100_000), metavar="N", help="videos")
    parser.add_argument("--database", default="", metavar="URL", help=f"{command.DATABASE} (besides a SQLite file)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
