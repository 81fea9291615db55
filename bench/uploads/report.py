"""Everything that one call of the benchmark has measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.common.machine import told
from bench.common.tables import as_text
from bench.uploads import tables, targets
from bench.uploads.method import METHOD
from bench.uploads.running import MIB, Result
from bench.uploads.targets import Verdict


@dataclass(frozen=True)
class Report:
    """`machine` as `machine()` tells it; results by client's name, none where nothing was measured."""

    machine: Mapping[str, Any]
    fast: Mapping[str, Result]
    slow: Mapping[str, Result]
    memory: Mapping[str, Result]

    @property
    def verdicts(self) -> list[Verdict]:
        return [
            *targets.at_full_speed(self.fast),
            *targets.over_the_slow_line(self.slow),
            *targets.of_memory(self.memory),
        ]

    @property
    def passed(self) -> bool:
        return all(verdict.passed for verdict in self.verdicts)

    def as_text(self) -> str:
        blocks = [", ".join(f"{name} {value}" for name, value in self.machine.items())]
        if self.fast:
            blocks.append(f"At full speed, {_mib(self.fast)} MiB")
            blocks.append(as_text(tables.SPEEDS, tables.speed_rows(self.fast)))
            blocks.append(as_text(tables.TARGETS, tables.target_rows(targets.at_full_speed(self.fast))))
        if self.slow:
            blocks.append(f"Over the slow line, {_mib(self.slow)} MiB")
            blocks.append(as_text(tables.SLOW_SPEEDS, tables.slow_rows(self.slow)))
            blocks.append(as_text(tables.TARGETS, tables.target_rows(targets.over_the_slow_line(self.slow))))
        if self.memory:
            blocks.append("Memory, over a sparse file")
            blocks.append(as_text(tables.MEMORY, tables.memory_rows(self.memory, targets.ROOM)))
            blocks.append(as_text(tables.TARGETS, tables.target_rows(targets.of_memory(self.memory))))
        return "\n\n".join(filter(None, [*blocks, *self.warnings()]))

    def section(self) -> str:
        verdicts = self.verdicts
        reached = sum(verdict.passed for verdict in verdicts)
        blocks = [
            "## Uploads to the platforms",
            f"{told(self.machine)} Client and sink share these cores.",
            f"{reached} of {len(verdicts)} targets were reached in this run.",
            "![Speed of uploads](uploads.svg)",
            f"### At full speed, {_mib(self.fast)} MiB",
            tables.as_markdown(tables.SPEEDS, tables.speed_rows(self.fast)),
            tables.as_markdown(tables.TARGETS, tables.target_rows(targets.at_full_speed(self.fast))),
            f"### Over a slow line, {_mib(self.slow)} MiB",
            tables.as_markdown(tables.SLOW_SPEEDS, tables.slow_rows(self.slow)),
            tables.as_markdown(tables.TARGETS, tables.target_rows(targets.over_the_slow_line(self.slow))),
            "### Memory",
            tables.as_markdown(tables.MEMORY, tables.memory_rows(self.memory, targets.ROOM)),
            *self.warnings(),
            METHOD,
        ]
        return "\n\n".join(blocks)

    def warnings(self) -> list[str]:
        """What makes figures of this report worth less."""
        hashing = sorted(r.name for r in self.fast.values() if any(run.hashed for run in r.runs))
        told = "The sink had to hash what {} sent while it was timed: ranges that nobody had sent before."
        return [told.format(", ".join(hashing))] if hashing else []

    def as_json(self) -> dict[str, Any]:
        measured = {"fast": self.fast, "slow": self.slow, "memory": self.memory}
        results = {name: [result.as_json() for result in found.values()] for name, found in measured.items() if found}
        verdicts = [
            {"name": v.name, "against": v.what, "reached": round(v.reached, 3), "wanted": v.wanted,
             "at_most": v.at_most, "unit": v.unit, "passed": v.passed}
            for v in self.verdicts
        ]  # fmt: skip
        return {"machine": dict(self.machine), **results, "targets": verdicts}


def _mib(results: Mapping[str, Result]) -> int:
    return next(iter(results.values())).size // MIB
