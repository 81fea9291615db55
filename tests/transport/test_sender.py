"""Parts sent in parallel: order of reports and beginnings, connections of the lane, and stops."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from platforms.contract import Interrupted
from platforms.transport import sender
from platforms.transport.lanes import Lane, Line
from platforms.transport.sender import send_all, wait_for

PATIENCE_SECONDS = 60.0


class Upload:
    """A caller of `send_all` that writes down what happens in its thread, as (what, part)."""

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.log: list[tuple[str, int]] = []
        self.cut = 0
        self.free = threading.Event()
        self.stop = False

    def send(self, part: int) -> int:
        return part

    def on_sent(self, part: int, result: int) -> int | None:
        self.log.append(("sent", part))
        return None

    def settle(self) -> None:
        self.log.append(("settled", 0))
        if self.stop:
            raise Interrupted

    def break_off(self) -> None:
        self.cut += 1
        self.free.set()

    def parts(self, count: int) -> Iterator[int]:
        for part in range(count):
            self.log.append(("begun", part))
            yield part

    def run(self, count: int) -> None:
        send_all(self.parts(count), self.send, self.on_sent, self.settle, self.lane, self.break_off)

    def sent(self) -> list[int]:
        return [part for what, part in self.log if what == "sent"]


@pytest.fixture
def upload() -> Iterator[Upload]:
    with Line(4, 4).lane() as lane:
        yield Upload(lane)
        assert lane.taken == 0


def test_every_part_is_sent_and_reported_once(upload: Upload) -> None:
    upload.run(25)
    assert sorted(upload.sent()) == list(range(25))


def test_state_is_settled_after_the_reports_and_before_anything_else_begins(
    upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "PULSE_SECONDS", PATIENCE_SECONDS)  # nothing but a finished part wakes it
    upload.run(25)
    steps = [what for what, _ in upload.log]
    assert all(steps[at + 1] in ("sent", "settled") for at, what in enumerate(steps) if what == "sent")
    first_report = steps.index("sent")
    assert steps[:first_report] == ["begun"] * 4


def test_no_more_parts_are_under_way_than_the_lane_gives_connections(upload: Upload) -> None:
    under_way: list[int] = []
    lock, seen = threading.Lock(), []
    together = threading.Barrier(4)

    def send(part: int) -> int:
        with lock:
            under_way.append(part)
            seen.append(len(under_way))
        together.wait(PATIENCE_SECONDS)
        with lock:
            under_way.remove(part)
        return part

    upload.send = send  # type: ignore[method-assign]
    upload.run(40)
    assert max(seen) == 4


def test_a_finished_part_keeps_its_connection_until_it_is_reported(upload: Upload) -> None:
    taken: list[int] = []

    def on_sent(part: int, result: int) -> None:
        taken.append(upload.lane.taken)

    upload.on_sent = on_sent  # type: ignore[method-assign]
    upload.run(1)
    assert (taken, upload.lane.taken) == ([0], 0)


def test_a_part_may_ask_for_a_further_one(upload: Upload) -> None:
    def on_sent(part: int, result: int) -> int | None:
        upload.log.append(("sent", part))
        return part + 100 if part < 100 else None

    upload.on_sent = on_sent  # type: ignore[method-assign]
    upload.run(3)
    assert sorted(upload.sent()) == [0, 1, 2, 100, 101, 102]


def test_two_uploads_share_the_line_evenly() -> None:
    line = Line(4, 4)
    with line.lane() as first, line.lane() as second:
        assert (first.share, second.share) == (2, 2)
        assert [first.take() for _ in range(3)] == [True, True, False]
        assert [second.take() for _ in range(3)] == [True, True, False]


def test_an_upload_without_a_connection_waits_and_lives(upload: Upload) -> None:
    """Another upload has the whole line until this one has settled twice."""
    line = Line(1, 1)
    with line.lane() as other, line.lane() as lane:
        assert other.take()
        waiting = Upload(lane)

        def settle() -> None:
            waiting.log.append(("settled", 0))
            if len(waiting.log) == 2:
                other.give_back()

        waiting.settle = settle  # type: ignore[method-assign]
        waiting.run(1)
        assert waiting.log[:3] == [("settled", 0), ("settled", 0), ("begun", 0)]
        assert waiting.sent() == [0]


def hang(upload: Upload) -> None:
    """Every part hangs until the connections are cut, and stopping is asked at the first wake-up."""

    def send(part: int) -> int:
        assert upload.free.wait(PATIENCE_SECONDS)
        return part

    upload.send, upload.stop = send, True  # type: ignore[method-assign]


def test_a_stop_does_not_wait_for_parts_that_hang(upload: Upload) -> None:
    hang(upload)
    with pytest.raises(Interrupted):
        upload.run(9)
    assert (upload.cut, upload.sent()) == (1, []), "they hang until they are cut"
    with pytest.raises(Interrupted):
        upload.lane.spend(1)


def test_what_comes_after_a_stop_is_not_reported(upload: Upload) -> None:
    hang(upload)
    with pytest.raises(Interrupted):
        upload.run(9)
    for thread in threading.enumerate():
        if thread.name == "send":
            thread.join(PATIENCE_SECONDS)
    assert upload.sent() == []


def test_a_stop_still_reports_what_has_arrived(upload: Upload) -> None:
    everything = threading.Barrier(5)

    def send(part: int) -> int:
        everything.wait(PATIENCE_SECONDS)
        return part

    def on_sent(part: int, result: int) -> None:
        upload.log.append(("sent", part))
        raise Interrupted

    def parts() -> Iterator[int]:
        yield from range(4)

    upload.send, upload.on_sent = send, on_sent  # type: ignore[method-assign]
    threading.Thread(target=everything.wait, args=(PATIENCE_SECONDS,), daemon=True).start()
    with pytest.raises(Interrupted):
        send_all(parts(), upload.send, upload.on_sent, upload.settle, upload.lane, upload.break_off)
    assert upload.sent()


def test_parts_under_way_may_finish_after_another_one_failed(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "SETTLE_SECONDS", PATIENCE_SECONDS)
    told = threading.Event()
    wind_up = sender._Sending._wind_up

    def note(sending: object, seconds: float) -> None:
        told.set()
        wind_up(sending, seconds)  # type: ignore[arg-type]

    def send(part: int) -> int:
        if part == 0:
            raise ValueError(part)
        assert told.wait(PATIENCE_SECONDS)
        return part

    monkeypatch.setattr(sender._Sending, "_wind_up", note)

    upload.send = send  # type: ignore[method-assign]
    with pytest.raises(ValueError, match="0"):
        upload.run(9)
    assert sorted(upload.sent()) == [1, 2, 3]
    assert upload.cut == 0
    upload.lane.spend(1)


def test_parts_that_do_not_finish_after_a_failure_are_cut(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "SETTLE_SECONDS", 0.1)

    def send(part: int) -> int:
        if part == 0:
            raise ValueError(part)
        assert upload.free.wait(PATIENCE_SECONDS)
        return part

    upload.send = send  # type: ignore[method-assign]
    with pytest.raises(ValueError, match="0"):
        upload.run(9)
    assert (upload.cut, upload.sent()) == (1, [])


def test_a_failure_while_parts_are_drawn_gives_its_connection_back(
    upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "SETTLE_SECONDS", PATIENCE_SECONDS)

    def parts() -> Iterator[int]:
        yield 0
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        send_all(parts(), upload.send, upload.on_sent, upload.settle, upload.lane, upload.break_off)
    assert upload.sent() == [0]


def test_a_call_aside_answers_and_raises_as_itself() -> None:
    assert wait_for(lambda: 7, lambda: None) == 7
    with pytest.raises(ZeroDivisionError):
        wait_for(lambda: 1 // 0, lambda: None)


def test_a_stop_does_not_wait_for_a_call_that_hangs() -> None:
    free, ended = threading.Event(), list[bool]()

    def stop() -> None:
        raise Interrupted

    with pytest.raises(Interrupted):
        wait_for(lambda: ended.append(free.wait(PATIENCE_SECONDS)), stop)
    assert not ended
    free.set()
