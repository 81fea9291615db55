"""Imports are work that any process goes on with: in slices, after a kill, beside another one, until cancelled."""

from __future__ import annotations

import itertools
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from django.utils import timezone

from platforms import tasks
from platforms.contract import HasLibrary
from platforms.drivers.baijiayun import look
from platforms.drivers.iqiyi import driver as iqiyi
from platforms.drivers.youku import driver as youku
from platforms.errors import PlatformError
from platforms.models import Account, ImportState, LibraryImport, Publication, Video
from platforms.models import Event as HubEvent
from platforms.services import lending, sweep
from platforms.services.importing import jobs, running
from platforms.services.importing.taking import Taker
from platforms.values import State
from tests import hub
from tests.importing.library import PLATFORMS, account_with, counts, finish, plant, start, sync, take

pytestmark = pytest.mark.django_db
every_platform = pytest.mark.parametrize("platform", PLATFORMS)
LESSONS = [f"第 {number} 课" for number in range(7)]


class Killed(BaseException):
    """The process is gone in this very moment."""


@pytest.fixture
def small_pages(monkeypatch) -> None:
    monkeypatch.setattr(youku, "BATCH", 2)
    monkeypatch.setattr(iqiyi, "MOST_A_PAGE", 2)
    monkeypatch.setattr(look, "MOST_A_PAGE", 2)


def kill_after(monkeypatch, pages: int) -> None:
    """The process that imports is killed once it has taken so many pages and not yet written down the last one."""
    take, left = Taker.take, itertools.count(pages - 1, -1)

    def killed(self: Taker, videos: Any) -> int:
        taken = take(self, videos)
        if next(left) == 0:
            raise Killed
        return taken

    monkeypatch.setattr(Taker, "take", killed)


def run_killed(job: LibraryImport) -> None:
    assert jobs.claim(job)
    with pytest.raises(Killed):
        running.run(job)
    job.refresh_from_db()
    assert job.state == ImportState.RUNNING


def let_lease_end(job: LibraryImport) -> None:
    LibraryImport.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


@every_platform
def test_more_than_a_thousand_videos_come_over_several_pages(box, platform):
    account, ids = account_with(box, platform, *(f"第 {number} 课" for number in range(1020)))
    job = sync(account)
    assert (counts(job), job.taken) == ((1020, 0, 0), 1020)
    assert set(Publication.objects.values_list("remote_id", flat=True)) == set(ids)
    assert HubEvent.objects.filter(kind="imported").count() == 1020


@every_platform
def test_what_a_killed_process_began_another_one_goes_on_with(box, platform, small_pages, monkeypatch):
    account, _ids = account_with(box, platform, *LESSONS)
    job = start(account)
    with monkeypatch.context() as patch:
        kill_after(patch, 2)
        run_killed(job)
    assert Publication.objects.count() == 4
    assert not jobs.claim(job)
    let_lease_end(job)
    box.requests.clear()
    done = finish(job)
    assert (done.state, counts(done)) == (ImportState.DONE, (7, 0, 0))
    assert (Video.objects.count(), HubEvent.objects.filter(kind="imported").count()) == (7, 7)


def test_it_goes_on_with_the_page_it_stopped_at(box, small_pages, monkeypatch):
    account, _ids = account_with(box, "baijiayun", *LESSONS)
    job = start(account)
    with monkeypatch.context() as patch:
        kill_after(patch, 3)
        run_killed(job)
    let_lease_end(job)
    box.requests.clear()
    finish(job)
    pages = [call.values["page"] for call in box.requests if call.path.endswith("/getVideoList")]
    assert pages == ["2", "3", "4"]


@every_platform
def test_a_worker_does_it_in_slices(box, platform, small_pages):
    account, _ids = account_with(box, platform, *LESSONS)
    job, slices = start(account), 0
    while job.state != ImportState.DONE:
        assert slices < 20
        assert jobs.claim(job)
        running.run(job, deadline=0.0)
        job.refresh_from_db()
        slices += 1
    assert slices > 4
    assert (job.state, counts(job), job.taken) == (ImportState.DONE, (7, 0, 0), 7)


def test_workers_find_what_was_asked_for(box):
    account, _ids = account_with(box, "youku", *LESSONS)
    job = start(account)
    assert sweep.due().imports
    tasks.run_imports()
    job.refresh_from_db()
    assert (job.state, counts(job)) == (ImportState.DONE, (7, 0, 0))
    assert not sweep.due().imports


def test_a_worker_that_has_lost_the_import_writes_nothing_more(box, small_pages):
    account, _ids = account_with(box, "youku", *LESSONS)
    job = start(account)
    assert jobs.claim(job)
    assert jobs.cancel(job, actor="wang")
    running.run(job)
    job.refresh_from_db()
    assert (job.state, Publication.objects.count(), Video.objects.count()) == (ImportState.CANCELLED, 0, 0)


def test_a_cancelled_import_keeps_what_it_has(box, small_pages):
    account, _ids = account_with(box, "youku", *LESSONS)
    leave = Event()

    def told(job: LibraryImport) -> None:
        if job.taken >= 4:
            leave.set()

    job = running.run_here(start(account), leave, told)
    assert (job.state, Publication.objects.count()) == (ImportState.CANCELLED, 4)
    assert not jobs.cancel(job, actor="li")
    assert sync(account).created == 3


def test_an_account_has_one_import_at_a_time(box):
    account, _ids = account_with(box, "youku", *LESSONS)
    first = start(account)
    assert start(account) == first
    with pytest.raises(jobs.Busy) as busy:
        start(account, dry_run=True)
    assert busy.value.running == first


@pytest.mark.django_db(transaction=True)
def test_two_that_import_at_once_bring_in_each_video_once(box):
    account, ids = account_with(box, "youku", *(f"第 {number} 课" for number in range(120)))
    done: list[LibraryImport] = []
    hub.join([hub.Worker(lambda: done.append(sync(Account.objects.get(pk=account.pk)))) for _ in range(3)])
    assert len({job.pk for job in done}) == 1
    assert counts(done[0]) == (120, 0, 0)
    assert set(Publication.objects.values_list("remote_id", flat=True)) == set(ids)
    assert Video.objects.count() == HubEvent.objects.filter(kind="imported").count() == 120


@pytest.mark.django_db(transaction=True)
def test_two_that_take_the_same_list_at_once_bring_in_each_video_once(box):
    account, ids = account_with(box, "youku", *(f"第 {number} 课" for number in range(120)))

    driver = lending.driver_for(account)
    assert isinstance(driver, HasLibrary)
    listed = list(driver.every_video())
    hub.join([hub.Worker(lambda: take(account, *listed)) for _ in range(3)])
    assert set(Publication.objects.values_list("remote_id", flat=True)) == set(ids)
    assert Video.objects.count() == HubEvent.objects.filter(kind="imported").count() == 120


def test_a_passing_trouble_puts_a_workers_import_off(box):
    account, _ids = account_with(box, "youku", *LESSONS)
    job = start(account)
    box.block("/youku", hub.LOST, times=100)
    tasks.run_imports()
    job.refresh_from_db()
    assert (job.state, bool(job.error_text)) == (ImportState.WAITING, True)
    assert job.next_run_at is not None
    assert job.next_run_at > timezone.now()
    box.unblock()
    LibraryImport.objects.update(next_run_at=timezone.now())
    tasks.run_imports()
    job.refresh_from_db()
    assert (job.state, counts(job)) == (ImportState.DONE, (7, 0, 0))


def test_an_account_that_needs_a_person_ends_it_with_the_reason(box):
    account, _ids = account_with(box, "youku", *LESSONS)
    account.credentials |= {"access_token": "wrong", "refresh_token": "wrong"}
    account.save()
    job = start(account)
    tasks.run_imports()
    job.refresh_from_db()
    assert (job.state, bool(job.error_text)) == (ImportState.FAILED, True)


def test_a_fault_of_our_own_does_not_spin(box, monkeypatch):
    account, _ids = account_with(box, "youku", *LESSONS)
    job = start(account)

    def broken(self: Taker, videos: Any) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(Taker, "take", broken)
    with pytest.raises(ZeroDivisionError):
        tasks.run_imports()
    job.refresh_from_db()
    assert job.state == ImportState.WAITING
    assert job.next_run_at is not None
    assert job.next_run_at > timezone.now()


def test_a_command_hears_of_a_trouble_at_once(box):
    account, _ids = account_with(box, "youku", *LESSONS)
    box.block("/youku", hub.LOST, times=100)
    with pytest.raises(PlatformError):
        sync(account)
    assert LibraryImport.objects.get().state == ImportState.FAILED


def test_a_category_is_imported_by_itself(box):
    account, ids = account_with(box, "baijiayun", *LESSONS)
    driver: Any = lending.driver_for(account)
    category = driver.add_category("数学").remote_id
    driver.set_category(ids[0], category)
    job = finish(start(account, category=category))
    assert (job.state, counts(job)) == (ImportState.DONE, (1, 0, 0))
    assert Publication.objects.get().remote_category == category


def test_what_is_followed_is_left_to_following_when_the_list_has_it_no_more(box):
    account = hub.add_account(box, "youku")
    (remote_id,) = plant(box, "youku", "第一课", pace=100_000)
    sync(account, remote_ids=[remote_id])
    box.youku.remove(remote_id)
    assert counts(sync(account)) == (0, 0, 0)
    assert Publication.objects.get().state == State.PROCESSING


def test_those_of_a_year_ago_are_forgotten_but_for_the_newest_of_each_account(box):
    account, _ids = account_with(box, "youku", *LESSONS[:1])
    other, _others = account_with(box, "iqiyi", *LESSONS[:1])
    sync(account)
    its_only_one = sync(other)
    waiting = start(account)
    LibraryImport.objects.exclude(pk=waiting.pk).update(ended_at=timezone.now() - timedelta(days=366))
    sweep.tidy()
    assert set(LibraryImport.objects.all()) == {its_only_one, waiting}
    assert Publication.objects.count() == 2


def test_those_of_this_year_are_kept(box):
    account, _ids = account_with(box, "youku", *LESSONS[:1])
    kept = {sync(account), sync(account)}
    sweep.tidy()
    assert set(LibraryImport.objects.all()) == kept
