"""Two machines share PostgreSQL and Redis: nothing is done twice, and whatever breaks off is made good."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator

import pytest

from sandbox.core import Planted
from script.fault_matrix import databases
from script.fault_matrix.lab import Upload
from script.fault_matrix.protocols import MIB
from script.fault_matrix.watched import BYTES, Moment
from tests.scaled import machines
from tests.scaled.machines import BULK, Machine, Site, until

pytestmark = [
    pytest.mark.skipif(databases.find_binaries() is None, reason="PostgreSQL is not installed: run script/test"),
    pytest.mark.skipif(not machines.redis_program(), reason="Redis is not installed: run script/test"),
]
JOBS = 1000
LEASE_SECONDS = 60.0
# So much of a lease is let pass without waiting for it.
PASSED_SECONDS = 50.0
# Until the next sweep, and the hint that it sends; a busy machine takes its time.
SWEEP_SECONDS = 60.0
RATE = 4.0 * MIB
# What is under way stays so for a minute.
CRAWL = MIB / 4
AWAY_SECONDS = 3.0


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[Site]:
    with machines.site(tmp_path_factory.mktemp("site")) as made:
        yield made
        assert made.box.errors == []


@pytest.fixture
def site(running: Site) -> Iterator[Site]:
    running.mend()
    yield running
    running.box.rate = None


def holder_of(site: Site, *uploads: Upload) -> Machine | None:
    """The machine that has one of these uploads in its hands."""
    names = {site.row(upload)["lease_holder"].partition(":")[0] for upload in uploads} - {""}
    return next((machine for machine in site.machines if machine.name in names), None)


def crawl_after(site: Site, count: int) -> None:
    """The line is slow from so many bytes of files on, however late anybody notices that they have come."""

    def crawl() -> None:
        site.box.rate = CRAWL

    site.box.rate = RATE
    site.box.act_at(Moment(BYTES, site.box.seen.received + count), crawl)


def queued(site: Site, count: int) -> list[Upload]:
    return [site.publish("youku-oss", 2 * MIB) for _file in range(count)]


def is_gone_on_with(site: Site, upload: Upload, by: Machine) -> bool:
    row = site.row(upload)
    return str(row["lease_holder"]).startswith(f"{by.name}:") or row["bytes_sent"] == upload.size


def test_a_video_is_published_everywhere_by_workers_that_redis_wakes(site):
    uploads = [site.publish(name, 2 * MIB) for name in ("youku-oss", "iqiyi-ranges", "baijiayun-whole")]
    site.expect_published(*uploads)
    assert [site.row(upload)["attempts"] for upload in uploads] == [1, 1, 1]
    # Nothing is queued beside Redis: the table of the other broker stays empty.
    assert site.rows("SELECT count(*) FROM django_q_ormq") == [(0,)]


def test_a_thousand_jobs_are_done_once_each_by_the_clusters_of_two_machines(site):
    pattern = site.publish("youku-oss", 1 * MIB)
    site.expect_published(pattern)
    ids = site.box.youku.plant([Planted(f"{number}", 0.0, 0.0) for number in range(JOBS)], pattern.account)
    [(video,)] = site.rows("SELECT video_id FROM platforms_publication WHERE id = %s", pattern.id)
    numbers = range(BULK, BULK + JOBS)
    site.multiply("platforms_video", video, [{"id": number} for number in numbers])
    asked = {"state": "deleting", "next_run_at": "2020-01-01T00:00:00Z", "attempts": 0}
    rows = [{"id": n, "video_id": n, "remote_id": name, **asked} for n, name in zip(numbers, ids, strict=True)]
    site.multiply("platforms_publication", pattern.id, rows)

    left = "SELECT count(*) FROM platforms_publication WHERE id >= %s AND state <> 'deleted'"
    until(lambda: site.rows(left, BULK) == [(0,)], "a thousand videos are deleted")
    called = Counter(
        call.values["video_id"] for call in site.box.requests if call.path.endswith("/videos/destroy.json")
    )
    assert called == Counter(ids)
    assert site.rows("SELECT DISTINCT attempts FROM platforms_publication WHERE id >= %s", BULK) == [(1,)]
    done = "SELECT split_part(actor, ':', 1), count(*) FROM platforms_event WHERE publication_id >= %s GROUP BY 1"
    by_machine = dict(site.rows(done, BULK))
    assert sum(by_machine.values()) == JOBS
    assert set(by_machine) == {"one", "two"}


def test_what_a_lost_machine_had_in_its_hands_is_taken_over_within_the_lease(site):
    crawl_after(site, 20 * MIB)
    uploads = [site.publish("youku-oss", 18 * MIB) for _file in range(2)]
    until(lambda: holder_of(site, *uploads), "a machine takes an upload")
    until(lambda: sum(site.row(upload)["bytes_sent"] for upload in uploads), "a part has arrived")
    until(lambda: site.box.rate == CRAWL, "the line is slow")
    lost = holder_of(site, *uploads)
    assert lost is not None
    held = [upload for upload in uploads if site.row(upload)["lease_holder"].startswith(f"{lost.name}:")]
    lost.lose()
    site.box.cut()
    lease = "SELECT max(extract(epoch FROM lease_until - now())) FROM platforms_publication WHERE id = ANY(%s)"
    [(rest,)] = site.rows(lease, [upload.id for upload in held])
    assert 0 < rest <= LEASE_SECONDS
    site.rows(
        "UPDATE platforms_publication SET lease_until = lease_until - %s * interval '1 second' WHERE id = ANY(%s) "
        "RETURNING id", PASSED_SECONDS, [upload.id for upload in held],
    )  # fmt: skip
    site.box.rate = None
    until(
        lambda: all(is_gone_on_with(site, upload, site.other_than(lost)) for upload in held),
        "they are taken over", LEASE_SECONDS - PASSED_SECONDS + SWEEP_SECONDS,
    )  # fmt: skip
    site.expect_published(*uploads)
    for upload in held:
        assert any(f"The worker {lost.name}:" in line for line in site.history(upload)), site.told(upload)
    lost.start()
    site.wait_for_answers(lost)


def test_everything_is_found_again_when_redis_has_died_and_starts_empty(site):
    one, two = site.machines
    before = queued(site, 1)
    site.expect_published(*before)
    site.redis.kill()
    two.lose()
    two.start()
    uploads = queued(site, 3)
    until(lambda: "does not answer" in two.log(), "a machine starts without Redis")
    assert {site.row(upload)["state"] for upload in uploads} == {"queued"}
    [pulse] = site.rows("SELECT restarts, process_group FROM platforms_pulse WHERE host = 'one' AND queue = 'uploads'")
    site.redis.start()
    site.expect_published(*uploads)
    site.wait_for_answers(one, two)
    # A hint that was lost is no reason to end a cluster.
    [later] = site.rows("SELECT restarts, process_group FROM platforms_pulse WHERE host = 'one' AND queue = 'uploads'")
    assert later == pulse


def test_work_goes_on_when_postgresql_has_died_and_comes_back(site):
    crawl_after(site, 12 * MIB)
    upload = site.publish("youku-oss", 18 * MIB)
    until(lambda: site.row(upload)["bytes_sent"], "a part has arrived")
    until(lambda: site.box.rate == CRAWL, "the line is slow")
    groups = site.started_groups()
    site.postgres.stop_at_once()
    time.sleep(AWAY_SECONDS)
    site.postgres.start()
    site.box.rate = None
    site.expect_published(upload)
    site.wait_for_answers(*site.machines)
    assert site.started_groups() == groups
    assert all(machine.supervisor and not machine.supervisor.ended for machine in site.machines)
