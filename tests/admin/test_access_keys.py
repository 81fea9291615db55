"""Access keys and deliveries in the admin: issued, passed on, withdrawn; looked at."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from platforms.models import AccessKey, Account, Delivery, Event
from platforms.services import access_keys, accounts, events
from platforms.services.access_keys import token
from platforms.values import State, say
from tests.admin.rows import add_account, add_publication, staff

pytestmark = pytest.mark.django_db
LIST, ADD = "/admin/platforms/accesskey/", "/admin/platforms/accesskey/add/"
KEYS = {"private_domain": "demo", "partner_id": "1", "partner_key": "kept-partner-key"}


@pytest.fixture
def baijiayun() -> Account:
    account, _new = accounts.save_account("bj", "baijiayun", KEYS, {}, actor="test")
    return account


def form(account: Account, **changes: str) -> dict[str, str]:
    later = timezone.localtime() + timedelta(days=1)
    facts = {"account": str(account.pk), "video": "", "viewer": "李雷", "most_plays": ""}
    return facts | {"expires_at": f"{later:%Y-%m-%dT%H:%M}"} | changes


def issue(account: Account, **changes: object) -> AccessKey:
    facts = {"video": None, "expires_at": timezone.now() + timedelta(hours=1), "most_plays": None, "viewer": "李雷"}
    return access_keys.issue(account, **(facts | changes), actor="test")  # type: ignore[arg-type]


def page_of(key: AccessKey) -> str:
    return f"/admin/platforms/accesskey/{key.pk}/change/"


def test_only_accounts_whose_platform_asks_are_offered(admin_client, baijiayun):
    add_account("yk")
    html = admin_client.get(ADD).content.decode()
    assert re.findall(r'<option value="\d+">(.*?)</option>', html) == ["bj"]


def test_a_key_is_issued_and_shown_to_be_passed_on(admin_client, baijiayun):
    assert admin_client.post(ADD, form(baijiayun, most_plays="3")).status_code == 302
    key = AccessKey.objects.get()
    assert (key.most_plays, key.created_by, key.viewer) == (3, "admin", "李雷")
    assert f"access_key={token(key)}" in admin_client.get(page_of(key)).content.decode()
    assert Event.objects.get(kind="access_key").actor == "admin"


def test_a_key_that_would_be_good_for_nothing_is_not_issued(admin_client, baijiayun):
    other = add_publication(add_account("yk")).video
    for changes in ({"expires_at": "2020-01-01T08:00"}, {"video": str(other.pk)}, {"most_plays": "-1"}):
        answer = admin_client.post(ADD, form(baijiayun, **changes))
        assert answer.status_code == 200
        assert "errornote" in answer.content.decode()
    assert not AccessKey.objects.exists()


def test_selected_keys_are_withdrawn(admin_client, baijiayun):
    key = issue(baijiayun)
    chosen = {"action": "revoke_selected", "_selected_action": [str(key.pk)]}
    assert "1 key was withdrawn." in admin_client.post(LIST, chosen, follow=True).content.decode()
    key.refresh_from_db()
    assert key.revoked_at
    assert "Withdrawn" in admin_client.get(page_of(key)).content.decode()


def test_a_key_is_never_changed_or_deleted(admin_client, baijiayun):
    key = issue(baijiayun)
    assert admin_client.post(page_of(key), form(baijiayun, viewer="other")).status_code == 403
    assert admin_client.get(f"/admin/platforms/accesskey/{key.pk}/delete/").status_code == 403


def test_the_list_asks_as_often_for_many_keys_as_for_one(admin_client, baijiayun, django_assert_max_num_queries):
    for number in range(20):
        issue(baijiayun, viewer=f"viewer {number}")
    with django_assert_max_num_queries(9):
        assert "viewer 19" in admin_client.get(LIST).content.decode()


def test_who_may_not_see_keys_sees_none(baijiayun):
    key = issue(baijiayun)
    client = staff("view_video")
    assert client.get(LIST).status_code == 403
    assert client.get(page_of(key)).status_code == 403


def test_deliveries_are_shown_with_their_outcome_and_without_secrets(admin_client, baijiayun):
    publication = add_publication(baijiayun, State.PUBLISHED, remote_id="7")
    Delivery.objects.create(
        account=baijiayun, publication=publication, qid="q-1", verified=True, body={"video_id": "7", "status": "100"},
        processed_at=timezone.now(),
    )  # fmt: skip
    refused = Delivery.objects.create(
        account=baijiayun, verified=False, body={"qid": "q-2"}, refusal=events.stored(say("The sign is not right."))
    )
    html = admin_client.get("/admin/platforms/delivery/").content.decode()
    assert "Processed" in html
    assert "The sign is not right." in html
    assert "kept-partner-key" not in html
    only = admin_client.get("/admin/platforms/delivery/?outcome=refused").content.decode()
    assert ("The sign is not right." in only, "badge--good" in only) == (True, False)
    assert "q-2" in admin_client.get(reverse("admin:platforms_delivery_change", args=[refused.pk])).content.decode()
