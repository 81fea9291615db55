"""iqiyi-video-cloud.txt, section 6: addresses play the uploaded bytes for 15 minutes."""

import re

import pytest
import requests

from tests.sandbox.iqiyi_client import iqiyi, md5, some_bytes


@pytest.fixture
def client():
    with iqiyi() as client:
        yield client


def addresses(client, file_id):
    return client.mine("/api/file/urllist", file_id=file_id)


def test_it_gives_addresses_by_container_and_definition(client):
    answer = addresses(client, client.published(some_bytes(10)))
    assert answer["code"] == "A00000"
    assert {container: sorted(found) for container, found in answer["data"].items()} == {
        "mp4": ["1", "2"],
        "m3u8": ["1", "96"],
    }


def test_an_address_plays_the_uploaded_bytes(client):
    data = some_bytes(300_000)
    address = addresses(client, client.published(data))["data"]["mp4"]["1"]
    answer = requests.get(address, timeout=60)
    assert (answer.headers["Content-Type"], md5(answer.content)) == ("video/mp4", md5(data))
    part = requests.get(address, headers={"Range": "bytes=100-199"}, timeout=60)
    assert (part.status_code, part.content) == (206, data[100:200])


def test_a_playlist_leads_to_the_uploaded_bytes(client):
    data = some_bytes(1000)
    playlist = requests.get(addresses(client, client.published(data))["data"]["m3u8"]["96"], timeout=60)
    assert playlist.headers["Content-Type"] == "application/vnd.apple.mpegurl"
    segment = next(line for line in playlist.text.splitlines() if line.startswith("http"))
    assert requests.get(segment, timeout=60).content == data


def test_an_address_expires_after_15_minutes(client):
    file_id = client.published(some_bytes(10))
    address = addresses(client, file_id)["data"]["mp4"]["1"]
    client.box.clock.advance(14 * 60)
    assert requests.get(address, timeout=60).status_code == 200
    client.box.clock.advance(60)
    assert requests.get(address, timeout=60).status_code == 403
    assert requests.get(addresses(client, file_id)["data"]["mp4"]["1"], timeout=60).status_code == 200


def test_an_address_cannot_be_made_up(client):
    address = addresses(client, client.published(some_bytes(10)))["data"]["mp4"]["1"]
    later = re.sub(r"v=(\d+)", lambda found: f"v={int(found[1]) + 9999}", address)
    assert requests.get(later, timeout=60).status_code == 403
    assert requests.get(address.partition("?")[0], timeout=60).status_code == 403


def test_a_video_that_is_not_published_has_no_addresses(client):
    assert addresses(client, client.upload(some_bytes(10)))["code"] == "Q00001"
    assert addresses(client, "0" * 32)["code"] == "Q00001"


def test_its_page_plays_it_and_counts_the_play(client):
    data = some_bytes(1000)
    client.published(data, "骑车 <b>")
    entry = client.mine("/api/file/videoListForExternal")["data"][0]
    page = requests.get(entry["pageUrl"], timeout=60)
    assert "骑车 &lt;b&gt;" in page.text
    source = re.findall(r'<video src="([^"]+)"', page.text)[0].replace("&amp;", "&")
    assert requests.get(source, timeout=60).content == data
    assert client.mine("/api/file/videoListForExternal")["data"][0]["playCount"] == 1


def test_its_pictures_are_pictures(client):
    data = client.status(client.published(some_bytes(10)))["data"]
    for address in (data["img"], data["thumbnail"]):
        assert requests.get(address, timeout=60).headers["Content-Type"].startswith("image/")


def test_the_page_of_a_refused_video_says_so_and_plays_nothing(client):
    file_id = client.published(some_bytes(10), "[reject]")
    page = requests.get(client.row(file_id)["page"], timeout=60).text
    assert "视频审核失败" in page
    assert "<video" not in page
