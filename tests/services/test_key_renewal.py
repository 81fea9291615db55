"""A key that the platform hands out again is stored for all, once, and the history says so."""

from __future__ import annotations

import threading

import pytest

from platforms.contract import HasKey
from platforms.models import Account
from platforms.services import lending
from tests import hub

CREATE_KEY = "/baijiayun/b0001/openapi/partner/createkey"


def key_of(account: Account) -> HasKey:
    driver = lending.driver_for(account)
    assert isinstance(driver, HasKey)
    return driver


def events_of(account: Account) -> list[str]:
    return [event.text for event in account.events.filter(kind="token")]


@pytest.mark.django_db
def test_a_regenerated_key_is_stored_and_told(box):
    account = hub.add_account(box, "baijiayun")
    old = account.credentials["partner_key"]
    key_of(account).regenerate_key()
    account.refresh_from_db()
    assert account.credentials["partner_key"] == box.credentials("baijiayun")["partner_key"] != old
    assert account.credentials["secret_key"] == box.credentials("baijiayun")["secret_key"]
    assert account.token_lease_until is None
    (text,) = events_of(account)
    assert "partner_key" in text
    assert account.credentials["partner_key"] not in text


@pytest.mark.django_db
def test_the_key_that_was_stored_already_is_no_event(box):
    account = hub.add_account(box, "baijiayun")
    key_of(account).fetch_key()
    assert len(box.requests.to(CREATE_KEY)) == 1
    assert events_of(account) == []


@pytest.mark.django_db(transaction=True)
def test_many_who_miss_the_key_at_once_fetch_it_once(box):
    account = hub.add_account(box, "baijiayun")
    Account.objects.filter(pk=account.pk).update(credentials={**account.credentials, "partner_key": ""})
    together = threading.Barrier(4)

    def need() -> None:
        together.wait()
        lending.driver_for(Account.objects.get(pk=account.pk)).check_account()

    hub.join([hub.Worker(need) for _ in range(4)])
    assert len(box.requests.to(CREATE_KEY)) == 1
    account.refresh_from_db()
    assert account.credentials["partner_key"] == box.credentials("baijiayun")["partner_key"]


@pytest.mark.django_db
def test_a_token_is_not_taken_for_the_key(box):
    """The stored access token says nothing about whether another credential is stale."""
    account = hub.add_account(box, "baijiayun")
    access = lending.RowAccess(account.pk, account.name, {})
    stored = account.credentials["partner_key"]
    assert access.renew("older", lambda _: pytest.fail("no call is needed"), "partner_key")["partner_key"] == stored
    assert access.renew(stored, lambda _: {"partner_key": "newer"}, "partner_key")["partner_key"] == "newer"
