"""Several machines: each proves that its own clusters live, clocks may differ, and a broker may be away."""

from __future__ import annotations

import math
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings as project
from django.db import OperationalError
from django.utils import timezone
from django_q.models import OrmQ

from platforms import queue
from platforms.broker import OrmBroker
from platforms.models import Publication, Pulse
from platforms.services import progress, supervising
from platforms.services.supervising import Cluster, Supervisor
from platforms.services.uploads import job
from tests import hub

pytestmark = pytest.mark.django_db(transaction=True)
# Of the kind that differ between machines whose time nobody looks after.
APART = timedelta(seconds=10)


class Sleeper:
    """The process of a cluster that was started and runs."""

    pid = 2**30  # nobody has it, whatever is sent to it

    def poll(self) -> None:
        return None


def cluster(name: str = queue.DEFAULT) -> Cluster:
    """A cluster of this machine that runs and is known to."""
    made = Cluster(name, Path("/nowhere"))
    made.process = Sleeper()  # type: ignore[assignment]
    supervising.note_start(made)
    return made


def pulse(host: str = "") -> Pulse:
    return Pulse.objects.get(host=host or supervising.host())


def answer() -> None:
    supervising.answer(supervising.host(), queue.DEFAULT)


def taken(machine: str, settings) -> list[str]:
    """What the cluster of a machine is handed from the default queue, until nothing is left."""
    settings.MACHINE_NAME = machine
    broker, found = OrmBroker(project.QUEUES[queue.DEFAULT]), []
    while OrmQ.objects.filter(lock__lte=timezone.now()).exists() and (tasks := broker.dequeue()):
        found += [OrmQ.objects.get(pk=pk).func() for pk, _payload in tasks]
    return found


def test_a_canary_is_taken_by_its_own_machine_only_and_hints_by_any(settings) -> None:
    settings.Q_CLUSTER["poll"] = 0
    queue.wake_followers()
    assert queue.send_canary(queue.DEFAULT, "one")
    assert taken("two", settings) == ["platforms.tasks.run_due"]
    assert taken("one", settings) == [queue.CANARY]


def test_one_canary_waits_at_a_time() -> None:
    for _time in range(3):
        assert queue.send_canary(queue.DEFAULT, "one")
    assert OrmQ.objects.count() == 1


def test_a_lost_canary_is_sent_again_before_its_cluster_counts_as_dead() -> None:
    asked = cluster()
    supervising.ask_canary(asked)
    first = pulse().sent_at
    OrmQ.objects.all().delete()  # as when the broker restarts empty
    asked.asked -= supervising.silence().total_seconds() / 2
    supervising.ask_canary(asked)
    assert OrmQ.objects.count() == 1
    assert pulse().sent_at == first  # silence is measured from the first that was not answered
    answer()
    with time_machine.travel(timezone.now() + supervising.silence() * 2):
        assert supervising.why_dead(queue.DEFAULT, timezone.now()) == ""


def test_a_cluster_that_answers_none_of_its_canaries_is_dead() -> None:
    supervising.ask_canary(cluster())
    with time_machine.travel(timezone.now() + supervising.silence() * 1.1):
        assert "has not been answered" in supervising.why_dead(queue.DEFAULT, timezone.now())


def test_a_new_cluster_gets_more_time_each_time_when_those_before_it_were_too_slow(monkeypatch) -> None:
    monkeypatch.setattr(Cluster, "start", lambda self: setattr(self, "started_at", timezone.now()))
    monkeypatch.setattr(Cluster, "kill", lambda self: None)
    slow, supervisor, now = cluster(), Supervisor([]), timezone.now()
    supervisor.clusters = [slow]
    for number in (0, 1, 2, 3, 3):
        with time_machine.travel(now, tick=False):
            slow.asked = -math.inf
            supervisor.tick()
        patience = supervising.silence() * 2**number
        with time_machine.travel(now + patience * 0.9, tick=False):
            supervisor.tick()
            restarts = pulse().restarts
        now += patience * 1.1
        with time_machine.travel(now, tick=False):
            supervisor.tick()
            assert pulse().restarts == restarts + 1
    assert pulse().restarts == 5, "each was replaced once, and none before its time"


def test_a_cluster_that_has_answered_gets_no_more_time_than_usual() -> None:
    supervising.ask_canary(cluster())
    answer()
    Pulse.objects.update(sent_at=timezone.now())
    with time_machine.travel(timezone.now() + supervising.silence() * 1.1):
        assert "has not been answered" in supervising.why_dead(queue.DEFAULT, timezone.now(), 3)


def test_a_broker_that_was_away_makes_no_cluster_count_as_dead(monkeypatch) -> None:
    watched, supervisor = cluster(), Supervisor([])
    supervisor.clusters = [watched]
    supervising.ask_canary(watched)
    with time_machine.travel(timezone.now() + supervising.silence() * 2):
        monkeypatch.setattr(queue, "answers", lambda: False)
        supervisor.tick()
        monkeypatch.undo()
        supervisor.tick()
        assert supervising.why_dead(queue.DEFAULT, timezone.now()) == ""
    assert pulse().restarts == 0


def test_a_database_that_was_away_makes_no_cluster_count_as_dead(monkeypatch) -> None:
    def away() -> None:
        raise OperationalError("refused")

    watched, supervisor = cluster(), Supervisor([])
    supervisor.clusters = [watched]
    supervising.ask_canary(watched)
    monkeypatch.setattr(supervising, "close_old_connections", away)
    supervisor.tick()
    monkeypatch.undo()
    with time_machine.travel(timezone.now() + supervising.silence() * 2):
        supervisor.tick()
        assert supervising.why_dead(queue.DEFAULT, timezone.now()) == ""
    assert pulse().restarts == 0


def test_no_cluster_is_started_while_the_broker_is_away(monkeypatch) -> None:
    started: list[str] = []
    monkeypatch.setattr(Cluster, "start", lambda self: started.append(self.queue))
    supervisor = Supervisor([queue.DEFAULT])
    monkeypatch.setattr(queue, "answers", lambda: False)
    supervisor.tick()
    assert started == []
    monkeypatch.setattr(queue, "answers", lambda: True)
    supervisor.tick()
    assert started == [queue.DEFAULT]


def test_a_database_that_is_away_when_the_supervisor_starts_is_waited_for(monkeypatch, caplog) -> None:
    def away(queue_name: str) -> int:
        raise OperationalError("refused")

    started: list[str] = []
    monkeypatch.setattr(Cluster, "start", lambda self: started.append(self.queue))
    monkeypatch.setattr(supervising, "end_leftovers", away)
    supervisor = Supervisor([queue.DEFAULT])
    supervisor.tick()
    assert started == []
    assert "Traceback" not in caplog.text
    monkeypatch.undo()
    monkeypatch.setattr(Cluster, "start", lambda self: started.append(self.queue))
    supervisor.tick()
    assert started == [queue.DEFAULT]


def test_two_supervisors_of_one_name_are_told_apart(caplog) -> None:
    mine = cluster()
    Pulse.objects.update(process_group=1)
    mine.seen -= supervising.SEEN_SECONDS
    supervising.note_seen(mine)
    assert "MACHINE_NAME" in caplog.text


def test_a_pulse_that_somebody_deletes_comes_back() -> None:
    watched, supervisor = cluster(), Supervisor([])
    supervisor.clusters = [watched]
    Pulse.objects.all().delete()
    watched.seen -= supervising.SEEN_SECONDS
    supervisor.tick()
    assert pulse().process_group == Sleeper.pid


def test_machines_that_are_gone_are_forgotten_with_what_waits_for_them() -> None:
    cluster()
    Pulse.objects.create(host="gone", queue=queue.DEFAULT, seen_at=timezone.now() - supervising.KEEP_UNSEEN * 2)
    queue.send_canary(queue.DEFAULT, "gone")
    queue.send_canary(queue.DEFAULT, supervising.host())
    supervising.forget_unseen()
    assert [found.host for found in Pulse.objects.all()] == [supervising.host()]
    assert [task.key for task in OrmQ.objects.all()] == [f"mediahub@{supervising.host()}"]


def test_a_page_waits_for_a_broker_that_is_away_only_once(settings, monkeypatch) -> None:
    asked: list[str] = []

    def away(key: str) -> None:
        asked.append(key)
        raise ConnectionError("timed out")

    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(queue, "get_broker", away)
    monkeypatch.setattr(queue, "_away_until", 0.0)
    for _publication in range(20):
        queue.wake_all()
    assert len(asked) == 1


def test_an_upload_is_not_taken_over_by_a_machine_whose_clock_is_ahead(box) -> None:
    (row,) = hub.publish(hub.add_video(), hub.add_account(box, "youku"))
    claimed = hub.claim(row)
    # The worst moment: the holder is about to renew.
    with time_machine.travel(timezone.now() + timedelta(seconds=job.HEARTBEAT_SECONDS) + APART):
        assert progress.claim_upload([Publication.objects.get(pk=row.pk)], "ahead:1") is None
    assert progress.hold(claimed, claimed.fence)


def test_a_holder_that_cannot_renew_stops_before_a_clock_that_is_ahead_lets_another_begin() -> None:
    last_act = progress.LEASE.total_seconds() - job.LEASE_MARGIN_SECONDS
    assert last_act + APART.total_seconds() < progress.LEASE.total_seconds()


def test_a_machine_whose_clock_is_behind_takes_over_that_much_later(box) -> None:
    (row,) = hub.publish(hub.add_video(), hub.add_account(box, "youku"))
    over = hub.claim(row).lease_until
    assert over is not None
    for moment, may in ((over - APART, False), (over, False), (over + APART * 1.1, True)):
        with time_machine.travel(moment - APART, tick=False):
            found = progress.claim_upload([Publication.objects.get(pk=row.pk)], "behind:1")
        assert (found is not None) is may
