"""Deleting on the platform as an operation: `removal` does it, and the operation ends as the publication does."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from platforms.contract import CanDelete
from platforms.models import Operation, OperationState, Publication
from platforms.services import events, progress, removal, videos
from platforms.services.operations.kind import Kind
from platforms.values import State, gettext_noop, say

# Among the arguments: the hub's own file is to go too.
FILE = "file"
FILE_DELETED = gettext_noop("The hub's file of the video was deleted.")
FILE_STAYS = gettext_noop("The hub keeps the file: another publication still needs it, or was not deleted.")
NOT_DELETED = gettext_noop("The platform still has the video.")

DELETE = Kind(
    "remove",
    gettext_noop("Delete on the platform"),
    CanDelete,
    gettext_noop("%(platform)s does not let videos be deleted from outside."),
    None,
    gettext_noop("The video is deleted on the platform."),
    is_destructive=True,
    begin=lambda publication, actor: removal.begin(publication, actor=actor),
    why_not=removal.why_not,
)


def unsettled() -> QuerySet[Operation]:
    """Deletions that have ended, and whose operations have not."""
    running = Operation.objects.filter(kind=DELETE.name, state=OperationState.RUNNING)
    return running.exclude(publication__state=State.DELETING)


def settle() -> None:
    """End the operations whose deletion has ended, however it has."""
    for operation in unsettled().select_related("publication__account", "publication__video").order_by("pk")[:1000]:
        _settle(operation)


def _settle(operation: Operation) -> None:
    publication = operation.publication
    is_there = publication.state in progress.REPORTED and publication.state != State.MISSING
    state = OperationState.FAILED if is_there else OperationState.DONE
    error = (publication.error or progress.stored_error("", say(NOT_DELETED))) if is_there else None
    said = None if is_there else _last_words(publication)
    if operation.arguments.get(FILE):
        said = _delete_file(operation, state) or said
    running = Operation.objects.filter(pk=operation.pk, state=OperationState.RUNNING)
    running.update(state=state, ended_at=timezone.now(), next_run_at=None, error=error, said=said)


def _last_words(publication: Publication) -> dict[str, Any] | None:
    """Whether the platform has deleted it now, or had nothing left to delete."""
    last: dict[str, Any] | None = (
        publication.events.filter(kind=State.DELETED).values_list("sentence", flat=True).first()
    )
    return last


def _delete_file(operation: Operation, state: OperationState) -> dict[str, Any] | None:
    """What became of the hub's file, once nothing of its video that was asked for together is left to delete.

    Before the operation ends: whoever dies here is followed by another one who settles it.
    """
    publication = operation.publication
    together = Operation.objects.filter(batch=operation.batch, publication__video=publication.video_id)
    others = together.filter(tried_again=False).exclude(pk=operation.pk)
    if others.filter(state=OperationState.RUNNING).exists():
        return None
    all_done = state == OperationState.DONE and not others.exclude(state=OperationState.DONE).exists()
    if not all_done or videos.why_keep_file(publication.video):
        return events.stored(say(FILE_STAYS))
    if videos.delete_file(publication.video):
        events.record(publication, "file", say(FILE_DELETED), actor=operation.asked_by)
    return events.stored(say(FILE_DELETED))
