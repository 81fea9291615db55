"""A hub pointed at a sandbox: what tests above the drivers share."""

from __future__ import annotations

import hashlib
import itertools
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from platforms import tasks
from platforms.contract import CanDelete
from platforms.models import Account, Event, Publication, Video
from platforms.services import accounts, lending, progress, publishing
from platforms.services.files import media
from platforms.services.publishing import Metadata, Target
from platforms.transport.slices import FileSource
from sandbox.server import Answer, Sandbox

SAMPLE = Path(__file__).resolve().parent.parent / "sandbox" / "samples" / "sample.mp4"
NAMES = {"youku": "yk", "iqiyi": "iq", "baijiayun": "bj"}
LESSON = Metadata("第一课 认识分数", "三年级数学，认识分数", "数学, 三年级")
PATIENCE_SECONDS = 120.0  # of a busy machine; what works takes a moment
#: The platform does its work, and its answer is lost.
LOST = Answer(close=True, after_work=True)
_probe, _probed = media.probe, dict[str, dict[str, Any]]()


def add_account(box: Sandbox, platform: str, name: str = "", login: str = "main", **options: str) -> Account:
    """An account of the sandbox, with the credentials that the owner of its account `login` would type."""
    name = name or NAMES[platform]
    account, _new = accounts.save_account(name, platform, box.credentials(platform, login), options, actor="test")
    return account


def add_video(metadata: Metadata = LESSON, file: Path = SAMPLE) -> Video:
    """A video with a copy of a file."""
    return publishing.create_video(media.keep_copy(file), metadata)


def target(account: Account, category: str = "", **options: str) -> Target:
    """An account with its platform's default options, changed by `options`."""
    defaults = {field.name: field.default for field in publishing.publish_options(account.platform)}
    return Target(account, category, defaults | options)


def publish(video: Video, *accounts_: Account) -> list[Publication]:
    """Queued publications of a video on accounts with default options."""
    return [queued.publication for queued in publishing.publish(video, [target(a) for a in accounts_], actor="test")]


def work(rows: Sequence[Publication], until: Sequence[str] = tuple(progress.FINAL)) -> None:
    """Do what the workers do until every row is in one of the states `until`; then the rows are as stored."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    # Looked at after each kind of work: on a busy machine, what has been uploaded may be published at the next look.
    for do in itertools.cycle((tasks.run_uploads, tasks.run_due)):
        do()
        for row in rows:
            row.refresh_from_db()
        if all(row.state in until for row in rows):
            return
        assert time.monotonic() < deadline, [(row.account.name, row.state, row.error) for row in rows]
        time.sleep(0.01)


def probe_once(path: Path) -> dict[str, Any]:
    """What the media library says of a file, asked once for the same bytes."""
    md5 = hashlib.md5(path.read_bytes()).hexdigest()
    if md5 not in _probed:
        _probed[md5] = _probe(path)
    return dict(_probed[md5])


def claim(row: Publication) -> Publication:
    """The row as a worker holds it that has just claimed it."""
    hurry(row)
    claimed = _claimed(row)
    assert claimed is not None
    return claimed


def _claimed(row: Publication) -> Publication | None:
    return progress.claim_upload([Publication.objects.get(pk=row.pk)], progress.holder())


def take_over(row: Publication) -> Publication:
    """The row as the next worker holds it once the lease of the one at work is over."""
    taken: list[Publication] = []

    def claimed() -> bool:
        Publication.objects.filter(pk=row.pk).update(lease_until=timezone.now() - progress.LEASE)
        taken.extend(filter(None, [_claimed(row)]))
        return bool(taken)

    until(claimed)
    return taken[0]


def hurry(*rows: Publication) -> None:
    """Make what waits for its next try due now."""
    Publication.objects.filter(pk__in=[row.pk for row in rows]).update(next_run_at=timezone.now())


def waits(row: Publication) -> bool:
    """Whether the row's next try is due at a time to come."""
    return row.next_run_at is not None and row.next_run_at > timezone.now()


def is_due(row: Publication) -> bool:
    """Whether the row's next try is due now."""
    return row.next_run_at is not None and row.next_run_at <= timezone.now()


def error_of(row: Publication) -> dict[str, Any]:
    """The error that is stored with a row which has one."""
    assert row.error is not None
    return dict(row.error)


def reason_of(account: Account) -> dict[str, Any]:
    """Why the account does not work, of one that does not."""
    assert account.health_reason is not None
    return dict(account.health_reason)


def last_event(row: Publication | Account, **of: str) -> Event:
    """The latest event of a row that has one, of those whose columns are `of`."""
    event = row.events.filter(**of).first()
    assert event is not None
    return event


def delete_elsewhere(row: Publication) -> None:
    """Delete the row's video on the platform, unknown to the hub."""
    driver = lending.driver_for(row.account)
    assert isinstance(driver, CanDelete)
    assert row.remote_id is not None
    driver.delete_video(row.remote_id)


def bytes_received(box: Sandbox) -> int:
    """How many bytes of files arrived with a success: in parts, slices, ranges and chunks."""
    return sum(
        int(call.headers.get("content-length", 0))
        for call in box.requests
        if call.status in (200, 201)
        and (call.method == "PUT" or call.headers.get("content-type") == "application/octet-stream")
    )


def until(condition: Callable[[], object]) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)


class Worker(threading.Thread):
    """A thread with a database connection of its own; `finish` raises what went wrong in it."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._work()
        except BaseException as error:
            self._error = error
        finally:
            connection.close()

    def finish(self) -> None:
        self.join(PATIENCE_SECONDS)
        assert not self.is_alive(), "still running"
        if self._error:
            raise self._error


def join(workers: Iterable[Worker]) -> None:
    """Start them all, and wait for them all."""
    workers = list(workers)
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.finish()


class Gate:
    """Holds uploads at their next read of the file once `after` reads were let through, until `open` is called."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, after: int = 0) -> None:
        self.reached, self._opened = threading.Event(), threading.Event()
        self._reads, self._after, self._read = itertools.count(1), after, FileSource.read
        # A method of this object would not get the source that is read.
        monkeypatch.setattr(FileSource, "read", lambda *arguments: self._pass(*arguments))  # noqa: PLW0108

    def _pass(self, source: FileSource, offset: int, length: int) -> bytes:
        if next(self._reads) > self._after:
            self.reached.set()
            assert self._opened.wait(PATIENCE_SECONDS), "nobody opened the gate"
        return self._read(source, offset, length)

    def open(self) -> None:
        self._opened.set()

    def wait(self) -> None:
        """Wait until an upload stands before the gate."""
        assert self.reached.wait(PATIENCE_SECONDS), "no upload came this far"
