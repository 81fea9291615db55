from __future__ import annotations

import pytest

from platforms.drivers.iqiyi.mapping import FILE_STATES, FULL_STATES
from platforms.errors import BadAnswer
from platforms.values import State
from sandbox.server import Answer, Sandbox
from tests.drivers.conftest import PACE
from tests.drivers.on_iqiyi import iqiyi, job_of, published, says

LIST = "/iqiyi/api/file/videoListForExternal"
STATUS = "/iqiyi/api/file/fullStatus"


def test_finished_videos_cost_one_call_together(box: Sandbox) -> None:
    driver = iqiyi(box)
    ids = [driver.upload(job_of(100 + number)) for number in range(3)]
    box.clock.advance(PACE + 1)
    before = driver.calls
    assert [video.state for video in driver.look(ids)] == [State.PUBLISHED] * 3
    assert driver.calls - before == 1


def test_it_asks_for_at_most_a_hundred_videos_a_call(box: Sandbox) -> None:
    driver = iqiyi(box)
    ids = [f"{number:032x}" for number in range(101)]
    assert {video.state for video in driver.look(ids)} == {State.MISSING}
    assert [len(call.values["file_ids"].split(",")) for call in box.requests.to(LIST)] == [100, 1]


def test_a_video_that_the_list_does_not_hold_is_asked_for_by_itself(box: Sandbox) -> None:
    driver = iqiyi(box)
    done, waiting = published(box, driver), driver.upload(job_of(99))
    states = {video.remote_id: video.state for video in driver.look([waiting, done])}
    assert states == {done: State.PUBLISHED, waiting: State.PROCESSING}
    assert [call.values["file_id"] for call in box.requests.to(STATUS)] == [waiting]


def test_an_ordinary_look_leaves_out_what_the_list_does_not_hold(box: Sandbox) -> None:
    driver = iqiyi(box)
    done, waiting = published(box, driver), driver.upload(job_of(99))
    assert [video.remote_id for video in driver.look([waiting, done], frozenset())] == [done]
    assert box.requests.to(STATUS) == []


@pytest.mark.parametrize(
    ("title", "state"),
    [("[reject] 第一课", State.REJECTED), ("[fail] 第一课", State.FAILED), ("第一课", State.PUBLISHED)],
)
def test_it_follows_a_video_to_its_end(box: Sandbox, title: str, state: State) -> None:
    driver = iqiyi(box)
    (video,) = driver.look([published(box, driver, title=title)])
    assert video.state == state
    assert video.words


def test_a_deleted_video_is_missing(box: Sandbox) -> None:
    driver = iqiyi(box)
    file_id = published(box, driver)
    driver.delete_video(file_id)
    assert [video.state for video in driver.look([file_id])] == [State.MISSING]


def test_it_reads_plays_duration_and_links(box: Sandbox) -> None:
    driver = iqiyi(box)
    file_id = published(box, driver)
    box.iqiyi.add_plays(file_id, 7)
    (video,) = driver.look([file_id])
    assert video.plays == 7
    assert video.duration
    assert video.page_url == box.videos("iqiyi")[0]["page"]
    assert video.title == "第一课 认识分数"


def test_an_unknown_state_changes_nothing_but_the_raw_words(box: Sandbox) -> None:
    box.block(STATUS, says("A00099", data={"msg": "新状态"}))
    (video,) = iqiyi(box).look(["abc"])
    assert (video.state, video.raw_state, video.words) == (None, "A00099", "新状态")


def test_an_unknown_file_status_changes_nothing(box: Sandbox) -> None:
    box.block(LIST, says("A00000", count="1", data=[{"fileId": "abc", "fileStatus": "77", "extra": [1]}]))
    (video,) = iqiyi(box).look(["abc"])
    assert (video.state, video.raw_state) == (None, "fileStatus 77")


def test_numbers_may_be_strings_and_missing_fields_are_left_empty(box: Sandbox) -> None:
    entry = {"fileId": "abc", "fileStatus": "2", "playCount": "24", "duration": "2675.36", "createTime": "1364191124"}
    box.block(LIST, says("A00000", count="1", data=[entry]))
    page = iqiyi(box).api.list_videos(["abc"])
    (video,) = page.videos
    assert (video.status, video.plays, video.duration) == ("2", 24, 2675.36)
    assert video.created_at is not None
    assert video.created_at.isoformat() == "2013-03-25T05:58:44+00:00"
    assert (video.size, video.page_url) == (None, "")


def test_one_unreadable_answer_does_not_hide_the_other_videos(box: Sandbox) -> None:
    driver = iqiyi(box)
    first, second = driver.upload(job_of(11)), driver.upload(job_of(12))
    box.block(STATUS, Answer(200, b"<html>busy</html>"))
    seen: list[str] = []
    with pytest.raises(BadAnswer) as caught:
        seen.extend(video.remote_id for video in driver.look([first, second]))
    assert seen == [second]
    assert caught.value.call == "get_full_status"


@pytest.mark.parametrize("code", sorted(FULL_STATES))
def test_every_documented_code_of_fullstatus_is_a_state(box: Sandbox, code: str) -> None:
    box.block(STATUS, says(code, data={}))
    (video,) = iqiyi(box).look(["abc"])
    assert video.state == FULL_STATES[code][0]


@pytest.mark.parametrize("status", sorted(FILE_STATES))
def test_every_documented_file_status_is_a_state(box: Sandbox, status: int) -> None:
    box.block(LIST, says("A00000", count=1, data=[{"fileId": "abc", "fileStatus": status}]))
    (video,) = iqiyi(box).look(["abc"])
    assert video.state == FILE_STATES[status][0]


def test_play_addresses_come_by_container_and_definition(box: Sandbox) -> None:
    driver = iqiyi(box)
    urls = driver.api.get_play_urls(published(box, driver))
    assert set(urls) == {"mp4", "m3u8"}
    assert urls["mp4"]["1"].startswith("http")
