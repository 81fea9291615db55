"""Deleting on the platform: asked by a person, done by a worker, looked up before it is repeated."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from platforms import queue
from platforms.contract import CanDelete, Driver
from platforms.errors import Gone, PlatformError, QuotaReached, Refused, Unsupported
from platforms.models import Publication
from platforms.registry import driver_class
from platforms.services import account_health, circuit, lending, looking, progress, waits
from platforms.services.progress import REPORTED
from platforms.values import State, gettext_noop, say

CLAIM = timedelta(minutes=5)


def why_not(publication: Publication) -> str:
    """Why this publication cannot be deleted on its platform, in the active language; empty when it can."""
    if not issubclass(driver_class(publication.account.platform), CanDelete):
        return _("This platform does not let videos be deleted from outside.")
    if not publication.remote_id or State.DELETING not in progress.LEGAL[State(publication.state)]:
        return _("It is “%(state)s”; there is nothing to delete.") % {"state": publication.get_state_display()}
    return ""


def ask(publications: Iterable[Publication], *, actor: str) -> int:
    """Mark publications for deletion on their platforms; answers how many could be."""
    asked = sum(begin(publication, actor=actor) for publication in publications)
    queue.wake_followers()
    return asked


def begin(publication: Publication, *, actor: str) -> bool:
    """Mark one publication for deletion; False when it cannot be (any more)."""
    return _mark(publication, actor, next_run_at=timezone.now(), attempts=0)


def _mark(publication: Publication, actor: str, **columns: Any) -> bool:
    return not why_not(publication) and progress.change(publication, State.DELETING, actor=actor, error=None, **columns)


def run_due(*, actor: str) -> int:
    """Delete what is to be deleted now; answers how many were tried."""
    now = timezone.now()
    rows = Publication.objects.filter(state=State.DELETING, next_run_at__lte=now)
    due = rows.filter(account_health.worth_a_hint(now))
    tried = 0
    for publication in due.select_related("account", "video").order_by("next_run_at")[:100]:
        publication.account.refresh_from_db(fields=["health", "troubles"])
        if not circuit.lets_through(publication.account):
            continue
        claimed = Publication.objects.filter(pk=publication.pk, state=State.DELETING, attempts=publication.attempts)
        if claimed.update(next_run_at=now + CLAIM, attempts=F("attempts") + 1) == 1:
            publication.attempts += 1
            delete(publication, actor=actor)
            tried += 1
        else:
            circuit.give_probe_back(publication.account)
    return tried


def remove_now(publication: Publication, *, actor: str) -> None:
    """Delete one publication in this process, whoever may be about to."""
    # Marked as claimed, so that no worker takes it as well.
    if _mark(publication, actor, next_run_at=timezone.now() + CLAIM, attempts=1):
        delete(publication, actor=actor)


def delete(publication: Publication, *, actor: str) -> None:
    """Delete one claimed publication on its platform and take in the outcome."""
    with lending.counted(publication.account) as driver:
        _delete(driver, publication, actor=actor)


def _delete(driver: Driver, publication: Publication, *, actor: str) -> None:
    try:
        if publication.attempts > 1 and _is_gone(driver, publication):
            raise Gone(say(gettext_noop("The platform no longer has the video.")))
        if not isinstance(driver, CanDelete):
            raise Unsupported(say(gettext_noop("This platform does not let videos be deleted from outside.")))
        driver.delete_video(str(publication.remote_id))
    except Gone:
        sentence = say(gettext_noop("The platform no longer had the video."))
        progress.change(publication, State.DELETED, actor=actor, sentence=sentence, next_run_at=None, error=None)
        circuit.note_success(publication.account, actor=actor)
    except PlatformError as error:
        _take_error(driver, publication, error, actor)
    else:
        progress.change(publication, State.DELETED, actor=actor, next_run_at=None, error=None)
        circuit.note_success(publication.account, actor=actor)


def _is_gone(driver: Driver, publication: Publication) -> bool:
    """An earlier try's answer was lost: whether it took effect."""
    return any(remote.state == State.MISSING for remote in driver.look([str(publication.remote_id)]))


def _take_error(driver: Driver, publication: Publication, error: PlatformError, actor: str) -> None:
    login = account_health.concerns_account(publication.account, error)
    if isinstance(error, Refused | Unsupported) and not login:
        _refused(driver, publication, error, actor)
        return
    if login or isinstance(error, QuotaReached):
        account_health.note_trouble(publication.account, error, actor=actor)
    elif circuit.concerns_platform(error):
        circuit.note_trouble(publication.account, error, actor=actor)
    Publication.objects.filter(pk=publication.pk, state=State.DELETING).update(
        error=progress.as_error(error), next_run_at=timezone.now() + waits.next_try(publication.attempts)
    )


def _refused(driver: Driver, publication: Publication, error: PlatformError, actor: str) -> None:
    """The platform keeps the video: show why, in the state that it is in there or was in when last heard of."""
    try:
        states = [remote.state for remote in driver.look([str(publication.remote_id)])]
    except PlatformError:
        states = []
    state = next((state for state in states if state in REPORTED), None) or _last_reported(publication)
    followed = state in progress.FOLLOWED
    progress.change(
        publication, state, actor=actor, sentence=error.sentence, error=progress.as_error(error),
        next_run_at=looking.next_time(publication, timezone.now(), looks=0) if followed else None,
    )  # fmt: skip


def _last_reported(publication: Publication) -> State:
    """The state before the deletion was asked for, as the history has it."""
    kinds = [state.value for state in REPORTED]
    last = publication.events.filter(kind__in=kinds).values_list("kind", flat=True).first()
    return State(last) if last else State.FAILED
