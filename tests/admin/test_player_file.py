"""The file of a video as browsers ask for it: whole or in ranges, for whoever may view the video and nobody else."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from platforms.models import Video
from platforms.services.watching import preview
from tests.admin.rows import staff
from tests.hub import SAMPLE, add_video

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("intake")]
DATA = SAMPLE.read_bytes()
SIZE = len(DATA)


def address(video: Video) -> str:
    return reverse("admin:platforms_video_file", args=[video.pk])


def asked(client: Client, video: Video, wanted: str = "", if_range: str = ""):
    named = {"Range": wanted, "If-Range": if_range}
    return client.get(address(video), headers={name: value for name, value in named.items() if value})


def body(response) -> bytes:
    return b"".join(response.streaming_content)


def test_it_is_answered_whole(admin_client):
    answer = asked(admin_client, add_video())
    assert (answer.status_code, body(answer)) == (200, DATA)
    assert (answer["Content-Type"], answer["Content-Length"]) == ("video/mp4", str(SIZE))
    assert answer["Accept-Ranges"] == "bytes"
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=100-199", 100, 199),
        (f"bytes={SIZE - 5}-", SIZE - 5, SIZE - 1),
        (f"bytes=10-{SIZE + 1000}", 10, SIZE - 1),
        ("bytes=-7", SIZE - 7, SIZE - 1),
        (f"bytes=-{SIZE * 2}", 0, SIZE - 1),
    ],
)
def test_a_range_is_answered_with_these_bytes(admin_client, wanted, first, last):
    answer = asked(admin_client, add_video(), wanted)
    assert (answer.status_code, body(answer)) == (206, DATA[first : last + 1])
    assert answer["Content-Range"] == f"bytes {first}-{last}/{SIZE}"
    assert answer["Content-Length"] == str(last + 1 - first)


@pytest.mark.parametrize("wanted", [f"bytes={SIZE}-", f"bytes={SIZE + 9}-{SIZE + 20}", "bytes=-0"])
def test_a_range_behind_the_end_is_refused(admin_client, wanted):
    answer = asked(admin_client, add_video(), wanted)
    assert (answer.status_code, answer["Content-Range"], answer.content) == (416, f"bytes */{SIZE}", b"")


@pytest.mark.parametrize("wanted", ["bytes=9-3", "bytes=-", "bytes=a-b", "lines=1-2", "bytes=0-1,5-6", "bytes=1"])
def test_what_is_no_range_counts_as_none(admin_client, wanted):
    answer = asked(admin_client, add_video(), wanted)
    assert (answer.status_code, body(answer)) == (200, DATA)


def test_no_range_is_longer_than_a_connection_holds(admin_client, monkeypatch):
    monkeypatch.setattr("platforms.admin.watching.player_file.MOST_OF_A_RANGE", 1000)
    answer = asked(admin_client, add_video(), "bytes=50-")
    assert (answer.status_code, body(answer)) == (206, DATA[50:1050])
    assert answer["Content-Range"] == f"bytes 50-1049/{SIZE}"


def test_it_is_read_a_little_at_a_time(admin_client, monkeypatch):
    monkeypatch.setattr(preview, "BLOCK", 1000)
    assert {len(block) for block in asked(admin_client, add_video()).streaming_content} == {1000, SIZE % 1000}


def test_a_range_of_another_file_is_not_mixed_with_this_one(admin_client):
    video = add_video()
    mark = asked(admin_client, video)["ETag"]
    assert asked(admin_client, video, "bytes=0-9", mark).status_code == 206
    assert asked(admin_client, video, "bytes=0-9", '"another"').status_code == 200


def test_its_head_is_told_without_bytes(admin_client):
    answer = admin_client.head(address(add_video()))
    assert (answer.status_code, answer["Content-Length"], answer.content) == (200, str(SIZE), b"")


def test_a_file_that_is_no_film_is_only_bytes(admin_client):
    video = add_video()
    Video.objects.filter(pk=video.pk).update(original_name="page.html")
    assert asked(admin_client, video)["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize("permissions", [[], ["view_publication"], ["add_video"]])
def test_it_is_not_given_to_staff_who_may_not_view_videos(permissions):
    assert asked(staff(*permissions), add_video()).status_code == 403


def test_staff_who_may_view_videos_get_it():
    assert asked(staff("view_video"), add_video(), "bytes=0-3").status_code == 206


def test_it_is_not_given_to_whoever_is_not_logged_in(client):
    answer = asked(client, add_video())
    assert answer.status_code == 302
    assert "/login/" in answer["Location"]


def test_it_cannot_be_written(admin_client):
    assert admin_client.post(address(add_video())).status_code == 405


def test_a_video_without_a_file_says_so(admin_client):
    video = Video.objects.create(title="Imported")
    answer = asked(admin_client, video)
    assert (answer.status_code, answer.content) == (404, b"The hub has no file of this video.")


def test_a_file_that_is_gone_says_so(admin_client):
    video = add_video()
    video.source.storage.delete(str(video.source.name))
    answer = asked(admin_client, video)
    assert answer.status_code == 404
    assert b"no longer where the hub keeps it" in answer.content


def test_there_is_no_file_of_a_video_that_does_not_exist(admin_client):
    assert admin_client.get("/admin/platforms/video/999/file/").status_code == 404
