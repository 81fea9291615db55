"""What watches the hub from outside."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from platforms import queue
from platforms.models import Pulse

pytestmark = pytest.mark.django_db
ALL_GOOD = {"database": "ok", "broker": "ok", "supervisor": "ok", "disk": "ok"}


@pytest.fixture
def pulses(settings, tmp_path) -> None:
    """Two machines, one for each queue."""
    settings.MEDIA_ROOT = str(tmp_path)
    settings.INTAKE_RESERVE = 0
    Pulse.objects.create(host="one", queue="default", seen_at=timezone.now())
    Pulse.objects.create(host="two", queue="uploads", seen_at=timezone.now())


def test_a_process_that_serves_says_so_without_asking_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").json() == {"ok": True}


def test_a_hub_that_can_work_is_ready(client, pulses):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ok": True, "checks": ALL_GOOD})
    assert "no-store" in answer["Cache-Control"]


def test_a_hub_without_a_supervisor_is_not_ready(client, pulses):
    Pulse.objects.update(seen_at=timezone.now() - timedelta(seconds=61))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "script/worker" in answer.json()["checks"]["supervisor"]


def test_a_queue_that_no_machine_looks_after_is_told(client, pulses):
    Pulse.objects.filter(queue="uploads").delete()
    Pulse.objects.create(host="three", queue="default", seen_at=timezone.now())
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["supervisor"].startswith("none of uploads seen")


def test_a_database_that_does_not_answer_is_told_and_nothing_else_is_asked(client, pulses, monkeypatch):
    def gone(*arguments):
        raise OperationalError("no route to a host whose name is nobody's business")

    monkeypatch.setattr(connection, "cursor", gone)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]) == (503, {"database": "does not answer (OperationalError)"})


def test_a_full_disk_is_told(client, pulses, settings):
    settings.INTAKE_RESERVE = 2**62
    assert "INTAKE_RESERVE" in client.get("/readyz").json()["checks"]["disk"]


def test_a_folder_that_is_gone_is_told(client, pulses, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "gone")
    assert "MEDIA_ROOT" in client.get("/readyz").json()["checks"]["disk"]


def test_a_broker_that_does_not_answer_is_told(client, pulses, monkeypatch):
    def gone(key):
        raise ConnectionError("refused")

    monkeypatch.setattr(queue, "get_broker", gone)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]) == (503, ALL_GOOD | {"broker": "does not answer"})
