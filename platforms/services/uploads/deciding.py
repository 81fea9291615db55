"""What a person decides when the answer to a create call was lost: the video is there, or it is to be sent again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from platforms import queue
from platforms.contract import Driver, HasLibrary
from platforms.models import Publication, UploadSession
from platforms.services import events, lending, looking, progress, publishing
from platforms.services.importing import twins
from platforms.values import RemoteVideo, Sentence, State, gettext_noop, say

# So many of the account's videos are looked through, where its platform lists them; the newest come first on most.
MOST_LISTED = 500
MOST_SHOWN = 10
# The platform's clock and the hub's may differ.
CLOCKS_APART = timedelta(minutes=10)
LONGEST_ID = 100
# A video in one of these has got its file. One that is not complete may be the empty upload that the lost call left: no
# video comes of that, and it stands in nobody's way.
COMPLETE = (State.REVIEWING, State.PUBLISHED, State.BLOCKED, State.REJECTED)

FOUND = gettext_noop("A person has found the video on the platform: its id is %(id)s.")
FOUND_AFTER_ALL = gettext_noop("Before it was sent again the platform was asked, and has the video: its id is %(id)s.")
NOT_FOUND = gettext_noop("A person has looked: the platform does not have the video, and it is sent again.")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A video of the account that may be the lost one; `created_at` is aware, None when not said."""

    remote_id: str
    title: str
    state: State | None
    created_at: datetime | None


def why_not(publication: Publication) -> str:
    """Why there is nothing to decide about this publication, in the active language; empty when there is."""
    if publication.state == State.UNKNOWN:
        return ""
    return _("There is nothing to decide: it is “%(state)s”.") % {"state": publication.get_state_display()}


def candidates(publication: Publication) -> tuple[Candidate, ...]:
    """Videos of the account under this title, or made since it was published here, that no publication has.

    Empty where the platform cannot list them; raises `PlatformError` when it does not answer.
    """
    with lending.counted(publication.account) as driver:
        return _candidates(publication, driver)


def _candidates(publication: Publication, driver: Driver) -> tuple[Candidate, ...]:
    names, since = _names(publication), _since(publication)
    found = [
        video
        for video in _untaken(publication, driver)
        if video.title in names or (video.created_at and video.created_at >= since)
    ]
    found.sort(key=lambda video: video.title not in names)
    return tuple(_as_candidate(video) for video in found[:MOST_SHOWN])


def _complete_ones(publication: Publication) -> list[str]:
    """The ids of complete videos under this title, made since it was published here, that no publication has."""
    names, since = _names(publication), _since(publication)
    with lending.counted(publication.account) as driver:
        return [
            video.remote_id
            for video in _untaken(publication, driver)
            if video.title in names
            and (video.created_at is None or video.created_at >= since)
            and (video.state or video.presumed) in COMPLETE
        ]


def _untaken(publication: Publication, driver: Driver) -> Iterator[RemoteVideo]:
    """What the account's list begins with and no other publication has; nothing where its platform cannot list."""
    if not isinstance(driver, HasLibrary):
        return
    taken = set(_others(publication).exclude(remote_id=None).values_list("remote_id", flat=True))
    yield from (video for video in islice(driver.every_video(), MOST_LISTED) if video.remote_id not in taken)


def _names(publication: Publication) -> tuple[str, str]:
    title = publication.shown_title.strip()
    return title, f"{title}.{publication.video.extension}"


def _since(publication: Publication) -> datetime:
    return publication.created_at - CLOCKS_APART


def _as_candidate(video: RemoteVideo) -> Candidate:
    return Candidate(video.remote_id, video.title or "", video.state, video.created_at)


def adopt(publication: Publication, remote_id: str, *, actor: str, found: str = FOUND) -> str:
    """“It is there”: follow the video of this id from now on; `found` is what the history says of it.

    Answers why that cannot be, in the active language; empty when it is done. Raises `PlatformError` when the platform
    cannot be asked about the video.
    """
    remote_id = remote_id.strip()
    if reason := why_not(publication) or _why_not_id(publication, remote_id):
        return reason
    words = {"id": remote_id, "account": publication.account.name}
    with lending.counted(publication.account) as driver:
        if not driver.owns(remote_id):
            return _("The account “%(account)s” has no video with the id %(id)s on its platform.") % words
        seen = next(iter(driver.look([remote_id])), None)
    if not _taken_over(publication, remote_id, actor, say(found, id=remote_id)):
        return why_not(publication) or _why_not_id(publication, remote_id) or _("Somebody else was faster.")
    if seen is not None and seen.state != State.MISSING:
        next_look = looking.next_time(publication, timezone.now(), looks=0)
        progress.observe(publication, seen, actor=actor, next_look=next_look)
    queue.wake_followers()
    return ""


def _taken_over(publication: Publication, remote_id: str, actor: str, sentence: Sentence) -> bool:
    now = timezone.now()
    try:
        with transaction.atomic():
            twins.give_way(publication, remote_id, actor=actor)
            done = progress.change(
                publication, State.PROCESSING, actor=actor, holding=publication.fence,
                sentence=sentence, remote_id=remote_id, uploaded_at=now, looks=0, error=None,
                bytes_sent=publication.bytes_total, **progress.release(next_run_at=now),
            )  # fmt: skip
            if done:
                UploadSession.objects.filter(publication=publication).delete()
            else:
                transaction.set_rollback(True)
    except IntegrityError:
        return False
    return done


def send_again(publication: Publication, *, actor: str) -> str:
    """“It is not there”: look once more, then upload it anew. What turns out to be there is followed instead; see
    `was_there`.

    Answers why that cannot be, in the active language; empty when it is done. Raises `PlatformError` when the platform
    cannot be asked: nothing is sent as long as nobody can tell that this makes no second video.
    """
    if reason := why_not(publication) or publishing.why_not_send(publication, decided=True):
        return reason
    there = _complete_ones(publication)
    if len(there) > 1:
        return _("The platform has several videos that may be it: %(ids)s. Say which one it is.") % {
            "ids": ", ".join(there)
        }
    if there:
        return adopt(publication, there[0], actor=actor, found=FOUND_AFTER_ALL)
    with transaction.atomic():
        if not publishing.send_again(publication, actor=actor, decided=True, remote_id=None, bytes_sent=0):
            return _("Somebody else was faster.")
        events.record(publication, "decision", say(NOT_FOUND), actor=actor)
    return ""


def was_there(publication: Publication) -> str:
    """What became of one that was to be sent again while the platform had it, in the active language; else empty."""
    if not publication.remote_id:
        return ""
    words = {"id": publication.remote_id}
    return _("The platform has the video (%(id)s): it is followed from now on and not sent again.") % words


def _why_not_id(publication: Publication, remote_id: str) -> str:
    if not remote_id:
        return _("Enter the id that the video has on the platform.")
    if len(remote_id) > LONGEST_ID:
        return _("That is too long for an id.")
    if other := _others(publication).filter(remote_id=remote_id).select_related("video", "account").first():
        words = {"id": remote_id, "other": str(other), "number": other.pk}
        return _("The id %(id)s belongs to another publication: “%(other)s” (#%(number)d).") % words
    return ""


def _others(publication: Publication) -> QuerySet[Publication]:
    """What stands in the way of an id: not what an import has brought in, which gives way."""
    rows = Publication.objects.filter(account=publication.account_id).exclude(pk=publication.pk)
    return rows.exclude(Q(**twins.imported(publication.account_id)))
