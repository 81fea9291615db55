"""Videos that a person names by their ids: also those that no list holds, never somebody else's."""

from __future__ import annotations

import time

import pytest

from platforms.models import Publication
from platforms.services.importing import jobs
from platforms.values import State
from sandbox.core import Planted
from tests import hub
from tests.importing.library import PLATFORMS, account_with, counts, plant, row_of, sync

pytestmark = pytest.mark.django_db
every_platform = pytest.mark.parametrize("platform", PLATFORMS)


@every_platform
def test_only_these_are_brought_in(box, platform):
    account, (first, _second, third) = account_with(box, platform, "第一课", "第二课", "第三课")
    job = sync(account, remote_ids=[first, third])
    assert (counts(job), job.findings["not_found"]) == ((2, 0, 0), [])
    assert set(Publication.objects.values_list("remote_id", flat=True)) == {first, third}


@every_platform
def test_an_id_that_nobody_has_is_told(box, platform):
    account, (remote_id,) = account_with(box, platform, "第一课")
    job = sync(account, remote_ids=["0123456789", remote_id])
    assert (job.created, job.findings["not_found"]) == (1, ["0123456789"])


def test_a_video_of_somebody_else_is_not_ours(box):
    account, _ids = account_with(box, "youku", "第一课")
    box.credentials("youku", "second")
    (foreign,) = box.youku.plant([Planted("别人的视频", time.time() - 3600, 0)], "second")
    job = sync(account, remote_ids=[foreign])
    assert (job.created, job.findings["not_found"]) == (0, [foreign])


def test_a_video_that_iqiyi_does_not_list_is_brought_in_by_its_id(box):
    account = hub.add_account(box, "iqiyi")
    (remote_id,) = plant(box, "iqiyi", "第一课", pace=100_000)
    assert sync(account).created == 0
    assert sync(account, remote_ids=[remote_id]).created == 1
    assert row_of(remote_id).state == State.PROCESSING


def test_a_known_video_that_is_gone_is_missing_and_told(box):
    account, (remote_id,) = account_with(box, "youku", "第一课")
    sync(account)
    box.youku.remove(remote_id)
    job = sync(account, remote_ids=[remote_id])
    assert (counts(job), job.findings["not_found"]) == ((0, 0, 1), [remote_id])


def test_an_id_that_is_named_twice_counts_once(box):
    account, (remote_id,) = account_with(box, "youku", "第一课")
    assert jobs.start(account, actor="li", remote_ids=[remote_id, f" {remote_id} ", ""]).remote_ids == [remote_id]
