"""What can be changed of a video on Youku, and what Youku has to choose from."""

from __future__ import annotations

import json

import pytest

from platforms.drivers.youku.mapping import CATEGORIES
from platforms.errors import BadAnswer, Gone, Refused
from platforms.values import Details, RemoteCategory, State
from sandbox.server import Answer, Sandbox
from tests.drivers.on_youku import published, refuses, youku

UPDATE, MINE, CATEGORY = "/youku/v2/videos/update.json", "/youku/videos/by_me.json", "/youku/v2/schemas/video/category"
DETAILS = Details("新的标题", "新的说明", ("新的", "标签"), "教育")


@pytest.fixture
def video_id(box: Sandbox) -> str:
    return published(box, youku(box), category="音乐")


def test_the_metadata_is_replaced(box: Sandbox, video_id: str) -> None:
    youku(box).edit_video(video_id, DETAILS)
    video = youku(box).api.show_video(video_id)
    assert (video.title, video.description, video.tags, video.category) == (
        DETAILS.title, DETAILS.description, DETAILS.tags, DETAILS.category,
    )  # fmt: skip


def test_a_description_can_be_emptied_and_no_category_keeps_the_old_one(box: Sandbox, video_id: str) -> None:
    youku(box).edit_video(video_id, Details("新的标题", "", ("新的",), ""))
    video = youku(box).api.show_video(video_id)
    assert (video.description, video.category) == ("", "音乐")


def test_a_new_title_changes_nothing_else(box: Sandbox, video_id: str) -> None:
    before = youku(box).api.show_video(video_id)
    youku(box).rename_video(video_id, "改名")
    after = youku(box).api.show_video(video_id)
    assert (after.title, after.description, after.tags) == ("改名", before.description, before.tags)
    (call,) = box.requests.to(UPDATE)
    assert call.values.keys() == {"client_id", "access_token", "video_id", "title"}


def test_everything_that_the_document_lists_can_be_changed(box: Sandbox, video_id: str) -> None:
    changes = {"copyright_type": "reproduced", "public_type": "password", "watch_password": "abc123"}
    assert youku(box).api.update_video(video_id, thumbnail_seq=3, **changes) == video_id
    (call,) = box.requests.to(UPDATE)
    assert {name: call.values[name] for name in [*changes, "thumbnail_seq"]} == changes | {"thumbnail_seq": "3"}
    video = youku(box).api.show_video(video_id)
    assert (video.copyright_type, video.public_type, video.thumbnail[-6:]) == ("reproduced", "password", "?seq=3")


@pytest.mark.parametrize(
    ("details", "field"),
    [
        (Details("字" * 61, "", ("一二",), ""), "title"),
        (Details("标题", "字" * 2001, ("一二",), ""), "description"),
        (Details("标题", "", ("一",), ""), "tags"),
    ],
)
def test_what_youku_does_not_take_is_told_at_its_field(
    box: Sandbox, video_id: str, details: Details, field: str
) -> None:
    with pytest.raises(Refused) as caught:
        youku(box).edit_video(video_id, details)
    assert caught.value.field == field


def test_a_video_that_is_gone_or_another_accounts_is_not_changed(box: Sandbox, video_id: str) -> None:
    with pytest.raises(Gone):
        youku(box).rename_video("XMTIz", "改名")
    with pytest.raises(Refused):
        youku(box, **box.credentials("youku", "second")).rename_video(video_id, "改名")
    assert youku(box).api.show_video(video_id).title != "改名"


def test_categories_are_named_as_videos_are_answered_with_them(box: Sandbox, video_id: str) -> None:
    categories = youku(box).list_categories()
    assert RemoteCategory("音乐", "音乐") in categories
    assert youku(box).api.show_video(video_id).category in {each.remote_id for each in categories}


def test_the_fixed_categories_are_youkus(box: Sandbox) -> None:
    assert {value for value, _ in CATEGORIES} == {each.remote_id for each in youku(box).list_categories()}


def test_categories_of_every_form_are_read(box: Sandbox) -> None:
    full = {"id": 97, "term": "TV", "label": "电视剧", "lang": "zh_CN", "genres": []}
    body = json.dumps({"categories": [full, {"label": "电影"}]})
    box.block(CATEGORY, Answer(200, body.encode(), "application/json"))
    first, second = youku(box).api.list_categories()
    assert (first.term, first.label, first.lang) == ("TV", "电视剧", "zh_CN")
    assert (second.term, second.label) == ("", "电影")


def test_a_category_without_a_name_cannot_be_read(box: Sandbox) -> None:
    box.block(CATEGORY, Answer(200, b'{"categories": [{"term": "TV"}]}', "application/json"))
    with pytest.raises(BadAnswer, match="list_categories"):
        youku(box).list_categories()


def test_every_video_is_listed_once_over_all_pages(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platforms.drivers.youku.driver.BATCH", 2)
    driver = youku(box)
    ids = [published(box, driver, size=100 + number) for number in range(5)]
    published(box, youku(box, **box.credentials("youku", "second")), size=200)
    box.requests.clear()
    videos = list(driver.every_video())
    assert sorted(video.remote_id for video in videos) == sorted(ids)
    assert {video.state for video in videos} == {State.PUBLISHED}
    assert [call.values["page"] for call in box.requests.to(MINE)] == ["1", "2", "3", "4"]


def test_a_list_that_answers_the_same_page_for_ever_ends(box: Sandbox) -> None:
    driver = youku(box)
    video_id = published(box, driver)
    page = f'{{"total": 9, "videos": [{{"id": "{video_id}", "state": "normal"}}]}}'.encode()
    box.block(MINE, Answer(200, page, "application/json"), times=5)
    assert [video.remote_id for video in driver.every_video()] == [video_id]


def test_a_list_that_is_refused_says_so(box: Sandbox) -> None:
    box.block(MINE, refuses(1006))
    with pytest.raises(Refused):
        list(youku(box).every_video())
