"""What already is on an account comes into the hub, once, and is kept up to date; on every platform."""

from __future__ import annotations

import pytest

from platforms.contract import CanBlock, HasCategoryTree
from platforms.models import Event, Publication, Video
from platforms.services import lending
from platforms.values import State
from tests import hub
from tests.importing.library import PLATFORMS, account_with, counts, plant, row_of, sync

pytestmark = pytest.mark.django_db
every_platform = pytest.mark.parametrize("platform", PLATFORMS)


@every_platform
def test_it_brings_in_every_video_without_a_file(box, platform):
    account, ids = account_with(box, platform, "第一课 认识分数", "第二课 加法", "第三课 减法")
    assert counts(sync(account)) == (3, 0, 0)
    assert set(Publication.objects.values_list("remote_id", flat=True)) == set(ids)
    row = row_of(ids[0])
    assert (row.video.title, row.remote_title, row.state) == ("第一课 认识分数", "第一课 认识分数", State.PUBLISHED)
    assert (row.video.imported_from, bool(row.video.source), row.bytes_total) == (account, False, 0)
    assert row.cover_url.startswith("http")
    assert row.uploaded_at is not None


@every_platform
def test_the_duration_is_known(box, platform):
    account, (remote_id,) = account_with(box, platform, "第一课")
    sync(account)
    row = row_of(remote_id)
    assert row.video.duration == row.remote_duration


@every_platform
def test_each_history_begins_with_the_import(box, platform):
    account, ids = account_with(box, platform, "第一课", "第二课")
    sync(account)
    for remote_id in ids:
        (event,) = Event.objects.filter(publication=row_of(remote_id))
        assert (event.kind, event.actor, event.account) == ("imported", "li", account)
        assert remote_id in event.text
        assert event.subject == str(row_of(remote_id))


@every_platform
def test_a_second_run_finds_nothing_new(box, platform):
    account, _ids = account_with(box, platform, "第一课", "第二课")
    sync(account)
    assert counts(sync(account)) == (0, 0, 0)
    assert (Video.objects.count(), Publication.objects.count()) == (2, 2)
    assert Event.objects.filter(kind="imported").count() == 2


@every_platform
def test_what_the_hub_has_published_itself_is_not_brought_in_again(box, platform):
    account = hub.add_account(box, platform)
    rows = hub.publish(hub.add_video(), account)
    hub.work(rows)
    plant(box, platform, "第二课")
    assert sync(account).created == 1
    assert Publication.objects.count() == 2
    assert Publication.objects.filter(pk=rows[0].pk, video__imported_from=None).exists()


@every_platform
def test_a_video_that_vanishes_is_missing(box, platform):
    account, (kept, gone) = account_with(box, platform, "第一课", "第二课")
    sync(account)
    box.platforms[platform].remove(gone)
    assert counts(sync(account)) == (0, 0, 1)
    assert (row_of(gone).state, row_of(kept).state) == (State.MISSING, State.PUBLISHED)
    assert counts(sync(account)) == (0, 0, 0)


@every_platform
def test_two_accounts_do_not_meet(box, platform):
    account, _ids = account_with(box, platform, "第一课")
    other = hub.add_account(box, platform, "zweites", login="second")
    box.platforms[platform].plant([], "second")
    assert sync(other).created == 0
    assert sync(account).created == 1


@every_platform
def test_a_refused_review_and_a_failed_transcoding_are_known(box, platform):
    account, ids = account_with(box, platform, "第一课 [reject]", "第二课 [fail]")
    sync(account, remote_ids=ids)
    states = {row.state for row in Publication.objects.all()}
    assert states <= {State.REJECTED, State.FAILED, State.BLOCKED}
    assert all(row.error for row in Publication.objects.exclude(state=State.BLOCKED))


@every_platform
def test_what_is_still_being_transcoded_is_followed(box, platform):
    account = hub.add_account(box, platform)
    (remote_id,) = plant(box, platform, "第一课", pace=100_000, arrived=None)
    sync(account, remote_ids=[remote_id])
    row = row_of(remote_id)
    assert row.state == State.PROCESSING
    assert row.next_run_at is not None
    assert row.followed_since is not None


def test_a_blocked_video_is_known_as_blocked(box):
    account, (remote_id,) = account_with(box, "baijiayun", "第一课")
    driver = lending.driver_for(account)
    assert isinstance(driver, CanBlock)
    driver.block_video(remote_id)
    sync(account)
    assert row_of(remote_id).state == State.BLOCKED


def test_the_category_that_a_video_stands_in_is_known_and_followed(box):
    account, (remote_id, other) = account_with(box, "baijiayun", "第一课", "第二课")
    driver = lending.driver_for(account)
    assert isinstance(driver, HasCategoryTree)
    maths, music = driver.add_category("数学").remote_id, driver.add_category("音乐").remote_id
    driver.set_category(remote_id, maths)
    sync(account)
    assert (row_of(remote_id).remote_category, row_of(other).remote_category) == (maths, "")
    assert not row_of(remote_id).differs
    driver.set_category(remote_id, music)
    assert sync(account).updated == 1
    assert (row_of(remote_id).remote_category, row_of(remote_id).category) == (music, "")
