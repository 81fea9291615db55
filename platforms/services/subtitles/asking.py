"""Having the workers bring copies to platforms: what is due becomes an operation, one a publication at a time."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, QuerySet

from platforms.models import CopyState, Operation, OperationState, Publication, Subtitle, SubtitleCopy, Video
from platforms.services import progress
from platforms.services.operations import asking as operations
from platforms.services.operations import running
from platforms.services.operations.kind import THERE
from platforms.services.subtitles import copies, pushing

AT_ONCE = 500
ENDED_BADLY = (OperationState.FAILED, OperationState.UNKNOWN, OperationState.CANCELLED)


def due() -> QuerySet[SubtitleCopy]:
    """Copies with something to do on a platform that has the video, for which nobody is asked yet."""
    asked = Operation.objects.filter(
        publication=OuterRef("publication"), kind=pushing.KIND.name, state__in=operations.OPEN
    )
    rows = SubtitleCopy.objects.filter(state__in=copies.DUE, publication__state__in=THERE)
    return rows.exclude(publication__remote_id=None).filter(~Exists(asked))


def run_due() -> int:
    """Ask for what is due, as when a publication has come to its platform; answers for how many publications."""
    _drop_what_went()
    _give_up()
    ids = list(due().values_list("publication_id", flat=True).distinct()[:AT_ONCE])
    if not ids:
        return 0
    rows = Publication.objects.filter(pk__in=ids).select_related("account", "video")
    return ask(rows, actor=progress.holder())


def ask(publications: Iterable[Publication], *, actor: str) -> int:
    """Have the copies of these publications brought to what is wanted now; those that it is too early for wait."""
    return len(operations.ask(pushing.KIND, publications, actor=actor).operations)


def _drop_what_went() -> None:
    """What is to be removed from a video that the platform no longer has is removed."""
    gone = SubtitleCopy.objects.filter(state=CopyState.REMOVING, publication__state__in=copies.NOTHING_THERE)
    for copy in gone.select_related("subtitle")[:AT_ONCE]:
        copy.delete()
        copies.finish(copy.subtitle)


def _give_up() -> None:
    """What was tried as often as makes sense, or taken back, is left to a person."""
    ended = Operation.objects.filter(
        publication=OuterRef("publication"), kind=pushing.KIND.name, state__in=ENDED_BADLY,
        created_at__gte=OuterRef("asked_at"),
    )  # fmt: skip
    for copy in due().filter(Exists(ended))[:AT_ONCE]:
        last = Operation.objects.filter(publication=copy.publication_id, kind=pushing.KIND.name).first()
        if last and last.state in ENDED_BADLY:
            same = SubtitleCopy.objects.filter(pk=copy.pk, state=copy.state, asked_at=copy.asked_at)
            same.update(state=CopyState.FAILED, error=last.error, tried_at=last.ended_at)


def open_operations(subtitles: Iterable[Subtitle]) -> dict[int, Operation]:
    """The open operation of each publication concerned, by the publication's id."""
    ids = SubtitleCopy.objects.filter(subtitle__in=list(subtitles)).values("publication_id")
    rows = Operation.objects.filter(publication__in=ids, kind=pushing.KIND.name, state__in=operations.OPEN)
    return {row.publication_id: row for row in rows.order_by("pk")}


def run_now(video: Video, *, actor: str) -> None:
    """Bring what is due for a video to its platforms in this process; what somebody is at already is left to them."""
    ids = set(due().filter(subtitle__video=video).values_list("publication_id", flat=True))
    rows = Publication.objects.filter(pk__in=ids).select_related("account", "video")
    for operation in operations.ask(pushing.KIND, rows, actor=actor).operations:
        running.run_now(operation, actor=actor)
