"""The results as they are shown: a line as each is known, a table in the end, and the page of the documentation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from script.fault_matrix.lab import DECISION, HARMLESS, OK, TOLD, Result
from script.fault_matrix.protocols import MIB

MOST_NOTE = 1000


@dataclass(frozen=True)
class Cell:
    """All results of one fault on one protocol."""

    fault: str
    protocol: str
    results: tuple[Result, ...]

    def count(self, outcome: str) -> int:
        return sum(result.outcome == outcome for result in self.results)

    @property
    def bad(self) -> int:
        return sum(result.outcome not in HARMLESS for result in self.results)

    @property
    def resent(self) -> str:
        """The most that was sent again, and the most that may be, in MiB; of the upload that came closest to it."""
        measured = [result for result in self.results if result.bound]
        if not measured:
            return ""
        most = max(measured, key=lambda result: result.resent / result.bound)
        return f"{most.resent / MIB:.1f} of {most.bound / MIB:.0f}"

    @property
    def slowest(self) -> float:
        return max(result.seconds for result in self.results)


def cells(results: Iterable[Result]) -> list[Cell]:
    """By fault and protocol, in the order in which they came first."""
    found: dict[tuple[str, str], list[Result]] = {}
    for result in results:
        found.setdefault((result.fault, result.protocol), []).append(result)
    return [
        Cell(fault, protocol, tuple(found[fault, protocol])) for fault, protocol in sorted(found, key=_order(found))
    ]


def _order(found: Iterable[tuple[str, str]]):  # type: ignore[no-untyped-def]
    faults = list(dict.fromkeys(fault for fault, _protocol in found))
    return lambda key: (faults.index(key[0]), key[1])


def line(result: Result) -> str:
    """One result as it is told while the matrix runs."""
    sent = f"  {result.resent / MIB:.1f} of {result.bound / MIB:.0f} MiB again" if result.bound else ""
    note = f"\n    {result.note[:MOST_NOTE]}" if result.note else ""
    return f"{result.protocol:<17} {result.fault:<28} {result.at:<34} {result.outcome}{sent}  {result.seconds} s{note}"


HEADS = ("Fault", "Protocol", "Tries", "Arrived, once", "Told why", "Needs a decision", "Went wrong",
         "Sent again, MiB", "Slowest, s")  # fmt: skip


def table(results: Sequence[Result]) -> str:
    """Markdown: a row a fault and protocol."""
    rows = [_row(cell) for cell in cells(results)]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in (HEADS, ("---",) * len(HEADS), *rows))


def _row(cell: Cell) -> tuple[object, ...]:
    counts = (cell.count(TOLD) or "", cell.count(DECISION) or "", cell.bad or "")
    return (cell.fault, cell.protocol, len(cell.results), cell.count(OK), *counts, cell.resent, f"{cell.slowest:.0f}")


def what_went_wrong(results: Iterable[Result]) -> str:
    """Each bad result with all that its hub noted, below the table: the end of a log is what is kept and read."""
    told = []
    for result in results:
        if failed([result]):
            told += ["", line(result), *(f"      {entry}" for entry in result.history)]
    return "\n".join([*told, ""])


def verdict(results: Sequence[Result]) -> str:
    """One sentence."""
    bad = sum(cell.bad for cell in cells(results))
    decisions = sum(result.outcome == DECISION for result in results)
    arrived = sum(result.outcome == OK for result in results)
    return f"{arrived} of {len(results)} arrived, once and undamaged; {decisions} ask a person; {bad} went wrong."


def failed(results: Iterable[Result]) -> bool:
    return any(result.outcome not in HARMLESS for result in results)
