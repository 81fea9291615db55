"""Publishing: the rules checked before anything is sent, and the rows that follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from platforms import queue
from platforms.models import BLOCK_AT, PUBLISH_AT, Account, Publication, UploadSession, Video
from platforms.models.video import source_path, split_tags
from platforms.models.wording import render
from platforms.registry import driver_class
from platforms.services import progress
from platforms.services.categories import mapping, tree
from platforms.services.files import landing, storing
from platforms.services.files.media import KeptFile
from platforms.services.scheduling import rows as plans
from platforms.services.scheduling import rules
from platforms.services.subtitles import copies
from platforms.storage import FarStorage
from platforms.values import Draft, Field, Problem, Sentence, State, gettext_noop, say

NO_FILE = gettext_noop("The hub no longer has the file.")
NEVER_HAD_FILE = gettext_noop(
    "The hub has no file of this video: it was imported from “%(account)s” and can be published nowhere else."
)
# A publication in one of these can be sent (again) because the platform has no video of it that plays. Of one that
# needs a decision nobody knows: see `deciding.py`.
SENDABLE = (State.DRAFT, State.FAILED, State.CANCELLED, State.DELETED, State.MISSING, State.PAUSED)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What staff write about a video; `tags` as they typed them, `category_id` the hub category's."""

    title: str
    description: str = ""
    tags: str = ""
    category_id: int | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """One account to publish to, with what is chosen for its platform.

    `category` is the remote id of one of the account's, "" for none, None for what the video's hub category stands for
    there. `publish_at` and `block_at` are aware; None: now, and never. `words` are what this account is told instead of
    the video's own title, description and tags.
    """

    account: Account
    category: str | None = ""
    options: Mapping[str, str] = field(default_factory=dict)
    publish_at: datetime | None = None
    block_at: datetime | None = None
    words: Metadata | None = None


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


def with_categories(targets: Sequence[Target], hub_category_id: int | None) -> list[Target]:
    """The targets with a category each: what a hub category stands for where none was chosen."""
    open_ones = [target.account.pk for target in targets if target.category is None]
    mapped = mapping.mapped(hub_category_id, open_ones) if open_ones else {}
    return [
        replace(target, category=mapped.get(target.account.pk, "")) if target.category is None else target
        for target in targets
    ]


def obstacles(metadata: Metadata, facts: KeptFile | Video | None, targets: Sequence[Target]) -> list[Obstacle]:
    """Everything that the chosen platforms would refuse, all at once; empty when all may be published."""
    targets = with_categories(targets, metadata.category_id)
    chosen = [(target.account.pk, target.category or "") for target in targets]
    unknown = tree.unknown([target.account for target in targets], chosen)
    found = []
    for target in targets:
        own = [(problem.field, render(problem.sentence.as_json())) for problem in problems_of(metadata, facts, target)]
        why = unknown.get((target.account.pk, target.category or ""))
        if why and "category" not in dict(own):
            own.append(("category", why))
        found += [Obstacle(target.account, *each) for each in own]
    return found


def problems_of(metadata: Metadata, facts: KeptFile | Video | None, target: Target) -> list[Problem]:
    """What one chosen platform would refuse, its categories aside, as sentences that can be stored."""
    times = rules.problems(target.account, target.publish_at, target.block_at)
    problems = driver_class(target.account.platform).problems(_draft(metadata, facts, target))
    problems = [*problems, *(Problem(name, sentence) for name, sentence in times.items())]
    if isinstance(facts, Video) and not has_file(facts):
        return [*(problem for problem in problems if problem.field != "file"), Problem("file", no_file(facts))]
    return problems


def has_file(video: Video) -> bool:
    """Whether the hub still has the video's file; of a far storage that is found out when it is read, not by a page."""
    storage, name = video.source.storage, video.source.name or ""
    return bool(name) and (isinstance(storage, FarStorage) or storage.exists(name))


def was_imported(video: Video) -> bool:
    """Whether it was found on an account, so that the hub never had its file."""
    return video.imported_from_id is not None and not video.source


def no_file(video: Video) -> Sentence:
    """Why the hub has no file of a video that has none."""
    if was_imported(video) and video.imported_from:
        return say(NEVER_HAD_FILE, account=video.imported_from.name)
    return say(NO_FILE)


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
        category=target.category or "",
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
    """A video that takes over a kept file, by a rename."""
    video = Video(
        title=metadata.title.strip(), description=metadata.description.strip(),
        tags=",".join(split_tags(metadata.tags)), original_name=kept.name[-255:], size=kept.size, md5=kept.md5,
        container=kept.container, codecs=kept.codecs, duration=kept.duration, width=kept.width, height=kept.height,
        created_by=user,
    )  # fmt: skip
    take_file(video, kept)
    with transaction.atomic():
        video.category_id = mapping.kept(metadata.category_id)
        video.save()
        storing.expect(video)
    return video


def take_file(video: Video, kept: KeptFile) -> None:
    """Move a kept file to its lasting place on the disk, power cut or not, and name it on the (unsaved) video.

    Where that is not where videos are kept, it is brought there later, under the same name (`storing.py`).
    """
    name = kept.place or source_path(video, kept.name)
    target = storing.path_of(name)
    landing.confirm(Path(kept.path))
    target.parent.mkdir(parents=True, exist_ok=True)
    Path(kept.path).rename(target)
    landing.confirm_name(target, Path(settings.MEDIA_ROOT))
    video.source.name = name


def publish(video: Video, targets: Sequence[Target], *, actor: str) -> list[Queued]:
    """Queue one publication an account. One that exists already is sent again only if the platform has none.

    The caller has asked `obstacles` first. Two people pressing at once get one publication an account.
    """
    targets = with_categories(targets, video.category_id)
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
    chosen: dict[str, Any] = {"category": target.category, "options": dict(target.options), **_own_words(video, target)}
    chosen |= plans.columns(publication, target.publish_at)
    if chosen["upload_from"]:
        chosen["next_run_at"] = chosen["upload_from"]
    was_held = publication.held
    sent = send_again(publication, actor=actor, wake=False, **chosen)
    if sent:
        # What the platform has of it may be blocked by now: it is to be shown as soon as it is complete.
        shown_now = timezone.now() if was_held and publication.remote_id else None
        _plan_anew(publication, target.publish_at or shown_now, target.block_at, actor)
    return Queued(publication, sent)


def _plan_anew(publication: Publication, publish_at: datetime | None, block_at: datetime | None, actor: str) -> None:
    plans.drop_all(publication, actor=actor)
    for kind, at in ((PUBLISH_AT, publish_at), (BLOCK_AT, block_at)):
        if at:
            plans.add(publication, kind, at, actor=actor)


def _own_words(video: Video, target: Target) -> dict[str, str]:
    """The columns of a publication that is told something else than the video says of itself."""
    if target.words is None:
        return {}
    words = target.words
    told = {"title": words.title.strip(), "description": words.description.strip()}
    told["tags"] = ",".join(split_tags(words.tags))
    return {name: text if text != getattr(video, name) else "" for name, text in told.items()}


def why_not_send(publication: Publication, *, decided: bool = False) -> str:
    """Why this publication cannot be sent again, in the active language; empty when it can.

    `decided`: a person has looked, and the platform has nothing of a lost upload.
    """
    if publication.state == State.UNKNOWN and not decided:
        return _("It needs a decision; open it.")
    if publication.state not in (*SENDABLE, State.UNKNOWN):
        return _("It is “%(state)s”.") % {"state": publication.get_state_display()}
    if publication.state == State.FAILED and publication.uploaded_at:
        return _("The platform already has its file. Delete it on the platform first, then publish again.")
    if not has_file(publication.video):
        return render(no_file(publication.video).as_json())
    return ""


def send_again(
    publication: Publication, *, actor: str, wake: bool = True, decided: bool = False, **columns: Any
) -> bool:
    """Queue a publication for upload, with other `columns`; False when it cannot be (see `why_not_send`).

    A running upload session is gone on with; a video that the platform no longer has is forgotten first, and so is what
    was planned for it.
    """
    if why_not_send(publication, decided=decided):
        return False
    before = publication.state
    gone = before in (State.DELETED, State.MISSING, State.CANCELLED)
    fresh: dict[str, Any] = {
        "remote_id": None, "uploaded_at": None, "bytes_sent": 0, "looks": 0, "page_url": "", "embed_url": "",
        "cover_url": "", "plays": None, "raw_state": "", "raw_words": "", "upload_seconds": 0,
        "remote_title": "", "remote_description": None, "remote_tags": None, "remote_category": None, "differs": False,
        "publish_at": None, "upload_from": None, "held": False,
    }  # fmt: skip
    columns = {"next_run_at": timezone.now(), **(fresh if gone else {}), **columns}
    with transaction.atomic():
        changed = progress.change(
            publication, State.QUEUED, actor=actor, only=Q(state=before), error=None, attempts=0, bytes_moved=0,
            bytes_total=publication.video.size, **progress.release(**columns),
        )  # fmt: skip
        if changed and gone:
            plans.drop_all(publication, actor=actor)
        if changed and before == State.UNKNOWN:
            # The person has decided that the lost call made nothing: its resume state would only ask again.
            UploadSession.objects.filter(publication=publication).delete()
        if changed:
            copies.expect(publication, anew=gone)
    if changed and wake:
        queue.wake_uploads()
    return changed


def duplicates_of(publication: Publication) -> list[Publication]:
    """Other publications through which the account's platform has the same bytes."""
    if not publication.video.md5:  # of a video without a file
        return []
    same = Publication.objects.filter(account=publication.account, video__md5=publication.video.md5)
    there = same.filter(uploaded_at__isnull=False).exclude(state__in=(State.DELETED, State.MISSING))
    return list(there.exclude(pk=publication.pk).select_related("video", "account")[:3])
