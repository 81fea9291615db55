"""Titles: the hub's follows the platform's as long as nobody has changed it here; none and odd ones do no harm."""

from __future__ import annotations

from dataclasses import replace

import pytest

from platforms.contract import CanRename
from platforms.models import Video
from platforms.services import lending
from platforms.values import RemoteVideo, State
from tests import hub
from tests.importing.library import account_with, row_of, sync, take

pytestmark = pytest.mark.django_db
renaming = pytest.mark.parametrize("platform", ["youku", "baijiayun"])
LISTED = RemoteVideo("X1", State.PUBLISHED, "normal", title="第一课")


def rename_there(account, remote_id: str, title: str) -> None:
    driver = lending.driver_for(account)
    assert isinstance(driver, CanRename)
    driver.rename_video(remote_id, title)


@renaming
def test_a_video_that_is_renamed_there_is_renamed_here(box, platform):
    account, (remote_id,) = account_with(box, platform, "第一课")
    sync(account)
    rename_there(account, remote_id, "新的名称")
    assert sync(account).updated == 1
    row = row_of(remote_id)
    assert (row.video.title, row.remote_title) == ("新的名称", "新的名称")
    assert "新的名称" in hub.last_event(row, kind="renamed").text
    assert sync(account).updated == 0


@renaming
def test_a_title_that_staff_have_changed_stays(box, platform):
    account, (remote_id,) = account_with(box, platform, "第一课")
    sync(account)
    Video.objects.update(title="我们的名称")
    rename_there(account, remote_id, "新的名称")
    sync(account)
    row = row_of(remote_id)
    assert (row.video.title, row.remote_title) == ("我们的名称", "新的名称")


@pytest.fixture
def account(box):
    return hub.add_account(box, "youku")


@pytest.mark.parametrize("title", [None, "", "  \n "])
def test_a_video_without_a_title_is_called_by_its_id(account, title):
    take(account, replace(LISTED, title=title))
    assert row_of("X1").video.title == "X1"
    take(account, LISTED)
    assert row_of("X1").video.title == "第一课"


@pytest.mark.parametrize("title", ["课" * 500, "a\x00b", "half \ud83d", "two\nlines"])
def test_an_odd_title_is_kept_as_far_as_it_can_be(account, title):
    take(account, replace(LISTED, title=title))
    stored = row_of("X1").video.title
    assert 0 < len(stored) <= 200
    assert "\x00" not in stored
    assert "\n" not in stored
    assert take(account, replace(LISTED, title=title)).updated == 0


def test_an_id_that_no_row_can_hold_is_left_out(account):
    counted = take(account, replace(LISTED, remote_id="X" * 101), LISTED)
    assert counted.created == 1


def test_a_state_that_the_hub_does_not_know_is_followed(account):
    take(account, replace(LISTED, state=None, raw_state="quantum"))
    row = row_of("X1")
    assert (row.state, row.raw_state) == (State.PROCESSING, "quantum")
    assert row.next_run_at is not None


def test_what_is_presumed_does_not_change_what_is_known(account):
    presumed = replace(LISTED, state=None, presumed=State.PUBLISHED)
    take(account, replace(LISTED, state=State.PROCESSING))
    take(account, presumed)
    assert row_of("X1").state == State.PROCESSING


def test_a_video_that_comes_twice_in_a_list_is_one(account):
    assert take(account, LISTED, LISTED).created == 1


def test_plays_durations_and_covers_follow(account):
    take(account, LISTED)
    news = replace(LISTED, plays=7, duration=61.0, cover_url="https://img.example/1.jpg")
    assert take(account, news).updated == 1
    row = row_of("X1")
    assert (row.plays, row.remote_duration, row.video.duration) == (7, 61.0, 61.0)
    assert row.cover_url == "https://img.example/1.jpg"


def test_description_and_tags_come_too_and_follow_unless_staff_have_changed_them(account):
    told = replace(LISTED, description="认识分数", tags=("数学", "三年级"))
    take(account, told)
    video = row_of("X1").video
    assert (video.description, video.tags) == ("认识分数", "数学,三年级")
    Video.objects.update(description="我们的说明")
    take(account, replace(told, description="新的说明", tags=("数学",)))
    video, row = row_of("X1").video, row_of("X1")
    assert (video.description, video.tags) == ("我们的说明", "数学")
    assert (row.remote_description, row.remote_tags, row.differs) == ("新的说明", "数学", True)


def test_what_follows_does_not_differ(account):
    take(account, LISTED)
    take(account, replace(LISTED, title="新的名称", description="新的说明"))
    row = row_of("X1")
    assert (row.video.title, row.differs) == ("新的名称", False)
