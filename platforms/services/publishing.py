"""Publishing: the rules checked before anything is sent, and the rows that follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from platforms import queue
from platforms.models import Account, Publication, UploadSession, Video
from platforms.models.video import source_path, split_tags
from platforms.models.wording import render
from platforms.registry import driver_class
from platforms.services import progress
from platforms.services.media import KeptFile
from platforms.values import Draft, Field, Problem, State, gettext_noop, say

NO_FILE = gettext_noop("The hub no longer has the file.")
# A publication in one of these can be sent (again) because the platform has no video of it that plays.
SENDABLE = (State.DRAFT, State.FAILED, State.CANCELLED, State.UNKNOWN, State.DELETED, State.MISSING, State.PAUSED)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What staff write about a video; `tags` as they typed them."""

    title: str
    description: str = ""
    tags: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """One account to publish to, with what is chosen for its platform."""

    account: Account
    category: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why one account cannot be published to: at which field, and the reason in the active language."""

    account: Account
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Queued:
    """What publishing did for one account: `new` work, or a publication that already is under way."""

    publication: Publication
    new: bool


def publish_options(platform: str) -> tuple[Field, ...]:
    """The platform's own fields of the publish form."""
    return driver_class(platform).publish_options


def categories(platform: str) -> tuple[tuple[str, str], ...]:
    """The platform's fixed categories as (value, English message id); empty where it has none."""
    return driver_class(platform).categories


def find_category(platform: str, wanted: str) -> str | None:
    """The category value that `wanted` names by value or by label in any case; None when there is none."""
    wanted = wanted.strip().casefold()
    for value, label in categories(platform):
        if wanted in (value.casefold(), label.casefold(), _(label).casefold()):
            return value
    return None


def obstacles(metadata: Metadata, facts: KeptFile | Video | None, targets: Sequence[Target]) -> list[Obstacle]:
    """Everything that the chosen platforms would refuse, all at once; empty when all may be published."""
    return [
        Obstacle(target.account, problem.field, render(problem.sentence.as_json()))
        for target in targets
        for problem in _problems(metadata, facts, target)
    ]


def _problems(metadata: Metadata, facts: KeptFile | Video | None, target: Target) -> list[Problem]:
    problems = driver_class(target.account.platform).problems(_draft(metadata, facts, target))
    if isinstance(facts, Video) and not has_file(facts):
        return [*(problem for problem in problems if problem.field != "file"), Problem("file", say(NO_FILE))]
    return problems


def has_file(video: Video) -> bool:
    """Whether the hub still has the video's file."""
    name = video.source.name
    return video.source.storage.exists(name) if name else False


def metadata_problems(metadata: Metadata) -> dict[str, list[str]]:
    """What the hub itself cannot keep, whatever the platform: messages in the active language by field."""
    try:
        Video(title=metadata.title.strip(), tags=",".join(split_tags(metadata.tags))).clean_fields()
    except ValidationError as error:
        return error.message_dict
    return {}


def _draft(metadata: Metadata, facts: KeptFile | Video | None, target: Target) -> Draft:
    name = "" if facts is None else facts.name if isinstance(facts, KeptFile) else facts.original_name
    return Draft(
        title=metadata.title.strip(),
        description=metadata.description.strip(),
        tags=tuple(split_tags(metadata.tags)),
        category=target.category,
        options={k: str(v) for k, v in target.options.items()},
        file_name=name,
        extension=facts.extension if facts else "",
        size=facts.size if facts else 0,
        md5=facts.md5 if facts else "",
        duration=facts.duration if facts else None,
    )


def draft_of(publication: Publication) -> Draft:
    """What a publication's driver is to send."""
    return _draft(*_as_chosen(publication))


def _as_chosen(publication: Publication) -> tuple[Metadata, Video, Target]:
    metadata = Metadata(publication.shown_title, publication.shown_description, ",".join(publication.shown_tags))
    return metadata, publication.video, Target(publication.account, publication.category, publication.options)


def obstacles_of(publication: Publication) -> list[Obstacle]:
    """Everything that the platform would refuse about a publication as it is now; empty when it may be sent."""
    metadata, video, target = _as_chosen(publication)
    return obstacles(metadata, video, [target])


def create_video(kept: KeptFile, metadata: Metadata, user: User | None = None) -> Video:
    """A video that takes over a kept file, by a rename where possible."""
    video = Video(
        title=metadata.title.strip(), description=metadata.description.strip(),
        tags=",".join(split_tags(metadata.tags)),
        original_name=kept.name[-255:], size=kept.size, md5=kept.md5, container=kept.container, codecs=kept.codecs,
        duration=kept.duration, width=kept.width, height=kept.height, created_by=user,
    )  # fmt: skip
    take_file(video, kept)
    video.save()
    return video


def take_file(video: Video, kept: KeptFile) -> None:
    """Move a kept file to its lasting place and name it on the (unsaved) video."""
    storage = video.source.storage
    name = source_path(video, kept.name)
    if storage.__class__.__name__ == "FileSystemStorage":
        target = Path(settings.MEDIA_ROOT) / name
        target.parent.mkdir(parents=True, exist_ok=True)
        Path(kept.path).rename(target)
    else:
        with Path(kept.path).open("rb") as source:
            name = storage.save(name, File(source))
        Path(kept.path).unlink(missing_ok=True)
    video.source.name = name


def publish(video: Video, targets: Sequence[Target], *, actor: str) -> list[Queued]:
    """Queue one publication an account. One that exists already is sent again only if the platform has none.

    The caller has asked `obstacles` first. Two people pressing at once get one publication an account.
    """
    with transaction.atomic():
        queued = [_publish_one(video, target, actor) for target in targets]
    queue.wake_uploads()
    return queued


def _publish_one(video: Video, target: Target, actor: str) -> Queued:
    try:
        with transaction.atomic():
            publication, new = Publication.objects.get_or_create(
                video=video, account=target.account, defaults={"bytes_total": video.size}
            )
    except IntegrityError:
        publication, new = Publication.objects.get(video=video, account=target.account), False
    if not new and publication.state not in SENDABLE:
        return Queued(publication, False)
    chosen = {"category": target.category, "options": dict(target.options)}
    return Queued(publication, send_again(publication, actor=actor, wake=False, **chosen))


def why_not_send(publication: Publication) -> str:
    """Why this publication cannot be sent again, in the active language; empty when it can."""
    if publication.state not in SENDABLE:
        return _("It is “%(state)s”.") % {"state": publication.get_state_display()}
    if publication.state == State.FAILED and publication.uploaded_at:
        return _("The platform already has its file. Delete it on the platform first, then publish again.")
    if not has_file(publication.video):
        return _(NO_FILE)
    return ""


def send_again(publication: Publication, *, actor: str, wake: bool = True, **columns: Any) -> bool:
    """Queue a publication for upload, with other `columns`; False when it cannot be (see `why_not_send`).

    A running upload session is gone on with; a video that the platform no longer has is forgotten first.
    """
    if why_not_send(publication):
        return False
    before = publication.state
    gone = before in (State.DELETED, State.MISSING, State.CANCELLED)
    fresh: dict[str, Any] = {
        "remote_id": None, "uploaded_at": None, "bytes_sent": 0, "looks": 0, "page_url": "", "embed_url": "",
        "cover_url": "", "plays": None, "raw_state": "", "raw_words": "", "upload_seconds": 0,
    }  # fmt: skip
    with transaction.atomic():
        changed = progress.change(
            publication, State.QUEUED, actor=actor, only=Q(state=before), error=None, attempts=0,
            next_run_at=timezone.now(), bytes_total=publication.video.size,
            **progress.release(**columns), **(fresh if gone else {}),
        )  # fmt: skip
        if changed and before == State.UNKNOWN:
            # The person has decided that the lost call made nothing: its resume state would only ask again.
            UploadSession.objects.filter(publication=publication).delete()
    if changed and wake:
        queue.wake_uploads()
    return changed


def duplicates_of(publication: Publication) -> list[Publication]:
    """Other publications through which the account's platform has the same bytes."""
    same = Publication.objects.filter(account=publication.account, video__md5=publication.video.md5)
    there = same.filter(uploaded_at__isnull=False).exclude(state__in=(State.DELETED, State.MISSING))
    return list(there.exclude(pk=publication.pk).select_related("video", "account")[:3])
