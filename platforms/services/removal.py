"""Deleting on the platform: asked by a person, done by a worker, looked up before it is repeated."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from platforms import queue
from platforms.contract import CanDelete, Driver
from platforms.errors import Gone, LoginExpired, PlatformError, QuotaReached, Refused, Unsupported
from platforms.models import Publication
from platforms.registry import driver_class
from platforms.services import accounts, progress, waits
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


def ask(publications: Iterable[Publication], *, actor: str, wake: bool = True) -> int:
    """Mark publications for deletion on their platforms; answers how many could be."""
    asked = 0
    for publication in publications:
        if not why_not(publication):
            asked += progress.change(
                publication, State.DELETING, actor=actor, attempts=0, error=None, next_run_at=timezone.now()
            )
    if wake:
        queue.wake_followers()
    return asked


def run_due(*, actor: str) -> int:
    """Delete what is to be deleted now; answers how many were tried."""
    now = timezone.now()
    due = Publication.objects.filter(state=State.DELETING, next_run_at__lte=now).filter(accounts.working(now))
    tried = 0
    for publication in due.select_related("account", "video").order_by("next_run_at")[:100]:
        claimed = Publication.objects.filter(pk=publication.pk, state=State.DELETING, attempts=publication.attempts)
        if claimed.update(next_run_at=now + CLAIM, attempts=F("attempts") + 1) == 1:
            publication.attempts += 1
            delete(publication, actor=actor)
            tried += 1
    return tried


def remove_now(publication: Publication, *, actor: str) -> None:
    """Delete one publication in this process, whoever may be about to."""
    if ask([publication], actor=actor, wake=False):
        Publication.objects.filter(pk=publication.pk).update(next_run_at=timezone.now() + CLAIM, attempts=1)
        publication.refresh_from_db()
        delete(publication, actor=actor)


def delete(publication: Publication, *, actor: str) -> None:
    """Delete one claimed publication on its platform and take in the outcome."""
    driver = accounts.driver_for(publication.account)
    try:
        if publication.attempts > 1 and _is_gone(driver, publication):
            raise Gone(say(gettext_noop("The platform no longer has the video.")))
        if not isinstance(driver, CanDelete):
            raise Unsupported(say(gettext_noop("This platform does not let videos be deleted from outside.")))
        driver.delete_video(str(publication.remote_id))
    except Gone:
        sentence = say(gettext_noop("The platform no longer had the video."))
        progress.change(publication, State.DELETED, actor=actor, sentence=sentence, next_run_at=None, error=None)
    except (Refused, Unsupported) as error:
        _refused(driver, publication, error, actor)
    except PlatformError as error:
        if isinstance(error, LoginExpired | QuotaReached):
            accounts.note_trouble(publication.account, error, actor=actor)
        Publication.objects.filter(pk=publication.pk, state=State.DELETING).update(
            error=progress.as_error(error), next_run_at=timezone.now() + waits.next_try(publication.attempts)
        )
    else:
        progress.change(publication, State.DELETED, actor=actor, next_run_at=None, error=None)


def _is_gone(driver: Driver, publication: Publication) -> bool:
    """An earlier try's answer was lost: whether it took effect."""
    return any(remote.state == State.MISSING for remote in driver.look([str(publication.remote_id)]))


def _refused(driver: Driver, publication: Publication, error: PlatformError, actor: str) -> None:
    """The platform keeps the video: show why, in the state that it is in there."""
    try:
        states = [remote.state for remote in driver.look([str(publication.remote_id)])]
    except PlatformError:
        states = []
    state = states[0] if states and states[0] in REPORTED else State.FAILED
    progress.change(
        publication, state, actor=actor, sentence=error.sentence, error=progress.as_error(error), next_run_at=None
    )
