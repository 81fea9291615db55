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
from platforms.contract import SourceAway
from platforms.models import Errand, FileErrand, Publication, Video
from platforms.storage import FarStorage
from platforms.values import State, gettext_noop, say

# Longer than any single call may take with its repeats: who has lost a lease has stopped when it is over.
LEASE = timedelta(seconds=150)

COMING = gettext_noop(
    "The file is still on its way into the storage of the video files; the upload begins once it is there."
)


class OnItsWay(SourceAway):
    """The storage does not have the file yet."""


def expect(video: Video) -> None:
    """In the transaction that saves a video whose file lies on the disk: it goes on to where files are kept."""
    if isinstance(video.source.storage, FarStorage):
        now = timezone.now()
        FileErrand.objects.create(kind=Errand.BRING, name=video.source.name or "", video=video, next_run_at=now)
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
    """Raises `OnItsWay` while the storage does not have the file yet."""
    if is_coming(video):
        raise OnItsWay(say(COMING))


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
