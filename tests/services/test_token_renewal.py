"""An expired token is renewed once for all who need it, and the work goes on."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from platforms import tasks
from platforms.errors import LoginExpired, Temporary
from platforms.models import Account, Publication
from platforms.services import account_health, accounts, connecting, lending
from platforms.values import State
from sandbox.server import Answer, Sandbox
from tests import hub

PART = 100 * 1024
REFRESH = {"youku": "/youku/oauth2/token.json", "iqiyi": "/iqiyi/api/oauth2/token"}


def expire(box: Sandbox, platform: str) -> None:
    """Let the platform's access tokens expire, and nothing else."""
    if platform == "youku":
        box.youku.expire_access_tokens()
    else:
        box.clock.advance(box.iqiyi.token_lifetime + 1)


@pytest.mark.django_db
@pytest.mark.parametrize("platform", REFRESH)
def test_an_expired_token_is_renewed_and_the_upload_goes_on(box, platform):
    account = hub.add_account(box, platform)
    old = dict(account.credentials)
    (row,) = hub.publish(hub.add_video(), account)
    expire(box, platform)
    hub.work([row])
    account.refresh_from_db()
    assert (row.state, row.attempts) == (State.PUBLISHED, 1)
    assert len(box.requests.to(REFRESH[platform])) == 1
    assert account.credentials["access_token"] != old["access_token"]
    assert account.credentials["refresh_token"] != old["refresh_token"]
    assert account.token_expires_at
    assert account.token_expires_at > account.created_at
    assert account.token_lease_until is None
    assert account.events.filter(kind="token").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("platform", REFRESH)
def test_a_token_that_expires_in_mid_upload_is_renewed_and_no_byte_is_sent_again(box, platform, monkeypatch):
    (row,) = hub.publish(hub.add_video(), hub.add_account(box, platform))
    gate = hub.Gate(monkeypatch, after=3)
    worker = hub.Worker(tasks.run_uploads)
    worker.start()
    gate.wait()
    hub.until(lambda: hub.bytes_received(box) == 3 * PART)  # what went through the gate is no longer under way
    expire(box, platform)
    gate.open()
    worker.finish()
    hub.work([row])
    assert (row.state, row.attempts) == (State.PUBLISHED, 1)
    assert len(box.requests.to(REFRESH[platform])) == 1
    assert hub.bytes_received(box) == row.bytes_total
    assert len(box.videos()) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("platform", REFRESH)
def test_many_who_meet_the_expired_token_at_once_refresh_it_once(box, platform):
    account = hub.add_account(box, platform)
    stale = account.credentials["access_token"]
    expire(box, platform)
    together, tokens = threading.Barrier(6), []

    def need() -> None:
        together.wait()
        lending.driver_for(Account.objects.get(pk=account.pk)).check_account()
        tokens.append(Account.objects.get(pk=account.pk).credentials["access_token"])

    hub.join([hub.Worker(need) for _ in range(6)])
    assert len(box.requests.to(REFRESH[platform])) == 1
    assert len(set(tokens)) == 1
    assert stale not in tokens


@pytest.mark.django_db
def test_the_refresh_of_another_process_is_taken_over_without_a_call(box):
    account = hub.add_account(box, "youku")
    access = lending.RowAccess(account.pk, account.name, {})
    Account.objects.filter(pk=account.pk).update(credentials=account.credentials | {"access_token": "fresh"})
    assert access.renew("stale", lambda _: pytest.fail("no call is needed"))["access_token"] == "fresh"


@pytest.mark.django_db
def test_a_lease_on_the_token_whose_holder_died_does_not_stop_the_others(box):
    account = hub.add_account(box, "youku")
    expire(box, "youku")
    over = timezone.now() - lending.TOKEN_LEASE
    Account.objects.filter(pk=account.pk).update(token_lease_until=over)
    account_health.check(account, actor="li")
    assert len(box.requests.to(REFRESH["youku"])) == 1


@pytest.mark.django_db
def test_one_who_waits_too_long_for_another_process_is_told_to_come_back(box, monkeypatch):
    account = hub.add_account(box, "youku")
    held = timezone.now() + lending.TOKEN_LEASE
    Account.objects.filter(pk=account.pk).update(token_lease_until=held)
    monkeypatch.setattr(lending, "TOKEN_LEASE", timedelta(0))
    monkeypatch.setattr(lending, "TOKEN_WAIT_SECONDS", 0)
    access = lending.RowAccess(account.pk, account.name, {})
    with pytest.raises(Temporary):
        access.renew(account.credentials["access_token"], lambda _: pytest.fail("another process is at it"))
    assert Account.objects.get(pk=account.pk).token_lease_until == held


@pytest.mark.django_db
def test_a_correction_made_while_the_platform_was_answering_is_kept(box):
    account = hub.add_account(box, "youku")
    access = lending.RowAccess(account.pk, account.name, {})

    def answer_late(credentials):
        accounts.save_account(account.name, "youku", {"access_token": "by hand"}, {}, actor="li")
        return {"access_token": "by the platform", "refresh_token": "rotated"}

    assert access.renew(account.credentials["access_token"], answer_late)["access_token"] == "by hand"
    assert Account.objects.get(pk=account.pk).credentials["refresh_token"] != "rotated"


@pytest.mark.django_db
def test_renaming_an_account_does_not_undo_a_renewal_under_way(box):
    account = hub.add_account(box, "youku")
    stale_copy = Account.objects.get(pk=account.pk)
    access = lending.RowAccess(account.pk, account.name, {})
    access.renew(account.credentials["access_token"], lambda _: {"access_token": "fresh", "expires_in": "60"})
    accounts.save_account("renamed", "youku", {}, {}, actor="li", account=stale_copy)
    account.refresh_from_db()
    assert (account.name, account.credentials["access_token"]) == ("renamed", "fresh")
    assert account.token_expires_at


@pytest.mark.django_db
def test_a_refresh_token_that_is_revoked_needs_a_person(box):
    account = hub.add_account(box, "youku")
    expire(box, "youku")
    box.youku.revoke_refresh_token()
    with pytest.raises(LoginExpired) as caught:
        connecting.renew(account, "refresh_token", actor="li")
    assert caught.value.field == "refresh_token"
    assert account.health == "needs_person"


@pytest.mark.django_db
def test_a_refresh_whose_answer_is_cut_off_leaves_the_lease_free_and_the_publication_waiting(box):
    account = hub.add_account(box, "youku")
    (row,) = hub.publish(hub.add_video(), account)
    expire(box, "youku")
    box.block(REFRESH["youku"], Answer(502, b"<html>Bad Gateway</html>"))
    tasks.run_uploads()
    row.refresh_from_db()
    account.refresh_from_db()
    assert (row.state, hub.error_of(row)["kind"]) == (State.QUEUED, "Temporary")
    assert account.token_lease_until is None
    hub.hurry(row)
    hub.work([row])
    assert Publication.objects.get(pk=row.pk).state == State.PUBLISHED
