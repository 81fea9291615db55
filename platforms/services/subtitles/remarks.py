"""What is to be said about a subtitle file, line by line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from platforms.models.wording import render
from platforms.values import Sentence


@dataclass(frozen=True, slots=True)
class Remark:
    """One sentence about line `line` (from 1), or about the whole file (0)."""

    line: int
    sentence: Sentence

    def as_json(self) -> dict[str, Any]:
        return {"line": self.line} | self.sentence.as_json()

    @property
    def text(self) -> str:
        """The sentence in the reader's language, without the line."""
        return render(self.sentence.as_json())


def by_line(remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    """In the order of the file."""
    return tuple(sorted(remarks, key=lambda remark: remark.line))
