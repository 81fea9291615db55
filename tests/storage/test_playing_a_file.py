"""A browser plays a video's file from wherever it is kept: also on its way into a bucket, and from the bucket."""

from __future__ import annotations

import pytest
from django.urls import reverse

from platforms import tasks
from platforms.services.files import storing
from tests import hub
from tests.storage.places import Place

pytestmark = pytest.mark.django_db
DATA = hub.SAMPLE.read_bytes()


@pytest.fixture
def place(far, hub_in, box) -> Place:
    """The hub's own bucket."""
    made: Place = hub_in(far)
    return made


def asked(client, video, wanted: str):
    return client.get(reverse("admin:platforms_video_file", args=[video.pk]), HTTP_RANGE=wanted)


def test_a_range_is_read_from_where_the_file_is(place, admin_client):
    video = hub.add_video()
    assert storing.is_coming(video)
    before = b"".join(asked(admin_client, video, "bytes=1000-300999").streaming_content)
    tasks.run_fetches()
    video.refresh_from_db()
    assert not storing.path_of(video.source.name or "").exists()
    after = b"".join(asked(admin_client, video, "bytes=1000-300999").streaming_content)
    assert before == after == DATA[1000:301000]


def test_an_object_that_is_gone_says_so(place, admin_client):
    video = hub.add_video()
    tasks.run_fetches()
    video.refresh_from_db()
    video.source.storage.delete(str(video.source.name))
    answer = asked(admin_client, video, "bytes=0-9")
    assert (answer.status_code, answer["Content-Type"]) == (404, "text/plain; charset=utf-8")


def test_a_bucket_that_is_away_says_so_and_is_not_named(place, admin_client):
    video = hub.add_video()
    tasks.run_fetches()
    video.refresh_from_db()
    place.line.down = True
    place.line.cut()
    answer = asked(admin_client, video, "bytes=0-9")
    assert answer.status_code == 503
    assert b"cannot be reached" in answer.content
    assert b"127.0.0.1" not in answer.content
