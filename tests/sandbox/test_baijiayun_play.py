"""baijiayun-vod.txt, API-18, API-19, API-23 and API-27: addresses and pages that play the uploaded bytes."""

import re

import pytest
import requests

from sandbox.baijiayun.errors import Code
from tests.sandbox.baijiayun_client import baijiayun, some_bytes, tiny_mp4


@pytest.fixture
def client():
    with baijiayun() as client:
        yield client


def play_info(client, video_id, **values):
    return client.data("video/getUrl", video_id=video_id, **values)["play_info"]


def source_of(page):
    found = re.search(r'<video src="([^"]+)"', page)
    return found and found[1].replace("&amp;", "&")


def test_it_gives_an_address_for_each_definition(client):
    data = tiny_mp4(seconds=19, width=1280, height=720)
    video_id = client.published(data, definition="16,1,2,4")
    answer = client.data("video/getUrl", video_id=video_id)
    assert answer["video_id"] == str(video_id)
    assert sorted(answer["play_info"]) == ["720p", "high", "low", "superHD"]
    high = answer["play_info"]["high"]
    assert requests.get(high.pop("url"), timeout=60).content == data
    assert high == {"duration": 19, "height": 360, "width": 640, "size": len(data)}


def test_an_address_plays_in_ranges(client):
    data = some_bytes(300_000)
    address = play_info(client, client.published(data))["low"]["url"]
    part = requests.get(address, headers={"Range": "bytes=100-199"}, timeout=60)
    assert (part.status_code, part.content, part.headers["Content-Type"]) == (206, data[100:200], "video/mp4")


@pytest.mark.parametrize("kind", ["mp4", "flv", "m3u8"])
def test_each_format_leads_to_the_uploaded_bytes(client, kind):
    data = tiny_mp4()
    entry = play_info(client, client.published(data, definition="16"), format=kind)["low"]
    assert f".{kind}?" in entry["url"]
    content = requests.get(entry["url"], timeout=60).content
    if kind == "m3u8":
        segment = next(line for line in content.decode().splitlines() if line.startswith("http"))
        content = requests.get(segment, timeout=60).content
    assert content == data


def test_sound_has_one_address(client):
    data = client.data("video/getUploadUrl", file_name="song.mp3", definition="16", audio_with_view="1")
    client.send(data["upload_url"], b"sound")
    client.box.clock.advance(60)
    found = play_info(client, data["video_id"])
    assert list(found) == ["audio"]
    assert requests.get(found["audio"]["url"], timeout=60).content == b"sound"


def test_encrypted_copies_exist_where_encryption_is_allowed_and_not_declined(client):
    plain = client.published()
    client.box.baijiayun.encryption = True
    assert play_info(client, client.published(), format="encrypt")
    assert play_info(client, client.published(encrypt="1"), format="encrypt")
    for video_id in (plain, client.published(encrypt="2")):
        assert client.refused("video/getUrl", video_id=video_id, format="encrypt") == Code.NO_SUCH_FILE


@pytest.mark.parametrize(("values", "seconds"), [({}, 12 * 3600), ({"expires_in": "60"}, 60)])
def test_an_address_expires(client, values, seconds):
    address = play_info(client, client.published(), **values)["low"]["url"]
    client.box.clock.advance(seconds - 5)
    assert requests.get(address, timeout=60).status_code == 200
    client.box.clock.advance(6)
    assert requests.get(address, timeout=60).status_code == 403


def test_an_address_cannot_be_made_up(client):
    video_id, other = client.published(definition="16"), client.published(definition="16")
    address = play_info(client, video_id)["low"]["url"].replace(f"/{video_id}_", f"/{other}_")
    assert requests.get(address, timeout=60).status_code == 403


def test_a_blocked_video_stops_playing(client):
    video_id = client.published()
    address = play_info(client, video_id)["low"]["url"]
    client.data("video/setPublishStatus", video_id=video_id, status="2")
    assert requests.get(address, timeout=60).status_code == 404


@pytest.mark.parametrize(
    ("name", "values", "code"),
    [
        ("片名", {"format": "4"}, Code.BAD_PARAMETER),
        ("片名", {"format": "flv"}, Code.NO_SUCH_FILE),
        ("片名", {"expires_in": "0"}, Code.BAD_PARAMETER),
        ("[reject]", {}, Code.REJECTED),
        ("[fail]", {}, Code.NOT_TRANSCODED),
    ],
)
def test_it_gives_no_address_of_what_does_not_play(client, name, values, code):
    video_id = client.published(name=name, format="1")
    assert client.refused("video/getUrl", video_id=video_id, **values) == code


def test_a_video_in_transcoding_has_no_address(client):
    assert client.refused("video/getUrl", video_id=client.upload(tiny_mp4())) == Code.NOT_TRANSCODED


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_share_addresses_play(client, method):
    data = tiny_mp4()
    video_id = client.published(data, "骑车")
    addresses = client.data("video/getShareUrl", method, video_id=video_id)
    assert sorted(addresses) == ["flash", "iframe", "js"]
    page = requests.get(addresses["iframe"], timeout=60).text
    assert "骑车" in page
    assert requests.get(source_of(page), timeout=60).content == data
    script = requests.get(addresses["js"], timeout=60)
    assert script.headers["Content-Type"].startswith("text/javascript")
    frame = re.findall(r'src=\\"([^"\\]+)', script.text)[0].replace("&amp;", "&")
    assert source_of(requests.get(frame, timeout=60).text)


def test_a_row_s_page_plays(client):
    data = tiny_mp4()
    page = requests.get(client.row(client.published(data))["page"], timeout=60).text
    assert requests.get(source_of(page), timeout=60).content == data


def test_a_player_token_opens_the_page_until_it_expires(client):
    video_id = client.published()
    page = f"{client.box.url}/baijiayun-web/web/video/player"
    short = client.data("video/getPlayerToken", video_id=video_id, expires_in="60")["token"]
    long = client.data("video/getPlayerToken", video_id=video_id)["token"]

    def codes():
        return [
            requests.get(page, {"vid": video_id, "token": token}, timeout=60).status_code for token in (short, long)
        ]

    assert codes() == [200, 200]
    client.box.clock.advance(61)
    assert codes() == [403, 200]
    assert requests.get(page, {"vid": video_id, "token": "x"}, timeout=60).status_code == 403
    other = {"vid": client.published(), "token": long}
    assert requests.get(page, other, timeout=60).status_code == 403


def test_tokens_come_for_several_videos_at_once(client):
    first, second = client.published(), client.published()
    tokens = client.data("video/getPlayerTokenBatch", video_ids=f"{first},{second}", expires_in="3600")
    assert sorted(tokens) == sorted([str(first), str(second)])
    page = f"{client.box.url}/baijiayun-web/web/video/player"
    answer = requests.get(page, {"vid": second, "token": tokens[str(second)]}, timeout=60)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"video_ids": "1", "expires_in": "0"}, Code.NO_VIDEO),
        ({"video_ids": "1"}, Code.MISSING_PARAMETER),
        ({"expires_in": "0"}, Code.MISSING_PARAMETER),
        ({"video_ids": "1", "expires_in": "0", "product_type": "6"}, Code.BAD_PARAMETER),
    ],
)
def test_a_batch_with_wrong_values_is_refused(client, values, code):
    assert client.refused("video/getPlayerTokenBatch", **values) == code


@pytest.mark.parametrize(("name", "words"), [("[reject]", "视频审核未通过"), ("[fail]", "视频尚未转码成功")])
def test_the_page_of_a_video_that_does_not_play_says_why(client, name, words):
    page = requests.get(client.row(client.published(name=name))["page"], timeout=60).text
    assert words in page
    assert source_of(page) is None
