"""What the hub itself says of an imported video follows the platform, as long as nobody has changed it here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from django.utils import timezone

from platforms.models import Publication, Video
from platforms.services import events, progress
from platforms.services.importing.creating import metadata_of
from platforms.values import RemoteVideo, say


@dataclass(frozen=True, slots=True)
class OwnNews:
    """What is new for the hub's own columns of an imported video: what they were, and what they are to be."""

    before: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    after: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def __bool__(self) -> bool:
        return bool(self.after)


NOTHING = OwnNews()


def own_news(row: Publication, remote: RemoteVideo) -> OwnNews:
    """What follows the platform, and does so in `row` from now on; nothing of a video that was uploaded here.

    Whoever has changed something in the hub has made it differ from what the platform last said.
    """
    video = row.video
    if video.imported_from_id != row.account_id:
        return NOTHING
    known = metadata_of(_as_known(row))
    told = {name: value for name, value in metadata_of(remote).items() if value != known[name]}
    after: dict[str, Any] = {name: value for name, value in told.items() if getattr(video, name) == known[name]}
    if not remote.title:
        after.pop("title", None)
    if remote.duration and remote.duration != video.duration:
        after["duration"] = remote.duration
    before = {name: getattr(video, name) for name in after}
    for name, value in after.items():
        setattr(video, name, value)
    return OwnNews(before, after) if after else NOTHING


def _as_known(row: Publication) -> RemoteVideo:
    """What the platform said last."""
    tags = None if row.remote_tags is None else tuple(row.remote_tags.split(","))
    return RemoteVideo(
        str(row.remote_id), None, "", title=row.remote_title, description=row.remote_description, tags=tags
    )  # fmt: skip


def keep_up(row: Publication, news: OwnNews, *, actor: str) -> None:
    """Write it down, unless somebody is changing it at this very moment."""
    for name, value in news.after.items():
        unchanged = Video.objects.filter(pk=row.video_id, **{name: news.before[name]})
        if unchanged.update(**{name: value}, updated_at=timezone.now()) and name == "title":
            events.record(row, "renamed", say(progress.RENAMED, title=value), actor=actor)
