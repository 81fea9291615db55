"""What keeps a file from being fetched, named by what happens next. Sentences name hosts and files, never addresses."""

from __future__ import annotations

from platforms.values import Sentence


class Trouble(Exception):
    """Why a file cannot be fetched, in one sentence for staff."""

    def __init__(self, sentence: Sentence) -> None:
        self.sentence = sentence
        super().__init__(sentence.text % sentence.params)


class Refused(Trouble):
    """It will not work however often it is tried."""


class Passing(Trouble):
    """It may work later; `retry_after` in seconds when somebody has said how long to wait."""

    def __init__(self, sentence: Sentence, retry_after: float = 0.0) -> None:
        self.retry_after = retry_after
        super().__init__(sentence)


class StartAgain(Trouble):
    """What has landed cannot be gone on with; fetching starts from the first byte, and says why."""


class Stopped(Exception):
    """The file is no longer this worker's, or its time is over; what has landed stays."""
