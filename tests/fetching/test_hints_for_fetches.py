"""Fetches are woken after commit, found by the sweep, and do not crowd uploads out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings as project
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ

from platforms import queue, tasks
from platforms.models import Arrival, IncomingFile, Pulse
from platforms.services import progress, supervising, sweep
from platforms.services.fetching import rows, starting
from tests.fetching import fetched
from tests.fetching.fetched import House

pytestmark = pytest.mark.django_db(transaction=True)
FETCH, UPLOAD = "platforms.tasks.run_fetches", "platforms.tasks.run_uploads"


def hints() -> list[str]:
    return [task.func() for task in OrmQ.objects.filter(key=project.QUEUES[queue.UPLOADS])]


@pytest.fixture
def row(house: House) -> IncomingFile:
    house.put()
    row = fetched.copied()
    OrmQ.objects.all().delete()
    return row


def test_a_hint_is_sent_once_the_file_is_committed(house: House) -> None:
    house.put()
    with transaction.atomic():
        fetched.copied()
        assert hints() == []
    assert hints() == [FETCH]


def test_the_task_fetches(row: IncomingFile) -> None:
    tasks.run_fetches()
    row.refresh_from_db()
    assert row.state == Arrival.READY


def test_going_on_sends_a_hint(row: IncomingFile) -> None:
    assert starting.pause(row)
    assert starting.resume(row)
    assert hints() == [FETCH]


@pytest.mark.parametrize(
    "columns",
    [{}, {"next_run_at": None, "lease_until": timezone.now() - timedelta(days=1)},
     # No wait and no lease is so long: the clock was set back.
     {"next_run_at": timezone.now() + timedelta(days=1)},
     {"next_run_at": None, "lease_until": timezone.now() + timedelta(days=1)}],
)  # fmt: skip
def test_the_sweep_finds_what_is_due_or_abandoned_and_tells_it_once(row: IncomingFile, columns) -> None:
    IncomingFile.objects.update(**columns)
    assert sweep.hint().fetches == 1
    sweep.hint()
    assert hints() == [FETCH]


@pytest.mark.parametrize(
    "columns",
    [{"next_run_at": timezone.now() + timedelta(hours=2)}, {"state": Arrival.PAUSED}, {"state": Arrival.READY},
     {"state": Arrival.FAILED}, {"way": "browser"}],
)  # fmt: skip
def test_the_sweep_wakes_nobody_for_what_is_not_due(row: IncomingFile, columns) -> None:
    IncomingFile.objects.update(**columns)
    assert sweep.hint().fetches == 0
    assert hints() == []


def test_nobody_is_woken_while_this_machine_fetches_enough(row: IncomingFile, house: House, settings) -> None:
    settings.Q_CLUSTER = {"ALT_CLUSTERS": {settings.QUEUES["uploads"]: {"workers": 1}}}
    house.put("other.mp4")
    fetched.copied("other.mp4")
    assert rows.claim_next() is not None
    OrmQ.objects.all().delete()
    assert sweep.hint().fetches == 0
    assert hints() == []


def test_uploads_and_fetches_are_both_woken(row: IncomingFile, monkeypatch) -> None:
    monkeypatch.setattr(sweep, "due", lambda: sweep.Due(uploads=2, follow=False, fetches=1))
    sweep.hint()
    assert sorted(hints()) == [FETCH, UPLOAD, UPLOAD]


def test_a_cluster_that_is_busy_with_fetches_is_not_taken_for_dead(row: IncomingFile) -> None:
    long_ago = timezone.now() - timedelta(hours=1)
    Pulse.objects.create(host=supervising.host(), queue=queue.UPLOADS, started_at=long_ago, sent_at=long_ago)
    assert supervising.why_dead(queue.UPLOADS, long_ago)
    assert rows.claim_next() is not None
    assert supervising.why_dead(queue.UPLOADS, long_ago) == ""
    IncomingFile.objects.update(lease_until=timezone.now() - progress.LEASE)
    assert supervising.why_dead(queue.UPLOADS, long_ago)
