"""The schedule: plans on a publication's page, and all of them day by day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from platforms.models import BLOCK_AT, PUBLISH_AT, Account, Operation, OperationState, Publication
from platforms.services.scheduling import calendar, planning, rows
from platforms.values import State
from tests.admin.posting import add_one_account_each, form, page_of, sample, text, told
from tests.admin.rows import add_publication, staff

pytestmark = pytest.mark.django_db

SCHEDULE = "/admin/platforms/publication/schedule/"
PERMISSIONS = ("view_publication", "change_publication")
NOON = datetime(2026, 12, 2, 12, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def accounts() -> dict[str, Account]:
    return {account.platform: account for account in add_one_account_each()}


def a_plan(account: Account, at: datetime, state: State = State.QUEUED, what: planning.What = "publish") -> Operation:
    row = add_publication(account, state)
    Publication.objects.filter(pk=row.pk).update(**rows.columns(row, at if what == "publish" else None))
    row.refresh_from_db()
    return rows.add(row, planning.KINDS[what], at, actor="li")


def post(client: Any, plan: Operation, do: str, at: str = "", was: datetime | None = None) -> Any:
    url = reverse("admin:platforms_publication_plan_change", args=[plan.publication_id, plan.pk])
    shown = was or plan.planned_at
    assert shown is not None
    return client.post(url, {"do": do, "at": at, "was": shown.isoformat()}, follow=True)


def test_a_time_chosen_while_publishing_is_each_accounts_own(intake, admin_client, accounts):
    accounts["youku"].time_zone = "America/New_York"
    accounts["youku"].save()
    data = form([accounts["youku"], accounts["baijiayun"]], file=sample(), publish_at="2027-06-01T08:00")
    page = admin_client.post("/admin/platforms/video/add/", data, follow=True)
    found = Operation.objects.values_list("publication__account__platform", "planned_at")
    times: dict[str, Any] = dict(found)
    assert times["youku"] - times["baijiayun"] == timedelta(hours=12)
    assert "Upload planned for 2027-06-01 08:00 (America/New_York)." in text(page)


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ({"publish_at": "2026-12-02T11:00"}, "is over already"),
        ({"publish_at": "2036-12-02T11:00"}, "more than five years"),
        ({"publish_at": "soon"}, "write it like 2026-12-01T08:00"),
        ({"publish_at": "2026-12-05T08:00", "block_at": "2026-12-04T08:00"}, "is published at 2026-12-05 08:00"),
    ],
)
def test_a_time_that_cannot_be_is_told_at_its_field_and_nothing_is_published(
    intake, admin_client, accounts, times, said
):
    page = admin_client.post(
        "/admin/platforms/video/add/", form([accounts["baijiayun"]], file=sample(), **times), follow=True
    )
    assert said in text(page)
    assert not Publication.objects.exists()


def test_blocking_is_offered_with_the_names_of_those_who_can_and_refused_for_the_others(intake, admin_client, accounts):
    assert "Only on Baijiayun" in text(admin_client.get("/admin/platforms/video/add/"))
    data = form([accounts["youku"]], file=sample(), block_at="2027-06-01T08:00")
    page = admin_client.post("/admin/platforms/video/add/", data, follow=True)
    assert "youku: Youku does not let videos be blocked" in text(page)
    assert not Publication.objects.exists()


def test_a_publications_page_plans_moves_and_cancels(accounts):
    row = add_publication(accounts["baijiayun"], State.BLOCKED, remote_id="12")
    client = staff(*PERMISSIONS)
    url = reverse("admin:platforms_publication_plan", args=[row.pk])
    page = client.post(url, {"what": "publish", "at": "2026-12-03T08:00"}, follow=True)
    assert "Planned for 2026-12-03 08:00" in told(page)
    plan = planning.open_plans(row)["publish"]
    assert "Set the new time" in text(client.get(page_of(row)))
    assert "moved" not in told(post(client, plan, "move", "2026-12-04T09:30"))
    plan.refresh_from_db()
    assert plan.planned_at == NOON + timedelta(days=1, hours=21, minutes=30)
    assert "stays blocked" in told(post(client, plan, "cancel"))
    assert planning.open_plans(row) == {}


def test_the_later_of_two_people_is_told_who_was_faster(accounts):
    plan = a_plan(accounts["baijiayun"], NOON + timedelta(hours=5), State.BLOCKED)
    was = plan.planned_at
    planning.change(plan, NOON + timedelta(hours=7), was=was, actor="wang")
    client = staff(*PERMISSIONS)
    for do in ("move", "now", "cancel"):
        assert "wang has moved it to 2026-12-02 19:00" in told(post(client, plan, do, "2026-12-09T08:00", was=was))
    plan.refresh_from_db()
    assert (plan.state, plan.planned_at) == (OperationState.WAITING, NOON + timedelta(hours=7))


def test_what_a_platform_cannot_do_is_one_line_on_the_page(accounts):
    row = add_publication(accounts["youku"], State.PUBLISHED, remote_id="X")
    page = staff(*PERMISSIONS).get(page_of(row))
    assert "Youku does not let videos be blocked from outside." in text(page)
    assert 'value="block"' not in page.content.decode()


def test_planning_takes_the_permission_to_change(accounts):
    plan = a_plan(accounts["baijiayun"], NOON + timedelta(hours=5), State.BLOCKED)
    looks = staff("view_publication")
    assert "Cancel the plan" not in text(looks.get(SCHEDULE))
    assert post(looks, plan, "cancel").status_code == 403
    url = reverse("admin:platforms_publication_plan", args=[plan.publication_id])
    assert looks.post(url, {"what": "block", "at": "2026-12-03T08:00"}).status_code == 403
    assert staff("view_video").get(SCHEDULE).status_code == 403
    assert Operation.objects.get().state == OperationState.WAITING


def test_the_schedule_lists_plans_by_day_with_what_came_of_them(accounts):
    day = timedelta(days=1)
    a_plan(accounts["youku"], NOON + day)
    a_plan(accounts["baijiayun"], NOON + day + timedelta(hours=3), State.PUBLISHED, "block")
    past = a_plan(accounts["baijiayun"], NOON - day, State.PUBLISHED)
    ended = {"state": OperationState.DONE, "ended_at": NOON - day + timedelta(hours=1, minutes=2), "next_run_at": None}
    Operation.objects.filter(pk=past.pk).update(**ended)
    page = text(staff(*PERMISSIONS).get(SCHEDULE))
    assert page.index("2026-12-01") < page.index("1:02:00 late") < page.index("2026-12-03")
    assert page.index("Upload and publish") < page.index("15:00")
    assert "planned by li" in page


def test_the_schedule_is_turned_by_week_and_month_and_narrowed_to_an_account(accounts):
    january = a_plan(accounts["youku"], NOON + timedelta(days=40)).publication
    december = a_plan(accounts["baijiayun"], NOON + timedelta(days=3), State.BLOCKED).publication
    client = staff(*PERMISSIONS)

    def shown(query: str) -> list[bool]:
        page = text(client.get(f"{SCHEDULE}?{query}"))
        return [row.video.title in page for row in (january, december)]

    assert shown("") == [False, True]
    assert shown("span=month&from=2027-01-20") == [True, False]
    assert shown("span=week&from=2026-12-02") == [False, True]
    assert shown("span=week&from=2026-12-10") == [False, False]
    assert shown(f"account={accounts['youku'].pk}") == [False, False]
    assert shown("span=week&from=nonsense&account=x&page=-1") == [False, True]
    assert shown("span=month&from=9999-12-31") == [False, False]
    assert shown("span=week&from=2026-02-30") == [False, True]


def test_what_is_overdue_for_long_stays_on_top_until_it_is_done(accounts):
    plan = a_plan(accounts["youku"], NOON - timedelta(days=30), State.FAILED)
    page = text(staff(*PERMISSIONS).get(SCHEDULE))
    assert "Not done yet" in page
    assert plan.publication.video.title in page
    Operation.objects.update(state=OperationState.CANCELLED, next_run_at=None)
    assert "Not done yet" not in text(staff(*PERMISSIONS).get(SCHEDULE))


def test_a_day_with_many_plans_is_turned_page_by_page(accounts, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(calendar, "A_PAGE", 3)
    for minute in range(7):
        a_plan(accounts["youku"], NOON + timedelta(hours=2, minutes=minute))
    client = staff(*PERMISSIONS)
    with django_assert_max_num_queries(12):
        first = text(client.get(SCHEDULE))
    assert ("14:02" in first, "14:03" in first, "More of these days" in first) == (True, False, True)
    last = text(client.get(f"{SCHEDULE}?page=3"))
    assert ("14:06" in last, "14:05" in last, "More of these days" in last) == (True, False, False)


def test_the_note_of_a_publication_says_what_is_planned(accounts):
    at = NOON + timedelta(hours=5)
    blocked = a_plan(accounts["baijiayun"], at, State.BLOCKED).publication
    waiting = a_plan(accounts["youku"], at).publication
    client = staff(*PERMISSIONS)
    assert "Blocked until 2026-12-02 17:00" in text(client.get(page_of(blocked)))
    assert "Upload planned for 2026-12-02 17:00" in text(client.get(page_of(waiting)))


def test_the_navigation_leads_to_the_schedule(accounts):
    client = staff(*PERMISSIONS)
    assert client.get("/admin/").content.decode().count(SCHEDULE) == 2
    assert SCHEDULE not in staff("view_video").get("/admin/").content.decode()


def test_an_accounts_time_zone_is_a_field_of_its_form(accounts):
    account, client = accounts["baijiayun"], staff("change_account", "view_account")
    given = {"platform": "baijiayun", "name": account.name, "credentials-private_domain": "b1",
             "credentials-partner_id": "1", "_save": "1"}  # fmt: skip
    assert "is no time zone" in text(client.post(page_of(account), given | {"time_zone": "Beijing"}))
    client.post(page_of(account), given | {"time_zone": "Asia/Urumqi"})
    account.refresh_from_db()
    assert account.time_zone == "Asia/Urumqi"


def test_a_time_that_comes_twice_is_told_when_it_is_planned(accounts):
    Account.objects.update(time_zone="Europe/Berlin")
    row = add_publication(accounts["baijiayun"], State.PUBLISHED, remote_id="12")
    url = reverse("admin:platforms_publication_plan", args=[row.pk])
    client = staff(*PERMISSIONS)
    page = client.post(url, {"what": "block", "at": "2027-10-31T02:30"}, follow=True)
    assert "comes twice in Europe/Berlin" in told(page)
    assert Operation.objects.get(kind=BLOCK_AT).publication == row
    row.refresh_from_db()
    skipped = client.post(url, {"what": "block", "at": "2027-03-28T02:30"}, follow=True)
    assert "2027-03-28 01:59 and 2027-03-28 03:00" in told(skipped)
    assert not Operation.objects.filter(kind=PUBLISH_AT).exists()


@pytest.mark.parametrize(
    ("what", "state", "offered"),
    [
        ("block", State.PUBLISHED, True), ("block", State.PROCESSING, True), ("block", State.BLOCKED, False),
        ("block", State.QUEUED, False), ("block", State.MISSING, False), ("publish", State.BLOCKED, True),
        ("publish", State.QUEUED, True), ("publish", State.FAILED, False),
    ],
)  # fmt: skip
def test_only_what_makes_sense_for_the_state_can_be_done_at_once(admin_client, accounts, what, state, offered):
    plan = a_plan(accounts["baijiayun"], NOON + timedelta(days=1), state, what)
    label = "Block now" if what == "block" else "Publish now"
    assert (label in text(admin_client.get(SCHEDULE))) == offered
    if state != State.MISSING:
        assert (label in card_of(admin_client, plan.publication)) == offered
    plan.refresh_from_db()
    answer = post(admin_client, plan, "now")
    plan.refresh_from_db()
    assert (plan.planned_at == NOON) == offered
    assert ("It is done now." in told(answer)) == offered


def test_what_is_kept_hidden_until_its_time_is_not_blocked_at_once(admin_client, accounts):
    hidden_one = a_plan(accounts["baijiayun"], NOON + timedelta(days=1), State.PROCESSING).publication
    blocking = rows.add(hidden_one, BLOCK_AT, NOON + timedelta(days=2), actor="li")
    blocking.refresh_from_db()
    answer = post(admin_client, blocking, "now")
    assert "It is kept hidden until 2026-12-03 12:00." in told(answer)
    assert card_of(admin_client, hidden_one).count("Block now") == 0


def test_what_is_blocked_already_is_not_planned_to_be_blocked(admin_client, accounts):
    row = add_publication(accounts["baijiayun"], State.BLOCKED, remote_id="id-1")
    assert "It is blocked already. Plan first when it is published." in card_of(admin_client, row)
    with pytest.raises(planning.NotPlanned, match="blocked already"):
        planning.plan(row, "block", NOON + timedelta(days=1), actor="li")


def test_an_upload_that_has_begun_at_its_time_can_be_neither_moved_nor_cancelled_and_no_button_says_so(
    admin_client, accounts
):
    plan = a_plan(accounts["youku"], NOON - timedelta(minutes=1), State.UPLOADING)
    assert "Cancel the plan" not in text(admin_client.get(SCHEDULE))
    assert "Cancel the plan" not in card_of(admin_client, plan.publication)


def card_of(client: Any, publication: Publication) -> str:
    """The publication's page, as text."""
    return text(client.get(reverse("admin:platforms_publication_change", args=[publication.pk])))
