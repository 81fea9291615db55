"""A person who has files fetched, and a worker that does it."""

from __future__ import annotations

import hashlib
import ipaddress
import itertools
import time
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.models import Permission, User
from django.utils import timezone

from platforms.models import Arrival, Event, IncomingFile
from platforms.services.fetching import starting, work
from platforms.services.fetching.reach import Net
from platforms.services.files import incoming
from tests import hub

THIS_MACHINE = (ipaddress.ip_network("127.0.0.1/32"),)
#: Every name is this machine.
NET = Net(THIS_MACHINE, lambda host, port: ["127.0.0.1"])
FILM = hub.SAMPLE.read_bytes()
FILM_MD5 = hashlib.md5(FILM).hexdigest()
_numbers = itertools.count(1)


@dataclass(frozen=True)
class House:
    """The ingest folder."""

    folder: Path

    def put(self, name: str = "lesson.mp4", content: bytes = FILM) -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path


def staff(name: str = "") -> User:
    """Somebody who may add videos and nothing else."""
    user = User.objects.create_user(name or f"staff{next(_numbers)}", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="add_video"))
    return user


def copied(path: str = "lesson.mp4", *, makes_video: bool = False) -> IncomingFile:
    """A file that somebody takes from the folder."""
    (row,) = starting.take_from_folder(staff(), [path], makes_video=makes_video)
    return row


def downloaded(address: str, *, makes_video: bool = False) -> IncomingFile:
    """A file that somebody has downloaded."""
    return starting.fetch_address(staff(), address, makes_video=makes_video)


def run(row: IncomingFile, seconds: float = 60) -> IncomingFile:
    """What one hint does; then the row is as stored."""
    work.run_due(seconds, NET)
    row.refresh_from_db()
    return row


def run_until_over(row: IncomingFile) -> IncomingFile:
    """What hints do as long as the file is due."""
    deadline = time.monotonic() + hub.PATIENCE_SECONDS
    while run(row).state == Arrival.ARRIVING:
        assert time.monotonic() < deadline, (row.attempts, row.error, row.received)
        IncomingFile.objects.filter(pk=row.pk, lease_until=None).update(next_run_at=timezone.now())
    return row


def working(row: IncomingFile, net: Net = NET) -> hub.Worker:
    """A worker that is fetching."""
    worker = hub.Worker(lambda: work.run_due(60, net))
    worker.start()
    return worker


def landed(row: IncomingFile) -> bytes:
    """What lies on the disk."""
    return incoming.path_of(row).read_bytes()


def told(row: IncomingFile) -> list[str]:
    """The history of a file: kinds of events, oldest first."""
    events = Event.objects.filter(subject__startswith=row.name.split(".")[0]).order_by("id")
    return list(events.values_list("kind", flat=True))
