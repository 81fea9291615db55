"""What a platform promises the hub: `Driver`, its capability classes, and what the hub lends a driver.

A driver is built per use, from an `Access`, and keeps no state of its own. All methods raise `PlatformError` kinds
only (`errors.py`); the interruptions below pass through a driver untouched.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from platforms.values import AccountReport, Draft, Field, Platform, Problem, RemoteVideo, Sentence

Credentials = Mapping[str, str]


class Access(Protocol):
    """What a driver may know of its account. Credentials are plain text here and nowhere else."""

    @property
    def name(self) -> str:
        """The account's name."""

    @property
    def options(self) -> Mapping[str, str]:
        """The account's options by name."""

    @property
    def credentials(self) -> Credentials:
        """The stored credentials as they are now; read again at each use, another process may have renewed them."""

    def address(self, name: str) -> str:
        """The base address of a setting such as `YOUKU_API_URL`, without a trailing slash."""

    def renew(self, stale_token: str, fetch: Callable[[Credentials], Mapping[str, str | int]]) -> Credentials:
        """Replace the token `stale_token`, one process at a time for the account.

        When the stored `access_token` is another one already, it is returned and `fetch` is not called. Otherwise
        `fetch` gets the stored credentials and answers the changed ones (and `expires_in`, seconds), which are
        stored before anything else happens.
        """


class Source(Protocol):
    """The file of a video. Reads are positioned, so that threads share it."""

    name: str
    size: int
    md5: str
    extension: str

    def read(self, offset: int, length: int) -> bytes:
        """Exactly `length` bytes from `offset`; raises `SourceChanged` when the file no longer has them."""


class SourceChanged(Exception):
    """The file is gone or no longer what it was at intake."""


class Interrupted(Exception):
    """The upload must stop sending now: its lease is lost, its time slice is over, or a person stopped it."""


class UploadJob(Protocol):
    """One publication's upload as its driver sees it. Only the caller's thread may call these methods."""

    @property
    def draft(self) -> Draft:
        """What is to be published."""

    @property
    def source(self) -> Source:
        """The file, open for reading."""

    @property
    def token(self) -> dict[str, Any]:
        """The resume state that this driver checkpointed last, as a fresh copy; empty at the first start."""

    def checkpoint(self, token: Mapping[str, Any], bytes_done: int) -> None:
        """Make `token` (JSON) and the progress durable. Raises `Interrupted` when the lease is no longer ours."""

    def announce(self, remote_id: str) -> None:
        """Write an id the platform answered to the event log and the publication, at once."""

    def pulse(self, bytes_done: int) -> None:
        """Say that the upload lives; cheap, call often. Raises `Interrupted` when it must stop."""


FALSE_WORDS = frozenset({"0", "false", "no", ""})


class WrongParameters(ValueError):
    """What was given does not fit the call; `sentence` names the parameter and lists the expected ones."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.text)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter under the document's name; `type` is text, integer, number, date, time, list, flag or file."""

    name: str
    python: str
    type: str
    required: bool
    default: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One row of a platform's list of calls.

    `number` is the row's own ("BJ-05"), `http` its method and path, `source` the document and section. `danger` is an
    English message id saying what it destroys, empty for a harmless call; `danger_when` limits it to one parameter's
    being set.
    """

    number: str
    method: str
    http: str
    source: str
    danger: str = ""
    danger_when: str = ""
    parameters: tuple[Parameter, ...] = ()

    def is_dangerous(self, given: Mapping[str, str]) -> bool:
        """Whether these parameters make it one that must be confirmed."""
        if not self.danger_when:
            return bool(self.danger)
        return given.get(self.danger_when, "").strip().lower() not in FALSE_WORDS

    def expected(self) -> str:
        """The parameters on one line: `video_id=TEXT [format=TEXT]`."""
        parts = [f"{p.name}={p.type.upper()}" for p in self.parameters]
        shown = [part if p.required else f"[{part}]" for part, p in zip(parts, self.parameters, strict=True)]
        return " ".join(shown) or "-"


class Driver(ABC):
    """One platform. Class attributes describe its forms and limits; instances speak for one account."""

    platform: ClassVar[Platform]
    label: ClassVar[str]
    credential_fields: ClassVar[tuple[Field, ...]]
    account_options: ClassVar[tuple[Field, ...]] = ()
    publish_options: ClassVar[tuple[Field, ...]] = ()
    categories: ClassVar[tuple[tuple[str, str], ...]] = ()
    extensions: ClassVar[frozenset[str]]

    def __init__(self, access: Access) -> None:
        self.access = access

    @property
    @abstractmethod
    def calls(self) -> int:
        """How many HTTP requests this instance has sent to the platform's API."""

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
        """Send one documented call; answers the platform's answer: parsed where it is JSON, else a text."""

    @abstractmethod
    def upload(self, job: UploadJob) -> str:
        """Bring the file to the platform, going on from `job.token`, and answer the remote id.

        Saves the intention before each call that creates something, and the answer right after it. Raises
        `OutcomeUnknown` when an earlier create call cannot be looked up.
        """

    @abstractmethod
    def look(self, remote_ids: Sequence[str]) -> Iterable[RemoteVideo]:
        """What the platform says now about these videos, in as few calls as it allows.

        A video that is certainly not there comes back in state `missing`; one that the platform says nothing
        certain about is left out.
        """


class CanCancelUpload(ABC):
    """The platform can be told that a running upload is given up."""

    @abstractmethod
    def cancel_upload(self, token: Mapping[str, Any]) -> None:
        """Give up the upload of resume state `token`. An upload that is already gone is success."""


class CanDelete(ABC):
    """The platform lets the owner delete a video."""

    @abstractmethod
    def delete_video(self, remote_id: str) -> None:
        """Delete one video for good. Raises `Gone` when it was already gone."""


class HasTokens(ABC):
    """The account works with an access token that expires and can be refreshed."""

    @abstractmethod
    def refresh_token(self) -> AccountReport:
        """Refresh the access token now; raises `LoginExpired` when a person has to reconnect the account."""
