"""What was measured, as a table, as JSON, and as a part of docs/performance.md."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.common.machine import machine, told
from bench.common.tables import as_markdown

NGINX, PIECES, HUB, FORM = "nginx, one request", "nginx, requests of 16 MiB", "hub, pieces of 16 MiB", "hub, plain form"
TARGET = 0.5
METHOD = """`.venv/bin/python -m bench.intake --write` renews this part. The sender makes a film of that size as it goes
(the sample and a box of random bytes), so that no disk is read; sender and servers share the machine's cores. **The
hub** is `script/server` over a SQLite file: one kept-alive connection that has logged in, a CSRF token with every
request, a PATCH for each 16 MiB; the time ends with the answer to the last one, when the file is hashed (md5),
confirmed by the disk and looked at by the media library. **nginx** writes the same body to a file on the same disk and
then asks an upstream that answers at once; it neither hashes nor waits for the disk. **The plain form** is what a
browser without scripts sends to *Add video*; it takes longest and is measured once. Rounds are interleaved, and before
each run the disk has written what was before it. **CPU** is the server's, without the sender's; **memory** is by how
much the process that grew most had grown at its peak."""


@dataclass
class Report:
    """`seconds` by the clock, `cpu` seconds of the server and `growth` in bytes of each run, by what was measured."""

    size: int
    machine: Mapping[str, Any] = field(default_factory=machine)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    cpu: dict[str, list[float]] = field(default_factory=dict)
    growth: dict[str, list[int]] = field(default_factory=dict)

    def add(self, name: str, seconds: float, cpu: float, growth: int) -> None:
        self.seconds.setdefault(name, []).append(seconds)
        self.cpu.setdefault(name, []).append(cpu)
        self.growth.setdefault(name, []).append(growth)

    def speed(self, name: str) -> float:
        """The median, in MB (10^6 bytes) a second."""
        return self.size / statistics.median(self.seconds[name]) / 1e6

    @property
    def ratio(self) -> float:
        return self.speed(HUB) / self.speed(NGINX)

    @property
    def passed(self) -> bool:
        return self.ratio >= TARGET

    def rows(self) -> list[list[str]]:
        return [
            [
                name,
                f"{self.speed(name):,.0f}",
                f"{self.size / max(seconds) / 1e6:,.0f} to {self.size / min(seconds) / 1e6:,.0f}",
                f"{self.speed(name) / self.speed(NGINX):.2f}",
                f"{statistics.median(self.cpu[name]) / self.size * 2**30:.2f}",
                f"{max(self.growth[name]) / 2**20:,.0f}",
            ]
            for name, seconds in self.seconds.items()
        ]

    def as_text(self) -> str:
        return f"{self.table()}\n\n{self.verdict()}"

    def table(self) -> str:
        return as_markdown(("", "MB/s", "lowest to highest", "x nginx", "CPU, s a GiB", "memory, MiB"), self.rows())

    def verdict(self) -> str:
        word = "reached" if self.passed else "missed"
        return f"Target: at least {TARGET} of nginx's speed; {word} with {self.ratio:.2f}."

    def as_json(self) -> dict[str, Any]:
        return {
            "machine": dict(self.machine), "bytes": self.size, "seconds": self.seconds,
            "cpu_seconds": self.cpu, "memory_growth_bytes": self.growth, "ratio": round(self.ratio, 3),
            "target": TARGET, "passed": self.passed,
        }  # fmt: skip

    def section(self) -> str:
        where = f"{told(self.machine)} {self.size / 2**30:g} GiB, medians of {len(self.seconds[HUB])}."
        return "\n\n".join(["## From the browser into the hub", where, self.verdict(), self.table(), METHOD])
