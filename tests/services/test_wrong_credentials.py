"""Wrong credentials: the account says which ones and waits for a person; its publications wait, and go on."""

from __future__ import annotations

import pytest

from platforms import tasks
from platforms.errors import PlatformError
from platforms.models import Account, Health, Publication
from platforms.services import account_health, accounts
from platforms.services.publishing import Metadata
from platforms.values import State
from sandbox.server import Sandbox
from tests import hub

pytestmark = pytest.mark.django_db

WRONG = [
    ("youku", {"client_id": "f" * 16}, "client_id"),
    ("youku", {"access_token": "f" * 32, "refresh_token": "f" * 32}, "refresh_token"),
    ("youku", {"access_token": "f" * 32, "refresh_token": ""}, "access_token"),
    ("iqiyi", {"client_secret": "f" * 32, "access_token": "", "refresh_token": ""}, "client_secret"),
    ("iqiyi", {"client_id": "f" * 32, "access_token": "", "refresh_token": ""}, "client_secret"),
    ("baijiayun", {"partner_key": "f" * 32, "secret_key": ""}, "partner_key"),
    ("baijiayun", {"partner_key": "", "secret_key": "f" * 32}, "secret_key"),
    ("baijiayun", {"partner_id": "999"}, "partner_key"),
]


def wrong_account(box: Sandbox, platform: str, wrong: dict[str, str]) -> Account:
    """An account with some of its credentials wrong; an empty one is not given at all."""
    credentials = {name: value for name, value in (box.credentials(platform) | wrong).items() if value}
    account, _new = accounts.save_account(hub.NAMES[platform], platform, credentials, {}, actor="test")
    return account


@pytest.mark.parametrize(("platform", "wrong", "field"), WRONG)
def test_the_account_says_which_ones_and_the_publication_goes_on_once_they_are_corrected(box, platform, wrong, field):
    account = wrong_account(box, platform, wrong)
    (row,) = hub.publish(hub.add_video(), account)
    tasks.run_uploads()
    account.refresh_from_db()
    row.refresh_from_db()
    assert account.health == Health.NEEDS_PERSON
    assert hub.reason_of(account)["field"] == field
    assert account.health_text
    assert (row.state, row.error_text) == (State.QUEUED, account.health_text)

    hub.hurry(row)
    box.requests.clear()
    tasks.run_uploads()
    assert len(box.requests) == 0, "an account that needs a person is left alone"

    accounts.save_account(account.name, platform, box.credentials(platform), {}, actor="li")
    hub.hurry(row)
    hub.work([row])
    assert (row.state, row.error) == (State.PUBLISHED, None)
    assert len(box.videos()) == 1


@pytest.mark.parametrize(("platform", "wrong", "field"), WRONG)
def test_checking_the_account_tells_the_same(box, platform, wrong, field):
    account = wrong_account(box, platform, wrong)
    with pytest.raises(PlatformError) as caught:
        account_health.check(account, actor="li")
    assert caught.value.field == field
    assert account.health == Health.NEEDS_PERSON
    accounts.save_account(account.name, platform, box.credentials(platform), {}, actor="li")
    account.refresh_from_db()
    assert (account.health, account.health_text) == (Health.OK, "")
    account_health.check(account, actor="li")
    assert account.checked_at


def test_a_login_that_is_lost_while_a_video_is_followed_waits_for_a_person_and_then_goes_on(box):
    account = hub.add_account(box, "iqiyi")
    (row,) = hub.publish(hub.add_video(), account)
    tasks.run_uploads()
    broken = box.credentials("iqiyi") | {"access_token": "0" * 32, "refresh_token": "0" * 32, "client_secret": "0" * 32}
    Account.objects.filter(pk=account.pk).update(credentials=broken)

    def paused() -> bool:
        tasks.run_due()
        return Account.objects.get(pk=account.pk).health == Health.NEEDS_PERSON

    hub.until(paused)
    row.refresh_from_db()
    assert row.state == State.PROCESSING
    assert "client" in row.error_text
    accounts.save_account(account.name, "iqiyi", box.credentials("iqiyi"), {}, actor="li")
    hub.work([row])
    assert (row.state, row.error) == (State.PUBLISHED, None)


def test_a_partner_key_that_was_replaced_is_fetched_with_the_secret_key_and_needs_nobody(box):
    account = wrong_account(box, "baijiayun", {"partner_key": "f" * 32})
    (row,) = hub.publish(hub.add_video(), account)
    tasks.run_uploads()
    hub.hurry(row)
    hub.work([row])
    account.refresh_from_db()
    assert (row.state, account.health) == (State.PUBLISHED, Health.OK)
    assert account.credentials == box.credentials("baijiayun")


def test_other_accounts_go_on_while_one_waits_for_a_person(box):
    broken = wrong_account(box, "youku", {"client_id": "f" * 16})
    rows = hub.publish(hub.add_video(), broken, hub.add_account(box, "iqiyi"), hub.add_account(box, "baijiayun"))
    hub.work(rows[1:])
    assert [row.state for row in rows[1:]] == [State.PUBLISHED] * 2
    assert Publication.objects.get(pk=rows[0].pk).state == State.QUEUED


def test_a_refusal_of_what_is_sent_is_no_trouble_of_the_account(box):
    account = hub.add_account(box, "youku")
    (row,) = hub.publish(hub.add_video(Metadata("[banned] 标题", "说明", "数学, 三年级")), account)
    tasks.run_uploads()
    row.refresh_from_db()
    account.refresh_from_db()
    error = hub.error_of(row)
    assert (row.state, error["kind"], error["code"]) == (State.FAILED, "Refused", "120010104")
    assert error["field"] == "title"
    assert account.health == Health.OK


def test_with_another_login_no_secret_of_the_last_one_is_kept(box):
    account = hub.add_account(box, "iqiyi")
    other = box.credentials("iqiyi", "second")
    given = {name: other[name] for name in ("client_id", "client_secret")}
    accounts.save_account(account.name, "iqiyi", given, {}, actor="li")
    account.refresh_from_db()
    assert account.credentials == given
    (row,) = hub.publish(hub.add_video(), account)
    hub.work([row])
    assert [video["account"] for video in box.videos("iqiyi")] == ["second"]


def test_what_is_not_given_stays_as_it_was(box):
    account = hub.add_account(box, "youku", upload_method="slices")
    stored = dict(account.credentials)
    accounts.save_account(account.name, "youku", {"access_token": "a-new-token"}, {}, actor="li")
    account.refresh_from_db()
    assert account.credentials == stored | {"access_token": "a-new-token"}
    assert account.options == {"upload_method": "slices"}
    assert hub.last_event(account, kind="account").data == {"fields": ["access_token"]}
