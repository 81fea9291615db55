"""The one door through which a publication changes: which change is legal, who may make it, and its history."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from platforms.errors import PlatformError
from platforms.models import Publication
from platforms.services import events
from platforms.values import RemoteVideo, Sentence, State, gettext_noop, say

S = State
# What a platform may report about a video that it has.
REPORTED = frozenset({S.PROCESSING, S.REVIEWING, S.PUBLISHED, S.BLOCKED, S.REJECTED, S.FAILED, S.MISSING})
LEGAL: dict[State, frozenset[State]] = {
    S.DRAFT: frozenset({S.QUEUED, S.CANCELLED}),
    S.QUEUED: frozenset({S.UPLOADING, S.PAUSED, S.CANCELLED, S.FAILED}),
    S.UPLOADING: frozenset({S.QUEUED, S.PAUSED, S.CANCELLED, S.FAILED, S.UNKNOWN, S.PROCESSING}),
    # An upload may prove to have been complete before a person stopped it.
    S.PAUSED: frozenset({S.QUEUED, S.CANCELLED, S.PROCESSING}),
    S.PROCESSING: REPORTED | {S.DELETING},
    S.REVIEWING: REPORTED | {S.DELETING},
    S.PUBLISHED: REPORTED | {S.DELETING},
    S.BLOCKED: REPORTED | {S.DELETING},
    S.REJECTED: REPORTED | {S.DELETING},
    S.FAILED: REPORTED | {S.DELETING, S.QUEUED, S.CANCELLED},
    S.CANCELLED: frozenset({S.QUEUED, S.PROCESSING}),
    S.UNKNOWN: frozenset({S.QUEUED, S.CANCELLED, S.PROCESSING, S.DELETING}),
    S.DELETING: REPORTED | {S.DELETED},
    S.DELETED: frozenset({S.QUEUED}),
    S.MISSING: REPORTED | {S.QUEUED, S.DELETED},
}
# Nothing more happens to these by itself.
FINAL = frozenset(
    {S.PUBLISHED, S.BLOCKED, S.REJECTED, S.FAILED, S.CANCELLED, S.UNKNOWN, S.DELETED, S.MISSING, S.PAUSED, S.DRAFT}
)
FOLLOWED = (S.PROCESSING, S.REVIEWING)
NEEDS_PERSON = (S.UNKNOWN, S.FAILED, S.REJECTED, S.MISSING)
LEASE = timedelta(seconds=60)

SENTENCES: dict[State, str] = {
    S.QUEUED: gettext_noop("Waiting to be uploaded."),
    S.UPLOADING: gettext_noop("The upload has started."),
    S.PAUSED: gettext_noop("The upload is paused."),
    S.PROCESSING: gettext_noop("The platform has the whole file and is transcoding it."),
    S.REVIEWING: gettext_noop("The platform is reviewing the video."),
    S.PUBLISHED: gettext_noop("The video is published."),
    S.BLOCKED: gettext_noop("The video is blocked on the platform."),
    S.REJECTED: gettext_noop("The platform has refused the video in review."),
    S.FAILED: gettext_noop("Publishing has failed."),
    S.CANCELLED: gettext_noop("The upload is cancelled."),
    S.UNKNOWN: gettext_noop("A person has to decide how to go on."),
    S.DELETING: gettext_noop("The video is to be deleted on the platform."),
    S.DELETED: gettext_noop("The video is deleted on the platform."),
    S.MISSING: gettext_noop("The platform no longer has the video."),
}


def holder() -> str:
    """This process, as leases and events name it."""
    return f"{socket.gethostname()}:{os.getpid()}"


def sources_of(to: State) -> list[str]:
    """The states from which `to` may be reached."""
    return [state.value for state, targets in LEGAL.items() if to in targets]


def change(
    publication: Publication,
    to: State,
    *,
    actor: str,
    sentence: Sentence | None = None,
    holding: int | None = None,
    only: Q | None = None,
    data: dict[str, Any] | None = None,
    **columns: Any,
) -> bool:
    """Move a publication to `to`, with other columns, in one conditional UPDATE, and write the event.

    Answers False, and nothing has happened, when the row is not in a state that may become `to`, does not match
    `only`, or `holding` is no longer its fence. On success `publication` is as the row.
    """
    row = Publication.objects.filter(only or Q(), pk=publication.pk, state__in=sources_of(to))
    if holding is not None:
        row = row.filter(fence=holding)
    with transaction.atomic():
        now = timezone.now()
        if row.update(state=to, state_source=actor[:100], state_at=now, **columns) != 1:
            return False
        events.record(publication, to, sentence or say(SENTENCES[to]), actor=actor, data=data)
    publication.refresh_from_db()
    return True


def hold(publication: Publication, fence: int, **columns: Any) -> bool:
    """Renew the lease of a running upload and write progress; False when the lease is no longer ours."""
    row = Publication.objects.filter(pk=publication.pk, fence=fence, state=S.UPLOADING)
    return row.update(lease_until=timezone.now() + LEASE, **columns) == 1


def due_uploads(now: datetime) -> Q:
    """Publications whose upload may start or, abandoned by its worker, go on."""
    return Q(state=S.QUEUED, next_run_at__lte=now) | Q(state=S.UPLOADING, lease_until__lt=now)


def claim_upload(candidates: Iterable[Publication], actor: str) -> Publication | None:
    """Take the first of `candidates` that nobody else takes, counting the attempt, under a new fence."""
    for publication in candidates:
        now = timezone.now()
        claimed = Publication.objects.filter(due_uploads(now), pk=publication.pk, fence=publication.fence).update(
            state=S.UPLOADING, state_source=actor[:100], state_at=now, fence=F("fence") + 1, attempts=F("attempts") + 1,
            lease_until=now + LEASE, lease_holder=actor[:100], next_run_at=None,
        )  # fmt: skip
        if claimed == 1:
            publication.refresh_from_db()
            sentence = say(gettext_noop("Attempt %(number)s to upload."), number=publication.attempts)
            events.record(publication, S.UPLOADING, sentence, actor=actor)
            return publication
    return None


def release(**columns: Any) -> dict[str, Any]:
    """The columns that end a lease, so that whoever still holds it stops at its next step."""
    return {"fence": F("fence") + 1, "lease_until": None, "lease_holder": "", **columns}


def as_error(error: PlatformError) -> dict[str, Any]:
    """How a platform error is stored on a publication or account."""
    facts = {"kind": error.kind, "code": error.code, "field": error.field, "detail": error.detail}
    return _cleaned(facts) | events.stored(error.sentence)


def stored_error(kind: str, sentence: Sentence, field: str = "") -> dict[str, Any]:
    """An error of the hub's own, stored like a platform's."""
    return {"kind": kind, "code": "", "field": field, "detail": ""} | events.stored(sentence)


def _cleaned(stored: dict[str, Any]) -> dict[str, Any]:
    return {name: events.clean(value) for name, value in stored.items()}


def observe(publication: Publication, remote: RemoteVideo, *, actor: str, next_look: datetime | None) -> bool:
    """Take in what a platform says about a video; the end of polls, callbacks, refreshes and commands.

    An unknown state changes nothing but the raw words. Answers whether the state changed.
    """
    columns: dict[str, Any] = {
        "raw_state": remote.raw_state[:100],
        "raw_words": events.clean(remote.words),
        **{name: value for name, value in _facts(remote).items() if value},
    }
    to = remote.state
    if to is None or to == publication.state:
        if publication.state in FOLLOWED:
            columns["error"] = None  # of a look that failed; this one did not
        Publication.objects.filter(pk=publication.pk, state=publication.state).update(next_run_at=next_look, **columns)
        publication.refresh_from_db()
        return False
    if to in FINAL:
        next_look = None
    error = None
    if to in (S.FAILED, S.REJECTED) or (to == S.BLOCKED and remote.words):
        sentence = say(gettext_noop("The platform says: %(words)s"), words=remote.words or remote.raw_state)
        error = stored_error("Refused" if to != S.BLOCKED else "", sentence)
    said = {"raw": remote.raw_state, "words": remote.words}
    unchanged = Q(state=publication.state)
    return change(
        publication, to, actor=actor, only=unchanged, data=said, next_run_at=next_look, error=error, **columns
    )


def _facts(remote: RemoteVideo) -> dict[str, Any]:
    return {
        "page_url": remote.page_url[:1000],
        "embed_url": remote.embed_url[:1000],
        "cover_url": remote.cover_url[:1000],
        "remote_duration": remote.duration,
        "plays": remote.plays,
    }
