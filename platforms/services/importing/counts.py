"""What an import has found: numbers, and a few videos of each kind to look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

MOST_EXAMPLES = 20
KINDS = ("created", "updated", "missing")
# Ids that a person named and the account does not have; more are only counted.
MOST_NAMED = 1000


@dataclass
class Counts:
    """How many publications came to be, were changed, and are missing on the platform by now."""

    created: int = 0
    updated: int = 0
    missing: int = 0


@dataclass
class Findings:
    """The first videos of each kind as (remote id, title), ids that were not found, and how many were left out because
    an upload that is under way may be about to announce them."""

    examples: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    not_found: list[str] = field(default_factory=list)
    left: int = 0

    def note(self, kind: str, remote_id: str, title: str) -> None:
        """Keep it as an example, unless there are enough."""
        if len(self.examples[kind]) < MOST_EXAMPLES:
            self.examples[kind].append((remote_id, title))

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Findings:
        """What `as_json` has made of it; an empty mapping is nothing yet."""
        found = cls(not_found=list(stored.get("not_found", ())), left=int(stored.get("left", 0)))
        for kind, entries in stored.get("examples", {}).items():
            found.examples[kind] = [(remote_id, title) for remote_id, title in entries]
        return found
