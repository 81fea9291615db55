"""What is on the platform and what the hub has: read from the platform's answers, compared as people would."""

from __future__ import annotations

from typing import Any

import pytest

from platforms.contract import CanEdit, HasLibrary
from platforms.models import Event, Publication
from platforms.registry import DRIVERS, driver_class
from platforms.services import lending, polling, progress, publishing, syncing
from platforms.services.metadata import comparing
from platforms.values import Details, RemoteVideo, State
from tests import hub
from tests.admin.rows import add_account, add_publication

pytestmark = pytest.mark.django_db
HERE = {"title": "第一课", "description": "认识分数\n与小数", "tags": "数学, 三年级", "category": "教育"}
CATEGORIES = {"youku": ("体育", "教育"), "iqiyi": ("17", "12"), "baijiayun": ("", "")}
THERE = {
    "remote_title": "第一课", "remote_description": "认识分数\n与小数", "remote_tags": "数学,三年级",
    "remote_category": "教育",
}  # fmt: skip


def row(**columns: Any) -> Publication:
    return add_publication(add_account(), State.PUBLISHED, **(HERE | THERE | columns))


def different(**columns: Any) -> list[str]:
    return [one.field for one in comparing.differences(row(**columns))]


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"remote_title": " 第一课  "},
        {"remote_title": "第一课.mp4"},
        {"remote_description": "认识分数 \r\n与小数\r\n"},
        {"remote_tags": "三年级,数学"},
        {"tags": "三年级；数学"},
        {"category": ""},
    ],
)
def test_what_people_take_for_the_same_is_the_same(columns):
    assert different(**columns) == []


@pytest.mark.parametrize("name", ["remote_description", "remote_tags", "remote_category"])
def test_what_a_platform_does_not_say_differs_from_nothing(name):
    assert different(**{name: None}) == []


@pytest.mark.parametrize("name", ["title", "description", "tags", "category"])
def test_each_field_differs_by_itself(name):
    assert different(**{f"remote_{name}": "其他"}) == [name]


def test_an_empty_description_there_is_said_and_differs():
    assert different(remote_description="") == ["description"]


@pytest.mark.parametrize("platform", list(DRIVERS))
def test_what_was_changed_on_the_platform_is_known_after_a_sync(box, platform):
    account = hub.add_account(box, platform)
    category = CATEGORIES[platform][0]
    (published,) = [
        queued.publication for queued in publishing.publish(hub.add_video(), [hub.target(account, category)], actor="t")
    ]
    hub.work([published])
    assert polling.refresh([published], actor="test").polled == 1
    published.refresh_from_db()
    assert (published.state, published.differs) == (State.PUBLISHED, False)
    driver = lending.driver_for(account)
    if isinstance(driver, CanEdit):
        changed = Details("第二课", "改了", ("改动",), CATEGORIES[platform][1])
        driver.edit_video(str(published.remote_id), changed)
    else:
        driver.rename_video(str(published.remote_id), "第二课")  # type: ignore[attr-defined]
    assert issubclass(driver_class(platform), HasLibrary)
    syncing.sync(account, actor="test")
    published.refresh_from_db()
    found = {one.field: one.theirs for one in comparing.differences(published)}
    assert found["title"] == "第二课"
    assert set(found) - {"title"} <= {"description", "tags", "category"}
    assert published.differs
    assert ("description" in found) == (platform != "baijiayun")
    assert ("tags" in found) == (platform == "youku")


def test_the_difference_is_over_once_both_are_the_same_again():
    published = row(remote_title="第二课", differs=True)
    video = RemoteVideo("1", State.PUBLISHED, "normal", title="第一课")
    progress.observe(published, video, actor="test", next_look=None)
    assert (published.remote_title, published.differs) == ("第一课", False)
    assert not Event.objects.filter(kind="renamed").exists()


def test_each_platform_says_which_fields_it_lets_change():
    assert comparing.changeable("youku") == comparing.changeable("iqiyi") == set(comparing.FIELDS)
    assert comparing.changeable("baijiayun") == {"title", "category"}
