"""baijiayun-vod.txt, API-12 to API-15 and API-17."""

import pytest

from sandbox.baijiayun.errors import Code
from tests.sandbox.baijiayun_client import BaijiayunClient, baijiayun


@pytest.fixture
def client():
    with baijiayun() as client:
        yield client


def add(client, name, parent_id=None):
    values = {} if parent_id is None else {"parent_id": parent_id}
    return client.data("video/addCategory", name=name, **values)["id"]


def test_it_adds_categories_below_each_other(client):
    top = client.data("video/addCategory", name="教育", parent_id="0")
    below = client.data("video/addCategory", name="数学", parent_id=top["id"])
    assert {name: top[name] for name in ("name", "parent_id", "level")} == {"name": "教育", "parent_id": 0, "level": 1}
    assert (below["parent_id"], below["level"]) == (top["id"], 2)


def test_the_tree_has_five_levels_and_strings_below_the_first(client):
    ids: list[int] = []
    for level in range(1, 6):
        ids.append(add(client, f"第 {level} 级", ids[-1] if ids else None))
    assert client.refused("video/addCategory", name="第 6 级", parent_id=ids[-1]) == Code.TOO_DEEP
    node = client.data("video/getCategoryList")["list"][0]
    assert (node["id"], node["level"], node["parent_id"]) == (ids[0], 1, 0)
    for level in range(2, 6):
        node = node["children"][0]
        assert (node["id"], node["level"], node["parent_id"]) == (str(ids[level - 1]), str(level), str(ids[level - 2]))
    assert "children" not in node


def test_one_category_shows_its_children(client):
    top = add(client, "教育")
    first, second = add(client, "数学", top), add(client, "语文", top)
    add(client, "几何", first)
    assert client.data("video/getCategoryInfo", category_id=top) == {
        "id": top,
        "name": "教育",
        "parent_id": 0,
        "level": 1,
        "children": [
            {"id": first, "name": "数学", "parent_id": top, "level": "2"},
            {"id": second, "name": "语文", "parent_id": top, "level": "2"},
        ],
    }


def test_without_an_id_it_shows_the_first_level(client):
    top = add(client, "教育")
    data = client.data("video/getCategoryInfo")
    assert (data["id"], [child["id"] for child in data["children"]]) == (0, [top])


def test_a_video_shows_the_path_to_its_category(client):
    top = add(client, "教育")
    below = add(client, "数学", top)
    video_id = client.create()[0]
    assert client.data("video/setVideoCategory", video_id=video_id, category_id=below) == {
        "video_id": video_id,
        "category_level1_id": top,
        "category_level2_id": below,
        "category_level3_id": 0,
        "category_level4_id": 0,
        "category_level5_id": 0,
    }
    assert client.info(video_id)["category"] == [
        {"id": top, "level": 1, "name": "教育"},
        {"id": below, "level": 2, "name": "数学"},
    ]
    client.data("video/setVideoCategory", video_id=video_id, category_id="0")
    assert client.info(video_id)["category"] == []


def test_a_category_in_use_is_not_deleted(client):
    top = add(client, "教育")
    below = add(client, "数学", top)
    video_id = client.create()[0]
    client.data("video/setVideoCategory", video_id=video_id, category_id=below)
    assert client.refused("video/deleteCategory", category_id=top) == Code.CATEGORY_IN_USE
    assert client.refused("video/deleteCategory", category_id=below) == Code.CATEGORY_IN_USE
    client.data("video/delete", video_id=video_id)
    assert client.data("video/deleteCategory", category_id=below) == {"category_id": below}
    assert client.data("video/deleteCategory", category_id=top) == {"category_id": top}
    assert client.data("video/getCategoryList") == {"list": []}


@pytest.mark.parametrize(
    ("path", "values", "code"),
    [
        ("addCategory", {}, Code.MISSING_PARAMETER),
        ("addCategory", {"name": "x", "parent_id": "1"}, Code.NO_CATEGORY),
        ("deleteCategory", {"category_id": "1"}, Code.NO_CATEGORY),
        ("deleteCategory", {}, Code.MISSING_PARAMETER),
        ("getCategoryInfo", {"category_id": "1"}, Code.NO_CATEGORY),
    ],
)
def test_unknown_and_missing_values_are_refused(client, path, values, code):
    assert client.refused(f"video/{path}", **values) == code


def test_a_video_is_not_put_into_an_unknown_category(client):
    video_id = client.create()[0]
    assert client.refused("video/setVideoCategory", video_id=video_id, category_id="1") == Code.NO_CATEGORY
    assert client.refused("video/setVideoCategory", video_id=video_id) == Code.MISSING_PARAMETER


def test_accounts_do_not_share_categories(client):
    number = add(client, "教育")
    other = BaijiayunClient(client.box, "second")
    assert other.data("video/getCategoryList") == {"list": []}
    assert other.refused("video/deleteCategory", category_id=number) == Code.NO_CATEGORY
