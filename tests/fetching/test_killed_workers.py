"""A worker that is killed in the middle, as a process: the next one goes on from what has landed."""

from __future__ import annotations

import multiprocessing
import os
import signal

import pytest
from django.db import connections
from django.utils import timezone

from platforms.models import Arrival, IncomingFile
from platforms.services import progress
from platforms.services.fetching import work
from platforms.services.files import incoming
from tests import hub
from tests.fetching import fetched
from tests.fetching.fetched import FILM, FILM_MD5, NET, House
from tests.fetching.web import KIB, Server, Site

pytestmark = pytest.mark.django_db(transaction=True)


def begin_and_kill(row: IncomingFile, at_least: int) -> int:
    """Let a process fetch until so many bytes have landed, then kill it; answers how many have."""
    connections.close_all()
    process = multiprocessing.get_context("fork").Process(target=work.run_due, args=(60, NET), daemon=True)
    process.start()
    hub.until(lambda: incoming.received(row) >= at_least)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    landed = incoming.received(row)
    row.refresh_from_db()
    assert (row.state, row.lease_until is None) == (Arrival.ARRIVING, False)
    return landed


def go_on(row: IncomingFile) -> IncomingFile:
    """Nobody touches the file before the lease is over; then the next worker does."""
    assert work.run_due(1, NET) == 0
    IncomingFile.objects.filter(pk=row.pk).update(lease_until=timezone.now() - progress.LEASE)
    return fetched.run(row)


def test_a_download_goes_on_after_its_worker_was_killed(house: House) -> None:
    with Server(Site(FILM, hold=True)) as server:
        row = fetched.downloaded(server.address())
        landed = begin_and_kill(row, len(FILM) // 2)
        server.site.go_on.set()
        go_on(row)
        assert server.site.ranges_asked == ["", f"bytes={landed}-"]
    assert (row.state, row.md5, row.size) == (Arrival.READY, FILM_MD5, len(FILM))


def test_a_copy_goes_on_after_its_worker_was_killed(house: House, monkeypatch) -> None:
    source = house.put()
    row = fetched.copied()
    read, offsets = work._read, list[int]()
    monkeypatch.setattr(work, "BLOCK_BYTES", 64 * KIB)
    monkeypatch.setattr(work, "_read", _hold_at(300 * KIB))
    begin_and_kill(row, 300 * KIB)

    def note(file: int, offset: int, size: int) -> bytes:
        offsets.append(offset)
        return read(file, offset, size)

    monkeypatch.setattr(work, "_read", note)
    go_on(row)
    assert offsets[0] >= 300 * KIB
    assert (row.state, row.md5) == (Arrival.READY, FILM_MD5)
    assert source.read_bytes() == FILM


def _hold_at(stop: int):
    """A reader that waits for ever once so many bytes were read."""
    read = work._read

    def reader(file: int, offset: int, size: int) -> bytes:
        if offset >= stop:
            signal.pause()
        return read(file, offset, size)

    return reader
