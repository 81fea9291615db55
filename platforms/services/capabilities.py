"""What each platform can do, read from the code: its capabilities, its ways of uploading, its limits and its calls."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from platforms.contract import Call, Driver, capabilities
from platforms.registry import DRIVERS

HAS, LACKS = "✓", "–"
PAGE = "docs/platforms.md"
INTRODUCTION = f"""\
# What each platform can do 各平台能力

<!-- Written from the code by `manage.py capabilities --write`; a test fails when it is stale. Do not edit. -->

What a platform lacks is not offered for its publications: it is absent from pages, counted as skipped in bulk actions
and refused by the services. 平台不具备的功能不会显示；批量操作时计为“跳过”。

{HAS} can 支持 · {LACKS} cannot 不支持 · 能力 capability · 上传方式 way of uploading · 限制 limit · 接口 call

Where to get credentials, and what to know about each platform: %(pages)s.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a platform's documents. `method` is "" where nobody sends it from here.

    `danger`: "always" for a call that must be confirmed, the parameter's name for one that must be when it is set.
    """

    number: str
    method: str
    parameters: str
    http: str
    source: str
    danger: str


@dataclass(frozen=True, slots=True)
class Facts:
    """One platform; `capabilities` by the name of their class."""

    platform: str
    label: str
    capabilities: frozenset[str]
    uploads: dict[str, str]
    limits: dict[str, str]
    extensions: tuple[str, ...]
    rows: tuple[Row, ...]


def known() -> dict[str, str]:
    """Every capability there is, in the contract's order: the name of its class and what it promises in short."""
    own = [one for one in vars(capabilities).values() if getattr(one, "__module__", "") == capabilities.__name__]
    return {one.__name__: _first_clause(inspect.getdoc(one) or "") for one in own}


def _first_clause(text: str) -> str:
    """The first clause of a docstring, as a sentence."""
    return re.split(r"[.;:]\s|\.$|\n", text, maxsplit=1)[0] + "."


def facts() -> list[Facts]:
    """What every platform can do."""
    return [_facts_of(driver) for driver in DRIVERS.values()]


def _facts_of(driver: type[Driver]) -> Facts:
    rows = [row for call in driver.documented_calls().values() for row in _rows(call)]
    rows += [row for call in driver.other_rows for row in _rows(call)]
    return Facts(
        platform=driver.platform.value,
        label=driver.label,
        capabilities=frozenset(base.__name__ for base in driver.__mro__ if base.__name__ in known()),
        uploads=dict(driver.uploads),
        limits=dict(driver.limits),
        extensions=tuple(sorted(driver.extensions)),
        rows=tuple(sorted(rows, key=lambda row: row.number)),
    )


def _rows(call: Call) -> Iterable[Row]:
    """A method that covers several rows stands at each of them."""
    parameters = call.expected() if call.method and call.parameters else ""
    danger = (call.danger_when or "always") if call.danger else ""
    for number in (call.number, *call.also):
        yield Row(number, call.method, parameters, call.http, call.source, danger)


# As a page.


def page() -> str:
    """`docs/platforms.md`."""
    platforms = facts()
    links = ", ".join(f"[{one.label}](platforms/{one.platform}.md)" for one in platforms)
    sections = [INTRODUCTION % {"pages": links}, _capabilities(platforms), _uploads(platforms), _limits(platforms)]
    return "\n".join([*sections, _calls(platforms)])


def page_path() -> Path:
    return Path(settings.BASE_DIR, PAGE)


def is_current() -> bool:
    """Whether the page says what the code does."""
    path = page_path()
    return path.exists() and path.read_text(encoding="utf-8") == page()


def _capabilities(platforms: Sequence[Facts]) -> str:
    rows = [
        (f"`{name}`", promise, *(HAS if name in one.capabilities else LACKS for one in platforms))
        for name, promise in known().items()
    ]
    return _section("Capabilities 能力", ("capability", "what it means", *(one.label for one in platforms)), rows)


def _uploads(platforms: Sequence[Facts]) -> str:
    rows = [(one.label, f"`{name}`", how) for one in platforms for name, how in one.uploads.items()]
    return _section("Uploads 上传方式", ("platform", "way", "how, and how it goes on after a stop"), rows)


def _limits(platforms: Sequence[Facts]) -> str:
    rows = [(one.label, name, limit) for one in platforms for name, limit in one.limits.items()]
    rows += [(one.label, "files", ", ".join(one.extensions)) for one in platforms]
    return _section("Limits 限制", ("platform", "of", "limit"), rows)


def _calls(platforms: Sequence[Facts]) -> str:
    total = sum(len(one.rows) for one in platforms)
    each = ", ".join(f"{one.label} {len(one.rows)}" for one in platforms)
    text = (
        f"{total} calls and callbacks ({each}). All but those without a method can be sent by hand: "
        "`manage.py call ACCOUNT METHOD NAME=VALUE …`; one marked `--yes` destroys something.\n"
    )
    head = ("row", "method", "parameters", "request", "documented in")
    tables = [
        _section(f"{one.label}: {len(one.rows)}", head, [_call(row) for row in one.rows], level=3) for one in platforms
    ]
    return "\n".join([f"## Calls 接口\n\n{text}", *tables])


def _call(row: Row) -> tuple[str, ...]:
    mark = {"": "", "always": " `--yes`"}.get(row.danger, f" `--yes` with {row.danger}")
    method = f"`{row.method}`{mark}" if row.method else LACKS
    return row.number, method, f"`{row.parameters}`" if row.parameters else "", row.http, row.source


def _section(title: str, head: Sequence[str], rows: Sequence[Sequence[str]], level: int = 2) -> str:
    lines = [f"{'#' * level} {title}", "", _line(head), _line(["---"] * len(head)), *map(_line, rows)]
    return "\n".join(lines) + "\n"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
