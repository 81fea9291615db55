from __future__ import annotations

import json
from typing import Any

import pytest

from platforms.drivers.youku.mapping import STATES
from platforms.errors import BadAnswer
from platforms.values import State
from sandbox.server import Answer, Sandbox
from tests.drivers.on_youku import job_of, published, refuses, youku

SHOW, BATCH = "/youku/videos/show.json", "/youku/v2/videos/show_batch.json"
WIRE_STATES = {
    "normal": State.PUBLISHED, "encoding": State.PROCESSING, "fail": State.FAILED, "in_review": State.REVIEWING,
    "limited": State.BLOCKED, "blocked": State.BLOCKED,
}  # fmt: skip


def shows(**changes: Any) -> Answer:
    return Answer(200, json.dumps({"id": "X1", "state": "normal"} | changes).encode(), "application/json")


@pytest.mark.parametrize(("raw", "state"), WIRE_STATES.items())
def test_it_knows_every_state(box: Sandbox, raw: str, state: State) -> None:
    video_id = youku(box).upload(job_of())
    box.youku.set_state(video_id, raw)
    (video,) = youku(box).look([video_id])
    assert (video.state, video.raw_state) == (state, raw)


def test_the_table_holds_no_other_state() -> None:
    assert {raw: state for raw, (state, _) in STATES.items()} == WIRE_STATES


def test_what_went_wrong_is_said(box: Sandbox) -> None:
    assert {raw for raw, (_, words) in STATES.items() if not words} == {"normal"}


@pytest.mark.parametrize("state", ["thinking", "", None, 7])
def test_a_state_that_is_not_known_changes_nothing(box: Sandbox, state: object) -> None:
    box.block(SHOW, shows(state=state))
    (video,) = youku(box).look(["X1"])
    assert video.state is None
    assert video.raw_state == ("" if state is None else str(state))


def test_it_reads_the_documents_mixture_of_texts_and_numbers(box: Sandbox) -> None:
    box.block(SHOW, shows(title="康熙来了", duration="2675.36", view_count="646437", thumbnail="http://g2.test/0127"))
    (video,) = youku(box).look(["X1"])
    assert (video.title, video.duration, video.plays) == ("康熙来了", 2675.36, 646437)
    assert video.cover_url == "http://g2.test/0127"


def test_an_answer_with_an_id_alone_is_enough(box: Sandbox) -> None:
    box.block(SHOW, Answer(200, b'{"id": "X1", "unheard": {"of": []}}', "application/json"))
    (video,) = youku(box).look(["X1"])
    assert (video.title, video.duration, video.plays, video.page_url) == (None, None, None, "")


@pytest.mark.parametrize(
    ("player", "embed"),
    [
        ("http://player.youku.com/player.php/sid/X1/v.swf", "https://player.youku.com/embed/X1"),
        ("", "https://player.youku.com/embed/X1"),
        ("https://player.youku.com/embed/X1", "https://player.youku.com/embed/X1"),
        ("http://127.0.0.1:80/youku/player.php/sid/X1/v.swf", "http://127.0.0.1:80/youku/embed/X1"),
    ],
)
def test_it_embeds_the_page_and_not_the_flash_film(box: Sandbox, player: str, embed: str) -> None:
    box.block(SHOW, shows(player=player))
    (video,) = youku(box).look(["X1"])
    assert video.embed_url == embed


def test_several_videos_cost_one_call(box: Sandbox) -> None:
    ids = [published(box, youku(box), size=100 + number) for number in range(3)]
    driver = youku(box)
    assert [video.state for video in driver.look(ids)] == [State.PUBLISHED] * 3
    assert driver.calls == 1


def test_it_asks_for_at_most_fifty_videos_a_call(box: Sandbox) -> None:
    list(youku(box).look([f"X{number}" for number in range(101)]))
    assert [len(call.values["video_ids"].split(",")) for call in box.requests.to(BATCH)] == [50, 50]


def test_a_video_that_is_asked_for_twice_is_told_once(box: Sandbox) -> None:
    video_id = published(box, youku(box))
    assert [video.remote_id for video in youku(box).look([video_id, video_id])] == [video_id]


def test_a_video_that_the_batch_leaves_out_is_asked_for_by_itself(box: Sandbox) -> None:
    video_id = published(box, youku(box))
    driver = youku(box)
    states = {video.remote_id: video.state for video in driver.look(["Xnone", video_id])}
    assert states == {"Xnone": State.MISSING, video_id: State.PUBLISHED}
    assert driver.calls == 2


@pytest.mark.parametrize("answer", [refuses(1006), refuses(120020001), Answer(200, b"{}"), Answer(404, b"<html>")])
def test_an_application_that_may_not_ask_for_several_asks_one_by_one(box: Sandbox, answer: Answer) -> None:
    ids = [published(box, youku(box), size=100 + number) for number in range(2)]
    box.block(BATCH, answer)
    assert [video.state for video in youku(box).look(ids)] == [State.PUBLISHED] * 2
    assert len(box.requests.to(SHOW)) == 2


def test_that_an_application_may_not_ask_for_several_is_remembered(box: Sandbox) -> None:
    driver = youku(box)
    ids = [published(box, youku(box), size=100 + number) for number in range(2)]
    box.block(BATCH, refuses(1006), times=100)
    for _ in range(3):
        list(driver.look(ids))
    later = type(driver)(driver.access)
    list(later.look(ids))
    assert len(box.requests.to(BATCH)) == 1


def test_after_an_hour_it_asks_for_several_again(box: Sandbox) -> None:
    driver = youku(box)
    driver.access.learn("no_batches_since", "1000")
    ids = [published(box, youku(box), size=100 + number) for number in range(2)]
    list(driver.look(ids))
    assert len(box.requests.to(BATCH)) == 1


def test_an_answer_that_cannot_be_read_does_not_keep_the_others_back(box: Sandbox) -> None:
    second = published(box, youku(box))
    box.block(BATCH, refuses(1006))
    box.block(SHOW, Answer(200, b"<html>"))
    videos = youku(box).look(["X1", second])
    assert next(videos).remote_id == second
    with pytest.raises(BadAnswer):
        next(videos)


def test_a_deleted_video_is_missing_and_says_so(box: Sandbox) -> None:
    video_id = published(box, youku(box))
    youku(box).delete_video(video_id)
    (video,) = youku(box).look([video_id])
    assert (video.state, video.raw_state) == (State.MISSING, "120020001")
    assert video.words


def test_nothing_asked_is_nothing_sent(box: Sandbox) -> None:
    assert list(youku(box).look([])) == []
    assert len(box.requests) == 0
