"""The home page says what runs, what waits and why, and what needs a person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from platforms.models import Health, Pulse
from platforms.services.progress import NEEDS_PERSON
from platforms.values import State
from tests.admin.rows import add_account, add_publication, answering_workers, staff

pytestmark = pytest.mark.django_db
REASON = {"text": "The platform refuses the title.", "params": {}, "kind": "Refused"}


def home(client):
    return client.get("/admin/").context["home"]


def page(client):
    return client.get("/admin/").content.decode()


def test_a_new_hub_shows_the_first_steps(admin_client):
    assert [(step.done, step.url) for step in home(admin_client).steps] == [
        (False, "/admin/platforms/account/add/"),
        (False, "/admin/platforms/video/add/"),
    ]
    add_account()
    assert [step.done for step in home(admin_client).steps] == [True, False]


def test_the_first_steps_end_with_the_first_video(admin_client):
    add_publication(add_account())
    assert home(admin_client).steps == []


def test_what_runs_is_shown_with_progress(admin_client):
    publication = add_publication(add_account(), State.UPLOADING, bytes_sent=410)
    running = home(admin_client).running
    assert running.total == 1
    html = page(admin_client)
    assert f'data-publication="{publication.pk}"' in html
    assert '<progress max="100" value="41">' in html


def test_what_waits_says_why_and_until_when(admin_client):
    account = add_account()
    later = timezone.now() + timedelta(days=2)
    add_publication(account, next_run_at=later, error=REASON)
    note = home(admin_client).waiting.rows[0].note
    assert "The platform refuses the title." in note
    assert timezone.localtime(later).strftime("%Y-%m-%d %H:%M") in note


def test_what_waits_for_its_account_says_so(admin_client):
    account = add_account(health=Health.NEEDS_PERSON, health_reason={"text": "The token is not accepted."})
    add_publication(account)
    assert "The account needs a person. The token is not accepted." in home(admin_client).waiting.rows[0].note


@pytest.mark.parametrize("state", NEEDS_PERSON)
def test_what_needs_a_person_is_shown_with_its_reason(state, admin_client):
    publication = add_publication(add_account(), state, error=REASON)
    needed = home(admin_client).needed
    assert needed.rows[0].url == f"/admin/platforms/publication/{publication.pk}/change/"
    assert "The platform refuses the title." in needed.rows[0].note


def test_an_account_that_needs_a_person_is_shown_with_its_reason(admin_client):
    account = add_account(health=Health.NEEDS_PERSON, health_reason={"text": "The token is not accepted."})
    shown = home(admin_client).accounts[0]
    assert (shown.reason, shown.url) == (
        "The token is not accepted.",
        f"/admin/platforms/account/{account.pk}/change/",
    )


def test_a_paused_account_waits_and_needs_nobody(admin_client):
    add_account(health=Health.PAUSED, paused_until=timezone.now() + timedelta(hours=1))
    found = home(admin_client)
    assert (len(found.paused), len(found.accounts)) == (1, 0)


def test_numbers_lead_to_the_list_of_the_state(admin_client):
    account = add_account()
    for state in (State.PUBLISHED, State.PUBLISHED, State.FAILED):
        add_publication(account, state)
    numbers = {number.state: number for number in home(admin_client).numbers}
    assert numbers["published"].count == 2
    listed = admin_client.get(numbers["published"].url).context["cl"]
    assert listed.result_count == 2


def test_the_link_to_all_that_need_a_person_lists_them(admin_client):
    account = add_account()
    for state in (*NEEDS_PERSON, State.PUBLISHED):
        add_publication(account, state)
    listed = admin_client.get(home(admin_client).needed.url).context["cl"]
    assert listed.result_count == len(NEEDS_PERSON)


def test_silent_workers_are_warned_about(admin_client):
    assert "script/worker" in home(admin_client).workers.warning
    answering_workers()
    assert home(admin_client).workers.warning == ""
    Pulse.objects.filter(queue="uploads").update(answered_at=timezone.now() - timedelta(minutes=5))
    assert "No upload worker answers" in home(admin_client).workers.warning


def test_upload_workers_that_hold_leases_are_not_silent(admin_client):
    answering_workers()
    Pulse.objects.filter(queue="uploads").update(answered_at=None)
    add_publication(add_account(), State.UPLOADING, lease_until=timezone.now() + timedelta(seconds=50))
    assert home(admin_client).workers.warning == ""


def test_the_number_of_statements_does_not_grow(admin_client):
    def fill(count: int) -> None:
        for number in range(count):
            account = add_account(f"account {timezone.now().timestamp()} {number}", health=Health.NEEDS_PERSON)
            for state in State:
                add_publication(account, state, error=REASON)

    answering_workers()
    fill(1)
    with CaptureQueriesContext(connection) as few:
        page(admin_client)
    fill(4)
    with CaptureQueriesContext(connection) as many:
        page(admin_client)
    assert len(many) == len(few) < 25


def test_sections_are_bounded(admin_client):
    account = add_account()
    for _number in range(12):
        add_publication(account, State.FAILED)
    needed = home(admin_client).needed
    assert (len(needed.rows), needed.total) == (8, 12)


def test_staff_without_permissions_see_nothing_of_others(db):
    account = add_account("the account", health=Health.NEEDS_PERSON)
    add_publication(account, State.FAILED)
    html = page(staff())
    assert "Lesson" not in html
    assert "the account" not in html


def test_staff_who_may_see_publications_see_no_accounts_in_trouble(db):
    add_publication(add_account(health=Health.NEEDS_PERSON), State.FAILED)
    found = home(staff("view_publication"))
    assert (found.needed.total, found.accounts) == (1, [])
    assert found.needed.rows[0].action == "Look"


def test_what_is_followed_for_too_long_waits_for_a_person():
    publication = add_publication(add_account(), State.PROCESSING, remote_id="X1")
    client = staff("view_publication", "change_publication")
    needed = home(client).needed
    assert [(row.action, needed.total) for row in needed.rows] == [("Look and refresh", 1)]
    assert publication.shown_title in client.get(needed.url).content.decode()
