"""An account's page and its command say where the platform reaches the hub, and register it."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command

from platforms.models import Account, Delivery
from platforms.services import callbacks
from tests import hub
from tests.admin.rows import add_account, staff

pytestmark = pytest.mark.django_db


def page(client, account: Account) -> str:
    return str(client.get(f"/admin/platforms/account/{account.pk}/change/").content.decode())


@pytest.fixture
def account(box) -> Account:
    return hub.add_account(box, "baijiayun")


def test_it_shows_our_addresses_and_that_nothing_is_known_of_theirs(admin_client, account):
    html = page(admin_client, account)
    ours = callbacks.addresses(account)
    assert ours is not None
    assert ours.transcode in html
    assert ours.authorize in html
    assert "Not asked yet" in html


def test_checking_tells_that_none_is_registered_and_registering_does_it(admin_client, account):
    admin_client.post(f"/admin/platforms/account/{account.pk}/check/")
    html = page(admin_client, account)
    assert ">None</span>" in html
    answer = admin_client.post(f"/admin/platforms/account/{account.pk}/callbacks/", follow=True)
    html = answer.content.decode()
    assert "callback address is registered" in html
    assert "This address" in html
    assert "Register our address" not in html


def test_another_registered_address_is_named(admin_client, account):
    Account.objects.filter(pk=account.pk).update(registered_callback="https://other.example.com/hook")
    html = page(admin_client, account)
    assert "https://other.example.com/hook" in html
    assert "Register our address" in html


def test_the_last_callback_is_told(admin_client, account):
    delivery = Delivery.objects.create(account=account, qid="q", verified=True)
    assert delivery.received_at.isoformat(timespec="seconds") in page(admin_client, account)


def test_a_refusal_of_the_platform_is_told(admin_client, account, box, settings):
    settings.PUBLIC_URL = "ftp://hub.example.com"
    answer = admin_client.post(f"/admin/platforms/account/{account.pk}/callbacks/", follow=True)
    assert "url" in answer.content.decode()
    account.refresh_from_db()
    assert account.registered_callback is None


def test_who_may_only_look_sees_no_addresses(account):
    html = page(staff("view_account"), account)
    assert account.callback_id not in html


def test_a_platform_that_does_not_call_back_has_no_such_section(admin_client):
    html = page(admin_client, other := add_account("yk"))
    assert "Callbacks" not in html
    assert admin_client.post(f"/admin/platforms/account/{other.pk}/callbacks/").status_code == 404


def test_registering_is_a_post_by_somebody_who_may_change_accounts(admin_client, account):
    address = f"/admin/platforms/account/{account.pk}/callbacks/"
    assert admin_client.get(address).status_code == 405
    assert staff("view_account").post(address).status_code == 403


def test_the_command_prints_and_registers(account, capsys):
    ours = callbacks.addresses(account)
    assert ours is not None
    call_command("account_callbacks", account.name, "--json")
    expected = {"transcode": ours.transcode, "authorize": ours.authorize, "registered": ""}
    assert json.loads(capsys.readouterr().out) == expected
    call_command("account_callbacks", account.name, "--register", "--json")
    assert json.loads(capsys.readouterr().out) == expected | {"registered": ours.transcode}


def test_the_command_issues_an_access_key(account, capsys):
    call_command("access_key", account.name, "--expires", "60", "--plays", "2", "--json")
    assert set(json.loads(capsys.readouterr().out)) == {"access_key"}
    key = account.access_keys.get()
    assert (key.most_plays, key.video) == (2, None)


@pytest.mark.parametrize(
    "arguments", [["--expires", "0"], ["--expires", "60", "--plays", "0"], ["--expires", "60", "--video", "77"]]
)
def test_the_command_refuses_a_key_without_use(account, arguments, capsys):
    with pytest.raises((SystemExit, Exception)) as stopped:
        call_command("access_key", account.name, *arguments, "--json")
    assert getattr(stopped.value, "returncode", getattr(stopped.value, "code", None)) == 2
    assert json.loads(capsys.readouterr().out)["error"]["kind"] == "BadInput"
    assert not account.access_keys.exists()
