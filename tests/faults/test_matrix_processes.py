"""The queue's main processes are killed, and the database is restarted: work goes on."""

from __future__ import annotations

import random

import pytest

from script.fault_matrix import databases, queues
from script.fault_matrix.protocols import PROTOCOLS
from tests.faults.matrix import SEED, expect_arrived


@pytest.mark.xdist_group("supervisor")
def test_an_upload_arrives_although_the_main_processes_of_the_queue_are_killed():
    expect_arrived(queues.run(random.Random(SEED), small=True, redis_url=""), len(queues.SMALL_ROLES))


@pytest.mark.skipif(databases.find_binaries() is None, reason="PostgreSQL is not installed: run script/test")
@pytest.mark.parametrize("protocol", ["youku-oss"])
def test_it_arrives_once_although_the_database_is_restarted(protocol):
    assert protocol in PROTOCOLS
    expect_arrived(databases.run(random.Random(SEED), [protocol]), 1)
