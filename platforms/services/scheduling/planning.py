"""What a person plans, changes and cancels for one publication; every refusal is a sentence in the active language."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, NoReturn

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from platforms import queue
from platforms.models import BLOCK_AT, PUBLISH_AT, Operation, OperationState, Publication
from platforms.models.wording import render
from platforms.registry import driver_class
from platforms.services import publishing, zones
from platforms.services.operations.showing import LACKS
from platforms.services.scheduling import rows, rules
from platforms.services.uploads import control
from platforms.values import Sentence, State, gettext_noop, say

What = Literal["publish", "block"]
KINDS: dict[What, str] = {"publish": PUBLISH_AT, "block": BLOCK_AT}
# The platform has the whole video, and it is not shown or might not be.
HIDDEN = (State.PROCESSING, State.REVIEWING, State.BLOCKED)
ON_ITS_WAY = (State.QUEUED, State.UPLOADING, State.PAUSED)
# Where the platform has something that people see, or will see once it is finished.
TO_BE_BLOCKED = (State.PROCESSING, State.REVIEWING, State.PUBLISHED)
# Where nothing is left that could be blocked one day.
NOTHING_LEFT = (State.DELETING, State.DELETED, State.CANCELLED, State.MISSING)

CANCELLED = gettext_noop("The plan for %(time)s was cancelled.")
STAYS_BLOCKED = gettext_noop(
    "The plan for %(time)s was cancelled: the video stays blocked on the platform until somebody publishes it."
)
NOT_UPLOADED = gettext_noop("The plan for %(time)s was cancelled, and with it the upload.")


class NotPlanned(Exception):
    """Why not, in the active language."""


def open_plans(publication: Publication) -> dict[What, Operation]:
    """What is planned for the publication and has not begun."""
    found = {row.kind: row for row in rows.waiting([publication])}
    return {what: found[kind] for what, kind in KINDS.items() if kind in found}


def why_not_yet(publication: Publication) -> str:
    """That its upload is planned for a time to come, in the active language; empty when it may begin."""
    at = publication.upload_from
    if at is None or at <= timezone.now():
        return ""
    return _("Its upload is planned for %(time)s.") % {"time": zones.text(at, publication.account)}


def why_not(publication: Publication, what: What) -> str:
    """Why this cannot be planned for the publication as it is now, in the active language; empty when it can."""
    return _why_not_block(publication) if what == "block" else _why_not_publish(publication)


def _why_not_block(publication: Publication) -> str:
    platform = publication.account.platform
    if not rules.can_block(platform):
        return _(LACKS) % {"platform": _(driver_class(platform).label)}
    if publication.state == State.BLOCKED and publication.publish_at is None:
        return _("It is blocked already. Plan first when it is published.")
    return _it_is(publication) if publication.state in NOTHING_LEFT else ""


def _why_not_publish(publication: Publication) -> str:
    state = State(publication.state)
    if rules.can_block(publication.account.platform):
        if state == State.PUBLISHED:
            return _("It is published already. Block it first; then it can be published at a time.")
        if state in (*HIDDEN, *ON_ITS_WAY):
            return ""
    elif state in (State.QUEUED, State.PAUSED):
        return ""
    elif state == State.UPLOADING:
        words = {"platform": _(driver_class(publication.account.platform).label)}
        return _("Its upload is under way, and %(platform)s cannot keep it blocked. Pause it first.") % words
    return publishing.why_not_send(publication)


def _it_is(publication: Publication) -> str:
    return _("It is “%(state)s”.") % {"state": publication.get_state_display()}


def plan(publication: Publication, what: What, at: datetime, *, actor: str) -> Operation:
    """Plan it. Raises `NotPlanned`."""
    publication.refresh_from_db()
    if reason := why_not(publication, what):
        raise NotPlanned(reason)
    _check_times(publication, what, at)
    try:
        with transaction.atomic():
            if what == "publish":
                _prepare(publication, at, actor)
            made = rows.add(publication, KINDS[what], at, actor=actor)
    except IntegrityError:
        raise NotPlanned(_already(publication, what)) from None
    queue.wake_followers()
    return made


def _already(publication: Publication, what: What) -> str:
    found = open_plans(publication).get(what)
    if found is None or found.planned_at is None:
        return _("Somebody else was faster.")
    words = {"time": zones.text(found.planned_at, publication.account), "who": found.asked_by}
    return _("Something is planned already: %(time)s (%(who)s). Change that.") % words


def _check_times(publication: Publication, what: What, at: datetime) -> None:
    account = publication.account
    times = {name: row.planned_at for name, row in open_plans(publication).items()} | {what: at}
    wrong = rules.why_not_at(account, at) or rules.contradiction(account, times.get("publish"), times.get("block"))
    if wrong:
        raise NotPlanned(render(wrong.as_json()))


def _prepare(publication: Publication, at: datetime, actor: str) -> None:
    """Have the publication wait, hidden or not uploaded, for its time. Raises `NotPlanned`, and nothing has changed."""
    columns = rows.columns(publication, at)
    if publication.state in (*HIDDEN, *ON_ITS_WAY):
        waits = {"next_run_at": at} if publication.state == State.QUEUED and columns["upload_from"] else {}
        same = Publication.objects.filter(pk=publication.pk, state=publication.state)
        done = same.update(**columns, **waits) == 1
    else:
        begins: dict[str, Any] = {"next_run_at": columns["upload_from"] or timezone.now()}
        done = publishing.send_again(publication, actor=actor, **columns, **begins)
    if not done:
        raise NotPlanned(_("Somebody else was faster."))
    publication.refresh_from_db()


def change(operation: Operation, at: datetime, *, was: datetime | None, actor: str) -> None:
    """Move a plan that was for `was` when its person looked. Raises `NotPlanned`."""
    publication, what = operation.publication, _what(operation)
    if operation.planned_at != was or operation.state != OperationState.WAITING:
        raise NotPlanned(_changed_meanwhile(operation))
    if reason := why_not_move(operation):
        raise NotPlanned(reason)
    _check_times(publication, what, at)
    _move(operation, at, actor)


def at_once(operation: Operation, *, actor: str) -> None:
    """Do now what was planned for later. Raises `NotPlanned`."""
    if operation.state != OperationState.WAITING:
        raise NotPlanned(_changed_meanwhile(operation))
    if reason := why_not_now(operation):
        raise NotPlanned(reason)
    _move(operation, timezone.now(), actor)


def _move(operation: Operation, at: datetime, actor: str) -> None:
    with transaction.atomic():
        moved = rows.move(operation, at, actor=actor)
    if not moved:
        operation.refresh_from_db()
        raise NotPlanned(_changed_meanwhile(operation))
    queue.wake_all()


def why_not_now(operation: Operation) -> str:
    """Why what is planned for later makes no sense at this moment, in the active language; empty when it does."""
    publication = operation.publication
    if reason := why_not_move(operation):
        return reason
    if operation.kind == PUBLISH_AT:
        held_up = (State.PUBLISHED, State.FAILED, State.UNKNOWN, *NOTHING_LEFT)
        return _it_is(publication) if publication.state in held_up else ""
    if publication.held and publication.publish_at:
        return _("It is kept hidden until %(time)s.") % {
            "time": zones.text(publication.publish_at, publication.account)
        }
    return "" if publication.state in TO_BE_BLOCKED else _it_is(publication)


def why_not_move(operation: Operation) -> str:
    """Why a plan can be neither moved nor taken back any more, in the active language; empty when it can."""
    publication = operation.publication
    if operation.kind == PUBLISH_AT and publication.state == State.UPLOADING and not publication.held:
        return _("Its upload has begun already.")
    return ""


def cancel(operation: Operation, *, actor: str) -> None:
    """Take a plan back. What was to be uploaded then is not uploaded; what is kept blocked stays so.

    Raises `NotPlanned` when it has begun, or is not as it was any more.
    """
    publication = operation.publication
    with transaction.atomic():
        if reason := why_not_move(operation):
            raise NotPlanned(reason)
        if not rows.drop(operation, _cancelled(operation), actor=actor):
            operation.refresh_from_db()
            raise NotPlanned(_changed_meanwhile(operation))
        if operation.kind == PUBLISH_AT:
            _let_go(publication, actor)


def _let_go(publication: Publication, actor: str) -> None:
    """After its plan: what is kept blocked stays blocked, and what waits for its upload is not uploaded."""
    Publication.objects.filter(pk=publication.pk).update(publish_at=None, upload_from=None)
    if not publication.held and publication.state in (State.QUEUED, State.PAUSED):
        control.cancel(publication, actor=actor)


def _cancelled(operation: Operation) -> Sentence:
    publication = operation.publication
    time = zones.text(operation.planned_at or timezone.now(), publication.account)
    if operation.kind == BLOCK_AT:
        return say(CANCELLED, time=time)
    if publication.held:
        return say(STAYS_BLOCKED, time=time)
    return say(NOT_UPLOADED if publication.state in ON_ITS_WAY else CANCELLED, time=time)


def refuse_changed(operation: Operation) -> NoReturn:
    """Raises `NotPlanned` for somebody whose page showed another time."""
    raise NotPlanned(_changed_meanwhile(operation))


def _changed_meanwhile(operation: Operation) -> str:
    words = {"who": operation.asked_by}
    if operation.state == OperationState.WAITING and operation.planned_at:
        time = zones.text(operation.planned_at, operation.publication.account)
        return _("%(who)s has moved it to %(time)s meanwhile.") % (words | {"time": time})
    return _("It is over: “%(state)s”.") % {"state": operation.get_state_display()}


def _what(operation: Operation) -> What:
    return "block" if operation.kind == BLOCK_AT else "publish"
