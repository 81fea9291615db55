"""`Driver`: what every platform promises.

A driver is built per use, from an `Access`, and keeps no state of its own. All methods raise `PlatformError` kinds
only (`errors.py`); `Interrupted`, `SourceChanged` and `SourceAway` pass through it untouched.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from platforms.contract.calls import Call
from platforms.contract.lent import Access, Credentials, UploadJob
from platforms.values import AccountReport, Draft, Field, Pace, Platform, Problem, RemoteVideo, State


class Driver(ABC):
    """One platform. Class attributes describe its forms and limits; instances speak for one account."""

    platform: ClassVar[Platform]
    label: ClassVar[str]
    credential_fields: ClassVar[tuple[Field, ...]]
    account_options: ClassVar[tuple[Field, ...]] = ()
    publish_options: ClassVar[tuple[Field, ...]] = ()
    categories: ClassVar[tuple[tuple[str, str], ...]] = ()
    extensions: ClassVar[frozenset[str]]
    #: How a file comes to the platform, and what it limits: one English sentence each, for the documentation.
    uploads: ClassVar[Mapping[str, str]]
    limits: ClassVar[Mapping[str, str]] = {}
    #: How soon and how often it is worth looking at a video that the platform works on.
    pace: ClassVar[Pace] = Pace()
    #: Calls an hour that the platform allows an ordinary account; None: it names no number.
    calls_per_hour: ClassVar[int | None] = None
    #: Rows of the platform's documents beside `documented_calls`: no client method sends them.
    other_rows: ClassVar[tuple[Call, ...]] = ()

    def __init__(self, access: Access) -> None:
        self.access = access

    @property
    @abstractmethod
    def calls(self) -> int:
        """How many HTTP requests this instance has sent to the platform's API."""

    @abstractmethod
    def ask_before_calls(self, may_call: Callable[[], None]) -> None:
        """Have `may_call` run before each request from now on; what it raises ends the work instead of the call."""

    @classmethod
    @abstractmethod
    def problems(cls, draft: Draft) -> list[Problem]:
        """What the documents forbid about this draft and is certain before anything is sent; empty when it may go."""

    @classmethod
    def credential_problems(cls, credentials: Credentials) -> list[Problem]:
        """What is wrong with these credentials beyond required fields, at the field concerned; empty when nothing."""
        return []

    @abstractmethod
    def check_account(self) -> AccountReport:
        """Talk to the platform with the account's credentials; raises `LoginExpired` or `Refused` when they fail."""

    @classmethod
    @abstractmethod
    def documented_calls(cls) -> Mapping[str, Call]:
        """Every call of the platform's documents that this driver can send, by client method."""

    @classmethod
    @abstractmethod
    def arguments(cls, method: str, given: Mapping[str, str]) -> dict[str, Any]:
        """What `call` takes, from texts under the document's names; raises `WrongParameters`."""

    @abstractmethod
    def call(self, method: str, arguments: Mapping[str, Any]) -> Any:
        """Send one documented call; answers the platform's answer: parsed where it is JSON, else a text.

        A `PlatformError` holds it as its `answer`, where there was one. Raises `WrongParameters` for what can only be
        seen now and is not sent either: a limit of the document, a file without the bytes.
        """

    @abstractmethod
    def upload(self, job: UploadJob) -> str:
        """Bring the file to the platform, going on from `job.token`, and answer the remote id.

        Saves the intention before each call that creates something, and the answer right after it. Raises
        `OutcomeUnknown` when an earlier create call cannot be looked up.
        """

    @abstractmethod
    def look(self, remote_ids: Sequence[str], closely: Collection[str] | None = None) -> Iterable[RemoteVideo]:
        """What the platform says now about these videos, in as few calls as it allows.

        Those in `closely` (None: all of them) are told with everything there is to know, if it takes a call each. Of
        the others, one that would cost a call of its own only to hear that nothing has happened is left out, and so
        are links that cost one; the end of a video that plays is told in any case. A video that is certainly not there
        comes back in state `missing`.
        """

    def owns(self, remote_id: str) -> bool:
        """Whether this account has the video: what it can look at, unless the platform shows anybody's videos."""
        return any(seen.state != State.MISSING for seen in self.look([remote_id]))
