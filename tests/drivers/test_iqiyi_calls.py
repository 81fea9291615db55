"""Each documented call against the platform: what is sent, under the document's names, and what comes of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import requests

from platforms.contract import SourceChanged
from platforms.drivers.iqiyi.api import Api, OpenedUpload
from platforms.errors import Corrupted, PlatformError, Refused, SessionLost
from platforms.transport.slices import ByteRange
from platforms.values import State
from sandbox.server import Sandbox
from tests.drivers.conftest import PACE
from tests.drivers.lent import BytesSource
from tests.drivers.on_iqiyi import iqiyi, published, says

FILM = BytesSource(bytes(range(256)) * 4)
HALF = FILM.size // 2


@pytest.fixture
def api(box: Sandbox) -> Api:
    return iqiyi(box).api


@pytest.fixture
def opened(api: Api) -> OpenedUpload:
    return api.open_upload("mp4", FILM.size)


def send(api: Api, opened: OpenedUpload, first: int, last: int) -> None:
    api.upload_range(opened.upload_url, opened.file_id, FILM.size, ByteRange(first, last), FILM)


def test_an_upload_by_hand_from_its_opening_to_its_end(box: Sandbox, api: Api, opened: OpenedUpload) -> None:
    api.set_info(opened.file_id, "第一课", "三年级", ["数学", "分数"], "12")
    send(api, opened, HALF, FILM.size - 1)
    send(api, opened, 0, HALF - 1)
    api.finish_upload(opened.file_id)
    assert api.get_full_status(opened.file_id).state == State.PROCESSING
    box.clock.advance(PACE + 1)
    status = api.get_full_status(opened.file_id)
    assert (status.code, status.state) == ("A00000", State.PUBLISHED)
    assert status.image
    assert status.thumbnail
    assert status.player_url
    assert set(status.play_urls) == {"mp4", "m3u8"}
    assert [video["md5"] for video in box.videos("iqiyi")] == [FILM.md5]


def test_parameters_of_an_upload_are_headers_with_the_documents_names(box: Sandbox, api: Api) -> None:
    opened = api.open_upload("mp4", FILM.size)
    send(api, opened, 0, FILM.size - 1)
    open_call, range_call = box.requests[0], box.requests[1]
    assert (open_call.headers["filetype"], open_call.headers["filesize"]) == ("mp4", str(FILM.size))
    assert open_call.headers["access_token"] == box.credentials("iqiyi")["access_token"]
    assert range_call.headers["range"] == f"0-{FILM.size - 1}"
    assert (range_call.headers["file_size"], range_call.headers["file_id"]) == (str(FILM.size), opened.file_id)
    assert "access_token" not in range_call.headers


def test_a_range_reads_its_own_bytes_and_no_others(api: Api, opened: OpenedUpload) -> None:
    source = BytesSource(FILM.data)
    api.upload_range(opened.upload_url, opened.file_id, FILM.size, ByteRange(100, 199), source)
    assert source.reads == [(100, 100)]


def test_a_range_beyond_the_end_is_not_sent(box: Sandbox, api: Api, opened: OpenedUpload) -> None:
    sent = len(box.requests)
    with pytest.raises(Refused) as caught:
        send(api, opened, 0, FILM.size)
    assert (caught.value.field, caught.value.call) == ("range", "upload_range")
    assert len(box.requests) == sent


@pytest.mark.parametrize("answer", [{"file_range_accepted": "5"}, {"range_md5": "0" * 32}])
def test_other_bytes_than_were_sent_are_corrupted(
    box: Sandbox, api: Api, opened: OpenedUpload, answer: dict[str, str]
) -> None:
    right = {"file_range_accepted": str(FILM.size), "range_md5": FILM.md5}
    box.block("/iqiyi-upload/", says("A00000", **{**right, **answer}))
    with pytest.raises(Corrupted) as caught:
        send(api, opened, 0, FILM.size - 1)
    assert caught.value.sentence.params["range"] == f"0-{FILM.size - 1}"


def test_a_file_that_has_become_shorter_is_said_to_have_changed(api: Api, opened: OpenedUpload) -> None:
    class Shorter(BytesSource):
        def read(self, offset: int, length: int) -> bytes:
            raise SourceChanged("10 bytes")

    with pytest.raises(SourceChanged):
        api.upload_range(opened.upload_url, opened.file_id, FILM.size, ByteRange(0, 9), Shorter(b""))


def test_a_cancelled_upload_takes_no_more_ranges(api: Api, opened: OpenedUpload) -> None:
    api.cancel_upload(opened.file_id)
    with pytest.raises(SessionLost):
        send(api, opened, 0, 9)
    assert api.get_full_status(opened.file_id).code == "A00006"


def test_metadata_without_tags_and_category_sends_neither(box: Sandbox, api: Api, opened: OpenedUpload) -> None:
    api.set_info(opened.file_id, "第一课", "三年级")
    assert not {"tags", "file_type"} & set(box.requests[-1].values)


def test_videos_are_listed_by_page_and_by_id(box: Sandbox, api: Api) -> None:
    driver = iqiyi(box)
    ids = [published(box, driver, title=f"第{number}课") for number in (1, 2, 3)]
    pages = [api.list_videos(page_size=2, page=page) for page in (1, 2)]
    assert [page.count for page in pages] == [3, 3]
    assert {video.file_id for page in pages for video in page.videos} == set(ids)
    (video,) = api.list_videos([ids[1]]).videos
    assert (video.file_id, video.file_name, video.description, video.status) == (ids[1], "第2课", "三年级数学", "2")
    assert video.size == 100 * 1024
    assert video.created_at is not None
    assert video.created_at.tzinfo == UTC
    assert abs(video.created_at - datetime.now(UTC)) < timedelta(hours=2)


def test_pages_are_the_documents_twenty_unless_more_are_asked_for(box: Sandbox, api: Api) -> None:
    api.list_videos()
    assert (box.requests[-1].values["page_size"], box.requests[-1].values["page"]) == ("20", "1")


@pytest.mark.parametrize(("page_size", "page", "field"), [(101, 1, "page_size"), (0, 1, "page_size"), (20, 0, "page")])
def test_a_page_that_iqiyi_does_not_have_is_not_asked_for(
    box: Sandbox, api: Api, page_size: int, page: int, field: str
) -> None:
    with pytest.raises(Refused) as caught:
        api.list_videos(page_size=page_size, page=page)
    assert caught.value.field == field
    assert len(box.requests) == 0


def test_play_addresses_play(box: Sandbox, api: Api) -> None:
    urls = api.get_play_urls(published(box, iqiyi(box)))
    assert set(urls) == {"mp4", "m3u8"}
    assert requests.get(urls["mp4"]["1"], timeout=60).status_code == 200


def test_a_video_that_is_not_published_has_no_play_addresses(api: Api, opened: OpenedUpload) -> None:
    with pytest.raises(Refused) as caught:
        api.get_play_urls(opened.file_id)
    assert (caught.value.code, caught.value.call) == ("Q00001", "get_play_urls")


@pytest.mark.parametrize("number", ["0", "00", " 0 ", False])
def test_nothing_makes_a_delete_of_everything(box: Sandbox, api: Api, number: object) -> None:
    """Whatever stands where the one id is expected: `delete_type` stays 1."""
    published(box, iqiyi(box))
    with pytest.raises((PlatformError, TypeError)):
        api.delete_video(number)  # type: ignore[arg-type]
    assert [call.values["delete_type"] for call in box.requests.to("/iqiyi/api/file/delete")] in ([], ["1"])
    assert [video["state"] for video in box.videos("iqiyi")] == ["published"]
