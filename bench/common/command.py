"""What the benchmarks' commands share: two options, and what becomes of a report."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from bench.common.page import renew

DATABASE = "of a PostgreSQL server, which gets a database for each run that is removed afterwards"


class Report(Protocol):
    """What was measured, beside what had to be reached."""

    @property
    def passed(self) -> bool: ...

    def as_text(self) -> str: ...

    def as_json(self) -> Mapping[str, Any]: ...

    def section(self) -> str:
        """Its part of docs/performance.md."""
        ...


def parser(name: str, description: str | None, **more: Any) -> argparse.ArgumentParser:
    """Of the module `name`, with the options that `end` obeys."""
    made = argparse.ArgumentParser(prog=f"python -m {name}", description=description, **more)
    made.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    made.add_argument("--write", action="store_true", help="renew the part of docs/performance.md")
    return made


def end(name: str, report: Report, given: argparse.Namespace) -> int:
    """Print the report and write it where that was asked; the exit code: 0 when every target was reached."""
    print(report.as_text())
    if given.json:
        given.json.write_text(json.dumps(report.as_json(), indent=1, ensure_ascii=False) + "\n")
    if given.write:
        renew(name, report.section())
    return 0 if report.passed else 1
