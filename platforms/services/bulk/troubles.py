"""What keeps a table or folder from being checked at all."""

from __future__ import annotations

from platforms.models.wording import render
from platforms.values import Sentence


class Unreadable(Exception):
    """It cannot be read as a list of videos; `sentence` says why, and the text says it in the active language."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return render(self.sentence.as_json())


class NotNow(Exception):
    """It cannot be done as things stand; `sentence` says why, and the text says it in the active language."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return render(self.sentence.as_json())
