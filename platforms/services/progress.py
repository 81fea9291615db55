"""The one door through which a publication changes: which change is legal, who may make it, and its history."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import BigIntegerField, Case, DateTimeField, F, Q, Value, When
from django.utils import timezone

from platforms.errors import PlatformError
from platforms.models import Operation, OperationState, Publication
from platforms.services import events
from platforms.services.metadata import comparing
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
# A video that is followed and not to be looked at any more: a person has to ask what the matter is.
OVERDUE = Q(state__in=FOLLOWED, next_run_at=None)
LEASE = timedelta(seconds=60)
# No lease, and no wait for the next try, is as long: who finds a longer one has a clock that was set back since, and
# would leave the upload alone until that time comes again.
NO_LEASE, NO_WAIT = timedelta(minutes=10), timedelta(hours=6)
# What a state is known from that an import has found.
IMPORTED = "import"

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


ATTEMPT = gettext_noop("Attempt %(number)s to upload.")
OVERDUE_SENTENCE = gettext_noop(
    "The platform has not finished the video in %(days)s days. Look there what the matter is; “Refresh” follows it on."
)
RENAMED = gettext_noop("On the platform the video is now called “%(title)s”.")
TAKEN_OVER = gettext_noop("The worker %(holder)s was not heard of any more: attempt %(number)s goes on for it.")


def holder() -> str:
    """This process, as leases and events name it. Two of one name do no harm: the fence tells whose a row is."""
    return f"{settings.MACHINE_NAME}:{os.getpid()}"


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
    now = timezone.now()
    if to in FOLLOWED and publication.state not in FOLLOWED:
        columns = {"followed_since": now, "looked_closely_at": None, **columns}
    with transaction.atomic():
        if row.update(state=to, state_source=actor[:100], state_at=now, **columns) != 1:
            return False
        events.record(publication, to, sentence or say(SENTENCES[to]), actor=actor, data=data)
        if to in FOLLOWED and publication.state not in FOLLOWED:
            _wake_operations(publication, now)
    publication.refresh_from_db()
    return True


def _wake_operations(publication: Publication, now: datetime) -> None:
    """What was asked for while the file was on its way can be done."""
    held_back = Operation.objects.filter(publication=publication, state=OperationState.WAITING, next_run_at=None)
    held_back.update(next_run_at=now)


def hold(publication: Publication, fence: int, **columns: Any) -> bool:
    """Renew the lease of a running upload and write progress; False when the lease is no longer ours."""
    row = Publication.objects.filter(pk=publication.pk, fence=fence, state=S.UPLOADING)
    return row.update(lease_until=timezone.now() + LEASE, **columns) == 1


def due_uploads(now: datetime) -> Q:
    """Publications whose upload may start or, abandoned by its worker, go on."""
    begins = Q(upload_from=None) | Q(upload_from__lte=now)
    waits = Q(next_run_at__lte=now) | Q(next_run_at__gt=now + NO_WAIT)
    abandoned = Q(lease_until__lt=now) | Q(lease_until__gt=now + NO_LEASE)
    return Q(waits, begins, state=S.QUEUED) | Q(abandoned, state=S.UPLOADING)


def claim_upload(candidates: Iterable[Publication], actor: str) -> Publication | None:
    """Take the first of `candidates` that nobody else takes, counting the attempt, under a new fence."""
    return next((publication for publication in candidates if _claim(publication, actor)), None)


def _claim(publication: Publication, actor: str) -> bool:
    """In one transaction: what ends in the middle of it, whatever ends it, has taken nothing and counted no attempt."""
    now = timezone.now()
    with transaction.atomic():
        claimed = Publication.objects.filter(due_uploads(now), pk=publication.pk, fence=publication.fence).update(
            state=S.UPLOADING, state_source=actor[:100], state_at=now, fence=F("fence") + 1, attempts=F("attempts") + 1,
            lease_until=now + LEASE, lease_holder=actor[:100], next_run_at=None,
        )  # fmt: skip
        if claimed != 1:
            return False
        left_by = publication.lease_holder if publication.state == S.UPLOADING else ""
        publication.refresh_from_db()
        text = TAKEN_OVER if left_by else ATTEMPT
        sentence = say(text, number=publication.attempts, **({"holder": left_by} if left_by else {}))
        events.record(publication, S.UPLOADING, sentence, actor=actor)
    return True


def release(**columns: Any) -> dict[str, Any]:
    """The columns that end a lease, so that whoever still holds it stops at its next step."""
    return {"fence": F("fence") + 1, "lease_until": None, "lease_holder": "", **columns}


def stop(**columns: Any) -> dict[str, Any]:
    """The columns that take the lease from a running upload at a person's word.

    Holder and time stay until its worker has let go, so that pages can say that it is stopping.
    """
    raised = Case(When(state=S.UPLOADING, then=F("fence") + 1), default=F("fence"), output_field=BigIntegerField())
    return {"fence": raised, **columns}


def let_go() -> dict[str, Any]:
    """The columns by which a worker that was stopped says that it has stopped."""
    return {"lease_until": None, "lease_holder": ""}


def is_stopping(publication: Publication) -> bool:
    """Whether a person has stopped the upload and its worker has not let go yet."""
    stopped = publication.state in (S.PAUSED, S.CANCELLED) and bool(publication.lease_holder)
    return stopped and publication.lease_until is not None and publication.lease_until > timezone.now()


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
    columns, to = news_of(publication, remote), remote.state
    _note_new_title(publication, columns, actor)
    if to is None or to == publication.state:
        if publication.state in FOLLOWED:
            columns["error"] = None  # of a look that failed; this one did not
        Publication.objects.filter(pk=publication.pk, state=publication.state).update(next_run_at=next_look, **columns)
        publication.refresh_from_db()
        return False
    if to in FINAL:
        next_look = None
    said = {"raw": remote.raw_state, "words": remote.words}
    unchanged = Q(state=publication.state)
    return change(
        publication, to, actor=actor, only=unchanged, data=said, next_run_at=next_look, error=reason_of(to, remote),
        **columns,
    )  # fmt: skip


def reason_of(to: State, remote: RemoteVideo) -> dict[str, Any] | None:
    """Why a platform says that a video does not play, as it is stored; None for one that does or may."""
    if to not in (S.FAILED, S.REJECTED) and not (to == S.BLOCKED and remote.words):
        return None
    sentence = say(gettext_noop("The platform says: %(words)s"), words=remote.words or remote.raw_state)
    return stored_error("Refused" if to != S.BLOCKED else "", sentence)


def is_change(publication: Publication, remote: RemoteVideo) -> bool:
    """Whether what a platform says changes the state."""
    return remote.state is not None and remote.state != publication.state


def news_of(publication: Publication, remote: RemoteVideo) -> dict[str, Any]:
    """The columns, but for the state, that what a platform says about a video changes."""
    metadata = comparing.columns_of(remote)
    said = {
        "raw_state": remote.raw_state[:100],
        "raw_words": events.clean(remote.words),
        **facts_of(remote),
        **metadata,
    }
    news = {name: value for name, value in said.items() if getattr(publication, name) != value}
    if metadata and (differs := comparing.differs(publication, **news)) != publication.differs:
        news["differs"] = differs
    return news


def note_news(news: Sequence[tuple[Publication, dict[str, Any]]], *, actor: str) -> None:
    """Store what `news_of` found about videos whose state stays as it is: an UPDATE a hundred of them."""
    for publication, columns in news:
        _note_new_title(publication, columns, actor)
        for name, value in columns.items():
            setattr(publication, name, value)
    if names := sorted({name for _publication, columns in news for name in columns}):
        # In parts: such an UPDATE takes memory for each column of each row.
        Publication.objects.bulk_update([publication for publication, _columns in news], names, batch_size=100)


def nothing_new(
    publications: Sequence[Publication],
    times: Mapping[int, datetime],
    *,
    claimed: datetime | None = None,
    closely: Collection[int] = (),
    **columns: Any,
) -> None:
    """After looks that changed nothing: the next ones are due at `times` (by id), and an earlier error is over.

    One UPDATE for all of them. What was claimed until `claimed` and has got another time meanwhile, from a callback
    or a person, keeps it. `closely`: those that were looked at closely.
    """
    rows = Publication.objects.filter(pk__in=[publication.pk for publication in publications], state__in=FOLLOWED)
    if claimed is not None:
        rows = rows.filter(next_run_at=claimed)
    together: dict[datetime, list[int]] = {}
    for publication in publications:
        together.setdefault(times[publication.pk], []).append(publication.pk)
    if not together:
        return
    at = Case(*(When(pk__in=ids, then=Value(time)) for time, ids in together.items()), output_field=DateTimeField())
    if closely:
        seen = When(pk__in=list(closely), then=Value(timezone.now()))
        columns["looked_closely_at"] = Case(seen, default=F("looked_closely_at"), output_field=DateTimeField())
    rows.update(**{"next_run_at": at, "error": None, **columns})


def give_up_following(publication: Publication, *, actor: str, days: int) -> None:
    """Nobody looks any more until a person asks: the row says so, and so does the history."""
    sentence = say(OVERDUE_SENTENCE, days=days)
    rows = Publication.objects.filter(pk=publication.pk, state__in=FOLLOWED).exclude(next_run_at=None)
    if rows.update(next_run_at=None, error=stored_error("Overdue", sentence)) == 1:
        events.record(publication, "overdue", sentence, actor=actor)


def needs_person() -> Q:
    """Publications that go on only when a person has done something."""
    return Q(state__in=NEEDS_PERSON) | OVERDUE


def is_overdue(publication: Publication) -> bool:
    """Whether the publication has been followed for too long and waits for a person."""
    return publication.state in FOLLOWED and publication.next_run_at is None


def _note_new_title(publication: Publication, columns: Mapping[str, Any], actor: str) -> None:
    """Write to the history that somebody has renamed the video on the platform: not so that it is called as here."""
    title = columns.get("remote_title", "")
    if title and not comparing.is_called(publication, title):
        events.record(publication, "renamed", say(RENAMED, title=title), actor=actor)


def facts_of(remote: RemoteVideo) -> dict[str, Any]:
    """The columns for what a platform tells about a video besides state and metadata; what it does not tell is left
    out."""
    told = {
        "page_url": remote.page_url[:1000],
        "embed_url": remote.embed_url[:1000],
        "cover_url": remote.cover_url[:1000],
        "remote_duration": remote.duration,
        "plays": remote.plays,
    }
    return {name: value for name, value in told.items() if value}
