"""What was measured, as tables, as JSON, and as a part of docs/performance.md."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.common import tables
from bench.common.machine import machine, told

TARGET = 3.0
#: What has to hold; a search is shown beside it.
BOUND = ("list", "page", "tick")
METHOD = """`.venv/bin/python -m bench.growth --write` renews this part. Each hub is a database of its own: half as many
videos as publications, four events a publication, deliveries and access keys for a tenth of them, 30 accounts. What a
small hub and a large one have alike is alike: accounts, uploads under way, and at least a page of each state. The rows
come by COPY and bulk statements, and the database has statistics as it has in use. A **page** is what the whole stack
answers to a request of somebody who is logged in, without the web server: sessions, rights, statements, templates.
Times are medians, taken in turns from the hubs of all sizes, so that the machine's moods meet each. **Statements** are
those of the smallest and of the largest hub. The target is for lists as they are sorted and filtered, for pages and for
ticks; searches are shown beside them."""


@dataclass
class Measured:
    """One case on one database: milliseconds of each run and the statements of the last, by size."""

    kind: str
    place: str
    name: str
    milliseconds: dict[int, list[float]] = field(default_factory=dict)
    statements: dict[int, int] = field(default_factory=dict)
    bytes: dict[int, int] = field(default_factory=dict)

    def median(self, size: int) -> float:
        return statistics.median(self.milliseconds[size])

    @property
    def ratio(self) -> float:
        """The largest hub's time by the smallest one's."""
        return self.median(max(self.milliseconds)) / self.median(min(self.milliseconds))

    @property
    def more_statements(self) -> bool:
        """Whether the largest hub takes more of them."""
        return self.statements[max(self.statements)] > self.statements[min(self.statements)]

    @property
    def missed(self) -> bool:
        return (self.kind in BOUND and self.ratio > TARGET) or self.more_statements


@dataclass
class Report:
    """`measured` by database; `fill_seconds` by database and size."""

    sizes: Sequence[int]
    runs: int
    machine: dict[str, Any] = field(default_factory=machine)
    measured: dict[str, list[Measured]] = field(default_factory=dict)
    fill_seconds: dict[str, dict[int, float]] = field(default_factory=dict)

    @property
    def missed(self) -> list[tuple[str, Measured]]:
        return [(database, one) for database, found in self.measured.items() for one in found if one.missed]

    def head(self) -> list[str]:
        return ["", *(f"{size:,}" for size in self.sizes), "ratio", "statements"]

    def rows(self, database: str) -> list[list[str]]:
        return [
            [f"{one.place}: {one.name}", *(f"{one.median(size):.1f}" for size in self.sizes), f"{one.ratio:.1f}",
             _statements(one)]
            for one in self.measured[database]
        ]  # fmt: skip

    @property
    def passed(self) -> bool:
        return not self.missed

    def as_text(self) -> str:
        parts = [f"{name}, ms\n{tables.as_text(self.head(), self.rows(name))}" for name in self.measured]
        return "\n\n".join([*parts, self.verdict()])

    def verdict(self) -> str:
        bound = [one for found in self.measured.values() for one in found if one.kind in BOUND]
        searches = [one for found in self.measured.values() for one in found if one.kind == "search"]
        words = (
            f"Target: at {max(self.sizes):,} publications at most {TARGET:g} times the time at {min(self.sizes):,}, in "
            f"no more statements. Reached by {sum(not one.missed for one in bound)} of {len(bound)} lists, pages and "
            f"ticks, and by {sum(one.ratio <= TARGET for one in searches)} of {len(searches)} searches."
        )
        slow = [f"{name}, {one.place}: {one.name} ({one.ratio:.1f})" for name, found in self.measured.items()
                for one in found if one.ratio > TARGET or one.more_statements]  # fmt: skip
        return f"{words} Not by: {'; '.join(slow)}." if slow else words

    def as_json(self) -> dict[str, Any]:
        return {
            "machine": self.machine, "sizes": list(self.sizes), "runs": self.runs, "target": TARGET,
            "fill_seconds": self.fill_seconds,
            "measured": {name: [vars(one) | {"ratio": round(one.ratio, 2)} for one in found]
                         for name, found in self.measured.items()},
        }  # fmt: skip

    def section(self) -> str:
        filled = "; ".join(f"{name} {max(seconds.values()):.0f} s" for name, seconds in self.fill_seconds.items())
        where = f"{told(self.machine)} Medians of {self.runs}, in milliseconds; filling the largest took {filled}."
        parts = [f"### {name}\n\n{tables.as_markdown(self.head(), self.rows(name))}" for name in self.measured]
        return "\n\n".join(["## Growth", where, self.verdict(), *parts, METHOD])


def _statements(one: Measured) -> str:
    few, many = one.statements[min(one.statements)], one.statements[max(one.statements)]
    return str(few) if few == many else f"{few} to {many}"
