"""Files on their way into the hub: begun, appended to, looked at when complete, and taken by a video.

The bytes lie in `MEDIA_ROOT/incoming/<id>` and are the truth; the row says whose they are and what became of them. A
complete file is confirmed by the disk, hashed and looked at before its row says READY. Every step can be repeated: who
finds a row that a crash left between two steps goes on from there, and a video takes a file by one conditional UPDATE.
"""

from __future__ import annotations

import re
import shutil
import time
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path, PurePath
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F, Q, QuerySet, Sum
from django.utils import timezone

from platforms.models import Arrival, IncomingFile, Video, Way
from platforms.models.wording import render
from platforms.services import events, publishing, templates, waits
from platforms.services.files import landing, media
from platforms.services.files.landing import Landing
from platforms.services.files.media import KeptFile, NotAVideo
from platforms.services.publishing import Metadata
from platforms.values import Sentence, gettext_noop, say

# In these the file is not complete yet.
OPEN = (Arrival.ARRIVING, Arrival.PAUSED)
# In these the hub keeps bytes that nobody has taken.
KEPT = (*OPEN, Arrival.READY)
LONGEST_NAME = 255
TOUCH_SECONDS = 5.0
SHOWN_WHEN_TAKEN = timedelta(days=1)
MOST_SHOWN = 200


class Refused(Exception):
    """It cannot be done; `sentence` says why, and the text says it in the active language."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return render(self.sentence.as_json())


class Unfit(Refused):
    """Such a file is not taken."""


class TooLarge(Refused):
    """More bytes than the hub takes, or than were announced."""


class NoRoom(Refused):
    """The disk is too full; what has landed stays."""


class Locked(Refused):
    """Somebody else appends at this moment."""


class WrongOffset(Refused):
    """The bytes do not follow those that have landed."""


class StillArriving(Refused):
    """Not all bytes have landed."""


class NotLookedAt(Refused):
    """All bytes have landed, and it could not be found out what they are: they stay, and somebody looks again."""


class Over(Refused):
    """There is nothing to append to or to take any more: removed, failed, expired or taken."""


TOO_LARGE = gettext_noop("“%(name)s” is larger than the hub takes.")
NO_ROOM = gettext_noop(
    "The hub's disk is too full for “%(name)s”. Files that are on their way go on; make room, then begin again."
)
DISK_FULL = gettext_noop("The hub's disk is full. What has arrived is kept; make room, then go on.")
LOCKED = gettext_noop("This file is being received at this moment; try again in a few seconds.")
WRONG_OFFSET = gettext_noop("These bytes do not follow those that have arrived; ask how far the file is.")
TOO_MUCH = gettext_noop("More bytes came than the file has.")
GONE = gettext_noop("The file is no longer kept; choose it again.")
STILL_ARRIVING = gettext_noop("“%(name)s” is still arriving: %(percent)d %%.")
TAKEN = gettext_noop("“%(name)s” has been added as a video.")
ARRIVED = gettext_noop("“%(name)s” has arrived.")
ABANDONED = gettext_noop("“%(name)s” was removed: nothing happened to it for %(days)d days.")


# Begin ----------------------------------------------------------------------------------------------------------------


def begin(
    owner: User | None, way: Way, name: str, size: int | None, *, fingerprint: str = "", makes_video: bool = False,
    **columns: Any,
) -> IncomingFile:  # fmt: skip
    """A new row, to be appended to; `size` in bytes, None while nobody knows. `columns` are more columns of the row.

    Raises `Unfit`, `TooLarge` or `NoRoom`.
    """
    name = clean_name(name)
    try:
        media.check_name_and_size(name, -1 if size is None else size)
    except NotAVideo as error:
        raise Unfit(error.sentence) from None
    with transaction.atomic():
        check_room(name, size or 0)
        return IncomingFile.objects.create(
            owner=owner, way=way, name=name, size=size, fingerprint=clean_name(fingerprint)[:200],
            makes_video=makes_video, **columns,
        )  # fmt: skip


def keep_upload(owner: User, upload: UploadedFile[Any]) -> IncomingFile:
    """A file that came whole, with a form: READY at once. Raises `NotAVideo`."""
    kept_file = media.keep_upload(upload)
    landing.confirm(Path(kept_file.path))
    row = IncomingFile(
        owner=owner, way=Way.BROWSER, state=Arrival.READY, name=clean_name(kept_file.name), size=kept_file.size,
        received=kept_file.size, md5=kept_file.md5, facts=kept_file.facts,
    )  # fmt: skip
    Path(kept_file.path).rename(path_of(row))
    row.save()
    return row


def expect(row: IncomingFile, size: int) -> None:
    """Say how many bytes a row will have that was begun without knowing; raises as `begin` does."""
    if size == 0:
        raise Unfit(say(media.EMPTY, name=row.name))
    with transaction.atomic():
        check_room(row.name, size)
        IncomingFile.objects.filter(pk=row.pk).update(size=size)
    row.size = size


def clean_name(name: str) -> str:
    """A file name without folders and characters that do not print, shortened in front of its extension."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(letter for letter in last if letter.isprintable()).strip()
    suffix = PurePath(shown).suffix[:20]
    return shown if len(shown) <= LONGEST_NAME else shown[: LONGEST_NAME - len(suffix)] + suffix


def check_room(name: str, size: int) -> None:
    """Whether the hub takes so many bytes more, beside what it has promised to running ones and its reserve."""
    if settings.INTAKE_MAX_BYTES and size > settings.INTAKE_MAX_BYTES:
        raise TooLarge(say(TOO_LARGE, name=name))
    promised = IncomingFile.objects.filter(state__in=OPEN, size__gt=F("received")).aggregate(
        bytes=Sum(F("size") - F("received"))
    )["bytes"]
    if shutil.disk_usage(folder()).free - (promised or 0) - size < settings.INTAKE_RESERVE:
        raise NoRoom(say(NO_ROOM, name=name))


# Where ----------------------------------------------------------------------------------------------------------------


def folder() -> Path:
    """Where files arrive: on the same file system as the videos, so that taking one is a rename."""
    return media.kept_folder()


def path_of(row: IncomingFile) -> Path:
    """Where the bytes of a file arrive."""
    return folder() / str(row.pk)


def _place_of(row: IncomingFile) -> str:
    """Where a video will keep the file: known beforehand, so that a crash in the middle of taking leaves no doubt."""
    return f"videos/{timezone.localtime(row.created_at):%Y/%m}/{row.pk.hex}{PurePath(row.name).suffix.lower()[:12]}"


def received(row: IncomingFile) -> int:
    """How many bytes have landed, asked of the disk while that may change."""
    return landing.landed(path_of(row)) if row.state in OPEN else row.received


def percent(row: IncomingFile) -> int:
    """How much of the file has landed; 0 while nobody knows how large it is."""
    return received(row) * 100 // row.size if row.size else 0


def expires_at(row: IncomingFile) -> datetime:
    """When the file is removed if nothing happens to it."""
    return row.touched_at + timedelta(days=settings.INTAKE_KEEP_DAYS)


def is_over(row: IncomingFile) -> bool:
    return row.state == Arrival.FAILED or (row.state in KEPT and expires_at(row) < timezone.now())


def is_silent(row: IncomingFile) -> bool:
    """Whether a browser that was sending has stopped for now."""
    lately = timezone.now() - timedelta(seconds=6 * TOUCH_SECONDS)
    return row.way == Way.BROWSER and row.state == Arrival.ARRIVING and row.touched_at < lately


# Append ---------------------------------------------------------------------------------------------------------------


class Writer:
    """Appends to an incoming file, keeps its row informed, and stops when the row is gone."""

    def __init__(self, row: IncomingFile, bytes_landing: Landing) -> None:
        self.row = row
        self._landing = bytes_landing
        self._told = time.monotonic()

    @property
    def offset(self) -> int:
        """How many bytes have landed."""
        return self._landing.offset

    @property
    def complete(self) -> bool:
        return self.offset == self.row.size

    def write(self, block: bytes) -> None:
        """Append; raises `TooLarge` beyond the announced size, `NoRoom`, or `Over` when the row is gone."""
        if self.row.size is not None and self.offset + len(block) > self.row.size:
            raise TooLarge(say(TOO_MUCH))
        if self.row.size is None and 0 < settings.INTAKE_MAX_BYTES < self.offset + len(block):
            raise TooLarge(say(TOO_LARGE, name=self.row.name))
        try:
            self._landing.write(block)
        except landing.DiskFull:
            raise NoRoom(say(DISK_FULL)) from None
        if time.monotonic() - self._told > TOUCH_SECONDS:
            self.tell()

    def restart(self) -> None:
        """Drop what has landed: the source has another file now."""
        self._landing.restart()
        self.tell()

    def tell(self) -> None:
        """Write to the row how far the file is; raises `Over` when the row is gone."""
        now = timezone.now()
        rows = IncomingFile.objects.filter(pk=self.row.pk, state__in=OPEN)
        if not rows.update(received=self.offset, touched_at=now):
            raise Over(say(GONE))
        self.row.received, self.row.touched_at, self._told = self.offset, now, time.monotonic()

    def finish(self) -> None:
        """Confirm, hash and look at a complete file; then the row is READY, TAKEN with a video of its own, or FAILED.

        A `size` that nobody knew is what has landed.
        """
        if self.row.size is None:
            expect(self.row, self.offset)
        if not self.complete:
            raise StillArriving(say(STILL_ARRIVING, name=self.row.name, percent=percent(self.row)))
        self.tell()
        self._landing.confirm()
        _look(self.row, self._landing.md5())


@contextmanager
def writing(row: IncomingFile) -> Iterator[Writer]:
    """The right to append to a file, for one at a time, with the row as it is now; `Locked` or `Over` otherwise."""
    if is_over(row):
        raise Over(say(GONE))
    try:
        with Landing(path_of(row)) as bytes_landing:
            fresh = IncomingFile.objects.filter(pk=row.pk, state__in=OPEN).values_list("state", "size").first()
            if fresh is None:
                raise Over(say(GONE))
            row.state, row.size = fresh
            yield Writer(row, bytes_landing)
    except landing.Busy:
        raise Locked(say(LOCKED)) from None
    except landing.Vanished:
        raise Over(say(GONE)) from None
    except landing.DiskFull:
        raise NoRoom(say(DISK_FULL)) from None


def receive(row: IncomingFile, offset: int, blocks: Iterable[bytes]) -> int:
    """Append what a browser sends from `offset` on, and finish a complete file; answers how many bytes have landed.

    Whatever it raises, the bytes before have landed.
    """
    with writing(row) as writer:
        if writer.offset != offset:
            raise WrongOffset(say(WRONG_OFFSET))
        if row.state == Arrival.PAUSED:
            IncomingFile.objects.filter(pk=row.pk, state=Arrival.PAUSED).update(state=Arrival.ARRIVING)
        try:
            for block in blocks:
                writer.write(block)
        finally:
            writer.tell()
        if writer.complete:
            writer.finish()
        return writer.offset


# Finish ---------------------------------------------------------------------------------------------------------------


def finish(row: IncomingFile) -> None:
    """Do what is left to do for a complete file; nothing when it is not complete or somebody is at it."""
    if row.state in OPEN and received(row) == row.size:
        try:
            with writing(row) as writer:
                if writer.complete:
                    writer.finish()
        except (Locked, NotLookedAt, Over):
            return
    elif row.state == Arrival.READY and row.makes_video:
        _make_video(row)


def _look(row: IncomingFile, md5: str) -> None:
    rows = IncomingFile.objects.filter(pk=row.pk, state__in=OPEN)
    try:
        facts = media.look_at(path_of(row), row.name)
    except media.NotLookedAt as error:
        _look_again(row, error.sentence)
        return
    except NotAVideo as error:
        fail(row, error.sentence)
        return
    known = {"state": Arrival.READY, "md5": md5, "facts": facts, "touched_at": timezone.now(), "error": None}
    if not rows.update(**known, received=row.size):
        raise Over(say(GONE))
    for name, value in known.items():
        setattr(row, name, value)
    events.record(row, "file_arrived", say(ARRIVED, name=row.name), actor=_actor(row), data={"size": row.size})
    if row.makes_video:
        _make_video(row)


def _look_again(row: IncomingFile, sentence: Sentence) -> None:
    """Raises `NotLookedAt`, and the row says why. Who fetches a file counts its tries; of a browser's this does."""
    counts = row.way == Way.BROWSER
    if counts and row.attempts + 1 >= waits.MOST_ATTEMPTS:
        fail(row, sentence)
        return
    columns = {"error": events.stored(sentence), "attempts": F("attempts") + int(counts), "touched_at": timezone.now()}
    IncomingFile.objects.filter(pk=row.pk, state__in=OPEN).update(**columns)
    raise NotLookedAt(sentence)


def fail(row: IncomingFile, sentence: Sentence) -> None:
    """The file cannot be had or used: the row says why, and the bytes are removed."""
    error = events.stored(sentence)
    rows = IncomingFile.objects.filter(pk=row.pk, state__in=OPEN)
    if rows.update(state=Arrival.FAILED, error=error, touched_at=timezone.now()):
        row.state, row.error = Arrival.FAILED, error
        landing.remove(path_of(row))
        events.record(row, "file_failed", sentence, actor=_actor(row))


def _actor(row: IncomingFile) -> str:
    return row.owner.get_username() if row.owner else "hub"


def _make_video(row: IncomingFile) -> None:
    """A video named as the file, or started from the template that was chosen for it."""
    title = Video._meta.get_field("title")
    metadata = Metadata(PurePath(row.name).stem[: title.max_length])
    try:
        take(row, templates.start(row.template, row.name) if row.template else metadata, row.owner)
    except Over:
        # Somebody else was quicker.
        row.refresh_from_db()


# Take -----------------------------------------------------------------------------------------------------------------


def kept(row: IncomingFile) -> KeptFile:
    """A complete file as forms and videos use it; raises `StillArriving` or `Over`."""
    if row.state in OPEN and not is_over(row):
        raise StillArriving(say(STILL_ARRIVING, name=row.name, percent=percent(row)))
    if row.state == Arrival.TAKEN:
        raise Over(say(TAKEN, name=row.name))
    place = _place_of(row)
    path = next((path for path in (path_of(row), Path(settings.MEDIA_ROOT) / place) if path.is_file()), None)
    if row.state != Arrival.READY or path is None:
        raise Over(say(GONE))
    return KeptFile(str(path), row.name, row.size or 0, row.md5, **row.facts, place=place)


def take(row: IncomingFile, metadata: Metadata, user: User | None) -> Video:
    """The video that takes over a complete file by a rename: one, however often it is asked.

    Raises `Over` when the file is gone or a video has taken it (then `row.video` is that video once reread).
    """
    with transaction.atomic():
        rows = IncomingFile.objects.filter(pk=row.pk)
        if not rows.filter(state=Arrival.READY).update(state=Arrival.TAKEN, touched_at=timezone.now()):
            raise Over(say(GONE))
        try:
            video = publishing.create_video(kept(row), metadata, user)
        except FileNotFoundError:
            raise Over(say(GONE)) from None
        rows.update(video=video)
        transaction.on_commit(lambda: landing.remove(path_of(row)))
    row.state, row.video = Arrival.TAKEN, video
    return video


# Look after -----------------------------------------------------------------------------------------------------------


def of(owner: User, pk: UUID | str) -> IncomingFile | None:
    """A file of this person; None when there is none of theirs."""
    try:
        pk = UUID(str(pk))
    except ValueError:
        return None
    return IncomingFile.objects.select_related("video", "owner").filter(owner=owner, pk=pk).first()


def mine(owner: User) -> QuerySet[IncomingFile]:
    """What a person's page shows: their unfinished files, and what became a video within a day; newest first."""
    lately = Q(state=Arrival.TAKEN, touched_at__gte=timezone.now() - SHOWN_WHEN_TAKEN)
    rows = IncomingFile.objects.select_related("video").filter(owner=owner)
    return rows.filter(lately | Q(state__in=(*KEPT, Arrival.FAILED)))[:MOST_SHOWN]


def remove(row: IncomingFile, *, only: Q | None = None) -> bool:
    """Forget a file, also in the middle of arriving; a video that has taken it keeps it.

    False, and nothing has happened, when the row does not match `only` (any more). A row that has failed is taken by
    nobody: only then, whoever is about to make a video of it meanwhile, its bytes are removed.
    """
    same = IncomingFile.objects.filter(only or Q(), pk=row.pk)
    if same.exclude(state=Arrival.TAKEN).update(state=Arrival.FAILED, error=events.stored(say(GONE))):
        landing.remove(path_of(row))
        (Path(settings.MEDIA_ROOT) / _place_of(row)).unlink(missing_ok=True)
    elif not same.exists():
        return False
    IncomingFile.objects.filter(pk=row.pk).delete()
    return True
