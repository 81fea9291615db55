"""What was asked for together, afterwards: how each row stands, trying again what failed, taking back what waits."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from platforms.models import Operation, OperationState, Publication
from platforms.services import events
from platforms.services.operations.asking import AGAIN, CANCELLED, Asked, again_all
from platforms.services.operations.kinds import KINDS
from platforms.values import say

# The history keeps what was done; the rows are for those who still want to do something about it.
KEPT = timedelta(days=365)
PRUNED_AT_ONCE = 1000


def rows(batch: UUID) -> QuerySet[Operation]:
    """The last try for each publication, in the order in which they were asked for."""
    found = Operation.objects.filter(batch=batch, tried_again=False)
    return found.select_related("publication__account", "publication__video").order_by("publication_id", "id")


def counts(operations: list[Operation]) -> dict[OperationState, int]:
    """How many are in each state, in the order of the states; none are left out."""
    found = Counter(operation.state for operation in operations)
    return {state: found[state] for state in OperationState if found[state]}


def try_again(batch: UUID, *, actor: str) -> Asked:
    """Ask once more for what has failed or was cancelled; what nobody knows the outcome of is left to a person."""
    failed = rows(batch).filter(state__in=[state for state in AGAIN if state != OperationState.UNKNOWN])
    return again_all(list(failed), actor=actor)


def cancel_waiting(batch: UUID, *, actor: str) -> int:
    """Take back what has not begun; answers how many."""
    now = timezone.now()
    waiting = Operation.objects.filter(batch=batch, state=OperationState.WAITING)
    ids = list(waiting.values_list("pk", flat=True))
    waiting.filter(pk__in=ids).update(state=OperationState.CANCELLED, ended_at=now, next_run_at=None)
    taken = rows(batch).filter(pk__in=ids, state=OperationState.CANCELLED, ended_at=now)
    publications = [operation.publication for operation in taken]
    if publications and (kind := KINDS.get(taken[0].kind)):
        events.record_many(publications, kind.name, say(CANCELLED, kind=kind.label), actor=actor)
    return len(publications)


def latest(publication: Publication, most: int) -> list[Operation]:
    """A publication's last operations, the newest first, at most `most`."""
    found = Operation.objects.filter(publication=publication).order_by("-id")[:most]
    operations = list(found)
    for operation in operations:
        operation.publication = publication
    return operations


def prune() -> int:
    """Forget operations that ended long ago, from the oldest on; answers how many."""
    cut, gone, after = timezone.now() - KEPT, 0, 0
    while True:
        oldest = Operation.objects.filter(pk__gt=after).order_by("pk")
        found = list(oldest.values_list("pk", "created_at", "ended_at")[:PRUNED_AT_ONCE])
        over = [pk for pk, _made, ended in found if ended and ended < cut]
        gone += Operation.objects.filter(pk__in=over).delete()[0]
        if len(found) < PRUNED_AT_ONCE or found[-1][1] > cut:
            return gone
        after = found[-1][0]
