"""What a platform promises the hub: `Driver`, its capability classes, and what the hub lends a driver.

A driver is built per use, from an `Access`, and keeps no state of its own. All methods raise `PlatformError` kinds
only (`errors.py`); the interruptions below pass through a driver untouched.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Protocol

from platforms.values import (
    AccountReport,
    Callback,
    Choice,
    Details,
    Draft,
    EmbedCode,
    Field,
    Platform,
    PlayAddress,
    PlayRecord,
    PlayRequest,
    Problem,
    RemoteCategory,
    RemoteSubtitle,
    RemoteVideo,
    Sentence,
    Usage,
)

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

    def renew(
        self,
        stale: str,
        fetch: Callable[[Credentials], Mapping[str, str | int]],
        credential: str = "access_token",
    ) -> Credentials:
        """Replace the value `stale` of a credential that the platform hands out, one process at a time for the account.

        When another value is stored already, the stored credentials are returned and `fetch` is not called. Otherwise
        `fetch` gets them and answers the changed ones (and `expires_in`, seconds), which are stored before anything
        else happens.
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
    """One parameter under the document's name.

    `type` is text, integer, number, date, time, list (comma-separated), flag (1 or 0), range ("0-1023") or file (a
    path). `default` is what the document says is taken when it is left out, "" when it says nothing.
    """

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
    being set. `also` are further rows that the same method covers. `secrets` are parameters that no history keeps,
    `hides` fields of the answer with keys that nobody needs to see. A row without a method is not ours to send: a
    library does, or the platform calls us.
    """

    number: str
    method: str
    http: str
    source: str
    danger: str = ""
    danger_when: str = ""
    parameters: tuple[Parameter, ...] = ()
    also: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()

    def is_dangerous(self, given: Mapping[str, str]) -> bool:
        """Whether these parameters make it one that must be confirmed."""
        if not self.danger_when:
            return bool(self.danger)
        return given.get(self.danger_when, "").strip().lower() not in FALSE_WORDS

    def expected(self) -> str:
        """The parameters on one line: `video_id=TEXT [format=TEXT (mp4)]`."""
        defaults = [f" ({p.default})" if p.default else "" for p in self.parameters]
        parts = [f"{p.name}={p.type.upper()}{default}" for p, default in zip(self.parameters, defaults, strict=True)]
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
    #: Rows of the platform's documents beside `documented_calls`: no client method sends them.
    other_rows: ClassVar[tuple[Call, ...]] = ()

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


class CanAuthorize(ABC):
    """The account gets its tokens for the key and secret that are stored, without its owner's log-in."""

    @abstractmethod
    def authorize(self) -> AccountReport:
        """Fetch and store a new pair of tokens; raises `LoginExpired` when key or secret are not accepted."""


class HasConsent(ABC):
    """The account gets its tokens from a page of the platform on which its owner agrees."""

    @abstractmethod
    def consent_url(self, redirect_uri: str, state: str) -> str:
        """The page to send the owner to. Asks nobody.

        It sends them back to `redirect_uri` with `state` as it was given, and with `code` or `error`.
        """

    @abstractmethod
    def accept_code(self, code: str, redirect_uri: str) -> AccountReport:
        """Store the tokens that a code stands for; `redirect_uri` is the one that the page was opened with.

        Raises `Refused` for a code that is not accepted: the owner is to be sent to the page again.
        """


class HasKey(ABC):
    """Calls are signed with a key that the platform hands out for another secret."""

    @abstractmethod
    def fetch_key(self) -> AccountReport:
        """Store the key that is valid now; raises `LoginExpired` when the platform does not hand it out."""

    @abstractmethod
    def regenerate_key(self) -> AccountReport:
        """Have a new key made and store it. The old one stops working at once for everybody who has it."""


class HasQuota(ABC):
    """The account's plan limits storage and traffic."""

    @abstractmethod
    def usage(self) -> Usage:
        """What is allowed and what is used."""


class HasLibrary(ABC):
    """The account's videos can be listed."""

    @abstractmethod
    def every_video(self) -> Iterator[RemoteVideo]:
        """The account's videos, page by page, as far as the platform lists them; each video once."""


class CanRename(ABC):
    """The title of a video can be changed, by itself."""

    @abstractmethod
    def rename_video(self, remote_id: str, title: str) -> None:
        """Give a video another title."""


class CanEdit(ABC):
    """The metadata of a video can be changed."""

    @abstractmethod
    def edit_video(self, remote_id: str, details: Details) -> None:
        """Replace title, description, tags and category, all of them."""


class CanBlock(ABC):
    """A video can be kept on the platform without being shown."""

    @abstractmethod
    def block_video(self, remote_id: str) -> None:
        """Stop showing it."""

    @abstractmethod
    def unblock_video(self, remote_id: str) -> None:
        """Show it again."""


class CanTranscodeAgain(ABC):
    """A video can be transcoded to more definitions and formats; these are the values to choose from."""

    definitions: ClassVar[tuple[Choice, ...]]
    formats: ClassVar[tuple[Choice, ...]]

    @abstractmethod
    def transcode_again(self, remote_id: str, definitions: Sequence[str], formats: Sequence[str] = ()) -> None:
        """Transcode to these; no formats: all of them."""


class CanRemoveDefinitions(ABC):
    """Transcoded files can be removed to save storage; these are the values to choose from."""

    definitions: ClassVar[tuple[Choice, ...]]
    removable_formats: ClassVar[tuple[Choice, ...]]

    @abstractmethod
    def remove_definitions(self, remote_id: str, definitions: Sequence[str], formats: Sequence[str] = ()) -> None:
        """Remove the files of these definitions for good; no formats: all of them."""


class CanDeleteSources(ABC):
    """The uploaded file can be deleted while what was made of it stays."""

    @abstractmethod
    def delete_sources(self, remote_ids: Sequence[str]) -> None:
        """Delete the source files of these videos for good."""


class HasScreenshots(ABC):
    """The platform takes pictures of a video."""

    @abstractmethod
    def screenshots(self, remote_id: str) -> tuple[str, ...]:
        """Their addresses."""


class HasCategories(ABC):
    """Videos stand in categories that the platform names."""

    @abstractmethod
    def list_categories(self) -> tuple[RemoteCategory, ...]:
        """All categories, each after its parent."""


class HasCategoryTree(HasCategories):
    """The account makes its own categories, in several levels."""

    @abstractmethod
    def refresh_category(self, category_id: str) -> tuple[RemoteCategory, ...]:
        """One category, then those directly below it."""

    @abstractmethod
    def add_category(self, name: str, parent_id: str = "") -> RemoteCategory:
        """Add a category below another one, or at the top."""

    @abstractmethod
    def delete_category(self, category_id: str) -> None:
        """Delete an empty category; raises `Refused` for one with videos."""

    @abstractmethod
    def set_category(self, remote_id: str, category_id: str) -> None:
        """Put a video into a category."""

    @abstractmethod
    def category_videos(self, category_id: str) -> Iterator[RemoteVideo]:
        """The videos of a category and of those below it, page by page."""


class HasSubtitles(ABC):
    """Subtitles can be shown over a video."""

    subtitle_extensions: ClassVar[frozenset[str]]

    @abstractmethod
    def list_subtitles(self, remote_id: str) -> tuple[RemoteSubtitle, ...]:
        """The subtitles of a video."""

    @abstractmethod
    def add_subtitle(self, remote_id: str, name: str, file: Source) -> RemoteSubtitle:
        """Add one; raises `Refused` for a file that is none of `subtitle_extensions`."""

    @abstractmethod
    def rename_subtitle(self, subtitle_id: str, name: str) -> None:
        """Give a subtitle another name."""

    @abstractmethod
    def set_default_subtitle(self, remote_id: str, subtitle_id: str) -> None:
        """Show this one at first."""

    @abstractmethod
    def delete_subtitle(self, subtitle_id: str) -> None:
        """Delete it for good."""


class HasPlayTokens(ABC):
    """A player needs a token to play a video."""

    @abstractmethod
    def play_tokens(self, remote_ids: Sequence[str], seconds: int) -> Mapping[str, str]:
        """Tokens by video id, good for so many seconds (0: for ever). A video without one is left out."""


class HasPlayAddresses(ABC):
    """The platform tells where the files of a video play."""

    @abstractmethod
    def play_addresses(self, remote_id: str) -> tuple[PlayAddress, ...]:
        """Every address there is now."""


class HasEmbedCode(ABC):
    """The platform hands out a player to put into a page."""

    @abstractmethod
    def embed_code(self, remote_id: str) -> EmbedCode:
        """Addresses of the player of one video."""


class HasStatistics(ABC):
    """The platform counts plays and traffic. Days are the platform's own, both included; traffic is in bytes."""

    @abstractmethod
    def plays_by_day(self, first: date, last: date, remote_id: str = "") -> Mapping[date, int]:
        """Plays of one video, or of the whole account."""

    @abstractmethod
    def most_played(self, first: date, last: date) -> Mapping[str, int]:
        """Plays by video id, the most played first."""

    @abstractmethod
    def traffic(self, first: date, last: date, remote_id: str = "") -> int:
        """Traffic of one video, or of the whole account."""

    @abstractmethod
    def traffic_by_day(self, first: date, last: date) -> Mapping[date, int]:
        """Traffic of the account."""

    @abstractmethod
    def traffic_by_video(self, day: date) -> Iterator[tuple[str, int]]:
        """Video id and traffic of every video that was watched on a day."""

    @abstractmethod
    def play_records(self, first: datetime, last: datetime, remote_id: str = "") -> Iterator[PlayRecord]:
        """Every viewing that began between two aware moments, of one video or of all."""


class HasCallbacks(ABC):
    """The platform tells an address of ours what becomes of a video."""

    @abstractmethod
    def register_callback(self, url: str) -> str:
        """Register our address; answers what is registered now."""

    @abstractmethod
    def registered_callback(self) -> str:
        """The registered address, "" when there is none."""

    @abstractmethod
    def read_callback(self, form: Mapping[str, str], now: datetime) -> Callback:
        """What a received form tells. Asks nobody.

        Raises `Refused`, with the parameter concerned as its field, when the form is not proven to come from the
        platform about now, or cannot be understood.
        """

    @staticmethod
    @abstractmethod
    def callback_answer(refusal: str = "") -> Mapping[str, int | str]:
        """The JSON object that the platform takes for an acceptance, or for a refusal with these words."""


class AsksBeforePlaying(HasCallbacks):
    """The platform can ask an address of ours whether whoever has an access key may watch a video."""

    @staticmethod
    @abstractmethod
    def read_play_request(form: Mapping[str, str]) -> PlayRequest:
        """Who asks for which video; raises `Refused` when it cannot be understood. The question is not signed."""
