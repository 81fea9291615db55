"""Doing operations: claimed by one worker at a time, in their order, repeated only where that does no harm."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from platforms import queue
from platforms.contract import Driver
from platforms.errors import BadAnswer, Gone, PlatformError, QuotaReached, Refused, Temporary
from platforms.models import Operation, OperationState
from platforms.services import account_health, circuit, events, lending, looking, progress, waits
from platforms.services.operations.asking import OPEN, why_not
from platforms.services.operations.kind import NOTED, Kind
from platforms.services.operations.kinds import KINDS
from platforms.values import RemoteVideo, Sentence, State, gettext_noop, say

# Longer than any operation takes with its repeats: whoever has lost a claim has stopped when it is over.
CLAIM = timedelta(minutes=5)
BATCH = 100
NOBODY_KNOWS = gettext_noop(
    "The answer was lost, and the platform does not tell whether it was done. Look there before you try again."
)
GONE = gettext_noop("It could not be done: the platform no longer has the video.")
NOT_POSSIBLE = gettext_noop("It could not be done any more: %(reason)s")
DROPPED = gettext_noop("This version of the hub does not know “%(kind)s”.")


def due(now: datetime) -> QuerySet[Operation]:
    """What may be done now: of each publication the first that is not planned for a time to come, one at a time.

    Plans are done in the order of their times, everything else in that in which it was asked for. What has to wait for
    its publication to get somewhere else holds up nobody.
    """
    others = Operation.objects.filter(publication=OuterRef("publication"), state__in=OPEN).exclude(pk=OuterRef("pk"))
    not_after = Q(planned_at=None) | Q(planned_at__lte=Coalesce(OuterRef("planned_at"), Value(now)))
    earlier = Q(planned_at__lt=OuterRef("planned_at")) | Q(not_after, pk__lt=OuterRef("pk"))
    at_work = Q(state=OperationState.RUNNING, next_run_at__gt=now)
    rows = Operation.objects.filter(state__in=OPEN, next_run_at__lte=now).exclude(_waiting_for_state())
    rows = rows.filter(~Exists(others.filter(earlier & ~_waiting_for_state() | at_work)))
    return rows.filter(account_health.worth_a_hint(now, account="publication__account__"))


def _waiting_for_state() -> Q:
    """Operations that cannot be tried while their publication is where it is."""
    kinds = [kind for kind in KINDS.values() if kind.waits_in]
    found = Q(pk__in=())
    for kind in kinds:
        found |= Q(kind=kind.name, publication__state__in=kind.waits_in)
    return found


def run_due(*, actor: str, seconds: float) -> int:
    """Do what is due, for about so many seconds; answers how many were tried."""
    deadline, tried = time.monotonic() + seconds, 0
    while time.monotonic() < deadline:
        now = timezone.now()
        rows = due(now).select_related("publication__account", "publication__video").order_by("next_run_at", "pk")
        claimed = 0
        for operation in rows[:BATCH]:
            if time.monotonic() >= deadline:
                queue.wake_followers()
                return tried
            claimed += _try(operation, actor)
        if not claimed:
            break
        tried += claimed
    return tried


def run_now(operation: Operation, *, actor: str) -> None:
    """Do one operation in this process, unless somebody is at it or something earlier waits; then it is as stored."""
    row = due(timezone.now()).filter(pk=operation.pk).select_related("publication__account", "publication__video")
    for found in row:
        _try(found, actor)
    operation.refresh_from_db()


def _try(operation: Operation, actor: str) -> int:
    """Do one that is due, with those that go in the same call; answers how many were claimed."""
    account = operation.publication.account
    account.refresh_from_db(fields=["health", "troubles"])
    if not circuit.lets_through(account):
        return 0
    if not _claim(operation):
        circuit.give_probe_back(account)
        return 0
    kind = KINDS.get(operation.kind)
    if kind is None:
        _end(operation, OperationState.FAILED, error=_error(say(DROPPED, kind=operation.kind)))
        return 1
    claimed = [operation, *_claim_mates(kind, operation)]
    possible = [one for one in claimed if _is_possible(kind, one)]
    if possible:
        with lending.counted(account) as driver:
            _run_all(driver, kind, possible, actor)
    return len(claimed)


def _claim_mates(kind: Kind, operation: Operation) -> list[Operation]:
    """Others that are due and go in the same call: of the same account, with the same arguments."""
    if not kind.run_together:
        return []
    account = operation.publication.account
    rows = due(timezone.now()).filter(kind=kind.name, publication__account=account).exclude(pk=operation.pk)
    rows = rows.select_related("publication__account", "publication__video").order_by("pk")[: kind.most - 1]
    mates = [row for row in rows if row.arguments == operation.arguments and _claim(row)]
    for mate in mates:
        mate.publication.account = account
    return mates


def _is_possible(kind: Kind, operation: Operation) -> bool:
    """Whether it can be done still; else it has ended here."""
    if reason := why_not(kind, operation.publication):
        _fail(operation, kind, _error(say(NOT_POSSIBLE, reason=reason)), say(NOT_POSSIBLE, reason=reason))
    return not reason


def _claim(operation: Operation) -> bool:
    """Take it; the attempt is counted before the work."""
    row = Operation.objects.filter(pk=operation.pk, state=operation.state, fence=operation.fence)
    columns = {"state": OperationState.RUNNING, "next_run_at": timezone.now() + CLAIM}
    if row.update(attempts=F("attempts") + 1, fence=F("fence") + 1, **columns) != 1:
        return False
    operation.refresh_from_db(fields=["state", "attempts", "fence"])
    return True


def _run_all(driver: Driver, kind: Kind, operations: list[Operation], actor: str) -> None:
    """In one call where there are several. A refusal does not say whom it concerns: then each is done by itself."""
    if kind.run_together and len(operations) > 1:
        try:
            kind.run_together(driver, [one.publication for one in operations], operations[0].arguments)
        except (Gone, Refused):
            pass
        except PlatformError as error:
            _take_error(kind, operations, error, actor)
            return
        else:
            for operation in operations:
                _done(driver, kind, operation, None, actor)
            return
    for place, operation in enumerate(operations, start=1):
        _run(driver, kind, operation, actor)
        if place < len(operations) and _held_up(operation):
            _give_back(operations[place:])
            return


def _held_up(operation: Operation) -> bool:
    """Whether it waits for another try: then what comes after it in the account would fare no better now."""
    return Operation.objects.filter(pk=operation.pk, state=OperationState.WAITING).exists()


def _give_back(operations: Sequence[Operation]) -> None:
    for operation in operations:
        columns = {"attempts": F("attempts") - 1, "next_run_at": timezone.now()}
        _held(operation).update(state=OperationState.WAITING, **columns)


def _run(driver: Driver, kind: Kind, operation: Operation, actor: str) -> None:
    publication = operation.publication
    if kind.run is None:
        raise TypeError(f"{kind.name} is handed over when it is asked for, and never due.")
    try:
        if operation.attempts > 1 and not kind.is_repeatable and not _is_to_be_sent(driver, kind, operation):
            return
        if kind.note and not _note(operation, kind.note(driver, publication, operation.arguments)):
            return
        said = kind.run(driver, publication, operation.arguments)
    except Gone as error:
        _gone(kind, operation, error, actor)
    except Refused as refusal:
        _take_refusal(driver, kind, operation, refusal, actor)
    except PlatformError as error:
        _take_error(kind, [operation], error, actor)
    else:
        _done(driver, kind, operation, said, actor)


def _note(operation: Operation, noted: Any) -> bool:
    """Store how the video is before the call; False when somebody else has taken the operation over."""
    return _held(operation).update(noted=noted) == 1


def _gone(kind: Kind, operation: Operation, error: PlatformError, actor: str) -> None:
    publication = operation.publication
    _fail(operation, kind, progress.as_error(error), say(GONE))
    missing = RemoteVideo(str(publication.remote_id), State.MISSING, raw_state="")
    progress.observe(publication, missing, actor=actor, next_look=None)
    circuit.note_success(publication.account, actor=actor)


def _take_refusal(driver: Driver, kind: Kind, operation: Operation, refusal: Refused, actor: str) -> None:
    """Find out what the matter is: a platform may refuse in the same words a video that is gone and a wrong key."""
    answers: dict[str, RemoteVideo] = {}
    if not account_health.concerns_account(operation.publication.account, refusal):
        try:
            answers = _asked(driver, operation)
        except PlatformError as error:
            _take_error(kind, [operation], error, actor)
            return
    if any(remote.state == State.MISSING for remote in answers.values()):
        _gone(kind, operation, refusal, actor)
        return
    _take_error(kind, [operation], refusal, actor)
    _take_in(operation, answers, actor)


def _is_to_be_sent(driver: Driver, kind: Kind, operation: Operation) -> bool:
    """Whether a call that was under way before, and must not be repeated, is to be sent; else it has ended here."""
    known = {**operation.arguments, NOTED: operation.noted}
    done = kind.was_done(driver, operation.publication, known) if kind.was_done else None
    if done is False:
        return True
    if done:
        _end(operation, OperationState.DONE, error=None)
        _tell(operation, kind, say(kind.done))
    else:
        _end(operation, OperationState.UNKNOWN, error=_error(say(NOBODY_KNOWS)))
        _tell(operation, kind, say(NOBODY_KNOWS))
    return False


def _done(driver: Driver, kind: Kind, operation: Operation, said: Sentence | None, actor: str) -> None:
    if not _end(operation, OperationState.DONE, error=None, said=events.stored(said) if said else None):
        return
    publication = operation.publication
    _tell(operation, kind, said or say(kind.done))
    circuit.note_success(publication.account, actor=actor)
    if kind.looks_after:
        _look(driver, operation, actor)


def _look(driver: Driver, operation: Operation, actor: str) -> None:
    """Take in what the platform says now. When it cannot be asked, following or the next pass finds out."""
    try:
        answers = _asked(driver, operation)
    except PlatformError:
        return
    _take_in(operation, answers, actor)


def _asked(driver: Driver, operation: Operation) -> dict[str, RemoteVideo]:
    return {remote.remote_id: remote for remote in driver.look([str(operation.publication.remote_id)])}


def _take_in(operation: Operation, answers: dict[str, RemoteVideo], actor: str) -> None:
    if operation.publication.state not in progress.REPORTED:
        # It is still being uploaded: how that ends its own worker knows.
        return
    looking.take_in([operation.publication], answers, actor=actor, now=timezone.now(), claimed=None)


def _take_error(kind: Kind, operations: Sequence[Operation], error: PlatformError, actor: str) -> None:
    """What an error of one call means for the account, and for each operation that was in the call."""
    account, passes = operations[0].publication.account, isinstance(error, Temporary | BadAnswer)
    if account_health.concerns_account(account, error) or isinstance(error, QuotaReached):
        account_health.note_trouble(account, error, actor=actor)
        is_down = True
    else:
        is_down = passes and circuit.note_trouble(account, error, actor=actor)
    for operation in operations:
        _wait_or_fail(kind, operation, error, passes=passes, is_down=is_down)


def _wait_or_fail(kind: Kind, operation: Operation, error: PlatformError, *, passes: bool, is_down: bool) -> None:
    stored = progress.as_error(error)
    if not is_down and (not passes or operation.attempts >= waits.MOST_ATTEMPTS):
        _fail(operation, kind, stored, error.sentence)
        return
    # Of a call that must not be repeated, an attempt that cannot have reached the platform was none.
    was_none = is_down if kind.is_repeatable else not error.maybe_done
    attempts = operation.attempts - 1 if was_none else operation.attempts
    next_run_at = timezone.now() + max(waits.next_try(operation.attempts), waits.asked_for(error))
    columns: dict[str, Any] = {"error": stored, "attempts": attempts, "next_run_at": next_run_at}
    _held(operation).update(state=OperationState.WAITING, **columns)


def _fail(operation: Operation, kind: Kind, error: dict[str, Any], sentence: Sentence) -> None:
    if _end(operation, OperationState.FAILED, error=error):
        _tell(operation, kind, sentence)


def _end(
    operation: Operation, state: OperationState, *, error: dict[str, Any] | None, said: dict[str, Any] | None = None
) -> bool:
    """Write the outcome; False when somebody else has taken the operation over meanwhile."""
    now = timezone.now()
    if _held(operation).update(state=state, ended_at=now, next_run_at=None, error=error, said=said) != 1:
        return False
    operation.state, operation.ended_at, operation.error = state, now, error
    return True


def _held(operation: Operation) -> QuerySet[Operation]:
    return Operation.objects.filter(pk=operation.pk, state=OperationState.RUNNING, fence=operation.fence)


def _tell(operation: Operation, kind: Kind, sentence: Sentence) -> None:
    events.record(operation.publication, kind.name, sentence, actor=operation.asked_by)


def _error(sentence: Sentence) -> dict[str, Any]:
    return progress.stored_error("", sentence)
