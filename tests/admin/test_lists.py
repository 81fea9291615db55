"""Lists stay fast: a fixed number of statements, a count that stops, filters that work."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from platforms.admin.common import lists
from platforms.admin.site import site
from platforms.models import Event, Health, Pulse
from platforms.values import State
from tests.admin.rows import add_account, add_publication, add_session, answering_workers, staff

pytestmark = pytest.mark.django_db
NAMES = ["account", "event", "uploadsession", "pulse", "publication", "video"]


def fill(first: int, count: int) -> None:
    for number in range(first, first + count):
        account = add_account(f"account {number}", health=Health.NEEDS_PERSON, health_reason={"text": "No."})
        add_session(add_publication(account, State.UPLOADING, bytes_sent=1))
        Pulse.objects.create(host=f"box-{number}", queue="default")


@pytest.mark.parametrize("name", NAMES)
def test_the_number_of_statements_does_not_grow(name, admin_client):
    url = f"/admin/platforms/{name}/"
    fill(0, 2)
    with CaptureQueriesContext(connection) as few:
        admin_client.get(url)
    fill(2, 6)
    with CaptureQueriesContext(connection) as many:
        admin_client.get(url)
    assert len(many) == len(few) < 15


@pytest.mark.parametrize("name", NAMES)
def test_no_list_counts_to_the_end_or_has_a_date_hierarchy(name):
    admin = next(one for model, one in site._registry.items() if model._meta.model_name == name)
    assert admin.show_full_result_count is False
    assert issubclass(admin.paginator, lists.CappedPaginator)
    assert admin.date_hierarchy is None


def test_the_paginator_counts_no_further_than_its_limit(monkeypatch):
    fill(0, 4)
    paginator = lists.CappedPaginator(Event.objects.order_by("-id"), 3)
    total = Event.objects.count()
    assert paginator.count == total
    monkeypatch.setattr(lists, "MOST_COUNTED", 5)
    assert lists.CappedPaginator(Event.objects.order_by("-id"), 3).count == 5
    assert lists.CappedPaginator(list(range(9)), 3).count == 5


def test_an_empty_list_says_what_to_do(admin_client):
    html = admin_client.get("/admin/platforms/account/").content.decode()
    assert "No accounts yet." in html
    assert "An account is a login on one platform." in html
    assert "Nothing matches." in admin_client.get("/admin/platforms/account/?q=nobody").content.decode()


def test_accounts_are_searched_and_filtered(admin_client):
    add_account("first", health=Health.NEEDS_PERSON)
    add_account("second")
    found = admin_client.get("/admin/platforms/account/?q=first").context["cl"]
    assert [account.name for account in found.result_list] == ["first"]
    found = admin_client.get("/admin/platforms/account/?health__exact=ok&platform__exact=youku").context["cl"]
    assert [account.name for account in found.result_list] == ["second"]


def test_accounts_show_how_many_publications_they_have(admin_client):
    account = add_account()
    add_publication(account)
    add_publication(account)
    html = admin_client.get("/admin/platforms/account/").content.decode()
    assert f'<a href="/admin/platforms/publication/?account__id__exact={account.pk}" class="numbers">2</a>' in html


def test_events_are_filtered_by_kind_and_account(admin_client):
    one, other = add_account("one"), add_account("other")
    add_publication(one, State.FAILED)
    add_publication(other, State.FAILED)
    found = admin_client.get(f"/admin/platforms/event/?kind=failed&account__id__exact={one.pk}").context["cl"]
    assert [event.account for event in found.result_list] == [one]


@pytest.mark.parametrize("span", ["at__to=9999-12-31", "at__from=0001-01-01", "at__from=2026-13-99"])
def test_a_day_that_no_clock_reaches_narrows_nothing(span, admin_client):
    add_publication(add_account(), State.FAILED)
    assert admin_client.get(f"/admin/platforms/event/?{span}").context["cl"].result_count == Event.objects.count() > 0


def test_events_are_searched_by_what_they_are_about(admin_client):
    account = add_account()
    add_publication(account, State.FAILED)
    assert admin_client.get("/admin/platforms/event/?q=Lesson").context["cl"].result_count == 1


def test_clusters_are_told_apart_by_their_last_answer(admin_client):
    answering_workers()
    Pulse.objects.create(host="gone", queue="default")
    html = admin_client.get("/admin/platforms/pulse/").content.decode()
    assert html.count("badge--good") == 2
    assert html.count("badge--bad") == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_list_is_closed_to_who_may_not_see_it(name):
    assert staff().get(f"/admin/platforms/{name}/").status_code == 403
    assert staff(f"view_{name}").get(f"/admin/platforms/{name}/").status_code == 200
