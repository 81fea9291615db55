"""What a run shows: calls and looks, how late ends were seen, statements, memory."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.polling.running import Run
from bench.polling.scenario import DELETED, ENDINGS, FAILED, PLATFORMS, PUBLISHED, REFUSED

#: What the hub calls each ending.
STATES = {
    PUBLISHED: {"published"}, FAILED: {"failed"}, REFUSED: {"rejected", "blocked"}, DELETED: {"missing"},
}  # fmt: skip


@dataclass(frozen=True)
class Spread:
    """The middle, the 95th percentile and the largest of some figures."""

    median: float
    most: float
    largest: float

    @classmethod
    def of(cls, figures: Sequence[float]) -> Spread:
        if not figures:
            return cls(0, 0, 0)
        ordered = sorted(figures)
        return cls(statistics.median(ordered), ordered[int(0.95 * (len(ordered) - 1))], ordered[-1])


@dataclass(frozen=True)
class Calls:
    """`calls` that were made and `looks`: those that asking one by one at the same times takes."""

    videos: int
    looks: int
    calls: int

    @property
    def share(self) -> float:
        return self.calls / self.looks if self.looks else 0.0


@dataclass(frozen=True)
class Ends:
    """Seconds by which ends of a kind were seen later than one by one (`later`), and after they came (`after`)."""

    videos: int
    unseen: int
    later: Spread
    after: Spread


def calls_of(run: Run) -> dict[str, Calls]:
    """By platform."""
    return {
        platform: Calls(
            sum(1 for key in run.films if key[0] == platform),
            sum(len(looks) for key, looks in run.looks.items() if key[0] == platform),
            sum(run.calls[platform].values()),
        )
        for platform in PLATFORMS
    }


def together(parts: Mapping[str, Calls]) -> Calls:
    each = parts.values()
    return Calls(sum(c.videos for c in each), sum(c.looks for c in each), sum(c.calls for c in each))


def ends_of(run: Run) -> dict[str, Ends]:
    """By ending. Whoever asks one by one sees an end at the first look that does not come before it."""
    found = {}
    for ending in ENDINGS:
        films = {key: film for key, film in run.films.items() if film.ending == ending}
        seen = {key: run.seen[key][1] for key in films if run.seen[key][0] in STATES[ending]}
        later = [at - first for key, at in seen.items() for first in _first_look(run, key)]
        after = [at - films[key].end for key, at in seen.items()]
        found[ending] = Ends(len(films), len(films) - len(seen), Spread.of(later), Spread.of(after))
    return found


def _first_look(run: Run, key: tuple[str, str]) -> Iterator[int]:
    """The first look at a video at or after its end, if there was any."""
    end = run.films[key].end
    yield from [look for look in run.looks[key] if look >= end][:1]


@dataclass(frozen=True)
class Statements:
    """Of a batch, of one of the changed rows, and how many videos a batch had; the mean over the batches of a pass."""

    batches: int
    batch: Spread
    change: Spread
    size: Spread


def statements_of(run: Run) -> Statements:
    rows = [dict(zip(PASS, row, strict=True)) for row in run.passes]
    busy = [row for row in rows if row["batches"]]
    changing = [row for row in rows if row["changes"]]
    return Statements(
        sum(row["batches"] for row in busy),
        Spread.of([row["statements"] / row["batches"] for row in busy]),
        Spread.of([row["change_statements"] / row["changes"] for row in changing]),
        Spread.of([row["looked"] / row["batches"] for row in busy]),
    )


PASS = ("moment", "calls", "batches", "looked", "statements", "changes", "change_statements")


def as_json(run: Run) -> dict[str, Any]:
    """Everything about a run but its single videos."""
    parts = calls_of(run)
    return {
        "videos": run.plan.count, "uploaded_over_hours": run.plan.over, "calls_per_hour": run.plan.limits,
        "database": "postgresql" if run.plan.database else "sqlite",
        "calls": {name: vars(part) | {"share": round(part.share, 4)} for name, part in parts.items()},
        "share": round(together(parts).share, 4), "calls_by_name": run.calls,
        "ends": {
            name: {"videos": e.videos, "unseen": e.unseen, "later": vars(e.later), "after": vars(e.after)}
            for name, e in ends_of(run).items()
        },
        "statements": {
            name: vars(value) if isinstance(value, Spread) else value
            for name, value in vars(statements_of(run)).items()
        },
        "passes": len(run.passes), "followed": run.followed,
    }  # fmt: skip
