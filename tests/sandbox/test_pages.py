"""What a person sees in a browser: lists, player pages, pictures, files with ranges."""

import struct

import pytest
import requests

from sandbox.server import Sandbox
from tests.sandbox.youku_client import YoukuClient, some_bytes

DATA = some_bytes(1000)


def box_of(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), name) + content


def movie(version: int, timescale: int, duration: int) -> bytes:
    """An MP4 that consists of its movie header."""
    times = struct.pack(">QQIQ" if version else ">IIII", 0, 0, timescale, duration)
    header = box_of(b"mvhd", bytes([version, 0, 0, 0]) + times + bytes(80))
    return box_of(b"ftyp", b"isom") + box_of(b"mdat", bytes(50)) + box_of(b"moov", box_of(b"free", b"") + header)


def test_all_videos_are_listed(box: Sandbox, youku: YoukuClient):
    youku.publish(DATA, title="<b>标题</b>")

    listed = requests.get(f"{box.url}/sandbox/videos.json").json()
    page = requests.get(f"{box.url}/sandbox/").text

    assert listed == box.videos()
    assert [(row["platform"], row["title"]) for row in listed] == [("youku", "<b>标题</b>")]
    assert "&lt;b&gt;标题&lt;/b&gt;" in page
    assert listed[0]["page"] in page


@pytest.mark.parametrize("path", ["v_show/id_{}.html", "embed/{}", "player.php/sid/{}/v.swf"])
def test_each_player_page_plays_the_video_and_counts(box: Sandbox, youku: YoukuClient, path: str):
    video_id = youku.publish(DATA)

    page = requests.get(f"{box.url}/youku/{path.format(video_id)}")

    assert f'<video src="{box.url}/youku/files/{video_id}"' in page.text
    assert youku.show(video_id).json()["view_count"] == 1


def test_a_video_that_does_not_play_says_its_state(box: Sandbox, youku: YoukuClient):
    video_id = youku.publish(DATA)
    box.youku.set_state(video_id, "blocked")

    page = requests.get(f"{box.url}/youku/v_show/id_{video_id}.html").text

    assert "<video" not in page
    assert "blocked" in page
    assert requests.get(f"{box.url}/youku/files/{video_id}").status_code == 404


def test_the_page_of_a_video_that_does_not_exist(box: Sandbox):
    assert requests.get(f"{box.url}/youku/v_show/id_X.html").status_code == 404


def test_links_and_pictures_are_alive(youku: YoukuClient):
    shown = youku.show(youku.publish(DATA)).json()

    for url in (shown["link"], shown["player"], shown["user"]["link"]):
        assert requests.get(url).status_code == 200
    picture = requests.get(shown["thumbnail"])
    assert picture.headers["Content-Type"] == "image/svg+xml"
    assert picture.text.startswith("<svg")


@pytest.mark.parametrize(
    ("wanted", "status", "first", "last"),
    [
        (None, 200, 0, 999),
        ("bytes=0-9", 206, 0, 9),
        ("bytes=990-", 206, 990, 999),
        ("bytes=-10", 206, 990, 999),
        ("bytes=5-5000", 206, 5, 999),
        ("bytes=0-1,5-6", 200, 0, 999),
    ],
)
def test_a_file_is_served_in_ranges(
    box: Sandbox, youku: YoukuClient, wanted: str | None, status: int, first: int, last: int
):
    url = f"{box.url}/youku/files/{youku.publish(DATA)}"

    answer = requests.get(url, headers={"Range": wanted} if wanted else {})

    assert (answer.status_code, answer.content) == (status, DATA[first : last + 1])
    if status == 206:
        assert answer.headers["Content-Range"] == f"bytes {first}-{last}/1000"


def test_a_range_beyond_the_end(box: Sandbox, youku: YoukuClient):
    url = f"{box.url}/youku/files/{youku.publish(DATA)}"

    assert requests.get(url, headers={"Range": "bytes=1000-"}).status_code == 416


def test_a_head_request_gets_no_body(box: Sandbox, youku: YoukuClient):
    answer = requests.head(f"{box.url}/youku/files/{youku.publish(DATA)}")

    assert (answer.status_code, answer.headers["Content-Length"], answer.content) == (200, "1000", b"")


@pytest.mark.parametrize(
    ("data", "duration"),
    [
        (movie(0, 600, 1500), "2.50"),
        (movie(1, 1000, 2675360), "2675.36"),
        (b"not a movie at all", "0.00"),
        (movie(0, 600, 1500)[:-90], "0.00"),
    ],
)
def test_the_duration_is_the_files_own(youku: YoukuClient, data: bytes, duration: str):
    assert youku.show(youku.publish(data)).json()["duration"] == duration
