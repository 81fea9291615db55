from __future__ import annotations

import pytest

from platforms.errors import BadAnswer, LoginExpired, Refused, Temporary
from platforms.values import RemoteVideo, State
from sandbox.server import Answer, Sandbox
from tests.drivers.conftest import PACE
from tests.drivers.on_baijiayun import access_to, baijiayun, job_of, path, says, transcoded

INFO, LIST, SHARE = "video/getInfo", "video/getVideoList", "video/getShareUrl"


def one(box: Sandbox, video_id: str) -> RemoteVideo:
    (video,) = baijiayun(box).look([video_id])
    return video


def test_a_video_is_followed_until_it_plays(box: Sandbox) -> None:
    driver = baijiayun(box)
    video_id = driver.upload(job_of())
    assert one(box, video_id).state == State.PROCESSING
    box.clock.advance(PACE + 1)
    video = one(box, video_id)
    assert (video.state, video.title) == (State.PUBLISHED, "第一课 认识分数")
    assert "player" in video.embed_url
    assert video.page_url == video.embed_url
    assert video.cover_url.startswith("http")


@pytest.mark.parametrize(
    ("status", "state"),
    [(10, State.PROCESSING), (20, State.PROCESSING), (30, State.FAILED), (31, State.FAILED), (32, State.FAILED)],
)
def test_every_status_is_a_state(box: Sandbox, status: int, state: State) -> None:
    video_id = baijiayun(box).upload(job_of())
    box.baijiayun.set_status(int(video_id), status)
    video = one(box, video_id)
    assert video.state == state
    assert video.words


@pytest.mark.parametrize(("audit", "state"), [(0, State.PUBLISHED), (1, State.PUBLISHED), (2, State.REJECTED)])
def test_only_a_refused_audit_does_not_play(box: Sandbox, audit: int, state: State) -> None:
    video_id = transcoded(box, baijiayun(box))
    box.baijiayun.set_audit(int(video_id), audit)
    assert one(box, video_id).state == state


def test_a_blocked_video_is_blocked(box: Sandbox) -> None:
    driver = baijiayun(box)
    video_id = transcoded(box, driver)
    driver.api.set_publish_status(video_id, 2)
    assert one(box, video_id).state == State.BLOCKED
    driver.api.set_publish_status(video_id, 1)
    assert one(box, video_id).state == State.PUBLISHED


@pytest.mark.parametrize("publish", [0, 2, 102, "2"])
def test_every_publish_status_but_one_is_blocked(box: Sandbox, publish: object) -> None:
    box.block(path(box, INFO), says(0, {"status": "100", "publish_status": publish, "audit_status": "1"}))
    assert one(box, "5").state == State.BLOCKED


@pytest.mark.parametrize("data", [{"status": 55}, {"status": 100}, {"status": None, "name": "x"}, {"status": "new"}])
def test_an_unknown_state_changes_nothing(box: Sandbox, data: dict[str, object]) -> None:
    box.block(path(box, INFO), says(0, data))
    assert one(box, "5").state is None


def test_a_few_videos_are_asked_for_one_by_one(box: Sandbox) -> None:
    driver = baijiayun(box)
    ids = [driver.upload(job_of(number)) for number in (50, 51)]
    before = driver.calls
    assert [video.state for video in driver.look(ids)] == [State.PROCESSING] * 2
    assert driver.calls - before == 2
    assert box.requests.to(path(box, LIST)) == []


def test_many_unfinished_videos_cost_one_call(box: Sandbox) -> None:
    driver = baijiayun(box)
    ids = [driver.upload(job_of(50 + number)) for number in range(5)]
    before = driver.calls
    assert [video.remote_id for video in driver.look(ids)] == ids
    assert driver.calls - before == 1


def test_a_published_video_costs_its_details_and_its_links(box: Sandbox) -> None:
    driver = baijiayun(box)
    ids = [driver.upload(job_of(50 + number)) for number in range(3)]
    box.clock.advance(PACE + 1)
    before = driver.calls
    assert [video.state for video in driver.look(ids)] == [State.PUBLISHED] * 3
    assert driver.calls - before == 1 + 2 * 3


def test_an_ordinary_look_leaves_the_links_for_later(box: Sandbox) -> None:
    driver = baijiayun(box)
    ids = [driver.upload(job_of(50 + number)) for number in range(4)]
    box.clock.advance(PACE + 1)
    before = driver.calls
    seen = {video.remote_id: video for video in driver.look(ids, {ids[0]})}
    assert {video.state for video in seen.values()} == {State.PUBLISHED}
    assert [bool(seen[video_id].page_url) for video_id in ids] == [True, False, False, False]
    assert driver.calls - before == 1 + 4 + 1


def test_pages_that_cost_more_than_asking_are_not_read(box: Sandbox) -> None:
    driver = baijiayun(box)
    ids = [driver.upload(job_of(50 + number)) for number in range(3)]
    box.block(path(box, LIST), says(0, {"total": 900_000, "list": []}))
    before = len(box.requests.to(path(box, INFO)))
    assert len(list(driver.look(ids))) == 3
    assert len(box.requests.to(path(box, LIST))) == 1
    assert len(box.requests.to(path(box, INFO))) - before == 3


def test_a_deleted_video_is_missing(box: Sandbox) -> None:
    driver = baijiayun(box)
    video_id = transcoded(box, driver)
    driver.delete_video(video_id)
    assert one(box, video_id).state == State.MISSING


@pytest.mark.parametrize("videos", [[], [{"video_id": 1, "status": 100}]])
def test_a_list_that_lacks_videos_proves_nothing_about_one_that_is_refused(
    box: Sandbox, videos: list[dict[str, object]]
) -> None:
    box.block(path(box, INFO), says(9, msg="系统繁忙"))
    for page in (videos, []):
        box.block(path(box, LIST), says(0, {"total": 3, "list": page}))
    with pytest.raises(Refused) as caught:
        list(baijiayun(box).look(["5"]))
    assert caught.value.videos == {"5"}


def test_several_deleted_videos_read_the_list_once(box: Sandbox) -> None:
    states = [video.state for video in baijiayun(box).look(["5", "6"])]
    assert states == [State.MISSING] * 2
    assert len(box.requests.to(path(box, LIST))) == 1


def test_a_refused_video_that_the_list_holds_is_not_missing(box: Sandbox) -> None:
    driver = baijiayun(box)
    video_id = driver.upload(job_of())
    box.block(path(box, INFO), says(77, msg="请求过于频繁"))
    with pytest.raises(Refused):
        list(driver.look([video_id]))


def test_a_success_without_a_video_is_a_missing_video(box: Sandbox) -> None:
    box.block(path(box, INFO), says(0, []))
    assert one(box, "5").state == State.MISSING


def test_a_refused_account_makes_no_video_missing(box: Sandbox) -> None:
    video_id = baijiayun(box).upload(job_of())
    driver = baijiayun(box, partner_key="wrong-partner-key", secret_key="")
    with pytest.raises(LoginExpired):
        list(driver.look([video_id]))
    with pytest.raises(LoginExpired):
        list(driver.look([video_id, "1", "2"]))


def test_a_key_regenerated_elsewhere_is_fetched_and_the_look_repeated_later(box: Sandbox) -> None:
    access = access_to(box)
    driver = type(baijiayun(box))(access)
    video_id = driver.upload(job_of())
    baijiayun(box).api.create_key(regenerate=True)
    with pytest.raises(Temporary):
        list(driver.look([video_id]))
    assert [video.state for video in driver.look([video_id])] == [State.PROCESSING]


def test_one_unreadable_answer_does_not_hide_the_other_videos(box: Sandbox) -> None:
    driver = baijiayun(box)
    ids = [driver.upload(job_of(50)), driver.upload(job_of(51))]
    box.block(path(box, INFO), Answer(200, b"<html>busy</html>"))
    seen: list[str] = []
    with pytest.raises(BadAnswer):
        seen.extend(video.remote_id for video in driver.look(ids))
    assert seen == ids[1:]


@pytest.mark.parametrize("answer", [says(77, msg="未开通"), Answer(200, b"<html>"), says(0, {})])
def test_missing_links_do_not_hide_that_a_video_is_published(box: Sandbox, answer: Answer) -> None:
    video_id = transcoded(box, baijiayun(box))
    box.block(path(box, SHARE), answer)
    video = one(box, video_id)
    assert (video.state, video.embed_url) == (State.PUBLISHED, "")


def test_numbers_may_be_strings_and_times_either_form(box: Sandbox) -> None:
    entry = {"video_id": "7", "status": "20", "length": "1252", "total_size": "65248111", "publish_status": "1"}
    times = {"create_time": "2018-03-19 09:43:48"}
    box.block(path(box, LIST), says("0", {"total": "1", "list": [entry | times, entry | {"create_time": 1521423828}]}))
    first, second = baijiayun(box).api.list_videos().videos
    assert first.created_at == second.created_at
    assert first.created_at is not None
    assert first.created_at.isoformat() == "2018-03-19T01:43:48+00:00"
    assert (first.video_id, first.status, first.duration, first.total_size) == ("7", 20, 1252.0, 65248111)
