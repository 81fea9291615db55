"""Frozen value types that every room shares. They know no platform, no Django and no network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

Scalar = str | int | float | bool | None


def gettext_noop(text: str) -> str:
    """Mark an English sentence for the message catalogue; it is translated where it is shown."""
    return text


class Platform(StrEnum):
    """The platforms the hub publishes to."""

    YOUKU = "youku"
    IQIYI = "iqiyi"
    BAIJIAYUN = "baijiayun"


class State(StrEnum):
    """Where a publication stands. Which change is legal is one table in `services/progress.py`."""

    DRAFT = "draft"
    QUEUED = "queued"
    UPLOADING = "uploading"
    PAUSED = "paused"
    PROCESSING = "processing"
    REVIEWING = "reviewing"
    PUBLISHED = "published"
    BLOCKED = "blocked"
    REJECTED = "rejected"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    DELETING = "deleting"
    DELETED = "deleted"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence for staff: an English message id with `%(name)s` places and their values.

    Stored as it is and translated where it is shown, so that each reader sees their own language.
    """

    text: str
    params: Mapping[str, Scalar] = field(default_factory=lambda: MappingProxyType({}))

    def as_json(self) -> dict[str, object]:
        return {"text": self.text, "params": dict(self.params)}


def say(text: str, **params: Scalar) -> Sentence:
    """A `Sentence` in one line; `text` must be a literal inside `gettext_noop` or a table entry."""
    return Sentence(text, MappingProxyType(params))


@dataclass(frozen=True, slots=True)
class Choice:
    """One value a platform takes and its name for staff (an English message id)."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """A form field that a driver asks for: a credential, an account option or a publish option.

    `kind` is `text`, `secret` (write-only), `choice` (one of `choices`), `choices` (some of them, sent as a
    comma-separated list), `category` (one of the account's) or `flag` (sent as "1" when ticked). `name` is the
    document's own parameter name.
    """

    name: str
    label: str
    kind: str = "text"
    choices: tuple[Choice, ...] = ()
    required: bool = False
    default: str = ""
    help: str = ""
    max_length: int = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a draft cannot be sent, at the field concerned.

    `field` is `title`, `description`, `tags`, `category`, `file` or the name of a publish option.
    """

    field: str
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be published on one account: metadata, options and facts about the file.

    `size` in bytes, `duration` in seconds, `extension` lower-case without the dot, `md5` lower-case hex.
    """

    title: str
    description: str
    tags: tuple[str, ...]
    category: str
    options: Mapping[str, str]
    file_name: str
    extension: str
    size: int
    md5: str
    duration: float | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """How soon a platform's videos are worth looking at.

    Looks fall together at steps of the clock, the shortest of `least_step` seconds: a platform that tells the state of
    thousands of videos in one long list is asked rarely and about many. No look comes before `share_of_duration` of the
    playing time has passed since the last one: transcoding takes its time.
    """

    least_step: int = 8
    share_of_duration: float = 0.02


@dataclass(frozen=True, slots=True)
class RemoteVideo:
    """What a platform says about one video now.

    `state` is None when the platform's raw state is not one we know: then nothing changes but the raw words.
    `duration` in seconds, `plays` a total, `category` the id of the category that the video stands in. `description`,
    `tags` and `category` are None where the platform does not say them. `created_at` is aware, None when not said.
    `presumed` is what the state most likely is where a list leaves it open: good enough for a video that nobody knew
    of, not for changing what is known.
    """

    remote_id: str
    state: State | None
    raw_state: str
    words: str = ""
    title: str | None = None
    page_url: str = ""
    embed_url: str = ""
    cover_url: str = ""
    duration: float | None = None
    plays: int | None = None
    category: str | None = None
    created_at: datetime | None = None
    description: str | None = None
    tags: tuple[str, ...] | None = None
    presumed: State | None = None


@dataclass(frozen=True, slots=True)
class LibraryPage:
    """A part of the list of an account's videos. `cursor` names this very page; `total` counts those of all pages,
    None when the platform does not say it."""

    cursor: str
    videos: tuple[RemoteVideo, ...]
    total: int | None = None


@dataclass(frozen=True, slots=True)
class AccountReport:
    """What a platform says about an account: whether it works, until when its token lives, quota in bytes."""

    sentence: Sentence
    token_expires_at: datetime | None = None
    quota: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Details:
    """The metadata of a video that stands on a platform, as staff edit it; `category` "" for none."""

    title: str
    description: str
    tags: tuple[str, ...]
    category: str


@dataclass(frozen=True, slots=True)
class RemoteCategory:
    """A category of an account. `parent_id` is "" at the top, where `level` is 1."""

    remote_id: str
    name: str
    parent_id: str = ""
    level: int = 1


@dataclass(frozen=True, slots=True)
class RemoteSubtitle:
    """A subtitle of a video; `url` is where its file can be read, "" when not said."""

    remote_id: str
    name: str
    url: str
    is_default: bool


@dataclass(frozen=True, slots=True)
class Copy:
    """One file that a platform has made of a video: values of the choices for definitions and formats.

    One that is none of the choices is as the platform names it.
    """

    definition: str
    format: str


@dataclass(frozen=True, slots=True)
class PlayAddress:
    """Where one copy of a video plays now: it expires, so that it is fetched when it is needed and never stored.

    `container` is mp4, m3u8, ..., `definition` an English message id for staff. `size` in bytes, None when not said.
    """

    url: str = field(repr=False)
    container: str
    definition: str
    width: int | None = None
    height: int | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class EmbedCode:
    """Addresses of the player: a page for a frame, and a script that puts the player where it stands."""

    page_url: str
    script_url: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What an account's plan allows and what is used of it, in bytes; None where the platform says nothing.

    `traffic_total` is a month's with `is_monthly`, the whole plan's without. `lines`: storage and traffic by product
    line, under the platform's own names.
    """

    storage_used: int | None
    storage_total: int | None
    traffic_used: int | None
    traffic_total: int | None
    is_monthly: bool
    expires_at: datetime | None
    lines: Mapping[str, tuple[int | None, int | None]] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class PlayRecord:
    """One viewing of a video. `seconds` were watched; `client` is an English message id."""

    record_id: str
    viewer_id: str
    remote_id: str
    user_name: str
    user_number: str
    began_at: datetime | None
    ended_at: datetime | None
    seconds: int | None
    client: str
    ip: str
    area: str


@dataclass(frozen=True, slots=True)
class Callback:
    """What a platform told about a video in a request that was proven to come from it.

    `delivery_id` is the same in each repetition. `state` is None for a state we do not know. Sizes in bytes, `duration`
    in seconds; what was not told is None or "".
    """

    delivery_id: str
    remote_id: str
    sent_at: datetime
    raw_state: str
    state: State | None
    words: str
    cover_url: str = ""
    size: int | None = None
    stored_size: int | None = None
    duration: float | None = None
    md5: str = ""
    definitions: tuple[str, ...] = ()
    origin_definition: str = ""


@dataclass(frozen=True, slots=True)
class PlayRequest:
    """A platform's question whether whoever has this access key may watch a video."""

    access_key: str = field(repr=False)
    remote_id: str
