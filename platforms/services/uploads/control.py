"""Pause, resume, cancel: a person's word on a queued or running upload, obeyed at the worker's next step."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from platforms import queue
from platforms.models import Publication
from platforms.services import progress
from platforms.services.scheduling import rows as plans
from platforms.values import State

# The platform has the whole file of a failed publication: it is deleted there, not forgotten here.
ON_PLATFORM = Q(state=State.FAILED, uploaded_at__isnull=False)


def why_not_pause(publication: Publication) -> str:
    """Why this publication cannot be paused, in the active language; empty when it can."""
    return _why_not_become(publication, State.PAUSED)


def why_not_resume(publication: Publication) -> str:
    """Why this publication cannot go on from a pause, in the active language; empty when it can."""
    return "" if publication.state == State.PAUSED else _it_is(publication)


def why_not_cancel(publication: Publication) -> str:
    """Why this publication cannot be cancelled, in the active language; empty when it can."""
    if publication.state == State.FAILED and publication.uploaded_at:
        return _("The platform already has its file; delete it there.")
    return _why_not_become(publication, State.CANCELLED)


def _why_not_become(publication: Publication, to: State) -> str:
    return "" if to in progress.LEGAL[State(publication.state)] else _it_is(publication)


def _it_is(publication: Publication) -> str:
    return _("It is “%(state)s”.") % {"state": publication.get_state_display()}


def pause(publication: Publication, *, actor: str) -> bool:
    """Stop a queued or running upload where it is; False when it is neither."""
    return progress.change(publication, State.PAUSED, actor=actor, next_run_at=None, **progress.stop())


def resume(publication: Publication, *, actor: str) -> bool:
    """Go on with a paused upload; False when it is not paused."""
    if publication.state != State.PAUSED:
        return False
    resumed = progress.change(publication, State.QUEUED, actor=actor, next_run_at=timezone.now(), attempts=0)
    queue.wake_uploads()
    return resumed


def cancel(publication: Publication, *, actor: str) -> bool:
    """Give up an upload and tell the platform where it can be told; False when there is nothing to cancel.

    A running upload's worker hands over what it knows as it stops, and telling is due at once. Should it have died,
    the platform is told when its lease would have ended.
    """
    with transaction.atomic():
        cancelled = progress.change(
            publication, State.CANCELLED, actor=actor, only=~ON_PLATFORM, error=None, looks=0,
            **plans.columns(publication, None), **progress.stop(next_run_at=F("lease_until")),
        )  # fmt: skip
        if cancelled:
            plans.drop_all(publication, actor=actor)
    queue.wake_followers()
    return cancelled
