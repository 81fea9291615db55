"""What people do: look into the ingest folder, have files fetched, pause, go on, try again."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from platforms import queue
from platforms.models import Arrival, IncomingFile, VideoTemplate, Way
from platforms.services import events, progress
from platforms.services.fetching import folder
from platforms.services.fetching.names import name_for
from platforms.services.fetching.reach import parse
from platforms.services.fetching.rows import FETCHED
from platforms.services.fetching.troubles import Refused
from platforms.services.fetching.work import MARK, NO_FOLDER, house_net, mark_of
from platforms.services.files import incoming
from platforms.values import gettext_noop, say

MOST_FILES = 500
FROM_FOLDER = gettext_noop("“%(name)s” is to be copied from the ingest folder.")
FROM_ADDRESS = gettext_noop("“%(name)s” is to be downloaded from %(origin)s.")
NO_FILES = gettext_noop("No file is chosen.")
MANY_FILES = gettext_noop("More than %(most)s files are chosen.")
# Until the server says what the file is called: no platform takes it, so that it is not taken for the real one.
UNNAMED = ".download"


def browse(path: str = "", find: str = "") -> folder.View | None:
    """What staff see of the ingest folder; None where the hub has none. Raises `Trouble`."""
    return folder.look(Path(settings.INGEST_ROOT), path, find) if settings.INGEST_ROOT else None


def take_from_folder(
    owner: User, paths: Sequence[str], *, makes_video: bool = False, template: VideoTemplate | None = None
) -> list[IncomingFile]:
    """Have files of the ingest folder copied into the hub: all or, with a reason, none.

    Raises `Trouble`, and what `incoming.begin` raises.
    """
    if not settings.INGEST_ROOT:
        raise Refused(say(NO_FOLDER))
    paths = list(dict.fromkeys(paths))
    if not paths or len(paths) > MOST_FILES:
        raise Refused(say(MANY_FILES, most=MOST_FILES) if paths else say(NO_FILES))
    # Before the transaction: a slow share must not keep the database locked.
    marks = {path: look_at(path) for path in paths}
    with transaction.atomic():
        columns: dict[str, Any] = {"owner": owner, "makes_video": makes_video, "template": template}
        begun = [begin_copy(path, mark, **columns) for path, mark in marks.items()]
    queue.wake_fetches()
    return begun


def look_at(path: str) -> list[int]:
    """What tells one state of a file of the ingest folder from another, as `MARK` orders it. Raises `Trouble`."""
    with folder.opened(Path(settings.INGEST_ROOT), path) as file:
        return mark_of(os.fstat(file))


@contextlib.contextmanager
def looking() -> Iterator[Callable[[str], list[int]]]:
    """`look_at`, for many files of the same folders."""
    with folder.glancing(Path(settings.INGEST_ROOT)) as facts_of:
        yield lambda path: mark_of(facts_of(path))


def begin_copy(
    path: str, mark: list[int], *, owner: User | None = None, actor: str = "", **columns: Any
) -> IncomingFile:
    """The row of a file that is to be copied, for whoever wakes the workers; raises what `incoming.begin` raises.

    Without an `owner` it stands on nobody's upload page. `columns` are more columns of the row.
    """
    origin: dict[str, Any] = {"path": path, **dict(zip(MARK, mark, strict=True))}
    row = incoming.begin(
        owner, Way.FOLDER, folder.name_of(path), mark[0], origin=origin, next_run_at=timezone.now(), **columns,
    )  # fmt: skip
    events.record(row, "file_begun", say(FROM_FOLDER, name=row.name), actor=owner.get_username() if owner else actor)
    return row


def fetch_address(
    owner: User, text: str, *, makes_video: bool = False, template: VideoTemplate | None = None
) -> IncomingFile:
    """Have an http(s) address downloaded into the hub. Raises `Refused`, and what `incoming.begin` raises.

    What the address's host stands for is asked later, by the worker.
    """
    address = parse(text)
    house_net().refuse_literal(address)
    name = name_for(address)
    if not Path(name).suffix or name == address.host:
        name += UNNAMED
    row = incoming.begin(
        owner, Way.ADDRESS, name, None, makes_video=makes_video, template=template,
        origin={"address": text.strip()}, next_run_at=timezone.now(),
    )  # fmt: skip
    sentence = say(FROM_ADDRESS, name=row.name, origin=address.origin)
    events.record(row, "file_begun", sentence, actor=owner.get_username())
    queue.wake_fetches()
    return row


def pause(row: IncomingFile) -> bool:
    """Stop fetching where it is; False when it is not under way. What has landed stays."""
    running = IncomingFile.objects.filter(pk=row.pk, way__in=FETCHED, state=Arrival.ARRIVING)
    paused = running.update(**progress.release(state=Arrival.PAUSED, next_run_at=None, touched_at=timezone.now()))
    row.refresh_from_db()
    return paused == 1


def resume(row: IncomingFile) -> bool:
    """Go on with a paused file, or begin a failed one again; False when it is neither."""
    stopped = IncomingFile.objects.filter(pk=row.pk, way__in=FETCHED, state__in=(Arrival.PAUSED, Arrival.FAILED))
    again = {"size": None, "received": 0} if row.state == Arrival.FAILED and row.way == Way.ADDRESS else {}
    now = timezone.now()
    columns = progress.release(
        state=Arrival.ARRIVING, error=None, attempts=0, next_run_at=now, touched_at=now, **again
    )  # fmt: skip
    resumed = stopped.filter(state=row.state).update(**columns)
    queue.wake_fetches()
    row.refresh_from_db()
    return resumed == 1
