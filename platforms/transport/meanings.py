"""What a remote code means to us: the rows of the drivers' tables, and the error that a row becomes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from platforms.errors import PlatformError, QuotaReached, Temporary
from platforms.transport.http import SHOWN_CHARACTERS, Answer
from platforms.transport.redact import redact
from platforms.values import say


@dataclass(frozen=True, slots=True)
class Meaning:
    """One row of a code table: the kind of error, its sentence for staff, the form field that it belongs to.

    `text` is an English msgid that may use `%(call)s`, `%(code)s` and `%(words)s` (what the platform said itself).
    """

    kind: type[PlatformError]
    text: str
    field: str = ""

    def error(self, answer: Answer, code: str, words: str) -> PlatformError:
        """The error for a call that the platform answered with this code: nothing was done.

        What is to be waited for says until when, where the platform does.
        """
        shown = " ".join(redact(words, answer.secrets).split())[:SHOWN_CHARACTERS] or "-"
        error = self.kind(
            say(self.text, call=answer.call, code=code, words=shown),
            code=code, field=self.field, call=answer.call, detail=f"HTTP {answer.status}: {shown}",
        )  # fmt: skip
        if isinstance(error, Temporary):
            error.retry_after = answer.retry_after
        elif isinstance(error, QuotaReached) and answer.retry_after:
            error.until = datetime.now(UTC) + timedelta(seconds=answer.retry_after)
        return error
