"""Telling the platforms that an upload is given up, once its worker has stopped."""

from __future__ import annotations

from django.db.models import F, QuerySet
from django.utils import timezone

from platforms.contract import CanCancelUpload
from platforms.errors import BadAnswer, PlatformError, Temporary
from platforms.models import Publication, UploadSession
from platforms.services import account_health, circuit, events, lending, progress, waits
from platforms.services.waits import MOST_ATTEMPTS
from platforms.values import State, gettext_noop, say

TOLD = gettext_noop("The platform was told that the upload is cancelled.")
NOT_TOLD = gettext_noop("The platform could not be told that the upload is cancelled; what it has of it stays there.")


def due() -> QuerySet[UploadSession]:
    """Sessions of cancelled uploads of which the platform is to be told now."""
    now = timezone.now()
    sessions = UploadSession.objects.filter(publication__state=State.CANCELLED)
    sessions = sessions.exclude(publication__next_run_at__gt=now)
    return sessions.filter(account_health.worth_a_hint(now, account="publication__account__"))


def run_due(limit: int = 20) -> int:
    """Tell the platforms, where they can be told; answers how many uploads that settled."""
    sessions = due().select_related("publication__account", "publication__video")[:limit]
    return sum(_tell(session) for session in sessions)


def _tell(session: UploadSession) -> bool:
    publication = session.publication
    publication.account.refresh_from_db(fields=["health", "troubles"])
    if not circuit.lets_through(publication.account):
        return False
    claimed = Publication.objects.filter(pk=publication.pk, state=State.CANCELLED, fence=publication.fence)
    publication.looks += 1
    again_at = timezone.now() + waits.next_try(publication.looks)
    if not claimed.update(next_run_at=again_at, looks=publication.looks, fence=F("fence") + 1):
        circuit.give_probe_back(publication.account)
        return False
    with lending.counted(publication.account) as driver:
        if isinstance(driver, CanCancelUpload) and not _is_told(driver, session):
            return False
    _forget(session)
    return True


def _is_told(driver: CanCancelUpload, session: UploadSession) -> bool:
    """Tell it, and say whether that is over, one way or the other."""
    publication = session.publication
    try:
        driver.cancel_upload(session.token)
    except PlatformError as error:
        if _tries_again(publication, error):
            return False
        events.record(publication, "cancel", say(NOT_TOLD), actor=progress.holder())
    else:
        events.record(publication, "cancel", say(TOLD), actor=progress.holder())
        circuit.note_success(publication.account, actor=progress.holder())
    return True


def _tries_again(publication: Publication, error: PlatformError) -> bool:
    """Keep the reason, and say whether it may pass: a refusal, or too many tries, end it."""
    actor = progress.holder()
    login = account_health.concerns_account(publication.account, error)
    if login:
        account_health.note_trouble(publication.account, error, actor=actor)
    down = circuit.concerns_platform(error) and circuit.note_trouble(publication.account, error, actor=actor)
    if down:
        # It is the platform that is away: that is no try.
        Publication.objects.filter(pk=publication.pk).update(looks=F("looks") - 1)
    enough = publication.looks >= MOST_ATTEMPTS and not down
    again = (login or isinstance(error, Temporary | BadAnswer)) and not enough
    if publication.looks == 1 or not again:
        events.record(publication, "cancel", error.sentence, actor=actor, data={"detail": error.detail})
    return again


def _forget(session: UploadSession) -> None:
    """Not the session of an upload that a person has started again meanwhile."""
    UploadSession.objects.filter(pk=session.pk, publication__state=State.CANCELLED).delete()
    Publication.objects.filter(pk=session.publication_id, state=State.CANCELLED).update(next_run_at=None)
