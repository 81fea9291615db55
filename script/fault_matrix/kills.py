"""kill -9 of the worker, at moments spread over an upload and in every gap between two of its calls.

At a time or in mid-body the whole machine dies: its connections break, and what lies in the kernels is lost.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial

from script.fault_matrix.lab import FAULT, OK, Lab, Result, Upload, guarded
from script.fault_matrix.protocols import MIB, Protocol
from script.fault_matrix.watched import ARRIVES, BYTES, WITH_BYTES, WORKED, Moment, Seen

NAME = "kill -9 of the worker"
SECONDS = "seconds"
# Spreads a transfer over a second or so, so that a moment of the clock falls into it.
RATE = 40.0 * MIB
# An upload that was over before its moment came is repeated with an earlier one.
MOST_TRIES, EARLIER = 6, 0.7


@dataclass(frozen=True)
class Rehearsal:
    """How the upload goes when nothing happens to it."""

    seen: Seen
    seconds: float


def rehearse(lab: Lab, protocol: Protocol) -> Rehearsal:
    """One undisturbed upload; raises ValueError when it does not arrive."""
    lab.renew()
    upload, started = lab.publish(protocol), time.monotonic()
    lab.wait_for(lab.work())
    seconds, seen = time.monotonic() - started, lab.box.seen
    lab.finish(upload)
    result = lab.verdict(upload, "nothing", started)
    if result.outcome != OK or result.resent:
        raise ValueError(f"{protocol.name} does not arrive undisturbed: {result}")
    lab.forget(upload)
    return Rehearsal(seen, seconds)


def moments(rehearsal: Rehearsal, count: int, chance: random.Random) -> list[Moment]:
    """Where to kill: both sides of the calls that carry no bytes, then parts, bytes and times at random."""
    gaps = [Moment(kind, number) for number, call in enumerate(rehearsal.seen.calls, start=1)
            for kind in (ARRIVES, WORKED) if not call.endswith(WITH_BYTES)]  # fmt: skip
    others = _elsewhere(rehearsal, chance)
    chosen = chance.sample(gaps, min(len(gaps), count * 3 // 5)) if count > 2 else [chance.choice(gaps)]
    return [*chosen, *(next(others) for _number in range(count - len(chosen)))]


def _elsewhere(rehearsal: Rehearsal, chance: random.Random) -> Iterator[Moment]:
    seen = rehearsal.seen
    parts = [number for number, call in enumerate(seen.calls, start=1) if call.endswith(WITH_BYTES)]
    while True:
        yield Moment(BYTES, chance.randint(1, seen.received - 1))
        yield Moment(chance.choice((ARRIVES, WORKED)), chance.choice(parts))
        yield Moment(SECONDS, int(1000 * chance.uniform(0, rehearsal.seconds)))


def kill_once(lab: Lab, protocol: Protocol, moment: Moment) -> Result:
    """Kill the worker at this moment, let another one finish, and look at what the platform has."""
    for _try in range(MOST_TRIES):
        lab.renew()
        upload, started = lab.publish(protocol), time.monotonic()
        if _killed(lab, moment):
            return _finished(lab, upload, moment, started)
        lab.forget(upload)
        moment = Moment(moment.kind, max(1, int(moment.at * EARLIER)))
    return Result(protocol.name, NAME, FAULT, note=f"the upload is always over before {moment}")


def _killed(lab: Lab, moment: Moment) -> bool:
    """Whether a worker was killed at that moment, before it was done."""
    if moment.kind == SECONDS:
        victim = lab.work()
        time.sleep(moment.at / 1000)
        if victim in lab.hub.ask("ended"):
            return False
        lab.hub.kill(victim)
        lab.box.cut()
        lab.wait_for(victim)
        return True
    # The moment may come before this thread knows whom it started.
    known: Future[int] = Future()
    reached = threading.Event()

    def kill() -> None:
        lab.hub.kill(known.result())
        if moment.kind == BYTES:
            lab.box.cut()
        reached.set()

    lab.box.act_at(moment, kill)
    known.set_result(lab.work())
    lab.wait_for(known.result())
    return reached.is_set()


def _finished(lab: Lab, upload: Upload, moment: Moment, started: float) -> Result:
    call = lab.box.seen.calls[moment.at - 1] if moment.kind in (ARRIVES, WORKED) else ""
    lab.finish(upload)
    result = lab.verdict(upload, NAME, started, at=f"{moment} {call}".strip())
    lab.forget(upload)
    return result


def run(lab: Lab, protocol: Protocol, count: int) -> Iterator[Result]:
    """`count` kills, each of an upload of its own."""
    lab.rate = RATE
    try:
        rehearsal = rehearse(lab, protocol)
        for moment in moments(rehearsal, count, lab.chance):
            yield guarded(lab, protocol.name, NAME, partial(kill_once, lab, protocol, moment))
    finally:
        lab.rate = None
