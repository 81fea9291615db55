"""Pause, resume, cancel: a person's word on a queued or running upload, obeyed at the worker's next step."""

from __future__ import annotations

from django.utils import timezone

from platforms import queue
from platforms.models import Publication
from platforms.services import progress
from platforms.values import State


def pause(publication: Publication, *, actor: str) -> bool:
    """Stop a queued or running upload where it is; False when it is neither."""
    return progress.change(publication, State.PAUSED, actor=actor, next_run_at=None, **progress.release())


def resume(publication: Publication, *, actor: str) -> bool:
    """Go on with a paused upload; False when it is not paused."""
    if publication.state != State.PAUSED:
        return False
    resumed = progress.change(publication, State.QUEUED, actor=actor, next_run_at=timezone.now(), attempts=0)
    queue.wake_uploads()
    return resumed


def cancel(publication: Publication, *, actor: str) -> bool:
    """Give up an upload and tell the platform where it can be told; False when there is nothing to cancel."""
    cancelled = progress.change(
        publication, State.CANCELLED, actor=actor, error=None, next_run_at=None, **progress.release()
    )
    queue.wake_followers()
    return cancelled
