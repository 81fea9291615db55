"""A pass over the account's library: what was blocked, renamed, watched or deleted on the platform becomes known."""

from __future__ import annotations

import json
import time
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from platforms.contract import CanBlock, CanRename
from platforms.errors import PlatformError
from platforms.models import Account, Event, Publication
from platforms.services import lending, syncing
from platforms.services.importing.counts import Counts
from platforms.services.publishing import Metadata
from platforms.values import State
from sandbox.core import Planted
from sandbox.server import Sandbox
from tests import hub

pytestmark = pytest.mark.django_db
PLATFORMS = ("youku", "iqiyi", "baijiayun")


def published(box: Sandbox, platform: str) -> list[Publication]:
    rows = hub.publish(hub.add_video(Metadata("第 0 课", "说明", "数学, 三年级")), hub.add_account(box, platform))
    hub.work(rows)
    assert {row.state for row in rows} == {State.PUBLISHED}
    return rows


def sync(row: Publication) -> tuple[Publication, Counts]:
    counts = Counts(**syncing.sync(Account.objects.get(pk=row.account_id), actor="li").counts())
    return Publication.objects.get(pk=row.pk), counts


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_pass_over_what_is_as_it_was_changes_nothing(box, platform):
    (row,) = published(box, platform)
    sync(row)
    after, counts = sync(row)
    assert counts == Counts()
    assert after.state == State.PUBLISHED
    assert not Event.objects.filter(kind="renamed").exists()


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_video_that_was_deleted_there_is_missing(box, platform):
    (row,) = published(box, platform)
    hub.delete_elsewhere(row)
    after, counts = sync(row)
    assert (after.state, counts.missing, counts.updated) == (State.MISSING, 1, 0)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_failed_list_makes_no_video_missing(box, platform):
    (row,) = published(box, platform)
    box.block(f"/{platform}", hub.LOST, times=100)
    with pytest.raises(PlatformError):
        sync(row)
    assert Publication.objects.get(pk=row.pk).state == State.PUBLISHED


@pytest.mark.parametrize("platform", ["youku", "baijiayun"])
def test_a_video_that_was_renamed_there_shows_both_titles(box, platform):
    (row,) = published(box, platform)
    driver = lending.driver_for(row.account)
    assert isinstance(driver, CanRename)
    driver.rename_video(str(row.remote_id), "另一个名称")
    after, counts = sync(row)
    assert (after.remote_title, after.shown_title, counts.updated) == ("另一个名称", "第 0 课", 1)
    assert "另一个名称" in hub.last_event(after, kind="renamed").text
    assert sync(row)[1].updated == 0


def test_a_video_that_was_blocked_and_unblocked_there_is_noticed(box):
    (row,) = published(box, "baijiayun")
    driver = lending.driver_for(row.account)
    assert isinstance(driver, CanBlock)
    driver.block_video(str(row.remote_id))
    assert sync(row)[0].state == State.BLOCKED
    driver.unblock_video(str(row.remote_id))
    assert sync(row)[0].state == State.PUBLISHED


def test_a_blocked_video_of_youku_is_noticed(box):
    (row,) = published(box, "youku")
    box.youku.set_state(row.remote_id, "blocked")
    assert sync(row)[0].state == State.BLOCKED


def test_plays_are_taken_over(box):
    (row,) = published(box, "iqiyi")
    box.iqiyi.add_plays(row.remote_id, 7)
    after, counts = sync(row)
    assert (after.plays, counts.updated) == (7, 1)


def test_a_video_that_is_missing_here_and_there_again_is_published(box):
    (row,) = published(box, "youku")
    Publication.objects.update(state=State.MISSING)
    assert sync(row)[0].state == State.PUBLISHED


def test_many_unchanged_rows_take_no_more_statements_than_one(box):
    (row,) = published(box, "youku")
    sync(row)
    account = Account.objects.get(pk=row.account_id)
    with CaptureQueriesContext(connection) as one:
        syncing.sync(account, actor="li")
    box.youku.plant(Planted(f"第 {number} 课", time.time() - 3600, 0) for number in range(40))
    syncing.sync(account, actor="li")
    with CaptureQueriesContext(connection) as many:
        syncing.sync(account, actor="li")
    assert len(many) == len(one) < 30


def test_the_command_prints_the_counts(box):
    (row,) = published(box, "baijiayun")
    hub.delete_elsewhere(row)
    out = StringIO()
    call_command("sync", row.account.name, "--videos", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {"videos": {"created": 0, "updated": 0, "missing": 1}}
