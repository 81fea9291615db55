"""A file that does not fit is refused before it is sent."""

from __future__ import annotations

import shutil
from types import SimpleNamespace

import pytest

from platforms.models import Arrival, IncomingFile
from tests.intake.tus_client import BYTES

pytestmark = pytest.mark.django_db(transaction=True)
FULL = "The hub's disk is too full for “lesson.mp4”. Files that are on their way go on; make room, then begin again."


@pytest.fixture
def free(monkeypatch):
    """Sets how many bytes are free on the disk."""

    def disk_has(free: int) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=free))

    return disk_has


def test_the_reserve_is_never_promised(li, settings, free):
    settings.INTAKE_RESERVE = 500
    free(1499)
    answer = li.create(size=1000)
    assert (answer.status_code, answer.json()) == (507, {"error": FULL})
    free(1500)
    assert li.create(size=1000).status_code == 201


def test_what_others_still_need_is_counted(li, someone, settings, free):
    settings.INTAKE_RESERVE = 0
    free(3000)
    path = li.begin(size=2000)
    wang = someone("wang")
    assert wang.create(size=1500).status_code == 507
    li.append(path, 0, BYTES[:600])
    free(3000 - 600)
    assert wang.create(size=1001).status_code == 507
    assert wang.create(size=1000).status_code == 201


@pytest.mark.parametrize("state", [Arrival.READY, Arrival.FAILED, Arrival.TAKEN])
def test_what_is_complete_or_failed_needs_nothing_more(li, settings, free, state):
    settings.INTAKE_RESERVE = 0
    free(3000)
    li.begin(size=3000)
    IncomingFile.objects.update(state=state)
    assert li.create(size=3000).status_code == 201


def test_a_running_upload_goes_on_when_new_ones_are_refused(li, settings, free):
    settings.INTAKE_RESERVE = 0
    path = li.begin()
    free(0)
    assert li.create().status_code == 507
    li.send(path)
    assert li.file(path)["state"] == "ready"


def test_the_largest_file_that_is_taken_can_be_set(li, settings):
    settings.INTAKE_MAX_BYTES = 1000
    answer = li.create(size=1001)
    assert (answer.status_code, answer.json()) == (413, {"error": "“lesson.mp4” is larger than the hub takes."})
    assert li.create(size=1000).status_code == 201
