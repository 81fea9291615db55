"""What Youku tells of its videos, and what their owner may do to them."""

import pytest
import requests

from sandbox.server import Sandbox
from tests.sandbox.youku_client import Json, YoukuClient, code, some_bytes


def walk(box: Sandbox, youku: YoukuClient, title: str) -> list[str]:
    """The states of a video at the start of each stage."""
    video_id = youku.publish(some_bytes(10), title=title)
    states = []
    for _ in range(4):
        states.append(youku.show(video_id).json()["state"])
        box.clock.advance(101)
    return states


@pytest.mark.parametrize(
    ("title", "states"),
    [
        ("good", ["encoding", "in_review", "normal", "normal"]),
        ("审核拒绝", ["encoding", "in_review", "blocked", "blocked"]),
        ("a [reject]", ["encoding", "in_review", "blocked", "blocked"]),
        ("转码失败", ["encoding", "fail", "fail", "fail"]),
        ("a [fail]", ["encoding", "fail", "fail", "fail"]),
    ],
)
def test_a_video_walks_through_its_states(slow_box: Sandbox, title: str, states: list[str]):
    assert walk(slow_box, YoukuClient(slow_box), title) == states


def test_show_answers_the_documented_fields(youku: YoukuClient):
    video_id = youku.publish(some_bytes(10), title="标题", tags="一二,三四", description="说明", category="Education")

    shown = youku.show(video_id).json()

    expected = {
        "id": video_id,
        "title": "标题",
        "tags": "一二,三四",
        "description": "说明",
        "category": "教育",
        "state": "normal",
        "public_type": "all",
        "copyright_type": "original",
        "view_count": 0,
        "operation_limit": [],
        "duration": "0.00",
    }
    assert expected.items() <= shown.items()
    assert {"link", "thumbnail", "player", "created", "published", "user", "streamtypes"} <= set(shown)
    assert len(shown["created"]) == len("2011-07-15 09:00:42")


def test_show_needs_a_client_id_and_no_token(youku: YoukuClient):
    video_id = youku.publish(some_bytes(10))
    url = f"{youku.base}/videos/show.json"

    assert code(requests.get(url, params={"video_id": video_id})) == 1004
    assert code(requests.get(url, params={"video_id": video_id, "client_id": "nobody"})) == 1005
    assert code(youku.show("")) == 1012


def test_there_is_no_video_before_its_commit(youku: YoukuClient):
    upload = youku.create(some_bytes(10)).json()

    assert code(youku.show(upload["video_id"])) == 120020001
    assert code(youku.show("XNDY5Njc0MTA4")) == 120020001


def test_a_state_can_be_set(box: Sandbox, youku: YoukuClient):
    video_id = youku.publish(some_bytes(10))
    box.youku.set_state(video_id, "limited")

    assert youku.show(video_id).json()["state"] == "limited"
    box.youku.set_state(video_id, None)
    assert youku.show(video_id).json()["state"] == "normal"
    with pytest.raises(ValueError, match="no state"):
        box.youku.set_state(video_id, "gone")


def publish_three(youku: YoukuClient) -> list[str]:
    return [youku.publish(some_bytes(10, seed), title=f"video {seed}") for seed in range(3)]


def test_several_videos_are_shown_in_one_call(youku: YoukuClient):
    ids = publish_three(youku)

    answer: Json = youku.get("/v2/videos/show_batch.json", video_ids=f"{ids[2]},unknown,{ids[0]}").json()

    assert (answer["total"], [video["id"] for video in answer["videos"]]) == (2, [ids[2], ids[0]])


def test_own_videos_are_listed_page_by_page(box: Sandbox, youku: YoukuClient):
    ids = publish_three(youku)
    YoukuClient(box, "second").publish(some_bytes(10))

    pages = [youku.get("/videos/by_me.json", page=page, count=2).json() for page in (1, 2, 3)]

    assert [page["total"] for page in pages] == [3, 3, 3]
    assert [[video["id"] for video in page["videos"]] for page in pages] == [[ids[2], ids[1]], [ids[0]], []]
    assert code(youku.get("/videos/by_me.json", access_token="wrong")) == 1008


def test_a_video_can_be_changed(youku: YoukuClient):
    video_id = youku.publish(some_bytes(10), description="before")

    answer = youku.post("/v2/videos/update.json", video_id=video_id, title="after")

    assert answer.json() == {"id": video_id}
    shown = youku.show(video_id).json()
    assert (shown["title"], shown["description"]) == ("after", "before")
    assert code(youku.post("/v2/videos/update.json", video_id=video_id, title="字" * 61)) == 120010102


def test_a_cover_is_the_one_handed_in_until_another_is_chosen(youku: YoukuClient):
    video_id = youku.publish(some_bytes(10), thumbnail="http://pictures.example.com/1.jpg")
    assert youku.show(video_id).json()["thumbnail"] == "http://pictures.example.com/1.jpg"

    youku.post("/v2/videos/update.json", video_id=video_id, thumbnail_seq=3)

    shown = youku.show(video_id).json()["thumbnail"]
    assert shown.endswith("?seq=3")
    assert requests.get(shown).status_code == 200
    assert code(youku.post("/v2/videos/update.json", video_id=video_id, thumbnail_seq="third")) == 1013


def test_a_video_with_a_password_can_be_made_public(youku: YoukuClient):
    video_id = youku.publish(some_bytes(10), public_type="password", watch_password="abc123")

    assert youku.post("/v2/videos/update.json", video_id=video_id, public_type="all").status_code == 200

    assert youku.show(video_id).json()["public_type"] == "all"
    assert code(youku.post("/v2/videos/update.json", video_id=video_id, public_type="password")) == 1012


def test_a_deleted_video_is_gone(box: Sandbox, youku: YoukuClient):
    video_id = youku.publish(some_bytes(10))

    assert youku.post("/v2/videos/destroy.json", video_id=video_id).json() == {"id": video_id}

    assert code(youku.show(video_id)) == 120020001
    assert code(youku.post("/v2/videos/destroy.json", video_id=video_id)) == 120020001
    assert box.videos("youku")[0]["state"] == "deleted"


@pytest.mark.parametrize("call", ["update", "destroy"])
def test_another_account_s_video_is_out_of_reach(box: Sandbox, youku: YoukuClient, call: str):
    video_id = YoukuClient(box, "second").publish(some_bytes(10))

    assert code(youku.post(f"/v2/videos/{call}.json", video_id=video_id, title="mine")) == 1006


def test_categories_have_terms_and_labels(youku: YoukuClient):
    categories = requests.get(f"{youku.base}/v2/schemas/video/category.json").json()["categories"]

    assert {"term": "Education", "label": "教育", "lang": "zh_CN"} in categories
