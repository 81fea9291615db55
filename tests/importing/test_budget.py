"""An import takes calls that are not following's, waits when they are used up, and goes on by itself."""

from __future__ import annotations

import pytest
from django.utils import timezone

from platforms import tasks
from platforms.contract import HasLibrary
from platforms.drivers.youku import driver as youku
from platforms.models import Account, ImportState, LibraryImport
from platforms.services import budgets, lending
from platforms.services.budgets import BudgetSpent
from tests.importing.library import account_with, counts, start

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
LESSONS = [f"第 {number} 课" for number in range(30)]


@pytest.fixture
def small_pages(monkeypatch) -> None:
    monkeypatch.setattr(youku, "BATCH", 2)


def limited(account: Account, calls: int, made: int = 0, followed: int = 0) -> Account:
    hour = budgets.hour_of(timezone.now())
    Account.objects.filter(pk=account.pk).update(
        calls_per_hour=calls, calls_hour=hour, calls_made=made, calls_followed=followed
    )
    account.refresh_from_db()
    return account


def list_all(account: Account) -> None:
    with lending.rationed(account, actor="li") as driver:
        assert isinstance(driver, HasLibrary)
        list(driver.library())


def next_hour(account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(calls_hour=budgets.hour_of(timezone.now()) - budgets.HOUR)
    LibraryImport.objects.update(next_run_at=timezone.now())


def test_it_waits_for_the_next_hour_and_goes_on_where_it_stopped(box, small_pages):
    account, _ids = account_with(box, "youku", *LESSONS)
    limited(account, 20)
    job = start(account)
    tasks.run_imports()
    job.refresh_from_db()
    assert (job.state, job.taken) == (ImportState.WAITING, 20)
    assert job.next_run_at == budgets.hour_of(timezone.now()) + budgets.HOUR
    assert job.error is not None
    assert job.error["kind"] == "Budget"
    account.refresh_from_db()
    assert (account.calls_made, account.calls_followed, account.follow_from) == (10, 0, None)
    next_hour(account)
    tasks.run_imports()
    job.refresh_from_db()
    assert (job.state, counts(job), job.error) == (ImportState.DONE, (30, 0, 0), None)


@pytest.mark.parametrize(
    ("calls", "made", "followed", "left"),
    [
        (20, 0, 0, 10),  # the other half is kept for following
        (20, 10, 10, 10),  # what following has taken is not the import's
        (20, 8, 0, 2),  # uploads have taken theirs from the same half
        (20, 20, 10, 0),
        (21, 0, 0, 11),
        (1, 0, 0, 1),
    ],
)
def test_the_half_that_is_kept_for_following_is_never_taken(box, small_pages, calls, made, followed, left):
    account, _ids = account_with(box, "youku", *LESSONS)
    limited(account, calls, made, followed)
    with pytest.raises(BudgetSpent):
        list_all(account)
    account.refresh_from_db()
    assert account.calls_made == made + left
    assert account.calls_followed == followed


def test_following_still_has_its_half_afterwards(box, small_pages):
    account, _ids = account_with(box, "youku", *LESSONS)
    limited(account, 20)
    with pytest.raises(BudgetSpent):
        list_all(account)
    account.refresh_from_db()
    driver = lending.driver_for(account)
    budgets.Following(account, driver, "li")
    for _ in range(10):
        driver.check_account()
    with pytest.raises(BudgetSpent):
        driver.check_account()


def test_calls_of_an_account_without_a_limit_are_counted_too(box, small_pages):
    account, _ids = account_with(box, "youku", *LESSONS)
    Account.objects.filter(pk=account.pk).update(calls_per_hour=None)
    box.requests.clear()
    tasks_job = start(Account.objects.get(pk=account.pk))
    tasks.run_imports()
    tasks_job.refresh_from_db()
    assert tasks_job.state == ImportState.DONE
    account.refresh_from_db()
    assert account.calls_made == 16
