"""Accounts are added by platform; their secrets go in and never come out."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.utils.html import escape

from platforms.models import Account, Event, Health
from sandbox.server import Sandbox
from tests.admin.rows import SECRETS, YOUKU, add_account, add_publication, staff

pytestmark = pytest.mark.django_db
ADD = "/admin/platforms/account/add/"
SAME_LOGIN = {"credentials-client_id": YOUKU["client_id"]}
TYPED = {f"credentials-{name}": value for name, value in YOUKU.items()}


def page_of(account: Account) -> str:
    return f"/admin/platforms/account/{account.pk}/change/"


def form(platform: str = "youku", name: str = "yk", **typed: str) -> dict[str, str]:
    options = {"options-upload_method": "oss"} if platform == "youku" else {}
    return {"platform": platform, "name": name, "_save": "Save", **options, **typed}


def text(answer):
    return answer.content.decode()


def test_adding_begins_with_the_platform(admin_client):
    html = text(admin_client.get(ADD))
    for platform in ("youku", "iqiyi", "baijiayun"):
        assert f'href="?platform={platform}"' in html


def test_an_unknown_platform_leads_to_the_choice(admin_client):
    assert 'href="?platform=youku"' in text(admin_client.get(f"{ADD}?platform=vimeo"))


@pytest.mark.parametrize(
    ("platform", "names"),
    [
        ("youku", ["client_id", "client_secret", "access_token", "refresh_token"]),
        ("iqiyi", ["client_id", "client_secret", "access_token", "refresh_token"]),
        ("baijiayun", ["private_domain", "partner_id", "partner_key", "secret_key"]),
    ],
)
def test_each_platform_asks_for_its_own_credentials(platform, names, admin_client):
    html = text(admin_client.get(f"{ADD}?platform={platform}"))
    for name in names:
        assert f'name="credentials-{name}"' in html


def test_an_account_is_added(admin_client):
    answer = admin_client.post(ADD, form(**TYPED))
    assert answer.status_code == 302
    account = Account.objects.get(name="yk")
    assert account.platform == "youku"
    assert account.credentials == YOUKU
    assert account.options == {"upload_method": "oss"}
    assert Event.objects.get(account=account).actor == "admin"


def test_secrets_are_typed_as_dots_and_never_shown_again(admin_client):
    account = add_account()
    html = text(admin_client.get(page_of(account)))
    for secret in SECRETS.values():
        assert secret not in html
    assert html.count('type="password"') == 3
    assert html.count('autocomplete="new-password"') == 3
    assert 'value="shown-id"' in html
    assert "Stored. Leave empty to keep it." in html


def test_secrets_are_not_shown_again_with_an_error(admin_client):
    html = text(admin_client.post(ADD, form(name="", **TYPED)))
    assert "This field is required." in html
    for secret in SECRETS.values():
        assert secret not in html


def test_no_page_of_the_admin_holds_a_secret(admin_client):
    account = add_account()
    add_publication(account)
    admin_client.post(page_of(account), form(name="renamed", **SAME_LOGIN))
    pages = ["/admin/", "/admin/platforms/account/", "/admin/platforms/event/", page_of(account)]
    pages += [f"/admin/platforms/event/{event.pk}/change/" for event in Event.objects.all()]
    pages += [f"/admin/platforms/account/{account.pk}/history/", f"/admin/platforms/account/{account.pk}/delete/"]
    for url in pages:
        html = text(admin_client.get(url, follow=True))
        assert not [secret for secret in SECRETS.values() if secret in html], url


def test_empty_secrets_keep_what_is_stored(admin_client):
    account = add_account()
    admin_client.post(page_of(account), form(**SAME_LOGIN, **{"credentials-access_token": "new-token"}))
    account.refresh_from_db()
    assert account.credentials == YOUKU | {"access_token": "new-token"}


def test_another_login_needs_its_own_secrets(admin_client):
    account = add_account()
    answer = admin_client.post(page_of(account), form(**{"credentials-client_id": "another"}))
    assert set(answer.context["adminform"].form.errors) == {"credentials-access_token"}
    account.refresh_from_db()
    assert account.credentials == YOUKU


def test_an_account_is_renamed(admin_client):
    account = add_account()
    admin_client.post(page_of(account), form(name="renamed", **SAME_LOGIN))
    account.refresh_from_db()
    assert (account.name, account.credentials, Account.objects.count()) == ("renamed", YOUKU, 1)


def test_a_name_is_given_once(admin_client):
    add_account("taken")
    html = text(admin_client.post(ADD, form(name="taken", **TYPED)))
    assert "Account with this Name already exists." in html
    assert Account.objects.count() == 1


def test_the_platform_stays(admin_client):
    account = add_account()
    admin_client.post(page_of(account), form(platform="iqiyi", **{"credentials-client_id": "x"}))
    account.refresh_from_db()
    assert account.platform == "youku"


def test_a_missing_credential_is_told_at_its_field(admin_client):
    answer = admin_client.post(ADD, form("iqiyi", **{"credentials-client_id": "x"}))
    assert answer.context["adminform"].form.errors["credentials-client_secret"] == ["This field is required."]
    assert not Account.objects.exists()


def test_what_the_platform_would_refuse_is_told_at_its_field(admin_client):
    typed = {"credentials-private_domain": "https://x", "credentials-partner_id": "1"}
    answer = admin_client.post(ADD, form("baijiayun", **typed))
    assert set(answer.context["adminform"].form.errors) == {"credentials-private_domain", "credentials-partner_key"}


def test_an_option_that_the_platform_lacks_is_refused(admin_client):
    answer = admin_client.post(ADD, form(**TYPED) | {"options-upload_method": "pigeon"})
    assert "options-upload_method" in answer.context["adminform"].form.errors
    assert not Account.objects.exists()


def test_the_log_of_changes_names_fields_and_no_values(admin_client):
    account = add_account()
    admin_client.post(page_of(account), form(**SAME_LOGIN, **{"credentials-access_token": "t0ken"}))
    message = LogEntry.objects.latest("id").get_change_message()
    assert "Access token" in message
    assert "t0ken" not in message


def test_an_account_with_publications_is_not_deleted(admin_client):
    account = add_account()
    add_publication(account)
    answer = admin_client.post(f"/admin/platforms/account/{account.pk}/delete/", {"post": "yes"}, follow=True)
    assert "1 publication is on this account." in text(answer)
    assert Account.objects.filter(pk=account.pk).exists()


def test_an_account_without_publications_is_deleted_and_its_history_stays(admin_client):
    account = add_account()
    admin_client.post(f"/admin/platforms/account/{account.pk}/delete/", {"post": "yes"})
    assert not Account.objects.exists()
    assert Event.objects.get().subject == "yk"


def test_health_quota_and_history_are_shown(admin_client):
    account = add_account(
        health=Health.NEEDS_PERSON,
        health_reason={"text": "The token is not accepted.", "params": {}},
        quota={"total_storage": 1000, "used_storage": 850, "other": 2048},
    )
    html = text(admin_client.get(page_of(account)))
    assert "The token is not accepted." in html
    assert '<progress max="100" value="85">' in html
    assert "2.0\xa0KB" in html
    assert "The account was added." in html


def test_who_may_only_look_sees_no_credentials_and_no_buttons(db):
    account = add_account()
    html = text(staff("view_account").get(page_of(account)))
    assert "shown-id" not in html
    assert "credentials-" not in html
    assert "/check/" not in html
    assert "All events" not in html


def test_who_may_only_look_changes_nothing(db):
    account, client = add_account(), staff("view_account")
    assert client.post(page_of(account), form(name="x", **TYPED)).status_code == 403
    assert client.post(f"/admin/platforms/account/{account.pk}/check/").status_code == 403
    assert client.post(f"/admin/platforms/account/{account.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get(ADD).status_code == 403
    account.refresh_from_db()
    assert account.name == "yk"


def typed_for(box: Sandbox, platform: str, **changed: str) -> dict[str, str]:
    return {f"credentials-{name}": value for name, value in (box.credentials(platform) | changed).items()}


@pytest.mark.parametrize("platform", ["youku", "iqiyi", "baijiayun"])
def test_saving_and_checking_says_that_the_account_works(platform, box, admin_client):
    typed = form(platform, **typed_for(box, platform)) | {"_check": "Save and check"}
    answer = admin_client.post(ADD, typed, follow=True)
    account = Account.objects.get()
    assert answer.redirect_chain[-1][0] == page_of(account)
    levels = [message.level_tag for message in answer.context["messages"]]
    assert levels == ["success", "success"]
    assert (account.health, account.checked_at is not None) == (Health.OK, True)


def test_wrong_credentials_are_told_and_kept_at_the_account(box, admin_client):
    wrong = typed_for(box, "youku", access_token="wrong", refresh_token="wrong", client_secret="wrong")
    answer = admin_client.post(ADD, form(**wrong) | {"_check": "Save and check"}, follow=True)
    account = Account.objects.get()
    assert account.health == Health.NEEDS_PERSON
    assert account.health_text
    assert escape(account.health_text) in text(answer)


def test_the_button_checks_and_the_list_checks_many(box, admin_client):
    admin_client.post(ADD, form("iqiyi", **typed_for(box, "iqiyi")))
    account = Account.objects.get()
    answer = admin_client.post(f"/admin/platforms/account/{account.pk}/check/", follow=True)
    assert [message.level_tag for message in answer.context["messages"]][-1] == "success"
    assert 'class="success">yk' in text(answer), "the account's name is shown as it is written"
    action = {"action": "check_selected", "_selected_action": [account.pk]}
    answer = admin_client.post("/admin/platforms/account/", action, follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["success"]


def test_tokens_are_refreshed_where_there_are_tokens(box, admin_client):
    for platform in ("iqiyi", "baijiayun"):
        admin_client.post(ADD, form(platform, name=platform, **typed_for(box, platform)))
    iqiyi, baijiayun = Account.objects.order_by("-platform")
    assert "/renew/refresh_token/" in text(admin_client.get(page_of(iqiyi)))
    assert "/renew/refresh_token/" not in text(admin_client.get(page_of(baijiayun)))
    action = {"action": "refresh_selected", "_selected_action": [iqiyi.pk, baijiayun.pk]}
    answer = admin_client.post("/admin/platforms/account/", action, follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["success", "warning"]


def test_verbs_are_obeyed_by_post_only(admin_client):
    account = add_account()
    assert admin_client.get(f"/admin/platforms/account/{account.pk}/check/").status_code == 405
    assert admin_client.post(f"/admin/platforms/account/{account.pk}/renew/explode/").status_code == 404
