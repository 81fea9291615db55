"""docs/reliability.md: its table is written from the results, everything else by people."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil

from script.fault_matrix import report
from script.fault_matrix.lab import Result

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "reliability.md"
BEGIN, END = "<!-- matrix: written by script/faults --write -->", "<!-- end of the matrix -->"


def write(results: Sequence[Result], *, seconds: float, seed: int) -> None:
    """Put the results between the two marks of the page."""
    before, begin, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE.name} has no place for the matrix")
    run = f"{machine()}, {datetime.now(UTC):%d %B %Y}; {seconds / 60:.0f} minutes, seed {seed}."
    told = f"{report.verdict(results)}\n\n{run}"
    PAGE.write_text(f"{before}{begin}\n{told}\n\n{report.table(results)}\n{end}{after}", encoding="utf-8")


def machine() -> str:
    """What it ran on, without its name."""
    gigabytes = psutil.virtual_memory().total / 2**30
    python = f"Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {gigabytes:.0f} GiB of memory, {platform.system()}, {python}"
