"""Bytes a second: what a lane counts, makes wait, and lets go."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from platforms.contract import Interrupted
from platforms.transport import lanes
from platforms.transport.lanes import Lane, Line

PATIENCE_SECONDS = 60.0


class Clock:
    """Time that passes only while somebody waits for it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def lane() -> Iterator[Lane]:
    with Line(4, 4).lane() as lane:
        yield lane


@pytest.fixture
def clock(lane: Lane, monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(lanes, "time", clock)
    monkeypatch.setattr(lane._changed, "wait", clock.wait)
    return clock


@pytest.fixture
def waits(lane: Lane, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set once somebody waits to send."""
    begun, wait = threading.Event(), lane._changed.wait

    def note(seconds: float) -> None:
        begun.set()
        wait(seconds)

    monkeypatch.setattr(lane._changed, "wait", note)
    return begun


def spend(lane: Lane, count: int) -> None:
    sent = 0
    while sent < count:
        block = min(lane.block, count - sent)
        lane.spend(block)
        sent += block


def test_without_a_limit_nothing_waits(lane: Lane, clock: Clock) -> None:
    spend(lane, 10**9)
    assert (clock.now, lane.moved) == (1000.0, 10**9)


@pytest.mark.parametrize("rate", [1e4, 1e6, 5e7])
def test_a_limit_lasts_as_long_as_it_says(lane: Lane, clock: Clock, rate: float) -> None:
    lane.limit(rate)
    spend(lane, int(10 * rate))
    assert 9.5 <= clock.now - 1000 <= 10.1
    assert lane.moved == int(10 * rate)


def test_its_flow_is_even(lane: Lane, clock: Clock) -> None:
    lane.limit(1e6)
    moved = []
    for _ in range(100):
        lane.spend(lane.block)
        moved.append((clock.now - 1000, lane.moved))
    assert all(count <= 1e6 * at + 2 * lane.block for at, count in moved)


def test_time_in_which_nothing_was_sent_is_not_made_up_for(lane: Lane, clock: Clock) -> None:
    lane.limit(1e6)
    lane.spend(1)
    clock.now += 3600
    before = clock.now
    spend(lane, 2_000_000)
    assert clock.now - before >= 1.5


def test_a_higher_limit_ends_a_long_wait(lane: Lane, waits: threading.Event) -> None:
    lane.limit(1.0)
    lane.spend(1000)
    done = threading.Event()

    def send() -> None:
        lane.spend(1000)
        done.set()

    threading.Thread(target=send, daemon=True).start()
    assert waits.wait(PATIENCE_SECONDS)
    assert not done.is_set()
    lane.limit(None)
    assert done.wait(PATIENCE_SECONDS)


def test_a_lower_limit_leaves_no_debt_of_hours_behind(lane: Lane, clock: Clock) -> None:
    lane.limit(1e9)
    lane.spend(lane.block)
    lane.limit(1e4)
    lane.spend(1)
    assert clock.now - 1000 < 2


def test_a_closed_lane_ends_the_longest_wait(lane: Lane, waits: threading.Event) -> None:
    lane.limit(0.001)
    lane.spend(1000)
    raised: list[BaseException] = []

    def wait() -> None:
        try:
            lane.spend(1000)
        except Interrupted as error:
            raised.append(error)

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    assert waits.wait(PATIENCE_SECONDS)
    lane.close()
    thread.join(PATIENCE_SECONDS)
    assert len(raised) == 1
    assert lane.moved == 1000


def test_threads_share_one_limit(lane: Lane, clock: Clock) -> None:
    lane.limit(1e6)
    threads = [threading.Thread(target=spend, args=(lane, 100_000), daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert lane.moved == 400_000
    assert clock.now - 1000 > 0.2
