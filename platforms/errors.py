"""`PlatformError` and its kinds, named by what the caller does next.

Each carries a sentence for staff (translated where shown) and a redacted detail for the log. `maybe_done` says
whether the call may have taken effect although no answer was understood: a call that creates something is then
looked up before it is sent again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, TypedDict, Unpack

from platforms.values import Sentence


class Facts(TypedDict, total=False):
    """What an error may know beside its sentence; see `PlatformError`."""

    code: str
    field: str
    call: str
    detail: str
    maybe_done: bool


class PlatformError(Exception):
    """What a platform answered, or failed to answer, to one call.

    `code` is the platform's own code, `field` the form field it belongs to, `call` the client method that failed.
    `answer` is what a call sent by hand was answered, without the secrets that it sent. Others may be in it: show it to
    the person who sent it and nobody else. It is None otherwise. `videos` are the remote ids that a look failed for,
    empty when it failed as a whole.
    """

    kind: ClassVar[str] = "PlatformError"

    def __init__(self, sentence: Sentence, **facts: Unpack[Facts]) -> None:
        self.sentence = sentence
        self.code = facts.get("code", "")
        self.field = facts.get("field", "")
        self.call = facts.get("call", "")
        self.detail = facts.get("detail", "")
        self.maybe_done = facts.get("maybe_done", False)
        self.answer: object = None
        self.videos: frozenset[str] = frozenset()
        super().__init__(f"{self.call or 'call'}: {type(self).__name__} {self.code} {self.detail}".strip())


class Temporary(PlatformError):
    """Wait and repeat. `retry_after` is in seconds, None when the platform names no time."""

    kind = "Temporary"

    def __init__(self, sentence: Sentence, *, retry_after: float | None = None, **facts: Unpack[Facts]) -> None:
        super().__init__(sentence, **facts)
        self.retry_after = retry_after


class QuotaReached(PlatformError):
    """The account has used up what it may; wait until `until` (aware), or a while when the platform names no time."""

    kind = "QuotaReached"

    def __init__(self, sentence: Sentence, *, until: datetime | None = None, **facts: Unpack[Facts]) -> None:
        super().__init__(sentence, **facts)
        self.until = until


class LoginExpired(PlatformError):
    """The account's token is not accepted. Drivers refresh once by themselves; after that a person reconnects."""

    kind = "LoginExpired"


class Refused(PlatformError):
    """The platform will not take this; repeating does not help. Show the reason at `field`."""

    kind = "Refused"


class Duplicate(PlatformError):
    """The account has already uploaded these bytes."""

    kind = "Duplicate"


class SessionLost(PlatformError):
    """The platform has dropped the upload; start it again from the beginning."""

    kind = "SessionLost"


class Corrupted(PlatformError):
    """What arrived is not what was sent; send that part again."""

    kind = "Corrupted"


class Gone(PlatformError):
    """There is no such video."""

    kind = "Gone"


class Unsupported(PlatformError):
    """The platform has no such verb."""

    kind = "Unsupported"


class BadAnswer(PlatformError):
    """The answer cannot be read. It names the call, the HTTP status and the first characters of the body."""

    kind = "BadAnswer"


class OutcomeUnknown(PlatformError):
    """A call that creates something was sent, its answer was lost and no look-up can tell: a person decides."""

    kind = "OutcomeUnknown"


def about(errors: Mapping[str, PlatformError]) -> PlatformError:
    """The last of what went wrong for some videos of a look, by remote id, naming all of them."""
    error = list(errors.values())[-1]
    error.videos = frozenset(errors)
    return error
