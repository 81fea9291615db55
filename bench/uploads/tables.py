"""The results as rows of tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.common import tables
from bench.common.tables import Row
from bench.uploads.names import LABELS, OURS
from bench.uploads.running import MIB, Result
from bench.uploads.targets import Verdict

SPEEDS = ("client", "MB/s", "slowest to fastest", "CPU s/GiB", "sink CPU s/GiB", "idle MiB", "growth MiB", "requests")
SLOW_SPEEDS = ("client", "MB/s", "slowest to fastest", "seconds", "requests")
MEMORY = ("client", "file GiB", "part MiB", "under way", "idle MiB", "growth MiB", "bound MiB", "MB/s")
TARGETS = ("client", "against", "target", "measured", "verdict")


def speed_rows(results: Mapping[str, Result]) -> list[Row]:
    return [
        (LABELS[name], f"{r.speed / 1e6:.0f}", _range(r, 0), f"{r.cpu:.2f}", f"{r.sink_cpu:.2f}", _mib(r.idle),
         _mib(r.growth), str(r.runs[-1].requests))
        for name, r in results.items()
    ]  # fmt: skip


def slow_rows(results: Mapping[str, Result]) -> list[Row]:
    return [
        (LABELS[name], f"{r.speed / 1e6:.2f}", _range(r, 2), f"{r.seconds:.2f}", str(r.runs[-1].requests))
        for name, r in results.items()
    ]


def memory_rows(results: Mapping[str, Result], room: int) -> list[Row]:
    return [
        (LABELS[name], f"{r.size / 1024 ** 3:.0f}", f"{max(run.largest for run in r.runs) / MIB:.0f}",
         str(max(run.most_under_way for run in r.runs)), _mib(r.idle), _mib(r.growth), _mib(r.bound + room),
         f"{r.speed / 1e6:.0f}")
        for name, r in results.items()
    ]  # fmt: skip


def target_rows(verdicts: Sequence[Verdict]) -> list[Row]:
    return [verdict.row() for verdict in verdicts]


def as_markdown(head: Row, rows: Sequence[Row]) -> str:
    """Among others, our own rows are bold."""
    ours = {LABELS[name] for name in OURS}
    return tables.as_markdown(head, rows, ours if any(row[0] not in ours for row in rows) else ())


def _range(result: Result, digits: int) -> str:
    slowest, fastest = result.speeds
    return f"{slowest / 1e6:.{digits}f} to {fastest / 1e6:.{digits}f}"


def _mib(count: int) -> str:
    return f"{count / MIB:.0f}"
