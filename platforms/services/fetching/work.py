"""Fetching: claims what is due, and runs it in slices from where it stopped until the file is complete or refused."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from platforms import queue
from platforms.models import IncomingFile, Way
from platforms.services import events, progress, waits
from platforms.services.fetching import folder, rows
from platforms.services.fetching.download import Download, Known, download
from platforms.services.fetching.keeper import Keeper
from platforms.services.fetching.reach import Net, parse
from platforms.services.fetching.troubles import Passing, Refused, StartAgain, Stopped, Trouble
from platforms.services.files import incoming, media
from platforms.services.files.incoming import Writer
from platforms.services.files.media import NotAVideo
from platforms.services.uploads.job import draining
from platforms.values import Sentence, gettext_noop, say

log = logging.getLogger(__name__)

BLOCK_BYTES = 4 * 1024 * 1024
# An attempt that brought less starts no new count of attempts: a server could go on like that for ever.
WORTH_A_TRY = 1024 * 1024
LOCKED_WAIT = timedelta(seconds=5)

GIVEN_UP = gettext_noop("Given up after %(number)s attempts.")
OWN_FAULT = gettext_noop("A fault in the hub itself; the log says more.")
SOURCE_CHANGED = gettext_noop("The file in the ingest folder has changed; copying has started again.")
SOURCE_GROWS = gettext_noop("The file in the ingest folder is still being written.")
SOURCE_BROKE = gettext_noop("The file in the ingest folder cannot be read: %(reason)s.")
NO_FOLDER = gettext_noop(
    "The hub has no ingest folder yet. Set INGEST_ROOT to a folder of the server and start the hub again."
)


def house_net() -> Net:
    """The net as this hub's settings have it."""
    return Net(settings.INGEST_ALLOW_NETWORKS)


def run_due(seconds: float, net: Net | None = None, *, then: Callable[[], object] = lambda: None) -> int:
    """Claim and fetch files that are due until none is left or `seconds` are over; answers how many were run.

    `then` runs after each: it may have more of them begun.
    """
    deadline, count = time.monotonic() + seconds, 0
    while time.monotonic() < deadline and not draining() and (row := rows.claim_next()) is not None:
        run(row, deadline, net or house_net())
        then()
        count += 1
    return count


class Fetch:
    """One claimed file under way. `restarted` says why it has begun again from its first byte, if it has."""

    def __init__(self, row: IncomingFile, writer: Writer, keeper: Keeper, net: Net) -> None:
        self.row, self.writer, self.keeper, self.net = row, writer, keeper, net
        self.restarted: Sentence | None = None
        self._landed = writer.offset
        keeper.columns = self._columns

    @property
    def has_moved(self) -> bool:
        """Whether this run has come further; one that began again has not."""
        return self.restarted is None and self.writer.offset - self._landed >= WORTH_A_TRY

    def _columns(self) -> dict[str, Any]:
        """What pages show, and that the attempts before no longer count."""
        return {"received": self.writer.offset, **({"attempts": 1} if self.has_moved else {})}

    def restart(self, why: Sentence) -> None:
        """Drop what has landed, and let people know."""
        self.restarted = why
        self.writer.restart()
        self.save(error=events.stored(why))
        events.record(self.row, "file_restarted", why, actor=progress.holder())

    def save(self, **columns: Any) -> None:
        """Write columns of the row while it is ours."""
        if not rows.hold(self.row, **columns):
            self.keeper.lost = True
            raise Stopped
        for name, value in columns.items():
            setattr(self.row, name, value)

    def forget_error(self) -> None:
        """What kept the file from being fetched is over; that it had to begin again stays to be read."""
        if self.row.error and not self.restarted:
            self.save(error=None)

    def expect(self, size: int | None) -> None:
        """The file will have so many bytes, None while nobody knows; raises `incoming.Refused`."""
        if size is None:
            self.save(size=None)
        elif size != self.row.size:
            incoming.expect(self.row, size)

    def remember(self, **facts: Any) -> None:
        """Keep what the source says of itself, for whoever goes on."""
        origin = {**self.row.origin, **facts}
        if origin != self.row.origin:
            self.save(origin=origin)


def run(row: IncomingFile, deadline: float, net: Net) -> None:
    """Fetch a claimed file until it is complete or refused, the slice is over or it is taken away."""
    if row.attempts > waits.MOST_ATTEMPTS:
        _fail(row, say(GIVEN_UP, number=waits.MOST_ATTEMPTS))
        return
    moved = False
    try:
        with Keeper(row, deadline) as keeper, incoming.writing(row) as writer:
            fetch = Fetch(row, writer, keeper, net)
            try:
                SOURCES[Way(row.way)](fetch)
            finally:
                moved = fetch.has_moved
            writer.finish()
    except Stopped:
        _end_slice(row, moved=moved)
    except (Refused, incoming.TooLarge, incoming.Unfit) as error:
        _fail(row, error.sentence)
    except (Trouble, incoming.NoRoom, incoming.NotLookedAt) as error:
        _wait(row, error.sentence, moved=moved, at_least=getattr(error, "retry_after", 0.0))
    except incoming.Locked:
        # A worker that was taken for dead still holds it; it stops at its next step.
        rows.give_back(row, LOCKED_WAIT)
    except incoming.Over:
        log.info("The incoming file %s was removed while it was fetched.", row.pk)
    except Exception:
        # A fault of our own: push the next try ahead first, so that it cannot spin.
        _wait(row, say(OWN_FAULT))
        raise
    finally:
        rows.let_go(row)


def _end_slice(row: IncomingFile, *, moved: bool) -> None:
    """Give the worker back. A slice that has come further gives its attempt back too."""
    columns: dict[str, Any] = {"attempts": 0} if moved else {}
    if rows.give_back(row, **columns):
        queue.wake_fetches()


def _wait(row: IncomingFile, sentence: Sentence, *, moved: bool = False, at_least: float = 0.0) -> None:
    """Put the file back with the reason and the time of its next try; fail it after too many."""
    attempts = 1 if moved else row.attempts
    if attempts >= waits.MOST_ATTEMPTS:
        _fail(row, sentence, given_up=True)
        return
    wait = max(waits.next_try(attempts), timedelta(seconds=at_least))
    rows.give_back(row, wait, error=sentence, attempts=attempts)


def _fail(row: IncomingFile, sentence: Sentence, *, given_up: bool = False) -> None:
    if not rows.hold(row):
        return
    if given_up:
        number = say(GIVEN_UP, number=waits.MOST_ATTEMPTS)
        events.record(row, "file_given_up", number, actor=progress.holder())
    incoming.fail(row, sentence)


# From the folder ------------------------------------------------------------------------------------------------------


def _copy(fetch: Fetch) -> None:
    """Copy a file of the ingest folder from where the copy stopped, as long as it is the same."""
    if not settings.INGEST_ROOT:
        raise Refused(say(NO_FOLDER))
    with folder.opened(Path(settings.INGEST_ROOT), fetch.row.origin["path"]) as source:
        mark = mark_of(os.fstat(source))
        if fetch.writer.offset and mark != [fetch.row.origin.get(name) for name in MARK]:
            fetch.restart(say(SOURCE_CHANGED))
        fetch.forget_error()
        fetch.expect(mark[0])
        fetch.remember(**dict(zip(MARK, mark, strict=True)))
        while block := _read(source, fetch.writer.offset, mark[0]):
            fetch.keeper.look()
            fetch.writer.write(block)
        if mark_of(os.fstat(source)) != mark or not fetch.writer.complete:
            raise Passing(say(SOURCE_GROWS))


MARK = ("size", "modified_ns")


def mark_of(facts: os.stat_result) -> list[int]:
    """What tells one state of a source from another, in the order of `MARK`."""
    return [facts.st_size, facts.st_mtime_ns]


def _read(source: int, offset: int, size: int) -> bytes:
    try:
        return os.pread(source, min(BLOCK_BYTES, size - offset), offset)
    except OSError as error:
        raise Passing(say(SOURCE_BROKE, reason=os.strerror(error.errno or 0))) from None


# From an address ------------------------------------------------------------------------------------------------------


def _download(fetch: Fetch) -> None:
    """Ask for what is missing until nothing is: servers may give a file in parts."""
    address = parse(fetch.row.origin["address"])
    while True:
        known = Known(**fetch.row.origin.get("known", {}))
        offset = fetch.writer.offset
        if offset and offset == known.size == fetch.row.size:
            return
        try:
            with download(fetch.net, address, offset, known, fetch.keeper.wire, settings.INGEST_MAX_BYTES) as answer:
                _begin(fetch, answer)
                for piece in answer.pieces():
                    fetch.keeper.look()
                    fetch.writer.write(piece)
        except StartAgain as again:
            if fetch.restarted:
                raise
            fetch.restart(again.sentence)
            continue
        if answer.known.size is None:
            return


def _begin(fetch: Fetch, answer: Download) -> None:
    """Take in what an answer says before its bytes."""
    if answer.restarted:
        fetch.restart(answer.restarted)
    if answer.offset == 0:
        name = incoming.clean_name(answer.name)
        try:
            media.check_name_and_size(name, -1 if answer.known.size is None else answer.known.size)
        except NotAVideo as error:
            raise Refused(error.sentence) from None
        fetch.save(name=name)
    fetch.expect(answer.known.size)
    fetch.remember(known=asdict(answer.known))
    fetch.forget_error()


SOURCES: dict[Way, Callable[[Fetch], None]] = {Way.FOLDER: _copy, Way.ADDRESS: _download}
