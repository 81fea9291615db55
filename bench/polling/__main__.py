"""Thousands of videos followed to their end, beside asking about each one by one at the same times.

The exit code is 1 when a target was missed. bench/README.md says how to read the figures.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from bench.common import command
from bench.common.machine import machine
from bench.polling.report import Report
from bench.polling.running import Plan, run

NAME = "bench.polling"


def main(arguments: Sequence[str] | None = None) -> int:
    given = _arguments(arguments)
    facts = machine()
    limits = {"youku": given.youku_limit} if given.youku_limit else {}
    runs = []
    for count in dict.fromkeys((given.small, given.videos)):
        print(f"{count} videos uploaded over {given.over:g} h ...", file=sys.stderr)
        runs.append(run(Plan(count, given.over, given.database, limits)))
    return command.end(NAME, Report(facts, runs), given)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = command.parser(NAME, __doc__)
    parser.add_argument("--videos", type=int, default=20_000, metavar="N", help="on three accounts (20,000)")
    parser.add_argument("--small", type=int, default=2000, metavar="N", help="of the run that memory is compared with")
    parser.add_argument("--over", type=float, default=1.0, metavar="HOURS", help="in which they are uploaded (1)")
    parser.add_argument("--youku-limit", type=int, metavar="CALLS", help="an hour for the Youku account (any number)")
    parser.add_argument("--database", default="", metavar="URL", help=f"{command.DATABASE} (a SQLite file)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
