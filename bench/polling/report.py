"""The tables of all runs, for a terminal, as JSON, and as a part of docs/performance.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.common.machine import told
from bench.common.tables import Row, as_markdown, as_text
from bench.polling import figures
from bench.polling.figures import Spread
from bench.polling.running import Run
from bench.polling.scenario import ENDINGS, PUBLISHED

MIB = 1024**2
MOST_SHARE, MOST_STATEMENTS, MOST_GROWTH = 0.05, 8, 6 * MIB
NAMES = {"youku": "Youku", "iqiyi": "iQiyi", "baijiayun": "Baijiayun"}
CALLS = ("", "videos", "one by one, calls", "calls", "share", "of which")
ENDS = ("ending", "videos", "later than one by one, median", "95 % below", "most", "after the end, median",
        "95 % below", "most")  # fmt: skip
STATEMENTS = ("SQL statements", "median", "95 % below", "most")
MEMORY = ("videos", "at start, MiB", "peak, MiB", "growth, MiB", "of it private, MiB", "minutes by the clock", "CPU, s")
TARGETS = ("target", "", "measured", "verdict")


@dataclass(frozen=True)
class Report:
    """Runs of growing size on a `machine` as `machine()` tells it; calls, ends and statements are the last one's."""

    machine: Mapping[str, Any]
    runs: Sequence[Run]

    @property
    def passed(self) -> bool:
        return all(row[-1] == "passed" for row in self.targets())

    def targets(self) -> list[Row]:
        run = self.runs[-1]
        share = figures.together(figures.calls_of(run)).share
        ends, statements = figures.ends_of(run), figures.statements_of(run)
        unseen = sum(end.unseen for end in ends.values())
        later = ends[PUBLISHED].later.largest
        growth = max(_peak(run) for run in self.runs) - _peak(self.runs[0])
        return [
            _verdict("calls beside one by one", f"≤ {MOST_SHARE:.0%}", f"{share:.2%}", share <= MOST_SHARE),
            _verdict("ends that were not seen", "0", f"{unseen:,}", not unseen),
            _verdict("published, seen later than one by one", "≤ 0 s", lasting(later), later <= 0),
            _verdict(
                "SQL statements of a batch, at most", f"≤ {MOST_STATEMENTS}", f"{statements.batch.largest:.1f}",
                statements.batch.largest <= MOST_STATEMENTS,
            ),
            _verdict(
                f"memory of {run.plan.count:,} videos beside {self.runs[0].plan.count:,}",
                f"≤ {MOST_GROWTH / MIB:.0f} MiB more", f"{growth / MIB:.1f} MiB", growth <= MOST_GROWTH,
            ),
        ]  # fmt: skip

    def tables(self) -> Iterator[tuple[str, Row, Sequence[Row]]]:
        """Heading, head and rows of each table."""
        run = self.runs[-1]
        yield "Targets", TARGETS, self.targets()
        yield "Calls to the platforms", CALLS, list(call_rows(run))
        yield "When ends are seen", ENDS, list(end_rows(run))
        yield "Database", STATEMENTS, list(statement_rows(run))
        yield "Memory of the process that follows", MEMORY, [memory_row(each) for each in self.runs]

    def as_text(self) -> str:
        return "\n\n".join(f"{title}\n{as_text(head, rows)}" for title, head, rows in self.tables())

    def as_json(self) -> dict[str, Any]:
        names = ("name", "wanted", "measured", "verdict")
        targets = [dict(zip(names, row, strict=True)) for row in self.targets()]
        runs = [figures.as_json(run) for run in self.runs]
        return {"machine": dict(self.machine), "runs": runs, "targets": targets}

    def section(self) -> str:
        run = self.runs[-1]
        reached = sum(row[-1] == "passed" for row in self.targets())
        blocks = ["## Following videos", f"{told(self.machine)} {_scenario(run)}"]
        blocks.append(f"{reached} of {len(self.targets())} targets were reached in this run.")
        for title, head, rows in self.tables():
            blocks += [f"### {title}", as_markdown(head, rows)]
        return "\n\n".join([*blocks, METHOD])


def call_rows(run: Run) -> Iterator[Row]:
    found = figures.calls_of(run)
    parts = {NAMES[platform]: part for platform, part in found.items()} | {"together": figures.together(found)}
    for name, part in parts.items():
        yield name, f"{part.videos:,}", f"{part.looks:,}", f"{part.calls:,}", f"{part.share:.2%}", _by_name(run, name)


def _by_name(run: Run, name: str) -> str:
    """The calls to the platform that is called so, by the last word of their addresses."""
    found = next((calls for platform, calls in run.calls.items() if NAMES[platform] == name), {})
    return ", ".join(f"{call.partition('.')[0]} {count:,}" for call, count in sorted(found.items()))


def end_rows(run: Run) -> Iterator[Row]:
    ends = figures.ends_of(run)
    for ending in ENDINGS:
        found = ends[ending]
        yield ending, f"{found.videos:,}", *_lasting(found.later), *_lasting(found.after)


def statement_rows(run: Run) -> Iterator[Row]:
    found = figures.statements_of(run)
    yield f"of a batch ({found.batches:,} batches)", *_counts(found.batch)
    yield "of a row that changed", *_counts(found.change)
    yield "(videos in a batch)", *_counts(found.size)


def memory_row(run: Run) -> Row:
    done = run.followed
    growth, private = _peak(run) - done["at_start"], done["private_peak"]
    sizes = [f"{size / MIB:.1f}" for size in (done["at_start"], _peak(run), growth, private)]
    return f"{run.plan.count:,}", *sizes, f"{done['wall_seconds'] / 60:.1f}", f"{done['cpu_seconds']:.0f}"


def lasting(seconds: float) -> str:
    """Such as `45 s`, `12 min`, `5.2 h`."""
    if abs(seconds) < 180:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if abs(seconds) < 3 * 3600 else f"{seconds / 3600:.1f} h"


def _lasting(spread: Spread) -> tuple[str, str, str]:
    return lasting(spread.median), lasting(spread.most), lasting(spread.largest)


def _counts(spread: Spread) -> tuple[str, str, str]:
    return f"{spread.median:.1f}", f"{spread.most:.1f}", f"{spread.largest:.1f}"


def _peak(run: Run) -> int:
    return int(run.followed["peak"])


def _verdict(name: str, wanted: str, measured: str, passed: bool) -> Row:
    return name, wanted, measured, "passed" if passed else "MISSED"


def _scenario(run: Run) -> str:
    plan, limits = run.plan, ", ".join(f"{NAMES[name]} {limit:,}" for name, limit in run.plan.limits.items())
    told_limits = f"Calls an hour: {limits}." if limits else "The accounts may make any number of calls."
    kind = "PostgreSQL" if plan.database else "SQLite"
    return f"{plan.count:,} videos on three accounts, uploaded over {plan.over:g} h; the hub on {kind}. {told_limits}"


METHOD = """### What is measured in this part

`.venv/bin/python -m bench.polling --write` renews this part.

- **The videos** are on three accounts, a third on each platform, and are uploaded evenly over the time that is told. Of
  a hundred, ninety are published within the hour, after a fifth to nine tenths of their playing time, which is a minute
  to an hour; of the others some fail, some are refused in review, some are published after 2 to 48 hours, and a few are
  deleted on the platform.
- **Time** is virtual and the same for the hub and the sandbox: it jumps to the next second at which something is due,
  as the supervisor ticks once a second. All calls are real HTTP, and all rows are real.
- **One by one** is one call for each look at each video, at the very times at which the hub looked. An end is seen so
  at the first look that does not come before it. **Later than that** may be no video that gets
  published: the verdict is about those. What fails, is refused or deleted is learned by close looks, which are rare
  because they take a call for each video: the table of ends tells how much later it is seen.
- **Statements** are counted for each pass over what is due, and divided by the batches of that pass: a batch is what is
  due of one account, asked about together. What a row needs that changed (its state and its history) is told by itself.
  The begin and the end of a transaction are not counted.
- **Memory** is resident, of the one process that follows: its peak, and what it had before its first look. On SQLite it
  also holds pages of the database file, up to 20 MiB of its own and 128 MiB mapped, whatever is followed."""
