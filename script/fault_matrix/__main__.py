"""Run the matrix, or a part of it: script/faults --help."""

from __future__ import annotations

import argparse
import io
import random
import signal
import sys
import time

from script.fault_matrix import documentation, report
from script.fault_matrix.plan import GROUPS, Choice, run_all
from script.fault_matrix.protocols import PROTOCOLS


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="script/faults",
        description="Kill, cut and lie to uploads, and look whether each becomes one undamaged video. Ends with 1 when "
        "anything is lost, doubled, damaged or sent again beyond its bound.",
    )
    parser.add_argument("--small", action="store_true", help="a few of each kind, in about a minute")
    names = f"protocols ({', '.join(PROTOCOLS)}) and kinds of fault ({', '.join(GROUPS)})"
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=[*PROTOCOLS, *GROUPS], default=[], help=names)
    parser.add_argument("--seed", type=int, help="the same chances as an earlier run, which told its seed")
    parser.add_argument("--jobs", type=int, default=2, help="so many things at once (2)")
    parser.add_argument("--limit", type=float, default=3000.0, metavar="SECONDS", help="give up after so long (3000)")
    parser.add_argument("--write", action="store_true", help="put the table into docs/reliability.md")
    parser.add_argument("--database-url", default="", help="a database of this PostgreSQL server instead of SQLite's; "
                        "one is made for each job, and dropped")  # fmt: skip
    parser.add_argument("--redis-url", default="", help="the broker of what runs with a whole supervisor")
    return parser.parse_args()


def main() -> int:
    asked = arguments()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)
    # An end by a signal goes through every `finally`, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    seed = random.SystemRandom().randrange(10**6) if asked.seed is None else asked.seed
    choice = Choice(
        protocols=tuple(name for name in PROTOCOLS if name in asked.only) or tuple(PROTOCOLS),
        groups=tuple(name for name in GROUPS if name in asked.only) or tuple(GROUPS),
        small=asked.small,
        seed=seed,
        database_url=asked.database_url,
        redis_url=asked.redis_url,
    )
    print(f"Seed {seed}.")
    started, results = time.monotonic(), []
    try:
        for result in run_all(choice, asked.jobs, asked.limit):
            results.append(result)
            print(report.line(result))
    except KeyboardInterrupt:
        print("Interrupted.")
        return 130
    seconds = time.monotonic() - started
    print(f"\n{report.table(results)}\n{report.what_went_wrong(results)}")
    print(f"{report.verdict(results)} {seconds:.0f} seconds, seed {seed}.")
    if asked.write:
        documentation.write(results, seconds=seconds, seed=seed)
    return 1 if report.failed(results) or not results else 0


if __name__ == "__main__":
    sys.exit(main())
