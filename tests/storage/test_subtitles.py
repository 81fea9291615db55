"""Subtitles lie where videos do, on a disk or in a bucket: kept, read, sent to a player, and removed."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from platforms.models import Subtitle, Video
from platforms.services.files import bringing
from platforms.services.subtitles import content, keeping, reading
from platforms.storage import FarStorage
from tests.hub import PATIENCE_SECONDS
from tests.subtitles.files import SRT

pytestmark = pytest.mark.django_db


def test_each_storage_keeps_gives_and_forgets_them(place, hub_in, django_capture_on_commit_callbacks):
    hub_in(place)
    video = Video.objects.create(title="Lesson", original_name="lesson.mp4")
    new = keeping.New(reading.read("a.srt", SRT.encode("gb18030")), "zh-Hans")
    (subtitle,) = keeping.add(video, [new], actor="li")
    (name,) = place.names()
    assert name == Subtitle.objects.get().file.name
    assert content.text_of(Subtitle.objects.get()) == SRT
    assert content.as_format(subtitle, "vtt").startswith("WEBVTT\n\n00:00:01.000")
    with django_capture_on_commit_callbacks(execute=True):
        keeping.remove(subtitle, actor="li")
    if isinstance(place.storage(), FarStorage):
        bringing.run_due(PATIENCE_SECONDS)
    assert place.names() == []


def test_a_bucket_that_is_away_is_said_and_nothing_is_kept(far, hub_in):
    hub_in(far)
    video = Video.objects.create(title="Lesson", original_name="lesson.mp4")
    new = keeping.New(reading.read("a.srt", SRT.encode()), "zh-Hans")
    (subtitle,) = keeping.add(video, [new], actor="li")
    far.line.__exit__()
    with pytest.raises(content.NoContent):
        content.text_of(subtitle)
    other = keeping.New(reading.read("b.srt", SRT.encode()), "en")
    with pytest.raises(ValidationError):
        keeping.add(video, [other], actor="li")
    assert Subtitle.objects.count() == 1
