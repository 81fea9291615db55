"""An account's upload limit in the form, and its pauses on its page: why, until when, and a button that ends them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from platforms.models import Account, Health
from platforms.services import budgets, circuit, progress
from platforms.values import say
from tests.admin.posting import page_of, text, told
from tests.admin.rows import YOUKU, add_account, staff

pytestmark = pytest.mark.django_db
MB = 1024 * 1024


def form(account: Account, **changes: str) -> dict[str, str]:
    typed = {f"credentials-{name}": value for name, value in YOUKU.items()}
    return {"name": account.name, "platform": "youku", "options-upload_method": "oss", **typed, **changes}


def save(account: Account, speed: str) -> tuple[Account, str]:
    """The account after its form was sent with this limit, and the words of the page that followed."""
    page = staff("change_account", "view_account").post(
        page_of(account), form(account, upload_speed=speed), follow=True
    )
    return Account.objects.get(pk=account.pk), text(page)


@pytest.mark.parametrize(("speed", "limit"), [("2.5", int(2.5 * MB)), ("0.01", 10485), ("", None)])
def test_a_limit_is_typed_in_megabytes_a_second(speed, limit):
    account, _words = save(add_account(upload_limit=7 * MB), speed)
    assert account.upload_limit == limit


@pytest.mark.parametrize("speed", ["0", "-1", "fast", "1000000"])
def test_what_is_no_speed_is_told_at_its_field(speed):
    account, words = save(add_account(upload_limit=7 * MB), speed)
    assert account.upload_limit == 7 * MB
    assert "Please correct the error below." in words


def test_the_page_shows_the_limit_and_the_form_has_it():
    page = staff("change_account", "view_account").get(page_of(add_account(upload_limit=int(2.5 * MB))))
    assert "Upload limit 2.5 MB a second" in text(page).replace("\xa0", " ")
    assert 'name="upload_speed" value="2.50"' in page.content.decode()


@pytest.mark.parametrize(("typed", "calls"), [("50000", 50_000), ("", None)])
def test_calls_an_hour_are_typed_in_the_form(typed, calls):
    account = add_account()
    staff("change_account", "view_account").post(page_of(account), form(account, calls_per_hour=typed))
    account.refresh_from_db()
    assert account.calls_per_hour == calls


@pytest.mark.parametrize("typed", ["0", "-5", "1.5", "many", "10000001"])
def test_what_is_no_number_of_calls_is_told_at_its_field(typed):
    account = add_account()
    page = staff("change_account", "view_account").post(page_of(account), form(account, calls_per_hour=typed))
    account.refresh_from_db()
    assert account.calls_per_hour == 1000
    assert "Please correct the error below." in text(page)


def test_the_page_says_what_is_used_and_until_when_following_waits():
    now = timezone.now()
    used: dict[str, Any] = {"calls_hour": budgets.hour_of(now), "calls_made": 620, "calls_followed": 500}
    account = add_account(**used, follow_from=budgets.hour_of(now) + budgets.HOUR)
    words = text(staff("change_account", "view_account").get(page_of(account)))
    assert "620 of 1000; to look after videos 500 of at most 500" in words
    assert "Its videos are looked at again from" in words


def test_a_changed_limit_is_in_the_history_once():
    account, _words = save(add_account(), "1")
    assert "The account's uploads may send 1024 KB a second together." in [event.text for event in account.events.all()]
    count = account.events.filter(sentence__text__startswith="The account's uploads").count()
    save(account, "1")
    assert account.events.filter(sentence__text__startswith="The account's uploads").count() == count


def paused(**columns: Any) -> Account:
    reason = progress.stored_error("Temporary", say("The platform is away."))
    until = timezone.now() + timedelta(minutes=10)
    return add_account(health=Health.PAUSED, health_reason=reason, paused_until=until, **columns)


def test_a_pause_after_troubles_is_explained_and_can_be_ended():
    account = paused(troubles=7)
    client = staff("change_account", "view_account")
    words = text(client.get(page_of(account)))
    assert "The platform is away. That were 7 troubles in a row. What is queued waits and keeps its attempts" in words
    assert "Paused until" in words
    done = client.post(reverse("admin:platforms_account_try", args=[account.pk]), follow=True)
    assert "The pause is ended: the platform is tried now." in told(done)
    account.refresh_from_db()
    assert circuit.take_probe(account)


def test_an_account_that_works_has_no_such_button():
    account = add_account()
    client = staff("change_account", "view_account")
    url = reverse("admin:platforms_account_try", args=[account.pk])
    assert url not in client.get(page_of(account)).content.decode()
    assert "The account is not paused." in told(client.post(url, follow=True))
    assert client.get(url).status_code == 405


def test_whoever_may_not_change_accounts_ends_no_pause():
    account = paused(troubles=7)
    url = reverse("admin:platforms_account_try", args=[account.pk])
    assert staff("view_account").post(url).status_code == 403
    assert not circuit.take_probe(account)
