"""Capabilities: what only some platforms can do. A driver inherits each one that it has."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from platforms.contract.lent import Source
from platforms.values import (
    AccountReport,
    Callback,
    Choice,
    Copy,
    Details,
    EmbedCode,
    LibraryPage,
    PlayAddress,
    PlayRecord,
    PlayRequest,
    RemoteCategory,
    RemoteSubtitle,
    RemoteVideo,
    Usage,
)


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

    @abstractmethod
    def library(self, cursor: str = "") -> Iterator[LibraryPage]:
        """The same page by page, from the page on that `cursor` names; "": from the first one.

        A video may come twice: what is added meanwhile moves the others on to the next page.
        """


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


class HasCopies(ABC):
    """The platform tells which copies of a video it has made."""

    @abstractmethod
    def copies(self, remote_id: str) -> frozenset[Copy]:
        """Those there are now; raises `Refused` for a video that is not there, among others."""


class CanTranscodeAgain(HasCopies):
    """A video can be transcoded to more definitions and formats; these are the values to choose from."""

    definitions: ClassVar[tuple[Choice, ...]]
    formats: ClassVar[tuple[Choice, ...]]

    @abstractmethod
    def transcode_again(self, remote_id: str, definitions: Sequence[str], formats: Sequence[str] = ()) -> None:
        """Transcode to these; no formats: all of them."""


class CanRemoveDefinitions(HasCopies):
    """Transcoded files can be removed to save storage; these are the values to choose from."""

    definitions: ClassVar[tuple[Choice, ...]]
    removable_formats: ClassVar[tuple[Choice, ...]]

    @abstractmethod
    def remove_definitions(self, remote_id: str, definitions: Sequence[str], formats: Sequence[str] = ()) -> None:
        """Remove the files of these definitions for good; no formats: all of them. May refuse what is not there."""


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

    #: How many levels there are; below a category of the deepest one none can be added.
    category_levels: ClassVar[int]

    @abstractmethod
    def refresh_category(self, category_id: str) -> tuple[RemoteCategory, ...]:
        """One category, then those directly below it; "": those at the top. Raises `Gone` when there is none."""

    @abstractmethod
    def add_category(self, name: str, parent_id: str = "") -> RemoteCategory:
        """Add a category below another one, or at the top."""

    @abstractmethod
    def delete_category(self, category_id: str) -> None:
        """Delete an empty category; raises `Refused` for one with videos, `Gone` when it was already gone."""

    @abstractmethod
    def set_category(self, remote_id: str, category_id: str) -> None:
        """Put a video into a category; "": into none."""

    @abstractmethod
    def category_videos(self, category_id: str) -> Iterator[RemoteVideo]:
        """The videos of a category and of those below it, page by page."""

    @abstractmethod
    def category_library(self, category_id: str, cursor: str = "") -> Iterator[LibraryPage]:
        """The same as pages; see `HasLibrary.library`."""


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

    #: For about how many seconds an address is good.
    play_seconds: ClassVar[int]

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
