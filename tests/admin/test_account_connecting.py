"""An account gets its tokens and keys from its page: by its owner's consent, by fetching, by replacing."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.test import Client

from platforms.models import Account, Event, Health
from platforms.services import account_health, accounts
from sandbox.server import Sandbox
from tests.admin.rows import staff
from tests.hub import add_account

pytestmark = pytest.mark.django_db
BACK = "/admin/platforms/account/connected/"


@pytest.fixture
def unconnected(box: Sandbox) -> Account:
    """A Youku account whose owner has not agreed yet."""
    given = {name: box.credentials("youku")[name] for name in ("client_id", "client_secret")}
    account, _new = accounts.save_account("yk", "youku", given, {}, actor="test")
    return account


def page(client: Client, account: Account) -> str:
    return client.get(f"/admin/platforms/account/{account.pk}/change/").content.decode()


def agree(client: Client, account: Account, decision: str = "allow") -> str:
    """Follow the Connect button to the platform, decide there, and answer the address one is sent back to."""
    there = client.get(f"/admin/platforms/account/{account.pk}/connect/")["Location"]
    values = {name: texts[0] for name, texts in parse_qs(urlsplit(there).query).items()}
    assert values["redirect_uri"].endswith(BACK)
    address = there.split("?")[0]
    decided = requests.post(address, data={**values, "decision": decision}, allow_redirects=False)
    return decided.headers["Location"].split("://", 1)[1].split("/", 1)[1]


def test_the_owners_consent_connects_the_account(box: Sandbox, admin_client: Client, unconnected: Account):
    assert "/connect/" in page(admin_client, unconnected)
    answer = admin_client.get("/" + agree(admin_client, unconnected), follow=True)
    unconnected.refresh_from_db()
    assert unconnected.credentials["access_token"] == box.credentials("youku")["access_token"]
    assert unconnected.health == Health.OK
    assert account_health.check(unconnected, actor="test")
    assert unconnected.credentials["access_token"] not in answer.content.decode()


def test_an_owner_who_does_not_agree_changes_nothing(admin_client: Client, unconnected: Account):
    answer = admin_client.get("/" + agree(admin_client, unconnected, "deny"), follow=True)
    assert "access_denied" in answer.content.decode()
    unconnected.refresh_from_db()
    assert "access_token" not in unconnected.credentials


def test_a_consent_belongs_to_the_person_who_asked_for_it(admin_client: Client, unconnected: Account):
    back = "/" + agree(admin_client, unconnected)
    other = staff("change_account", "view_account")
    other.get(back)
    admin_client.get(f"{BACK}?state=made-up&code=1")
    unconnected.refresh_from_db()
    assert "access_token" not in unconnected.credentials


def test_a_code_that_is_not_accepted_leaves_a_working_account_as_it_is(box: Sandbox, admin_client: Client):
    account = add_account(box, "youku")
    there = admin_client.get(f"/admin/platforms/account/{account.pk}/connect/")["Location"]
    (state,) = parse_qs(urlsplit(there).query)["state"]
    before = dict(account.credentials)
    admin_client.get(BACK, {"state": state, "code": "no such code"})
    account.refresh_from_db()
    assert (account.credentials, account.health) == (before, Health.OK)
    assert Event.objects.filter(account=account, kind="trouble").exists()


@pytest.mark.parametrize(
    ("platform", "names"),
    [
        ("youku", {"refresh_token"}),
        ("iqiyi", {"refresh_token", "authorize"}),
        ("baijiayun", {"fetch_key", "regenerate_key"}),
    ],
)
def test_a_page_has_the_buttons_that_its_platform_has(box: Sandbox, admin_client: Client, platform, names):
    account = add_account(box, platform)
    html = page(admin_client, account)
    assert set(re.findall(r"/renew/(\w+)/", html)) == names
    assert ("/connect/" in html) is (platform == "youku")
    assert admin_client.get(f"/admin/platforms/account/{account.pk}/renew/{min(names)}/").status_code == 405


def test_new_tokens_are_fetched_with_key_and_secret(box: Sandbox, admin_client: Client):
    account = add_account(box, "iqiyi")
    before = account.credentials["access_token"]
    admin_client.post(f"/admin/platforms/account/{account.pk}/renew/authorize/")
    account.refresh_from_db()
    assert account.credentials["access_token"] != before
    assert account_health.check(account, actor="test")


def test_a_key_is_replaced_only_after_it_was_confirmed(box: Sandbox, admin_client: Client):
    account = add_account(box, "baijiayun")
    before = account.credentials["partner_key"]
    address = f"/admin/platforms/account/{account.pk}/renew/regenerate_key/"
    asked = admin_client.post(address)
    account.refresh_from_db()
    assert asked.status_code == 200
    assert account.credentials["partner_key"] == before == box.credentials("baijiayun")["partner_key"]
    admin_client.post(address, {"confirm": "yes"})
    account.refresh_from_db()
    assert account.credentials["partner_key"] == box.credentials("baijiayun")["partner_key"] != before
    assert account_health.check(account, actor="test")


def test_somebody_who_may_only_look_gets_no_tokens(box: Sandbox):
    account = add_account(box, "youku")
    viewer = staff("view_account")
    for verb in ("connect/", "renew/refresh_token/"):
        assert viewer.post(f"/admin/platforms/account/{account.pk}/{verb}").status_code == 403
    assert "/renew/" not in page(viewer, account)
