"""What the hub's uploads must reach beside the peers of the same run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bench.uploads.names import CURL, LABELS, MD5, OURS
from bench.uploads.running import MIB, Result

Results = Mapping[str, Result]

ROOM = 64 * MIB  # what memory may grow by besides the parts under way
FASTER = {  # at full speed: at least so many times the best of these peers
    "hub-slices": (2.0, ("youku-sdk",)),
    "hub-oss": (2.0, ("oss2-1", "oss2-8")),
    "hub-ranges": (1.5, ("iqiyi-ranges",)),
    "hub-chunks": (1.5, ("baijiayun-form",)),
}
FASTER_SLOWLY = {  # over the slow line
    "hub-slices": (3.5, ("youku-sdk",)),
    "hub-oss": (3.5, ("oss2-1",)),
    "hub-ranges": (3.5, ("iqiyi-ranges",)),
    "hub-chunks": (0.95, (CURL,)),
}
OF_THE_POSSIBLE = 0.8
MOST_CPU = 1.5


@dataclass(frozen=True)
class Verdict:
    """One target: `reached` beside what was asked for, in the same unit."""

    name: str
    what: str
    reached: float
    wanted: float
    at_most: bool = False
    unit: str = "×"

    @property
    def passed(self) -> bool:
        return self.reached <= self.wanted if self.at_most else self.reached >= self.wanted

    def row(self) -> list[str]:
        sign = "≤" if self.at_most else "≥"
        wanted, reached = f"{sign} {self.wanted:.2f} {self.unit}", f"{self.reached:.2f} {self.unit}"
        return [LABELS[self.name], self.what, wanted, reached, "passed" if self.passed else "MISSED"]


def at_full_speed(results: Results) -> list[Verdict]:
    """Those of the targets whose clients were measured."""
    return [*_times(results, FASTER), *_of_the_possible(results), *_cpu(results)]


def over_the_slow_line(results: Results) -> list[Verdict]:
    return list(_times(results, FASTER_SLOWLY))


def of_memory(results: Results) -> list[Verdict]:
    """Growth over idle against the parts under way and some room, in MiB."""
    return [
        Verdict(name, "memory: growth over idle", result.growth / MIB, (result.bound + ROOM) / MIB, True, "MiB")
        for name, result in results.items()
    ]


def _times(results: Results, wanted: Mapping[str, tuple[float, tuple[str, ...]]]) -> Iterator[Verdict]:
    for name, (times, peers) in wanted.items():
        measured = [peer for peer in peers if peer in results]
        if name in results and len(measured) == len(peers):
            best = max(measured, key=lambda peer: results[peer].speed)
            yield Verdict(name, f"speed of {LABELS[best]}", results[name].speed / results[best].speed, times)


def _of_the_possible(results: Results) -> Iterator[Verdict]:
    """Whoever sends what is hashed can be no faster than the slower of the two alone, unless cores share the work."""
    if CURL in results and MD5 in results:
        slower = min(CURL, MD5, key=lambda name: results[name].speed)
        for name in filter(results.__contains__, OURS):
            share = results[name].speed / results[slower].speed
            yield Verdict(name, f"speed of {LABELS[slower]}", share, OF_THE_POSSIBLE)


def _cpu(results: Results) -> Iterator[Verdict]:
    if CURL in results and MD5 in results:
        together = results[CURL].cpu + results[MD5].cpu
        for name in filter(results.__contains__, OURS):
            yield Verdict(name, "CPU of curl and md5 together", results[name].cpu / together, MOST_CPU, at_most=True)
