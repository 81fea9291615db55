"""Calls an hour: all of an account's calls count, following takes half of them at most, and nothing else ever waits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from platforms import tasks
from platforms.drivers.youku.driver import Youku
from platforms.errors import QuotaReached
from platforms.models import Account, Health, Publication
from platforms.services import account_health, accounts, budgets, lending, polling, sweep
from platforms.values import State, say
from sandbox.server import Answer
from tests import hub
from tests.services.test_polling_in_bulk import many

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def account(box) -> Account:
    return hub.add_account(box, "youku")


def allow(account: Account, calls: int | None) -> Account:
    Account.objects.filter(pk=account.pk).update(calls_per_hour=calls)
    return Account.objects.get(pk=account.pk)


@pytest.mark.django_db
def test_youku_begins_with_a_thousand_and_others_with_no_limit(box, account):
    assert account.calls_per_hour == 1000
    assert hub.add_account(box, "iqiyi").calls_per_hour is None


@pytest.mark.django_db
def test_every_call_of_an_account_counts(box, account):
    account_health.check(account, actor="li")
    (row,) = hub.publish(hub.add_video(), account)
    hub.work([row])
    use = budgets.use_of(Account.objects.get(pk=account.pk))
    sent = [call for call in box.requests if "/oss/" not in call.path]
    assert 0 < use.followed < use.made <= len(sent)
    assert use.made >= len(box.requests.to("/youku"))


@pytest.mark.django_db
def test_following_stops_at_half_and_the_rest_stays_due(box, account):
    account = allow(account, 10)
    many(account, 9)
    box.block("/youku/v2/videos/show_batch.json", Answer(200, b"{}", "application/json"), times=100)
    done = polling.run_due(actor="worker")
    assert len(box.requests) == 5
    assert (done.calls, done.polled, list(done.waiting)) == (5, 4, ["yk"])
    use = budgets.use_of(Account.objects.get(pk=account.pk))
    assert (use.made, use.followed, use.for_following) == (5, 5, 5)
    assert use.waits_until is not None
    assert Publication.objects.filter(next_run_at__lte=timezone.now(), looks=3).count() == 5
    assert polling.run_due(actor="worker") == polling.Polled()
    assert not sweep.due().follow
    assert hub.last_event(account, kind="budget")


@pytest.mark.django_db
def test_the_next_hour_begins_anew(box, account):
    account = allow(account, 10)
    many(account, 9)
    before = budgets.hour_of(timezone.now()) - budgets.HOUR
    Account.objects.update(calls_hour=before, calls_made=10, calls_followed=5, follow_from=timezone.now())
    assert polling.run_due(actor="worker").polled
    assert budgets.use_of(Account.objects.get(pk=account.pk)).made <= 5


@pytest.mark.django_db
def test_uploads_are_never_refused_by_the_budget(box, account):
    hour = budgets.hour_of(timezone.now())
    Account.objects.update(calls_per_hour=1, calls_hour=hour, calls_made=1, calls_followed=0)
    (row,) = hub.publish(hub.add_video(), account)
    hub.work([row], until=(State.PROCESSING,))
    hub.hurry(row)
    tasks.run_due()
    row.refresh_from_db()
    assert row.state == State.PROCESSING
    assert polling.refresh([row], actor="li").polled == 1, "a person's look does not wait"


@pytest.mark.django_db(transaction=True)
def test_what_is_taken_by_several_at_once_is_never_more_than_half(account):
    allow(account, 100)
    hour, taken = budgets.hour_of(timezone.now()), []

    def take() -> None:
        for _ in range(30):
            taken.append(budgets._take(account, 5, hour))

    hub.join([hub.Worker(take) for _ in range(3)])
    assert taken.count(True) == 10


@pytest.mark.django_db
def test_calls_that_were_taken_and_not_needed_are_given_back(account):
    account = allow(account, 1000)
    driver = lending.driver_with(account)
    following = budgets.Following(account, driver, "worker")
    following._may_call()
    assert Account.objects.get(pk=account.pk).calls_followed == budgets.AT_ONCE
    following.settle()
    assert Account.objects.get(pk=account.pk).calls_followed == 0


@pytest.mark.django_db
def test_the_platforms_own_quota_pauses_the_account_until_then(box, account, monkeypatch):
    until = timezone.now() + timedelta(hours=2)

    def look(driver, ids, closely):
        raise QuotaReached(say("Enough."), until=until)

    many(account, 2)
    monkeypatch.setattr(Youku, "look", look)
    polling.run_due(actor="worker")
    account.refresh_from_db()
    assert (account.health, account.paused_until) == (Health.PAUSED, until)
    assert polling.run_due(actor="worker").polled == 0


@pytest.mark.django_db
def test_a_larger_budget_lets_following_go_on_at_once(account):
    Account.objects.update(follow_from=timezone.now() + budgets.HOUR)
    account.refresh_from_db()
    accounts.set_calls_per_hour(account, 50_000, actor="li")
    account.refresh_from_db()
    assert (account.calls_per_hour, account.follow_from) == (50_000, None)


@pytest.mark.django_db
@pytest.mark.parametrize("calls", [0, -1, accounts.MOST_CALLS_PER_HOUR + 1])
def test_a_number_that_is_none_is_refused_in_words(account, calls):
    with pytest.raises(ValidationError) as caught:
        accounts.set_calls_per_hour(account, calls, actor="li")
    assert str(accounts.MOST_CALLS_PER_HOUR) in caught.value.messages[0]
