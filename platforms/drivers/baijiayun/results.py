"""What Baijiayun's calls answer, as values. Times are aware UTC, sizes bytes, durations seconds, None: not said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from platforms.transport.answers import (
    BEIJING,
    Fields,
    as_flag,
    as_float,
    as_int,
    as_list,
    as_object,
    as_text,
    beijing_time,
)


@dataclass(frozen=True, slots=True)
class UploadAddress:
    """Where the bytes of a video go, and how many of them are there already. The address expires after a while."""

    video_id: str
    upload_url: str = field(repr=False)
    upload_size: int


@dataclass(frozen=True, slots=True)
class TranscodeStatus:
    """`status` 10, 20, 30, 31, 32 or 100, and what the platform calls it."""

    status: int
    info: str


@dataclass(frozen=True, slots=True)
class TranscodedFile:
    definition: str
    type: str
    size: int | None


@dataclass(frozen=True, slots=True)
class VideoCategory:
    """A category that a video stands in: its own one, or one above it."""

    category_id: str
    name: str
    level: int | None


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """What is known of one video; `file_md5` is that of the file as it was uploaded, "" when not said.

    `raw_status` is `status` as Baijiayun writes it, which may be no number.
    """

    video_id: str
    name: str
    status: int | None
    raw_status: str
    total_size: int | None
    total_transcode_size: int | None
    created_at: datetime | None
    cover_url: str
    duration: float | None
    audit_status: int | None
    publish_status: int | None
    file_md5: str
    origin_definition: str
    files: tuple[TranscodedFile, ...]
    categories: tuple[VideoCategory, ...]


@dataclass(frozen=True, slots=True)
class ListedVideo:
    """One entry of the list of videos; `category_ids` from the first level down, `raw_status` as in `VideoInfo`."""

    video_id: str
    name: str
    status: int | None
    raw_status: str
    total_size: int | None
    created_at: datetime | None
    cover_url: str
    duration: float | None
    publish_status: int | None
    category_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VideoPage:
    """One page of the list; `total` counts the videos on all pages."""

    total: int
    videos: tuple[ListedVideo, ...]


@dataclass(frozen=True, slots=True)
class Images:
    """Screenshots; `count` is how many the platform says there are."""

    width: int | None
    height: int | None
    count: int | None
    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlayUrl:
    """A play address; `width`, `height` and `duration` are None for sound alone."""

    url: str
    size: int | None
    width: int | None
    height: int | None
    duration: float | None


@dataclass(frozen=True, slots=True)
class ShareUrls:
    iframe: str
    js: str
    flash: str


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """The plan of an account and what is used of it, in bytes (counted once a day).

    `mobile` is the telephone number of its owner. `type` 0: free, 1: on trial, 2: paid. `status` 1: the service runs.
    `charge_type` 0: so much traffic a month (`month_flow_limit`), 1: so much in total (`total_flow_limit`).
    """

    partner_id: str
    mobile: str = field(repr=False)
    type: int | None
    status: int | None
    charge_type: int | None
    effective_at: datetime | None
    expires_at: datetime | None
    total_storage: int | None
    used_storage: int | None
    used_flow: int | None
    month_flow_limit: int | None
    total_flow_limit: int | None


def info_of(video_id: str, fields: Fields) -> VideoInfo:
    data = fields.body
    files = [as_object(entry) for entry in as_list(data.get("transcode_info"))]
    categories = [as_object(entry) for entry in as_list(data.get("category"))]
    return VideoInfo(
        video_id=video_id,
        name=as_text(data.get("name")),
        status=as_int(data.get("status")),
        raw_status=as_text(data.get("status")).strip(),
        total_size=as_int(data.get("total_size")),
        total_transcode_size=as_int(data.get("total_transcode_size")),
        created_at=beijing_time(data.get("create_time")),
        cover_url=as_text(data.get("preface_url")),
        duration=as_float(data.get("length")),
        audit_status=as_int(data.get("audit_status")),
        publish_status=as_int(data.get("publish_status")),
        file_md5=as_text(data.get("file_md5")).strip().lower(),
        origin_definition=as_text(data.get("origin_definition")),
        files=tuple(
            TranscodedFile(as_text(file.get("definition")), as_text(file.get("type")), as_int(file.get("size")))
            for file in files
        ),
        categories=tuple(
            VideoCategory(as_text(found.get("id")), as_text(found.get("name")), as_int(found.get("level")))
            for found in categories
        ),
    )


def page_of(fields: Fields) -> VideoPage:
    """A page of API-31 or API-16."""
    videos = tuple(_listed(entry.body) for entry in fields.each("list"))
    return VideoPage(fields.number("total"), tuple(video for video in videos if video.video_id))


def _listed(entry: Mapping[str, object]) -> ListedVideo:
    # API-31 nests the five levels, API-16 does not.
    levels = as_object(entry.get("category")) or entry
    ids = [as_text(levels.get(f"category_level{level}_id")) for level in range(1, 6)]
    return ListedVideo(
        video_id=as_text(entry.get("video_id")),
        name=as_text(entry.get("name")),
        status=as_int(entry.get("status")),
        raw_status=as_text(entry.get("status")).strip(),
        total_size=as_int(entry.get("total_size")),
        created_at=beijing_time(entry.get("create_time")),
        cover_url=as_text(entry.get("preface_url")),
        duration=as_float(entry.get("length")),
        publish_status=as_int(entry.get("publish_status")),
        category_ids=tuple(number for number in ids if number not in ("", "0")),
    )


def play_url(entry: Mapping[str, object]) -> PlayUrl:
    return PlayUrl(
        as_text(entry.get("url")), as_int(entry.get("size")), as_int(entry.get("width")), as_int(entry.get("height")),
        as_float(entry.get("duration")),
    )  # fmt: skip


def account_of(fields: Fields) -> AccountInfo:
    data = fields.body
    return AccountInfo(
        partner_id=as_text(data.get("partner_id")),
        mobile=as_text(data.get("mobile")),
        type=as_int(data.get("type")),
        status=as_int(data.get("status")),
        charge_type=as_int(data.get("charge_type")),
        effective_at=beijing_time(data.get("effect_time")),
        expires_at=beijing_time(data.get("expire_time")),
        total_storage=as_int(data.get("total_storage")),
        used_storage=as_int(data.get("used_storage")),
        used_flow=as_int(data.get("used_flow")),
        month_flow_limit=as_int(data.get("month_flow_limit")),
        total_flow_limit=as_int(data.get("total_flow_limit")),
    )


@dataclass(frozen=True, slots=True)
class Category:
    """A category; top level ones have `parent_id` "0" and `level` 1. `children` are empty when not asked for."""

    category_id: str
    name: str
    parent_id: str
    level: int | None
    children: tuple[Category, ...]


@dataclass(frozen=True, slots=True)
class Subtitle:
    subtitle_id: str
    name: str
    url: str
    is_default: bool
    created_at: datetime | None
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class PlayRecord:
    """One viewing. `length` in seconds; `client_type` 1 iPhone, 2 iPad, 3 Android, 4 phone's browser, 5 PC, 0 unknown.

    `room_id` is "" for a video on demand.
    """

    guid: str
    uuid: str
    video_id: str
    room_id: str
    user_name: str
    user_number: str
    began_at: datetime | None
    ended_at: datetime | None
    length: int | None
    client_type: int | None
    user_ip: str
    area: str


@dataclass(frozen=True, slots=True)
class PlayRecordPage:
    """One page of viewings; `total` counts those on all pages."""

    total: int
    records: tuple[PlayRecord, ...]


@dataclass(frozen=True, slots=True)
class VideoFlow:
    video_id: str
    flow: int


@dataclass(frozen=True, slots=True)
class VideoFlowPage:
    """One page of traffic by video; `total` counts the videos on all pages."""

    total: int
    videos: tuple[VideoFlow, ...]


@dataclass(frozen=True, slots=True)
class VideoPlays:
    video_id: str
    plays: int


@dataclass(frozen=True, slots=True)
class LineUsage:
    """Storage and traffic of one product line; `flow` is None where the line has none."""

    storage: int | None
    flow: int | None


def category_of(entry: Mapping[str, object]) -> Category:
    return Category(
        category_id=as_text(entry.get("id")),
        name=as_text(entry.get("name")),
        parent_id=as_text(entry.get("parent_id")) or "0",
        level=as_int(entry.get("level")),
        children=tuple(category_of(as_object(child)) for child in as_list(entry.get("children"))),
    )


def subtitle_of(entry: Mapping[str, object]) -> Subtitle:
    return Subtitle(
        subtitle_id=as_text(entry.get("subtitle_id")),
        name=as_text(entry.get("subtitle_name")),
        url=as_text(entry.get("subtitle_path")),
        is_default=as_flag(entry.get("is_default")),
        created_at=beijing_time(entry.get("create_time")),
        updated_at=beijing_time(entry.get("update_time")),
    )


def records_of(fields: Fields) -> PlayRecordPage:
    return PlayRecordPage(fields.number("total"), tuple(_record(entry.body) for entry in fields.each("list")))


def _record(entry: Mapping[str, object]) -> PlayRecord:
    return PlayRecord(
        guid=as_text(entry.get("guid")),
        uuid=as_text(entry.get("uuid")),
        video_id=as_text(entry.get("video_id")),
        room_id=as_text(entry.get("room_id")),
        user_name=as_text(entry.get("user_name")),
        user_number=as_text(entry.get("user_number")),
        began_at=beijing_time(entry.get("play_begin_time")),
        ended_at=beijing_time(entry.get("play_end_time")),
        length=as_int(entry.get("play_length")),
        client_type=as_int(entry.get("client_type")),
        user_ip=as_text(entry.get("user_ip")),
        area=as_text(entry.get("area")),
    )


def by_day(value: object) -> dict[date, int]:
    """Figures by day; a day or figure that cannot be read is left out."""
    figures: dict[date, int] = {}
    for day, figure in as_object(value).items():
        moment, number = beijing_time(day), as_int(figure)
        if moment is not None and number is not None:
            figures[moment.astimezone(BEIJING).date()] = number
    return figures
