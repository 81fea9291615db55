"""Tables of results, for terminals and for Markdown."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from unicodedata import east_asian_width

Row = Sequence[str]


def as_text(head: Row, rows: Sequence[Row]) -> str:
    """Columns in line; the first one is left, figures are right. Nothing without rows."""
    if not rows:
        return ""
    table = [head, *rows]
    widths = [max(_width(row[column]) for row in table) for column in range(len(head))]
    return "\n".join("  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)) for row in table)


def as_markdown(head: Row, rows: Sequence[Row], bold: Collection[str] = ()) -> str:
    """The first column left, the others right; rows whose first cell is one of `bold` are bold."""
    lines = [f"| {' | '.join(head)} |", "| --- |" + " ---: |" * (len(head) - 1)]
    for row in rows:
        cells = [f"**{cell}**" if row[0] in bold else cell for cell in row]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _width(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _padded(text: str, width: int) -> str:
    room = " " * (width - _width(text))
    return room + text if text[:1].isdigit() else text + room
