"""The tables of all runs, for a terminal, as JSON, and as a part of docs/performance.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.common.machine import told
from bench.common.tables import Row, as_markdown, as_text
from bench.importing.running import PASSES, Run

MIB = 1024**2
LEAST_ROWS, MOST_GROWTH, MOST_STATEMENTS = 2000, 24 * MIB, 12
TARGETS = ("target", "", "measured", "verdict")
SPEED = ("pass", "videos", "rows a second, hub", "rows a second, with the list", "CPU, s", "hub, s", "list, s")
DATABASE = ("pass", "videos", "batches", "SQL statements", "of a batch")
MEMORY = ("pass", "videos", "before, MiB", "peak, MiB", "growth, MiB")


@dataclass(frozen=True)
class Report:
    """Runs on a `machine` as `machine()` tells it, of each database from small to large."""

    machine: Mapping[str, Any]
    runs: Sequence[Run]

    @property
    def passed(self) -> bool:
        return all(row[-1] == "passed" for row in self.targets())

    def targets(self) -> list[Row]:
        found: list[Row] = []
        for database in dict.fromkeys(run.database for run in self.runs):
            own = [run for run in self.runs if run.database == database]
            large = own[-1]
            if database == "SQLite":
                speed = _speed(large, 0)
                text = f"{speed:,.0f} a second"
                found.append(_verdict("first import on SQLite", f"≥ {LEAST_ROWS:,} rows", text, speed >= LEAST_ROWS))
            growth = _peak(large) - _peak(own[0])
            name = f"memory of {large.size:,} videos beside {own[0].size:,}, {database}"
            wanted = f"≤ {MOST_GROWTH // MIB} MiB more"
            found.append(_verdict(name, wanted, f"{growth / MIB:.1f} MiB", growth <= MOST_GROWTH))
            most = max(_a_batch(large, number) for number in (0, 1))
            name = f"SQL statements of a batch of 500, {database}"
            found.append(_verdict(name, f"≤ {MOST_STATEMENTS}", f"{most:.1f}", most <= MOST_STATEMENTS))
        return found

    def tables(self) -> Iterator[tuple[str, Row, Sequence[Row]]]:
        """Heading, head and rows of each table."""
        yield "Targets", TARGETS, self.targets()
        rows = {"Speed": (SPEED, _speed_row), "Statements": (DATABASE, _database_row), "Memory": (MEMORY, _memory_row)}
        for name, (head, row) in rows.items():
            yield name, head, [row(run, number) for run in self.runs for number in range(len(PASSES))]

    def as_text(self) -> str:
        return "\n\n".join(f"{title}\n{as_text(head, rows)}" for title, head, rows in self.tables())

    def as_json(self) -> dict[str, Any]:
        names = ("name", "wanted", "measured", "verdict")
        targets = [dict(zip(names, row, strict=True)) for row in self.targets()]
        return {"machine": dict(self.machine), "runs": [asdict(run) for run in self.runs], "targets": targets}

    def section(self) -> str:
        reached = sum(row[-1] == "passed" for row in self.targets())
        blocks = ["## Importing a library", told(self.machine)]
        blocks.append(f"{reached} of {len(self.targets())} targets were reached in this run.")
        for title, head, rows in self.tables():
            blocks += [f"### {title} of importing", as_markdown(head, rows)]
        return "\n\n".join([*blocks, METHOD])


def _name(run: Run, number: int) -> str:
    return f"{run.database}: {PASSES[number]}"


def _speed_row(run: Run, number: int) -> Row:
    done = run.passes[number]
    with_list = run.size / done["seconds"]
    times = (f"{done['cpu']:.1f}", f"{done['seconds'] - done['listing']:.1f}", f"{done['listing']:.1f}")
    return _name(run, number), f"{run.size:,}", f"{_speed(run, number):,.0f}", f"{with_list:,.0f}", *times


def _database_row(run: Run, number: int) -> Row:
    done = run.passes[number]
    a_batch = f"{_a_batch(run, number):.1f}"
    return _name(run, number), f"{run.size:,}", f"{done['batches']:,}", f"{done['statements']:,}", a_batch


def _memory_row(run: Run, number: int) -> Row:
    done = run.passes[number]
    sizes = (done["before"], done["peak"], done["peak"] - done["before"])
    return _name(run, number), f"{run.size:,}", *(f"{size / MIB:.1f}" for size in sizes)


def _speed(run: Run, number: int) -> float:
    """Rows a second in the hub, without the time in which the list was asked for and read."""
    done = run.passes[number]
    return run.size / (done["seconds"] - done["listing"])


def _a_batch(run: Run, number: int) -> float:
    return float(run.passes[number]["statements"] / run.passes[number]["batches"])


def _peak(run: Run) -> int:
    return max(int(done["peak"]) for done in run.passes)


def _verdict(name: str, wanted: str, measured: str, passed: bool) -> Row:
    return name, wanted, measured, "passed" if passed else "MISSED"


METHOD = """### What is measured in this part

`.venv/bin/python -m bench.importing --write` renews this part.

- **The library** is listed as Baijiayun lists it, a thousand videos a page, by a small server in the process of the
  benchmark; the hub's real driver asks it over HTTP. It answers at once and costs next to nothing.
- **A row** is a video with its publication and the first event of its history: three rows of the database. They are
  written in batches of 500, each in one transaction.
- **hub** is the time by the clock without that in which the list was asked for and read: comparing, writing, the
  database. **list** is the rest. Both have one process, as with one worker.
- **The three passes** are one import each: of a library that the hub does not know, of the same once more, and of the
  same with another cover for each video, so that every publication changes.
- **Statements** are those of the whole pass (the import's own row, too), divided by its batches; one that writes many
  rows counts once, the begin and the end of a transaction not.
- **Memory** is the private memory of the process that imports; the pages of a SQLite file that are mapped into it, up
  to 128 MiB, do not count."""
