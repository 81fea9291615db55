"""A file comes in piece by piece, is known when its last byte has landed, and becomes a video."""

from __future__ import annotations

import pytest

from platforms.models import IncomingFile, Video
from tests.intake.tus_client import BYTES, MD5

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_is_known_when_its_last_byte_has_landed(li, folder):
    path = li.begin()
    li.send(path)
    row = IncomingFile.objects.get()
    assert (row.state, row.md5, row.received, row.facts["width"]) == ("ready", MD5, len(BYTES), 1280)
    assert (folder / str(row.pk)).read_bytes() == BYTES


def test_one_that_makes_a_video_is_one_when_the_last_piece_is_answered(li, folder):
    path = li.begin(makes_video="1", filename="第一课.mp4")
    li.send(path)
    video = Video.objects.get()
    assert (video.title, video.md5, video.original_name, str(video.created_by)) == (
        "第一课",
        MD5,
        "第一课.mp4",
        "li",
    )
    assert video.source.open("rb").read() == BYTES
    assert li.file(path)["video"] == {
        "id": video.pk, "title": "第一课", "url": f"/admin/platforms/video/{video.pk}/change/",
    }  # fmt: skip
    assert list(folder.iterdir()) == []
