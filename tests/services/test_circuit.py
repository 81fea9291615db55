"""A platform that is down is left alone: the account is paused, one try at a time is made, then everything goes on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from platforms import tasks
from platforms.errors import Temporary
from platforms.models import Account, Event, Health, Publication, Video
from platforms.services import account_health, circuit, polling, removal, sweep, waits
from platforms.services.circuit import MOST_TROUBLES
from platforms.services.uploads import control
from platforms.services.waits import MOST_ATTEMPTS
from platforms.values import State, say
from sandbox.server import Answer, Sandbox
from tests import hub

pytestmark = pytest.mark.django_db
DOWN = Answer(503, b"")
ALL_THE_TIME = 100_000


@pytest.fixture(autouse=True)
def english(settings) -> None:
    settings.LANGUAGE_CODE = "en"


def many(box: Sandbox, count: int, platform: str = "youku") -> list[Publication]:
    """So many queued uploads on one account; their videos share one file."""
    account, first = hub.add_account(box, platform), hub.add_video()
    facts = {"source": first.source.name, "original_name": "lesson.mp4", "size": first.size, "tags": first.tags}
    videos = Video.objects.bulk_create(
        Video(title=f"第{number}课", description="数学", md5=first.md5, duration=5.0, **facts)
        for number in range(count)
    )
    now = timezone.now()
    rows = (
        Publication(video=video, account=account, state=State.QUEUED, bytes_total=video.size, next_run_at=now)
        for video in videos
    )
    return Publication.objects.bulk_create(rows)


def account_of(row: Publication) -> Account:
    return Account.objects.get(pk=row.account_id)


def end_pause() -> None:
    """Let time pass until the account may be tried."""
    Account.objects.update(paused_until=timezone.now())
    Publication.objects.filter(state=State.QUEUED).update(next_run_at=timezone.now())


@pytest.fixture
def down(box: Sandbox) -> Sandbox:
    """A sandbox whose platforms answer 503 to everything."""
    box.block("/", DOWN, ALL_THE_TIME)
    return box


def test_five_hundred_queued_uploads_cost_a_platform_that_is_down_a_handful_of_calls(down):
    rows = many(down, 500)
    for _hint in range(20):
        tasks.run_uploads()
    assert len(down.requests) == MOST_TROUBLES
    account = account_of(rows[0])
    assert (account.health, account.troubles) == (Health.PAUSED, MOST_TROUBLES)
    assert "HTTP 503" in account.health_text
    assert sweep.hint().uploads == 0

    for number in range(1, 11):
        end_pause()
        assert sweep.hint().uploads
        for _hint in range(3):
            tasks.run_uploads()
            tasks.run_due()
        # Before it creates anew, Youku's list is asked; a safe call is tried three times.
        assert len(down.requests) <= MOST_TROUBLES + 3 * number
        assert account_of(rows[0]).troubles == MOST_TROUBLES + number
    tried = Publication.objects.filter(attempts__gt=0)
    assert max(row.attempts for row in tried) == 1, "what the platform is to blame for costs no try"
    assert Publication.objects.filter(state=State.QUEUED).count() == 500


def test_everything_goes_on_once_one_try_has_succeeded(down):
    rows = many(down, 6, "iqiyi")
    tasks.run_uploads()
    assert circuit.is_open(account_of(rows[0]))
    down.unblock()
    tasks.run_uploads()
    assert not down.videos(), "before its time nothing is tried"
    end_pause()
    tasks.run_uploads()
    hub.work(rows)
    assert [row.state for row in rows] == [State.PUBLISHED] * 6
    account = account_of(rows[0])
    assert (account.health, account.troubles, account.paused_until) == (Health.OK, 0, None)
    assert len([video for video in down.videos() if video["md5"]]) == 6
    told = [event.text for event in Event.objects.filter(account=account, kind="circuit").order_by("id")]
    assert len(told) == 2
    assert "left alone" in told[0]
    assert "works again" in told[1]


def test_pauses_grow_to_a_quarter_of_an_hour():
    pauses = [waits.next_pause(number).total_seconds() for number in range(1, 12)]
    assert 48 <= pauses[0] <= 72
    assert pauses[1] > pauses[0]
    assert all(720 <= pause <= 1080 for pause in pauses[4:])


@pytest.fixture
def row(box) -> Publication:
    (queued,) = hub.publish(hub.add_video(), hub.add_account(box, "youku"))
    return queued


def open_circuit(account: Account, *, over: bool = False) -> Account:
    until = timezone.now() + timedelta(minutes=-1 if over else 5)
    reason = {"kind": "Temporary", "text": "It is away.", "params": {}}
    Account.objects.filter(pk=account.pk).update(
        health=Health.PAUSED, troubles=MOST_TROUBLES, paused_until=until, health_reason=reason
    )
    return Account.objects.get(pk=account.pk)


def trouble(account: Account) -> bool:
    return circuit.note_trouble(account, Temporary(say("It is away.")), actor="worker")


def test_exactly_one_of_all_processes_gets_the_try(row):
    account = open_circuit(row.account, over=True)
    assert [circuit.take_probe(account) for _ in range(3)] == [True, False, False]
    circuit.give_probe_back(account)
    assert circuit.take_probe(account)


def test_a_look_may_be_the_try(row, box):
    tasks.run_uploads()
    open_circuit(row.account, over=True)
    Publication.objects.update(next_run_at=timezone.now())
    assert sweep.due().follow
    assert polling.run_due(actor="worker").polled == 1
    assert account_of(row).health == Health.OK


def test_a_deletion_may_be_the_try(row, box):
    hub.work([row])
    open_circuit(row.account, over=True)
    removal.ask([row], actor="li")
    assert removal.run_due(actor="worker") == 1
    row.refresh_from_db()
    assert (row.state, account_of(row).health) == (State.DELETED, Health.OK)


def test_telling_of_a_cancelled_upload_waits_for_its_turn(row, box):
    tasks_before = len(box.requests)
    open_circuit(row.account)
    control.cancel(row, actor="li")
    tasks.run_due()
    assert len(box.requests) == tasks_before


def test_work_that_was_under_way_when_the_account_was_paused_tells_nothing_new(row):
    seen_before = Account.objects.get(pk=row.account_id)
    paused = open_circuit(row.account)
    assert trouble(seen_before), "it learns that the account is paused"
    account = account_of(row)
    assert (account.troubles, account.paused_until) == (MOST_TROUBLES, paused.paused_until)


def test_any_success_starts_the_count_anew(row):
    for _ in range(MOST_TROUBLES - 1):
        assert not trouble(account_of(row))
    circuit.note_success(row.account, actor="worker")
    assert account_of(row).troubles == 0
    for _ in range(MOST_TROUBLES - 1):
        assert not trouble(account_of(row))
    assert trouble(account_of(row))


def test_troubles_of_one_video_pause_nobody(row, box):
    box.block("/youku/uploads/create.json", Answer(400, b'{"error": {"code": 120010101, "description": "x"}}'), 1)
    tasks.run_uploads()
    assert account_of(row).troubles == 0


def test_after_days_somebody_is_called(row, monkeypatch):
    monkeypatch.setattr(circuit, "TROUBLES_UNTIL_PERSON", MOST_TROUBLES + 1)
    open_circuit(row.account, over=True)
    assert trouble(account_of(row))
    account = account_of(row)
    assert (account.health, account.paused_until) == (Health.NEEDS_PERSON, None)
    assert account.health_text == "It is away."


def test_a_person_may_end_the_pause_and_one_try_is_made(row, down):
    account = open_circuit(row.account)
    tasks.run_uploads()
    assert len(down.requests) == 0
    assert circuit.try_now(account, actor="li")
    tasks.run_uploads()
    tasks.run_uploads()
    assert len(down.requests) == 1
    assert account_of(row).troubles == MOST_TROUBLES + 1
    assert hub.last_event(account, actor="li").text == "The pause was ended: the platform is tried now."


def test_a_pause_for_a_quota_is_ended_by_a_person_too(row):
    until = timezone.now() + timedelta(hours=5)
    Account.objects.update(health=Health.PAUSED, paused_until=until, troubles=0)
    account = account_of(row)
    assert circuit.try_now(account, actor="li")
    assert (account.health, account.paused_until) == (Health.OK, None)
    assert not circuit.try_now(account, actor="li")


def test_a_check_that_succeeds_ends_the_pause(row, box):
    account = open_circuit(row.account)
    account_health.check(account, actor="li")
    assert (account.health, account.troubles) == (Health.OK, 0)
    hub.work([row])
    assert row.state == State.PUBLISHED


def test_a_platform_that_is_down_for_a_night_costs_no_publication(row, down):
    for _try in range(MOST_TROUBLES + 40):
        end_pause()
        tasks.run_uploads()
    row.refresh_from_db()
    assert row.state == State.QUEUED
    assert row.attempts < MOST_ATTEMPTS
    down.unblock()
    end_pause()
    hub.work([row])
    assert row.state == State.PUBLISHED
