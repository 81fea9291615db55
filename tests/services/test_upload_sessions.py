"""What an upload session keeps beside its driver's token, and that nothing of it stays once the video is there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from platforms.models import UploadSession
from platforms.services.uploads import job
from platforms.values import State
from tests import hub
from tests.services.uploads import queued, started

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("attentive")]


def test_it_says_until_when_the_platform_lends_its_access(box, gate):
    row = queued(box, "oss")
    worker = started(gate)
    session = UploadSession.objects.get(publication=row)
    assert session.expires_at is not None
    assert timezone.now() < session.expires_at < timezone.now() + timedelta(hours=2)
    assert session.protocol == "oss"
    assert session.fingerprint.startswith(job.fingerprint(row) + "@")
    gate.open()
    worker.finish()
    hub.work([row])
    assert row.state == State.PUBLISHED
    assert not UploadSession.objects.exists()


def test_a_platform_that_lends_nothing_for_a_time_leaves_it_open(box, gate):
    row = queued(box, "ranges")
    worker = started(gate)
    assert UploadSession.objects.get(publication=row).expires_at is None
    gate.open()
    worker.finish()
