"""The history speaks of every kind of event in words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from platforms.admin.events import KINDS

PLATFORMS = Path(__file__).resolve().parent.parent.parent / "platforms"


def recorded() -> Iterator[str]:
    """Every kind that the source writes to the history as it stands."""
    for path in PLATFORMS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(ast.Attribute(ast.Name("events"), "record" | "record_many"), [_, ast.Constant(kind), *_]):
                    yield str(kind)


def test_every_kind_of_event_has_a_name_for_people():
    kinds = set(recorded())
    assert "trouble" in kinds
    assert kinds - set(KINDS) == set()
