"""Following many: claimed in batches by one process each, asked about in few calls, stored in few statements."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from platforms.drivers.iqiyi.driver import Iqiyi
from platforms.drivers.youku.driver import Youku
from platforms.models import Account, Event, Publication, Video
from platforms.services import lending, looking, polling, progress, waits
from platforms.values import RemoteVideo, State
from sandbox.server import Answer, Sandbox
from tests import hub

MOST_STATEMENTS = 8


@pytest.fixture
def patient(monkeypatch) -> None:
    monkeypatch.setattr(waits, "LOOK_SECONDS", (3600.0,) * 20)


def many(account: Account, count: int) -> list[Publication]:
    """So many publications that are transcoded and due."""
    video = Video(title="第一课", original_name="a.mp4", size=9)
    videos = Video.objects.bulk_create([Video(title=f"{video.title} {n}", original_name="a.mp4") for n in range(count)])
    now = timezone.now()
    columns = {"state": State.PROCESSING, "next_run_at": now, "followed_since": now, "state_at": now, "looks": 3}
    return Publication.objects.bulk_create(
        [Publication(video=video, account=account, remote_id=f"X{n}", **columns) for n, video in enumerate(videos)]
    )


def still_encoding(driver, ids, closely):
    return [RemoteVideo(remote_id, State.PROCESSING, "encoding") for remote_id in ids]


@pytest.mark.django_db
@pytest.mark.parametrize("platform", ["youku", "baijiayun"])
def test_a_batch_with_nothing_new_takes_few_statements(
    box: Sandbox, patient, monkeypatch, django_assert_max_num_queries, platform
):
    account = hub.add_account(box, platform)
    many(account, looking.BATCH)
    driver_class = type(lending.driver_for(account))
    monkeypatch.setattr(driver_class, "look", lambda driver, ids, closely: [])
    now = timezone.now()
    rows = polling.due(now)
    with django_assert_max_num_queries(MOST_STATEMENTS):
        done = polling._Follower(account, "worker", float("inf")).follow(rows, everything=False)
    assert done.polled == looking.BATCH
    assert not Publication.objects.filter(next_run_at__lte=timezone.now() + timedelta(minutes=30)).exists()


@pytest.mark.django_db
def test_words_that_change_are_stored_for_all_at_once(box, patient, monkeypatch, django_assert_max_num_queries):
    account = hub.add_account(box, "youku")
    many(account, 200)
    monkeypatch.setattr(Youku, "look", still_encoding)
    with django_assert_max_num_queries(MOST_STATEMENTS + 8):
        assert polling.run_due(actor="worker").polled == 200
    assert set(Publication.objects.values_list("raw_state", flat=True)) == {"encoding"}


@pytest.mark.django_db
def test_more_than_a_batch_is_followed_in_one_go(box, patient, monkeypatch):
    many(hub.add_account(box, "youku"), looking.BATCH + 7)
    batches: list[int] = []

    def look(driver, ids, closely):
        batches.append(len(ids))
        return []

    monkeypatch.setattr(Youku, "look", look)
    assert polling.run_due(actor="worker").polled == looking.BATCH + 7
    assert batches == [looking.BATCH, 7]
    assert set(Publication.objects.values_list("looks", flat=True)) == {4}


@pytest.mark.django_db(transaction=True)
def test_two_processes_at_once_never_take_the_same_row(box, patient, monkeypatch):
    monkeypatch.setattr(looking, "BATCH", 40)
    account = hub.add_account(box, "youku")
    many(account, 400)
    taken: list[list[int]] = []

    def claim_all() -> None:
        own: list[int] = []
        # A claim that finds another process at work lets go and comes again.
        while polling.due(timezone.now()).exists():
            batch, _until = looking.claim(polling.due(timezone.now()), account, timezone.now())
            own += [row.pk for row in batch]
        taken.append(own)

    hub.join([hub.Worker(claim_all) for _ in range(4)])
    claimed = [pk for own in taken for pk in own]
    assert len(claimed) == len(set(claimed)) == 400
    assert set(Publication.objects.values_list("looks", flat=True)) == {4}


@pytest.mark.django_db(transaction=True)
def test_a_row_that_another_process_took_a_moment_before_is_let_go(box, monkeypatch):
    account = hub.add_account(box, "youku")
    many(account, 3)
    push = looking._push

    def pushed(batch, now, until):
        Publication.objects.filter(remote_id="X1").update(next_run_at=now + timedelta(hours=1))
        return push(batch, now, until)

    if connection.vendor == "sqlite":
        monkeypatch.setattr(looking, "_push", pushed)
        batch, _until = looking.claim(polling.due(timezone.now()), account, timezone.now())
        assert batch == []
        assert set(Publication.objects.exclude(remote_id="X1").values_list("looks", flat=True)) == {3}


@pytest.mark.django_db
def test_a_callback_that_comes_during_a_look_is_not_put_off_by_it(box, patient, monkeypatch):
    rows = many(hub.add_account(box, "youku"), 2)
    knocked = timezone.now()

    def look(driver, ids, closely):
        Publication.objects.filter(pk=rows[0].pk).update(next_run_at=knocked)
        return []

    monkeypatch.setattr(Youku, "look", look)
    polling.run_due(actor="worker")
    assert Publication.objects.get(pk=rows[0].pk).next_run_at == knocked
    assert hub.waits(Publication.objects.get(pk=rows[1].pk))


@pytest.mark.django_db
def test_of_many_only_those_whose_time_has_come_are_looked_at_closely(box, patient, monkeypatch):
    account = hub.add_account(box, "iqiyi")
    rows = many(account, 20)
    Publication.objects.filter(pk=rows[5].pk).update(followed_since=timezone.now() - timedelta(hours=2))
    asked: list[set[str]] = []

    def look(driver, ids, closely):
        asked.append(set(closely))
        return []

    monkeypatch.setattr(Iqiyi, "look", look)
    polling.run_due(actor="worker")
    hub.hurry(*rows)
    polling.run_due(actor="worker")
    assert asked == [{"X5"}, set()]
    hub.hurry(*rows[:3])
    polling.run_due(actor="worker")
    assert asked[-1] == {"X0", "X1", "X2"}


@pytest.mark.parametrize(
    ("age", "last", "wanted"),
    [
        (0.5, None, False),
        (1, None, True),
        (2, 1, False),
        (3, 1, True),
        (30, 12, False),
        (35, 10, True),
        (300, 275, True),
    ],
)
def test_close_looks_become_rarer(age, last, wanted):
    since = timezone.now()
    looked = since + timedelta(hours=last) if last else None
    assert waits.wants_close_look(since, looked, since + timedelta(hours=age)) is wanted


def test_looks_of_many_fall_together():
    now = timezone.now()
    times = {waits.look_time(now + timedelta(seconds=n / 10), 9, None) for n in range(600)}
    assert len(times) < 15
    assert min(times) > now


@pytest.mark.django_db
def test_after_a_week_a_person_is_asked_and_nobody_looks_until_then(box, patient, monkeypatch):
    (row,) = many(hub.add_account(box, "youku"), 1)
    Publication.objects.update(followed_since=timezone.now() - waits.MOST_FOLLOWED)
    monkeypatch.setattr(Youku, "look", still_encoding)
    polling.run_due(actor="worker")
    row.refresh_from_db()
    assert (row.state, row.next_run_at, hub.error_of(row)["kind"]) == (State.PROCESSING, None, "Overdue")
    assert hub.last_event(row).kind == "overdue"
    assert list(Publication.objects.filter(progress.OVERDUE)) == [row]
    assert polling.run_due(actor="worker").polled == 0
    polling.refresh([row], actor="li")
    row.refresh_from_db()
    assert row.error is None
    assert hub.waits(row)
    hub.hurry(row)
    assert polling.run_due(actor="worker").polled == 1
    row.refresh_from_db()
    assert hub.waits(row)
    assert Event.objects.filter(kind="overdue").count() == 1


@pytest.mark.django_db
def test_an_outage_is_stored_for_a_batch_in_few_statements(box, patient, monkeypatch, django_assert_max_num_queries):
    account = hub.add_account(box, "youku")
    many(account, 200)
    box.block("/youku", Answer(503, b""), times=1000)
    with django_assert_max_num_queries(30):
        done = polling.run_due(actor="worker")
    assert [error.kind for error in done.errors] == ["Temporary"]
    assert Event.objects.filter(kind="look").count() == 200
    assert all(row.error and hub.waits(row) for row in Publication.objects.all())
