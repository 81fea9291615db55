"""A film that was uploaded plays as HTTP live streaming: a playlist, a head, and pieces that make up the whole film."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from pymediainfo import MediaInfo

from sandbox.hls import film_of
from sandbox.server import Sandbox
from tests.hub import SAMPLE
from tests.sandbox.baijiayun_client import baijiayun
from tests.sandbox.iqiyi_client import iqiyi


def fetch(address: str) -> bytes:
    answer = requests.get(address, timeout=60)
    assert answer.status_code == 200, address
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    return answer.content


def parts_of(playlist: str) -> list[str]:
    """The addresses of the head and of the pieces."""
    head = re.findall(r'#EXT-X-MAP:URI="([^"]+)"', playlist)
    return [*head, *(line for line in playlist.splitlines() if line and not line.startswith("#"))]


def on_iqiyi() -> Iterator[tuple[Sandbox, str]]:
    with iqiyi() as client:
        found = client.mine("/api/file/urllist", file_id=client.published(SAMPLE.read_bytes()))
        yield client.box, found["data"]["m3u8"]["1"]


def on_baijiayun() -> Iterator[tuple[Sandbox, str]]:
    with baijiayun() as client:
        video_id = client.published(SAMPLE.read_bytes(), definition="16")
        yield client.box, client.data("video/getUrl", video_id=video_id, format="m3u8")["play_info"]["low"]["url"]


@pytest.fixture(params=[on_iqiyi, on_baijiayun])
def published(request) -> Iterator[tuple[Sandbox, str]]:
    """A sandbox and the address of the sample's playlist there."""
    yield from request.param()


@pytest.fixture
def playlist(published) -> str:
    return fetch(published[1]).decode()


def test_its_pieces_are_the_whole_film(playlist, tmp_path):
    film = tmp_path / "film.mp4"
    film.write_bytes(b"".join(map(fetch, parts_of(playlist))))
    tracks = {track.track_type: track for track in MediaInfo.parse(film).tracks}
    assert (tracks["Video"].format, tracks["Audio"].format) == ("AVC", "AAC")
    assert 8900 <= tracks["Video"].duration <= 9100
    assert (tracks["Video"].width, tracks["Video"].height) == (1280, 720)


def test_the_lengths_in_it_are_those_of_the_film(playlist):
    lengths = [float(text) for text in re.findall(r"#EXTINF:([\d.]+),", playlist)]
    assert sum(lengths) == pytest.approx(9.0, abs=0.05)
    assert len(lengths) == len(parts_of(playlist)) - 1 > 1


def test_pieces_expire_and_cannot_be_made_up(playlist, published):
    head, first = parts_of(playlist)[:2]
    assert requests.get(first.replace(".m4s", ".mp4"), timeout=60).status_code == 403
    published[0].clock.advance(13 * 3600)
    assert {requests.get(address, timeout=60).status_code for address in (head, first)} == {403}


def test_what_is_no_film_cannot_be_cut(tmp_path):
    for number, data in enumerate((b"", b"a film, perhaps", SAMPLE.read_bytes()[:5000], b"\0\0\0\1moov" + bytes(16))):
        path: Path = tmp_path / f"{number}.mp4"
        path.write_bytes(data)
        assert film_of(path) is None
