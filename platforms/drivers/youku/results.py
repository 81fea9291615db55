"""What Youku's calls answer, as values. Times are aware UTC, sizes bytes, durations seconds, None: not said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from platforms.transport.answers import (
    Fields,
    as_flag,
    as_float,
    as_int,
    as_list,
    as_object,
    as_text,
    beijing_time,
    utc_time,
)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The access token, the token that refreshes it, and the seconds that the first one lives."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int | None
    token_type: str

    def as_credentials(self) -> dict[str, str | int]:
        """As the account keeps them."""
        kept: dict[str, str | int] = {"access_token": self.access_token, "refresh_token": self.refresh_token}
        return kept | ({"expires_in": self.expires_in} if self.expires_in else {})


@dataclass(frozen=True, slots=True)
class Sts:
    """Temporary access to one object in Aliyun OSS. `expires_at` is None when the answer names no time."""

    endpoint: str
    access_id: str = field(repr=False)
    access_secret: str = field(repr=False)
    security_token: str = field(repr=False)
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class CreatedUpload:
    """An upload task. `sts`, `bucket` and `object_name` are there with `isnew=1`, `upload_server_uri` without."""

    video_id: str
    upload_token: str = field(repr=False)
    upload_server_uri: str = ""
    bucket: str = ""
    object_name: str = ""
    sts: Sts | None = None


@dataclass(frozen=True, slots=True)
class SliceTask:
    """A piece of the file that the upload server asks for. `task_id` 0: it has none left to hand out.

    `transferred` counts the bytes of the file that have arrived, `finished` says that all have.
    """

    task_id: int
    offset: int
    length: int
    transferred: int = 0
    finished: bool = False


@dataclass(frozen=True, slots=True)
class UploadCheck:
    """Where a slice upload stands: 1 complete, 2 and 3 wait, 4 slices are left. Percents from 0 to 100.

    `empty_tasks` counts the slices that nobody has been given yet.
    """

    status: int
    upload_server_ip: str
    transferred_percent: int
    confirmed_percent: int
    empty_tasks: int | None = None
    finished: bool = False


@dataclass(frozen=True, slots=True)
class VideoOwner:
    """Who uploaded a video."""

    user_id: str
    name: str
    link: str


@dataclass(frozen=True, slots=True)
class VideoDetails:
    """One video as videos/show describes it. `view_count` is a total.

    `operation_limit` names what may not be done with it, `stream_types` the formats it plays in. `owner` and the
    three are empty, `description` is None when the answer leaves them out.
    """

    video_id: str
    title: str
    description: str | None
    tags: tuple[str, ...]
    category: str
    state: str
    public_type: str
    copyright_type: str
    link: str
    player: str
    thumbnail: str
    duration: float | None
    view_count: int | None
    created_at: datetime | None
    published_at: datetime | None
    owner: VideoOwner | None
    operation_limit: tuple[str, ...]
    stream_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VideoPage:
    """One page of videos. `total` counts all pages."""

    total: int | None
    videos: tuple[VideoDetails, ...]


@dataclass(frozen=True, slots=True)
class VideoCategory:
    """A category of Youku's: `label` is its name, which videos/show answers, `term` its English short form."""

    term: str
    label: str
    lang: str


def tokens_of(fields: Fields, old_refresh_token: str = "") -> Tokens:
    """An answer without a refresh token leaves the old one alive."""
    return Tokens(
        access_token=fields.text("access_token"),
        refresh_token=as_text(fields.body.get("refresh_token")).strip() or old_refresh_token,
        expires_in=as_int(fields.body.get("expires_in")),
        token_type=as_text(fields.body.get("token_type")),
    )


def created_of(fields: Fields, isnew: bool) -> CreatedUpload:
    video_id, upload_token = fields.text("video_id"), fields.text("upload_token")
    if not isnew:
        return CreatedUpload(video_id, upload_token, fields.text("upload_server_uri"))
    return CreatedUpload(
        video_id, upload_token, "", fields.text("oss_bucket"), fields.text("oss_object"), sts_of(fields)
    )


def sts_of(fields: Fields) -> Sts:
    return Sts(
        endpoint=fields.text("endpoint"),
        access_id=fields.text("temp_access_id"),
        access_secret=fields.text("temp_access_secret"),
        security_token=fields.text("security_token"),
        expires_at=utc_time(fields.body.get("expire_time")),
    )


def task_of(fields: Fields) -> SliceTask:
    task_id, body = fields.number("slice_task_id"), fields.body
    offset, length = (fields.number("offset"), fields.number("length")) if task_id else (0, 0)
    return SliceTask(task_id, offset, length, as_int(body.get("transferred")) or 0, as_flag(body.get("finished")))


def check_of(fields: Fields) -> UploadCheck:
    body = fields.body
    return UploadCheck(
        status=fields.number("status"),
        upload_server_ip=as_text(body.get("upload_server_ip")),
        transferred_percent=int(as_float(body.get("transferred_percent")) or 0),
        confirmed_percent=int(as_float(body.get("confirmed_percent")) or 0),
        empty_tasks=as_int(body.get("empty_tasks")),
        finished=as_flag(body.get("finished")),
    )


def details_of(fields: Fields) -> VideoDetails:
    body = fields.body
    return VideoDetails(
        video_id=fields.text("id"),
        title=as_text(body.get("title")),
        description=as_text(body["description"]) if "description" in body else None,
        tags=_texts(body.get("tags")),
        category=as_text(body.get("category")),
        state=as_text(body.get("state")),
        public_type=as_text(body.get("public_type")),
        copyright_type=as_text(body.get("copyright_type")),
        link=as_text(body.get("link")),
        player=as_text(body.get("player")),
        thumbnail=as_text(body.get("thumbnail")),
        duration=as_float(body.get("duration")),
        view_count=as_int(body.get("view_count")),
        created_at=beijing_time(body.get("created")),
        published_at=beijing_time(body.get("published")),
        owner=_owner(as_object(body.get("user"))),
        operation_limit=_texts(body.get("operation_limit")),
        stream_types=_texts(body.get("streamtypes")),
    )


def page_of(fields: Fields) -> VideoPage:
    """What has no id is left out: nothing could be asked about it."""
    videos = tuple(details_of(video) for video in fields.each("videos") if as_text(video.body.get("id")).strip())
    return VideoPage(as_int(fields.body.get("total")), videos)


def category_of(fields: Fields) -> VideoCategory:
    return VideoCategory(as_text(fields.body.get("term")), fields.text("label"), as_text(fields.body.get("lang")))


def _owner(user: Mapping[str, object]) -> VideoOwner | None:
    user_id = as_text(user.get("id"))
    return VideoOwner(user_id, as_text(user.get("name")), as_text(user.get("link"))) if user_id else None


def _texts(value: object) -> tuple[str, ...]:
    """A list of texts, or one text with commas."""
    items = value.split(",") if isinstance(value, str) else as_list(value)
    return tuple(text for item in items if (text := as_text(item).strip()))
