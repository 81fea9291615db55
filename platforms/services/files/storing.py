"""Files on their way into a storage that is not a disk of this machine, and out of it again.

What arrives lies on a disk first: there it is hashed, looked at and taken by a video. A row (`FileErrand`) says that it
is to be brought on; an upload worker that sees the file does it (`bringing.py`), in slices, while pages and forms go
on. Publications of the video wait until it is there. What must be removed from the storage is a row too, so that
nothing stays for ever when the storage is away at that moment.

A crash leaves the row, and the storage itself tells how far the file has come. The file on the disk is removed only
once the row says that the storage has it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from platforms import queue
from platforms.contract import SourceAway, SourceChanged
from platforms.models import Errand, FileErrand, Publication, Video
from platforms.services import events, progress
from platforms.storage import FarStorage
from platforms.values import Sentence, State, gettext_noop, say

# Longer than any single call may take with its repeats: who has lost a lease has stopped when it is over.
LEASE = timedelta(seconds=150)

COMING = gettext_noop(
    "The file is still on its way into the storage of the video files; the upload begins once it is there."
)


# Errands are begun within seconds by a machine that sees the file, unless it is busy with others.
LATE = timedelta(minutes=10)
LOST, LOST_HOWEVER_BUSY = timedelta(days=1), timedelta(days=7)

NOBODY_BRINGS = gettext_noop(
    "The file lies on the disk of the machine “%(machine)s”, on which it arrived, and nobody has brought it into the "
    "storage for %(minutes)s minutes. Start that machine and its workers: the upload then begins by itself."
)
LOST_WITH_MACHINE = gettext_noop(
    "The file was on the disk of the machine “%(machine)s” only, and nobody has brought it into the storage for a day. "
    "If that machine comes back with its disk, its workers bring the file, and “Retry” sends it. If it is lost, add "
    "the file again as a new video."
)


class OnItsWay(SourceAway):
    """The storage does not have the file yet."""


class Lost(SourceChanged):
    """Nobody has brought the file for so long that a person has to look; `sentence` says where it was."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.text)
        self.sentence = sentence


def expect(video: Video) -> None:
    """In the transaction that saves a video whose file lies on the disk: it goes on to where files are kept."""
    if isinstance(video.source.storage, FarStorage):
        now = timezone.now()
        # Who has seen the file last: should it never come, people have to know where it was.
        FileErrand.objects.create(
            kind=Errand.BRING, name=video.source.name or "", video=video, next_run_at=now,
            lease_holder=progress.holder()[:100],
        )  # fmt: skip
        queue.wake_fetches()


def forget(video: Video) -> None:
    """In the transaction that deletes a video: its file goes too, also while it is on its way."""
    storage, name = video.source.storage, video.source.name
    if not name:
        return
    if not isinstance(storage, FarStorage):
        transaction.on_commit(lambda: storage.delete(name))
        return
    on_its_way = FileErrand.objects.filter(video=video)
    free_at = timezone.now()
    if errand := on_its_way.first():
        # Whoever brings it notices at its next step, and has done so when its lease is over and a call has ended.
        on_its_way.update(kind=Errand.CLEAR, video=None, fence=F("fence") + 1)
        errand.refresh_from_db(fields=["lease_until"])
        free_at = errand.lease_until + LEASE if errand.lease_until else free_at
    FileErrand.objects.create(kind=Errand.REMOVE, name=name, next_run_at=free_at)
    queue.wake_fetches()


def wake(video: Video) -> None:
    """After commit: uploads that waited for the file begin."""
    Publication.objects.filter(video=video, state=State.QUEUED).update(next_run_at=timezone.now())
    queue.wake_uploads()


def coming(video: Video) -> FileErrand | None:
    """The errand by which the video's file is still on its way into the storage; None when it is there."""
    if not isinstance(video.source.storage, FarStorage):
        return None
    return FileErrand.objects.filter(video=video, kind=Errand.BRING).first()


def is_coming(video: Video) -> bool:
    """Whether the video's file is still on its way into the storage."""
    return coming(video) is not None


def check_there(video: Video) -> None:
    """Raises `OnItsWay` while the storage does not have the file yet, `Lost` when it hardly comes any more."""
    if errand := coming(video):
        raise _why_not_there(errand, timezone.now())


def note_late() -> None:
    """Have the pages of videos say that nobody brings their file, and where it lies."""
    now = timezone.now()
    for errand in FileErrand.objects.filter(due(now), kind=Errand.BRING, next_run_at__lt=now - LATE):
        reason = _why_not_there(errand, now)
        if reason.sentence.text != COMING:
            same = FileErrand.objects.filter(pk=errand.pk, fence=errand.fence)
            same.update(error=events.stored(reason.sentence))


def _why_not_there(errand: FileErrand, now: datetime) -> OnItsWay | Lost:
    since = max(filter(None, (errand.next_run_at, errand.lease_until, errand.created_at)))
    at_others = FileErrand.objects.filter(kind=Errand.BRING, lease_until__gt=now).exists()
    if now - since < (LOST_HOWEVER_BUSY if at_others else LATE):
        return OnItsWay(say(COMING))
    machine = errand.lease_holder.rsplit(":", 1)[0]
    if now - since >= LOST:
        return Lost(say(LOST_WITH_MACHINE, machine=machine))
    return OnItsWay(say(NOBODY_BRINGS, machine=machine, minutes=int((now - since).total_seconds() // 60)))


def adopt() -> int:
    """See to it that files are brought which lie on this machine's disk from the time when that was the storage.

    Answers how many they are.
    """
    lying = Video.objects.filter(mark="", errand=None).exclude(source="")
    count = 0
    for video in lying.iterator():
        if isinstance(video.source.storage, FarStorage) and path_of(video.source.name or "").is_file():
            with transaction.atomic():
                expect(video)
            count += 1
    return count


def due(now: datetime) -> Q:
    """Errands that may be begun, or gone on with after a worker has died."""
    return Q(lease_until=None, next_run_at__lte=now) | Q(lease_until__lt=now, next_run_at__lte=now)


def path_of(name: str) -> Path:
    """Where a file lies on the disk until it has been brought."""
    return Path(settings.MEDIA_ROOT) / name
