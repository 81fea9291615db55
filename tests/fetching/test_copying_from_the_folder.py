"""Files of the ingest folder are copied into the hub, go on where they stopped, and leave the source alone."""

from __future__ import annotations

import os
import threading
import time

import pytest
from django.utils import timezone

from platforms.models import Arrival, IncomingFile, Way
from platforms.services import progress, waits
from platforms.services.fetching import keeper, rows, starting, work
from platforms.services.fetching.troubles import Refused
from platforms.services.fetching.wire import Wire
from platforms.services.files import incoming
from platforms.values import say
from tests import hub
from tests.fetching import fetched
from tests.fetching.fetched import FILM, FILM_MD5, House

pytestmark = pytest.mark.django_db(transaction=True)
KIB = 1024


@pytest.fixture
def small_blocks(monkeypatch) -> None:
    monkeypatch.setattr(work, "BLOCK_BYTES", 64 * KIB)
    monkeypatch.setattr(work, "WORTH_A_TRY", 64 * KIB)


class Brake:
    """Holds the copy before block number `at` until `go`; `told` is set once the copy is asked to stop."""

    def __init__(self, monkeypatch, at: int) -> None:
        self.reached, self.go, self.told = threading.Event(), threading.Event(), threading.Event()
        self._at, self._read, self._count = at, os.pread, 0
        monkeypatch.setattr(work, "_read", self._pass)
        self._cut = Wire.cut
        # A method of this object would not get the wire that is cut.
        monkeypatch.setattr(Wire, "cut", lambda wire: self._tell(wire))  # noqa: PLW0108

    def _tell(self, wire: Wire) -> None:
        self._cut(wire)
        self.told.set()

    def _pass(self, source: int, offset: int, size: int) -> bytes:
        self._count += 1
        if self._count == self._at:
            self.reached.set()
            assert self.go.wait(hub.PATIENCE_SECONDS)
        return self._read(source, min(work.BLOCK_BYTES, size - offset), offset)


class Clock:
    """Time that passes only when it is told to."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


def test_a_file_is_copied_hashed_and_looked_at(house: House) -> None:
    source = house.put("第一课.mp4")
    before = source.stat()
    row = fetched.run(fetched.copied("第一课.mp4"))
    assert (row.state, row.way, row.name) == (Arrival.READY, Way.FOLDER, "第一课.mp4")
    assert (row.size, row.received, row.md5) == (len(FILM), len(FILM), FILM_MD5)
    assert row.facts["container"]
    assert (row.lease_until, row.lease_holder, row.error) == (None, "", None)
    assert fetched.landed(row) == FILM
    assert source.read_bytes() == FILM
    assert source.stat().st_mtime_ns == before.st_mtime_ns
    assert fetched.told(row) == ["file_begun", "file_arrived"]


def test_it_becomes_a_video_when_asked(house: House) -> None:
    house.put()
    row = fetched.run(fetched.copied(makes_video=True))
    assert row.state == Arrival.TAKEN
    assert row.video is not None
    assert (row.video.title, row.video.md5) == ("lesson", FILM_MD5)


def test_several_files_are_taken_at_once_or_none(house: House) -> None:
    house.put("a.mp4")
    house.put("b.mp4")
    user = fetched.staff()
    with pytest.raises(Refused, match="is not there"):
        starting.take_from_folder(user, ["a.mp4", "c.mp4"])
    assert not IncomingFile.objects.exists()
    taken = starting.take_from_folder(user, ["a.mp4", "b.mp4", "a.mp4"])
    assert [row.name for row in taken] == ["a.mp4", "b.mp4"]
    assert work.run_due(60) == 2
    assert set(IncomingFile.objects.values_list("state", flat=True)) == {Arrival.READY}


@pytest.mark.parametrize("path", ["../secret.mp4", "/etc/passwd", ".hidden.mp4", "link.mp4"])
def test_nothing_outside_the_folder_is_taken(house: House, path: str) -> None:
    (house.folder.parent / "secret.mp4").write_bytes(FILM)
    (house.folder / "link.mp4").symlink_to("../secret.mp4")
    with pytest.raises(Refused, match="does not lie in the ingest folder"):
        fetched.copied(path)
    assert not IncomingFile.objects.exists()


def test_a_file_that_becomes_a_link_after_it_was_taken_is_refused(house: House) -> None:
    (house.folder.parent / "secret.mp4").write_bytes(FILM)
    source = house.put()
    row = fetched.copied()
    source.unlink()
    source.symlink_to("../secret.mp4")
    fetched.run(row)
    assert row.state == Arrival.FAILED
    assert "does not lie in the ingest folder" in row.error_text
    assert not incoming.path_of(row).exists()


def test_a_hub_without_ingest_folder_takes_nothing(house: House, settings) -> None:
    settings.INGEST_ROOT = ""
    assert starting.browse() is None
    with pytest.raises(Refused, match="no ingest folder"):
        fetched.copied()


def test_a_file_that_no_platform_takes_is_refused_at_once(house: House) -> None:
    house.put("film")
    house.put("empty.mp4", b"")
    for name, why in (("film", "no extension"), ("empty.mp4", "empty")):
        with pytest.raises(incoming.Unfit, match=why):
            fetched.copied(name)


def test_what_is_no_film_is_told_when_it_has_arrived(house: House) -> None:
    house.put("note.mp4", b"not a film at all")
    row = fetched.run(fetched.copied("note.mp4"))
    assert row.state == Arrival.FAILED
    assert "not a video" in row.error_text


def test_it_goes_on_from_what_has_landed_after_a_kill(house: House, monkeypatch, small_blocks) -> None:
    """The worker vanishes without a word: its lease runs out, and another copies the rest."""
    house.put()
    row = fetched.copied()
    claimed = rows.claim_next()
    assert claimed is not None
    with incoming.writing(claimed) as writer:
        writer.write(FILM[: 300 * KIB])
    assert rows.claim_next() is None
    IncomingFile.objects.update(lease_until=timezone.now() - progress.LEASE)
    offsets: list[int] = []
    read = work._read

    def note(source: int, offset: int, size: int) -> bytes:
        offsets.append(offset)
        return read(source, offset, size)

    monkeypatch.setattr(work, "_read", note)
    fetched.run(row)
    assert (row.state, row.md5) == (Arrival.READY, FILM_MD5)
    assert offsets[0] == 300 * KIB


def test_a_source_that_changed_meanwhile_is_copied_again_and_that_is_told(house: House) -> None:
    source = house.put()
    row = fetched.copied()
    claimed = rows.claim_next()
    assert claimed is not None
    with incoming.writing(claimed) as writer:
        writer.write(b"x" * 1000)
    source.write_bytes(FILM)
    os.utime(source, ns=(1, 1))
    rows.give_back(claimed)
    fetched.run(row)
    assert (row.state, row.md5) == (Arrival.READY, FILM_MD5)
    assert fetched.told(row) == ["file_begun", "file_restarted", "file_arrived"]


def test_a_source_that_is_still_being_written_is_waited_for(house: House, monkeypatch) -> None:
    source = house.put(content=FILM[:-1000])
    brake = Brake(monkeypatch, at=2)
    row = fetched.copied()
    worker = fetched.working(row)
    assert brake.reached.wait(hub.PATIENCE_SECONDS)
    source.write_bytes(FILM)
    brake.go.set()
    worker.finish()
    row.refresh_from_db()
    assert row.state == Arrival.ARRIVING
    assert "still being written" in row.error_text
    fetched.run_until_over(row)
    assert (row.state, row.size, row.md5) == (Arrival.READY, len(FILM), FILM_MD5)


def test_a_source_that_never_stays_the_same_is_given_up_loudly(house: House, monkeypatch) -> None:
    source = house.put()
    row = fetched.copied()
    read, times = work._read, iter(range(2, 10_000))

    def touch(file: int, offset: int, size: int) -> bytes:
        os.utime(source, ns=(time.time_ns(), next(times)))
        return read(file, offset, size)

    monkeypatch.setattr(work, "_read", touch)
    fetched.run_until_over(row)
    assert row.state == Arrival.FAILED
    assert "still being written" in row.error_text
    assert row.attempts == waits.MOST_ATTEMPTS
    assert fetched.told(row)[-2:] == ["file_given_up", "file_failed"]


def test_progress_is_shown_while_it_runs(house: House, monkeypatch, small_blocks) -> None:
    house.put()
    brake = Brake(monkeypatch, at=4)
    row = fetched.copied()
    worker = fetched.working(row)
    assert brake.reached.wait(hub.PATIENCE_SECONDS)
    hub.until(lambda: IncomingFile.objects.get(pk=row.pk).received == 3 * 64 * KIB)
    brake.go.set()
    worker.finish()


@pytest.mark.parametrize("end", ["pause", "remove"])
def test_a_persons_word_is_obeyed_in_the_middle(house: House, monkeypatch, small_blocks, end: str) -> None:
    house.put()
    brake = Brake(monkeypatch, at=4)
    row = fetched.copied()
    worker = fetched.working(row)
    assert brake.reached.wait(hub.PATIENCE_SECONDS)
    if end == "pause":
        assert starting.pause(row)
    else:
        incoming.remove(row)
    assert brake.told.wait(hub.PATIENCE_SECONDS)
    brake.go.set()
    worker.finish()
    if end == "remove":
        assert not incoming.path_of(row).exists()
        return
    row.refresh_from_db()
    assert (row.state, row.lease_until) == (Arrival.PAUSED, None)
    assert 0 < len(fetched.landed(row)) < len(FILM)
    assert work.run_due(1) == 0
    assert starting.resume(row)
    fetched.run(row)
    assert (row.state, row.md5) == (Arrival.READY, FILM_MD5)


def test_a_worker_that_shall_leave_gives_the_file_back(house: House, monkeypatch, small_blocks, tmp_path) -> None:
    house.put()
    brake = Brake(monkeypatch, at=4)
    row = fetched.copied()
    worker = fetched.working(row)
    assert brake.reached.wait(hub.PATIENCE_SECONDS)
    (tmp_path / "drain").touch()
    monkeypatch.setenv("MEDIAHUB_DRAIN_FILE", str(tmp_path / "drain"))
    assert brake.told.wait(hub.PATIENCE_SECONDS)
    brake.go.set()
    worker.finish()
    row.refresh_from_db()
    assert (row.state, row.lease_until, row.attempts) == (Arrival.ARRIVING, None, 0)
    assert row.next_run_at is not None
    monkeypatch.delenv("MEDIAHUB_DRAIN_FILE")
    assert fetched.run(row).md5 == FILM_MD5


def test_a_slice_ends_and_the_next_goes_on(house: House, monkeypatch, small_blocks) -> None:
    house.put()
    clock = Clock()
    for module in (keeper, work):
        monkeypatch.setattr(module, "time", clock)
    brake = Brake(monkeypatch, at=4)
    row = fetched.copied()
    worker = fetched.working(row)
    assert brake.reached.wait(hub.PATIENCE_SECONDS)
    clock.now += 61
    assert brake.told.wait(hub.PATIENCE_SECONDS)
    brake.go.set()
    worker.finish()
    row.refresh_from_db()
    assert (row.state, row.attempts) == (Arrival.ARRIVING, 0)
    assert fetched.run(row).md5 == FILM_MD5


def test_two_workers_never_copy_the_same_file(house: House) -> None:
    house.put()
    row = fetched.copied()
    hub.join([hub.Worker(lambda: work.run_due(60)) for _number in range(4)])
    row.refresh_from_db()
    assert (row.state, row.attempts, row.md5) == (Arrival.READY, 1, FILM_MD5)


def test_one_upload_worker_is_left_to_uploads(house: House, settings) -> None:
    for number in range(4):
        house.put(f"{number}.mp4")
        fetched.copied(f"{number}.mp4")
    settings.Q_CLUSTER = {"ALT_CLUSTERS": {settings.QUEUES["uploads"]: {"workers": 3}}}
    claimed = [rows.claim_next() for _number in range(4)]
    assert sum(row is not None for row in claimed) == 2
    assert rows.worth_a_hint() == 0


def test_a_full_disk_is_waited_for_and_what_landed_stays(house: House, settings, monkeypatch) -> None:
    house.put()
    row = fetched.copied()
    monkeypatch.setattr(incoming.Writer, "write", _full)
    fetched.run(row)
    assert row.state == Arrival.ARRIVING
    assert "disk is full" in row.error_text
    assert row.next_run_at is not None
    monkeypatch.undo()


def _full(writer: incoming.Writer, block: bytes) -> None:
    raise incoming.NoRoom(say(incoming.DISK_FULL))


def test_a_folder_that_is_away_for_a_moment_is_told(house: House, settings) -> None:
    house.put()
    row = fetched.copied()
    settings.INGEST_ROOT = str(house.folder / "away")
    fetched.run(row)
    assert row.state == Arrival.ARRIVING
    assert "The ingest folder cannot be read" in row.error_text
    settings.INGEST_ROOT = str(house.folder)
    assert fetched.run_until_over(row).md5 == FILM_MD5
