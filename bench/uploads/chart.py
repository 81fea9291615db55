"""Speeds as bars: an SVG that reads well on light and on dark pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape

from bench.uploads.names import LABELS, OURS, SENDFILE
from bench.uploads.report import Report
from bench.uploads.running import MIB, Result

WIDTH, LABEL, BARS = 820, 250, 470  # the rest is for figures
ROW, BAR, GAP, TITLE, MARGIN = 24, 16, 10, 46, 16
#: What stands together, with a gap to the next.
GROUPS: Sequence[Sequence[str]] = (
    ("curl", "md5"),
    ("youku-sdk", "hub-slices"),
    ("oss2-1", "oss2-8", "hub-oss"),
    ("iqiyi-post", "iqiyi-ranges", "hub-ranges"),
    ("baijiayun-form", "hub-chunks"),
)
STYLE = """
svg { --text: #1f2328; --weak: #59636e; --peer: #afb8c1; --ours: #0969da; font: 13px system-ui, sans-serif; }
@media (prefers-color-scheme: dark) {
  svg { --text: #e6edf3; --weak: #9198a1; --peer: #57606a; --ours: #58a6ff; }
}
text { fill: var(--text); }
.title { font-size: 15px; font-weight: 600; }
.note { fill: var(--weak); font-size: 12px; }
.figure { font-variant-numeric: tabular-nums; }
.name { text-anchor: end; }
.peer { fill: var(--peer); }
.ours { fill: var(--ours); }
text.strong { font-weight: 600; }
"""


def chart(report: Report) -> str:
    """One panel for each link that was measured."""
    parts: list[str] = []
    top = MARGIN
    for results, title, digits in _panels(report):
        lines, top = _panel(results, title, digits, top)
        parts += lines
    drawn = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" width="{WIDTH}" height="{top}" '
        f'role="img" aria-label="Speed of uploads">\n<style>{STYLE}</style>\n{drawn}\n</svg>\n'
    )


def _panels(report: Report) -> Iterator[tuple[Mapping[str, Result], str, int]]:
    if report.fast:
        yield report.fast, f"At full speed: {_mib(report.fast)} MiB, MB/s", 0
    if report.slow:
        yield report.slow, f"4 MB/s a connection, 40 ms a request: {_mib(report.slow)} MiB, MB/s", 1


def _panel(results: Mapping[str, Result], title: str, digits: int, top: int) -> tuple[list[str], int]:
    """The panel's elements, and where the next one begins."""
    groups = [[name for name in group if name in results] for group in GROUPS]
    most = max(result.speed for name, result in results.items() if name != SENDFILE)
    lines = [f'<text class="title" x="{MARGIN}" y="{top + 16}">{escape(title)}</text>']
    y = top + TITLE - GAP
    for group in filter(None, groups):
        for name in group:
            lines += _bar(name, results[name].speed, most, digits, y)
            y += ROW
        y += GAP
    return lines, y + MARGIN


def _bar(name: str, speed: float, most: float, digits: int, y: int) -> list[str]:
    ours = name in OURS
    kind, weight = ("ours", " strong") if ours else ("peer", "")
    width, middle = max(2.0, BARS * speed / most), y + BAR - 3
    return [
        f'<text class="name{weight}" x="{LABEL - 8}" y="{middle}">{escape(LABELS[name])}</text>',
        f'<rect class="{kind}" x="{LABEL}" y="{y}" width="{width:.1f}" height="{BAR}" rx="2"/>',
        f'<text class="figure{weight}" x="{LABEL + width + 8:.1f}" y="{middle}">{speed / 1e6:.{digits}f}</text>',
    ]


def _mib(results: Mapping[str, Result]) -> int:
    return next(iter(results.values())).size // MIB
