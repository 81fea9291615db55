"""kill -9 of a worker in the middle of an upload: another one finishes, and the platform has one undamaged video."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from script.fault_matrix import kills
from script.fault_matrix.lab import Lab
from script.fault_matrix.protocols import PROTOCOLS
from script.fault_matrix.watched import WITH_BYTES, Seen
from tests.faults.matrix import SEED, expect_arrived, installed_lab

KILLS = 2


@pytest.fixture(scope="module")
def lab(installed) -> Iterator[Lab]:
    with installed_lab(installed) as made:
        yield made


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_it_arrives_once_although_its_worker_is_killed(lab, protocol):
    expect_arrived(kills.run(lab, PROTOCOLS[protocol], KILLS), KILLS)


def test_moments_of_a_kill_lie_on_both_sides_of_calls_in_parts_and_in_time():
    calls = ("create", f"part{WITH_BYTES}", f"part{WITH_BYTES}", "commit")
    rehearsal = kills.Rehearsal(Seen(calls, received=100, largest=50), seconds=1.0)
    moments = kills.moments(rehearsal, 25, random.Random(SEED))
    assert len(moments) == 25
    sides = {(moment.kind, moment.at) for moment in moments}
    assert {("arrives", 1), ("worked", 1), ("arrives", 4), ("worked", 4)} <= sides
    assert {kind for kind, _at in sides} == {"arrives", "worked", "bytes", "seconds"}
