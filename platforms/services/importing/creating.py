"""Rows for videos that nobody knew of: a video without a file, its publication and the first line of its history.

Written a batch at a time, all or nothing. A video that somebody else brings in at this very moment stays theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from platforms.models import Account, Event, Publication, Video
from platforms.models.publication import name_of
from platforms.services import events, looking, progress
from platforms.services.inserting import insert, next_ids
from platforms.services.metadata import comparing
from platforms.services.metadata.comparing import LONGEST_DESCRIPTION, LONGEST_OWN_TITLE, storable, stored_tags
from platforms.values import RemoteVideo, State, gettext_noop, say

IMPORTED = gettext_noop("Found on the account “%(account)s” and imported; its id there is %(id)s.")
LONGEST_ID = 100
METADATA = ("title", "description", "tags")
# What platforms tell about a video, and what stands there when they do not.
FACTS: tuple[tuple[str, Any], ...] = (
    ("page_url", ""), ("embed_url", ""), ("cover_url", ""), ("remote_title", ""), ("remote_description", None),
    ("remote_tags", None), ("remote_category", None), ("remote_duration", None), ("plays", None),
)  # fmt: skip
COLUMNS = (
    "id", "video", "remote_id", "state", "uploaded_at", "raw_state", "raw_words", "error",
    "followed_since", "next_run_at", *(name for name, _empty in FACTS),
)  # fmt: skip
# The platform's clock and the hub's may differ.
CLOCKS_APART = timedelta(minutes=10)

# The ids of its video and its publication, its title in the hub, and what its platform says of it.
Told = tuple[int, int, str, RemoteVideo]


def metadata_of(remote: RemoteVideo) -> dict[str, str]:
    """What the hub itself says of a video of which it knows nothing else; its title is one line, and never nothing."""
    title = " ".join(storable(remote.title or "").split())[:LONGEST_OWN_TITLE].strip()
    return {
        "title": title or remote.remote_id,
        "description": storable(remote.description or "")[:LONGEST_DESCRIPTION],
        "tags": stored_tags(remote.tags or ()),
    }


@dataclass(frozen=True, slots=True)
class Created:
    """A video that an import has brought in."""

    remote_id: str
    title: str


def create(
    account: Account,
    videos: Sequence[RemoteVideo],
    *,
    actor: str,
    began: datetime,
    also: Callable[[int], None] = lambda count: None,
) -> list[Created]:
    """Bring in videos of which the account has no publication yet; answers what came to be.

    `began` is when the pass over the account began that has found them. `also` is done in the same transaction with
    how many there are; what it raises undoes everything.
    """
    now = timezone.now()
    with transaction.atomic():
        video_ids, ids = next_ids(Video, len(videos)), next_ids(Publication, len(videos))
        own = [metadata_of(video) for video in videos]
        told = list(zip(video_ids, ids, (each["title"] for each in own), videos, strict=True))
        insert(
            Video,
            ("id", "duration", "created_at", *METADATA),
            (
                # Lists begin with the newest: what is old must not push what is new out of sight.
                (video_id, video.duration or None, min(video.created_at or now, now), *each.values())
                for video_id, video, each in zip(video_ids, videos, own, strict=True)
            ),
            same={"imported_from": account.pk, "updated_at": now},
        )
        rows = (_publication(account, *one, now) for one in told)
        same = {"account": account.pk, "state_source": progress.IMPORTED, "state_at": now, "synced_at": began}
        made = insert(Publication, COLUMNS, rows, same=same | {"created_at": now}, skip_taken=True)
        if made < len(told):
            told = _without_taken(told)
        _begin_history(account, told, actor, now)
        also(len(told))
    return [Created(video.remote_id, title) for _video_id, _id, title, video in told]


def _without_taken(told: list[Told]) -> list[Told]:
    """Those of which there are publications now; the videos of the others go."""
    made = set(Publication.objects.filter(pk__in=[one[1] for one in told]).values_list("pk", flat=True))
    Video.objects.filter(pk__in=[video_id for video_id, pk, *_rest in told if pk not in made]).delete()
    return [one for one in told if one[1] in made]


def _publication(
    account: Account, video_id: int, pk: int, title: str, remote: RemoteVideo, now: datetime
) -> tuple[Any, ...]:
    """The columns of `COLUMNS`. Of a state that the hub does not know nobody can say more than that it is followed."""
    state = remote.state or remote.presumed or State.PROCESSING
    since = next_look = None
    if state in progress.FOLLOWED:
        row = Publication(account=account, video=Video(title=title, duration=remote.duration))
        since, next_look = now, looking.next_time(row, now, looks=0)
    facts = progress.facts_of(remote) | comparing.columns_of(remote)
    return (
        pk, video_id, remote.remote_id, str(state), remote.created_at, storable(remote.raw_state)[:100],
        events.clean(storable(remote.words)),
        progress.reason_of(state, remote), since, next_look, *(facts.get(name, empty) for name, empty in FACTS),
    )  # fmt: skip


def _begin_history(account: Account, told: Sequence[Told], actor: str, now: datetime) -> None:
    sentences = (
        (pk, name_of(title, account)[:300], events.stored(say(IMPORTED, account=account.name, id=video.remote_id)))
        for _video_id, pk, title, video in told
    )
    same = {"account": account.pk, "at": now, "actor": actor[:150], "kind": "imported"}
    insert(Event, ("publication", "subject", "sentence"), sentences, same=same)


def importable(video: RemoteVideo) -> bool:
    """Whether it is there, and has an id that the hub can keep."""
    return video.state != State.MISSING and 0 < len(video.remote_id) <= LONGEST_ID


def may_be_ours(account: Account) -> Callable[[RemoteVideo], bool]:
    """Which unknown videos of the account an upload that is under way may be about to announce."""
    under_way = Publication.objects.filter(account=account, state=State.UPLOADING, remote_id=None)
    since = under_way.aggregate(since=Min("state_at"))["since"]
    if since is None:
        return lambda video: False
    return lambda video: video.created_at is not None and video.created_at >= since - CLOCKS_APART
