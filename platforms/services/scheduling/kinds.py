"""The verbs of scheduling: keep a video hidden until its time, publish it then, block it then."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from platforms.contract import CanBlock, Driver
from platforms.models import BLOCK_AT, PUBLISH_AT, Publication
from platforms.services import zones
from platforms.services.operations.kind import THERE, Arguments, Kind
from platforms.services.operations.showing import LACKS
from platforms.values import Sentence, State, gettext_noop, say

# The upload is not finished, or has failed and may be retried: a plan waits for that.
NOT_THERE_YET = frozenset(
    {State.DRAFT, State.QUEUED, State.UPLOADING, State.PAUSED, State.UNKNOWN, State.FAILED}
)  # fmt: skip
# What a worker needs to come to it is not worth a word.
PUNCTUAL = timedelta(minutes=2)

HIDDEN = gettext_noop("The platform was told not to show the video before %(time)s.")
HIDDEN_FOR_NOW = gettext_noop("The platform was told not to show the video.")
HIDDEN_AGAIN = gettext_noop(
    "The platform showed the video before its time. It is blocked again, %(duration)s after the hub saw it (h:min:s)."
)
NOT_NEEDED = gettext_noop("The video need not be hidden any more.")
SHOWN = gettext_noop("The platform was told to show the video, as planned for %(time)s.")
SHOWN_LATE = gettext_noop(
    "The platform was told to show the video planned for %(time)s, %(duration)s late (h:min:s)."
)  # fmt: skip
SHOWN_WHEN_READY = gettext_noop(
    "At %(time)s, for which it was planned, the platform was still at work on the video: it shows it when it is ready."
)
SENT = gettext_noop("The upload planned for %(time)s was complete %(duration)s later (h:min:s).")
BLOCKED = gettext_noop("The platform was told to show the video no longer, as planned for %(time)s.")
BLOCKED_LATE = gettext_noop(
    "The platform was told to show the video no longer, as planned for %(time)s, %(duration)s late (h:min:s)."
)
DONE = gettext_noop("It was done as planned.")


def _hold(driver: CanBlock, publication: Publication, _arguments: Arguments) -> Sentence:
    """Block it, unless its time has come or somebody has let it go meanwhile."""
    row = Publication.objects.get(pk=publication.pk)
    if not row.held or (row.publish_at and row.publish_at <= timezone.now()):
        return say(NOT_NEEDED)
    driver.block_video(str(row.remote_id))
    if row.state == State.PUBLISHED and row.state_at:
        return say(HIDDEN_AGAIN, duration=as_duration(timezone.now() - row.state_at))
    if row.publish_at is None:
        return say(HIDDEN_FOR_NOW)
    return say(HIDDEN, time=zones.text(row.publish_at, publication.account))


def _publish(driver: Driver, publication: Publication, arguments: Arguments) -> Sentence:
    at, now = planned(arguments), timezone.now()
    time = zones.text(at, publication.account)
    if isinstance(driver, CanBlock):
        driver.unblock_video(str(publication.remote_id))
        sentence = _shown(publication, time, now - at)
    else:
        sentence = say(SENT, time=time, duration=as_duration((publication.uploaded_at or now) - at))
    Publication.objects.filter(pk=publication.pk).update(publish_at=None, upload_from=None, held=False)
    return sentence


def _shown(publication: Publication, time: str, late: timedelta) -> Sentence:
    if publication.state in (State.PROCESSING, State.REVIEWING):
        return say(SHOWN_WHEN_READY, time=time)
    return say(SHOWN, time=time) if late < PUNCTUAL else say(SHOWN_LATE, time=time, duration=as_duration(late))


def _block(driver: CanBlock, publication: Publication, arguments: Arguments) -> Sentence:
    at, now = planned(arguments), timezone.now()
    driver.block_video(str(publication.remote_id))
    if publication.state in (State.PROCESSING, State.REVIEWING):
        # Some platforms publish by themselves what they have finished.
        Publication.objects.filter(pk=publication.pk).update(held=True)
    time = zones.text(at, publication.account)
    return (
        say(BLOCKED, time=time) if now - at < PUNCTUAL else say(BLOCKED_LATE, time=time, duration=as_duration(now - at))
    )


def planned(arguments: Arguments) -> datetime:
    """The time that a plan is for."""
    return datetime.fromisoformat(arguments["at"])


def as_duration(duration: timedelta) -> str:
    """`1:02:03` for an hour, two minutes and three seconds."""
    seconds = max(0, int(duration.total_seconds()))
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


HOLD = Kind(
    "hold",
    gettext_noop("Keep hidden until its time"),
    CanBlock,
    LACKS,
    _hold,
    HIDDEN_FOR_NOW,
    # Also before the file is complete, as soon as the platform has named the video.
    states=THERE | {State.QUEUED, State.UPLOADING, State.PAUSED},
    is_of_schedule=True,
)
PUBLISH_THEN = Kind(
    PUBLISH_AT,
    gettext_noop("Publish at a time"),
    Driver,
    LACKS,
    _publish,
    DONE,
    waits_in=NOT_THERE_YET,
    is_of_schedule=True,
)
BLOCK_THEN = Kind(
    BLOCK_AT,
    gettext_noop("Block at a time"),
    CanBlock,
    LACKS,
    _block,
    DONE,
    waits_in=NOT_THERE_YET,
    is_of_schedule=True,
)
