"""docs/performance.md: each benchmark's part stands between two markers and is renewed alone."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGE = DOCS / "performance.md"
HEAD = """# Performance

What the hub reaches beside what people use today, measured on one machine in one run. Figures of one machine say little
alone: read the ratios.
"""


def renew(name: str, section: str, page: Path = PAGE) -> None:
    """Put a benchmark's section into its part of the page, the last one when it is new; the rest stays as it is."""
    begin, end = f"<!-- {name} begins -->", f"<!-- {name} ends -->"
    text = page.read_text() if page.is_file() else HEAD
    before, found, rest = text.partition(begin)
    before = before if found else f"{text.rstrip()}\n\n"
    after = rest.partition(end)[2] if found else "\n"
    page.write_text(f"{before}{begin}\n{section}\n{end}{after}")
