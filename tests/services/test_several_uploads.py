"""Several uploads in one worker: small files pass large ones, a fault stays with its upload, a stop ends them all."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import pytest
from django.db import connection
from django_q.exceptions import TimeoutException
from django_q.timeout import TimeoutHandler

from platforms import registry, tasks
from platforms.drivers.youku.driver import Youku
from platforms.models import Publication
from platforms.services.uploads import claims, crew, job
from platforms.transport.slices import FileSource
from platforms.values import Platform, State
from tests import hub

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("attentive")]
MORE = 300 * 1024


@pytest.fixture(autouse=True)
def side_by_side(settings, monkeypatch) -> None:
    settings.UPLOADS_PER_WORKER = 6
    monkeypatch.setattr(crew, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(claims, "SMALL_BYTES", hub.SAMPLE.stat().st_size)


@pytest.fixture
def large(tmp_path) -> Path:
    """A file that is no small one."""
    file: Path = tmp_path / "large.mp4"
    file.write_bytes(hub.SAMPLE.read_bytes() + bytes(MORE))
    return file


class LargeGate(hub.Gate):
    """Holds the uploads of large files alone."""

    def _pass(self, source: FileSource, offset: int, length: int) -> bytes:
        if source.size > claims.SMALL_BYTES:
            return super()._pass(source, offset, length)
        return self._read(source, offset, length)


@pytest.fixture
def large_gate(monkeypatch):
    made = LargeGate(monkeypatch)
    yield made
    made.open()


def states(rows: list[Publication]) -> list[str]:
    for row in rows:
        row.refresh_from_db()
    return [row.state for row in rows]


def upload_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("upload-")]


def test_a_small_file_that_comes_later_passes_large_ones_that_fill_the_line(box, large, large_gate):
    account = hub.add_account(box, "iqiyi")
    large_ones = [hub.publish(hub.add_video(file=large), account)[0] for _ in range(4)]
    worker = hub.Worker(tasks.run_uploads)
    worker.start()
    hub.until(lambda: states(large_ones).count(State.UPLOADING) == 2)
    (small,) = hub.publish(hub.add_video(), account)
    hub.until(lambda: states([small]) == [State.PROCESSING])
    held = [State.UPLOADING] * 2 + [State.QUEUED] * 2
    assert states(large_ones) == held, "places and connections are kept for small files"
    large_gate.open()
    worker.finish()
    assert states(large_ones) == [State.PROCESSING] * 4
    hub.work([small, *large_ones])
    assert sorted(video["md5"] for video in box.videos()) == sorted(row.video.md5 for row in [small, *large_ones])
    assert not upload_threads()


def test_uploads_of_every_platform_run_at_once_and_each_makes_one_video(box, large):
    accounts = [hub.add_account(box, platform) for platform in hub.NAMES]
    rows = [row for file in (hub.SAMPLE, large) for row in hub.publish(hub.add_video(file=file), *accounts)]
    tasks.run_uploads()
    assert states(rows) == [State.PROCESSING] * 6
    assert sorted(video["md5"] for video in box.videos()) == sorted(row.video.md5 for row in rows)


def test_a_fault_in_one_upload_is_logged_once_and_the_others_go_on(box, monkeypatch, caplog):
    class Faulty(Youku):
        def upload(self, job):
            raise RuntimeError("a bug")

    monkeypatch.setitem(registry.DRIVERS, Platform.YOUKU, Faulty)
    rows = hub.publish(hub.add_video(), hub.add_account(box, "youku"), hub.add_account(box, "iqiyi"))
    tasks.run_uploads()
    assert states(rows) == [State.QUEUED, State.PROCESSING]
    assert hub.waits(rows[0])
    assert len([record for record in caplog.records if record.exc_info]) == 1


def test_the_time_out_of_the_queue_library_stops_every_upload_and_gives_the_rows_back(box, gate):
    rows = hub.publish(hub.add_video(), hub.add_account(box, "youku"), hub.add_account(box, "iqiyi"))
    here = threading.get_ident()

    def time_is_over() -> None:
        # One that is only being started is listed, too, and whoever starts it must not be interrupted in that.
        hub.until(lambda: [thread.is_alive() for thread in upload_threads()] == [True, True])
        gate.wait()
        signal.pthread_kill(here, signal.SIGALRM)

    alarm = hub.Worker(time_is_over)
    alarm.start()
    with pytest.raises(TimeoutException), TimeoutHandler(int(2 * hub.PATIENCE_SECONDS)):
        tasks.run_uploads()
    alarm.finish()
    gate.open()
    hub.until(lambda: not upload_threads())
    assert states(rows) == [State.QUEUED] * 2
    assert [(row.attempts, row.lease_until) for row in rows] == [(0, None)] * 2
    hub.work(rows)
    assert states(rows) == [State.PUBLISHED] * 2
    assert len(box.videos()) == 2


def test_a_file_that_asks_workers_to_leave_ends_all_uploads_and_none_is_begun(box, gate, monkeypatch, tmp_path):
    rows = hub.publish(hub.add_video(), hub.add_account(box, "youku"), hub.add_account(box, "iqiyi"))
    drain = tmp_path / "drain"
    monkeypatch.setenv(job.DRAIN_VARIABLE, str(drain))
    worker = hub.Worker(tasks.run_uploads)
    worker.start()
    hub.until(lambda: states(rows) == [State.UPLOADING] * 2)
    gate.wait()
    drain.touch()
    gate.open()
    worker.finish()
    assert states(rows) == [State.QUEUED] * 2
    assert not upload_threads()


def test_no_upload_keeps_its_process_alive(box, gate):
    hub.publish(hub.add_video(), hub.add_account(box, "youku"))
    worker = hub.Worker(tasks.run_uploads)
    worker.start()
    gate.wait()
    assert upload_threads()
    assert all(thread.daemon for thread in upload_threads())
    gate.open()
    worker.finish()


def test_the_threads_leave_no_database_connection_open(box, monkeypatch):
    closed: list[str] = []

    class Watched:
        @staticmethod
        def close() -> None:
            connection.close()
            closed.append(threading.current_thread().name)

    monkeypatch.setattr(crew, "connection", Watched)
    rows = hub.publish(hub.add_video(), hub.add_account(box, "youku"), hub.add_account(box, "iqiyi"))
    tasks.run_uploads()
    assert sorted(closed) == sorted(f"upload-{row.pk}" for row in rows)
