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
    comma-separated list) or `flag` (sent as "1" when ticked). `name` is the document's own parameter name.
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
class RemoteVideo:
    """What a platform says about one video now.

    `state` is None when the platform's raw state is not one we know: then nothing changes but the raw words.
    `duration` in seconds, `plays` a total.
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


@dataclass(frozen=True, slots=True)
class AccountReport:
    """What a platform says about an account: whether it works, until when its token lives, quota in bytes."""

    sentence: Sentence
    token_expires_at: datetime | None = None
    quota: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
