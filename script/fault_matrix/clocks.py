"""The platforms' clocks hours away from the hub's: an upload arrives, or says why not and arrives once they agree."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from sandbox.faults import Fault, FaultKind
from script.fault_matrix.lab import LOST, OK, TOLD, Lab, Result, Upload, guarded
from script.fault_matrix.protocols import Protocol

HOURS = (-2, 2)
#: What a reason that speaks of the clock has in it, in the hub's words or the platform's.
OF_CLOCKS = ("clock", "timestamp", "时间")


def skewed_once(lab: Lab, protocol: Protocol, hours: int) -> Result:
    """Publish to a platform whose clock is so many hours ahead, with an access token that expires on the way."""
    lab.renew()
    lab.box.clock.skew(hours * 3600.0)
    if protocol.platform != "baijiayun":  # which has no tokens
        lab.box.faults.add(Fault(FaultKind.EXPIRED_TOKEN, path=protocol.end))
    upload, started = lab.publish(protocol), time.monotonic()
    lab.wait_for(lab.work())
    lab.finish(upload)
    result = lab.verdict(upload, name_of(hours), started, spare=lab.box.seen.largest)
    if result.outcome == LOST and any(word in result.note for word in OF_CLOCKS):
        result = _put_right(lab, upload, result, started)
    lab.forget(upload)
    return result


def _put_right(lab: Lab, upload: Upload, refused: Result, started: float) -> Result:
    """What becomes of a refused upload when the clock is right again and a person tries once more."""
    lab.box.clock.skew(0)
    lab.hub.ask("retry", publication=upload.id)
    lab.finish(upload)
    result = lab.verdict(upload, refused.fault, started, spare=lab.box.seen.largest)
    return replace(result, outcome=TOLD, note="") if result.outcome == OK else result


def name_of(hours: int) -> str:
    """A distance as the matrix lists it."""
    return f"platform's clock {hours:+d} h"


def run(lab: Lab, protocol: Protocol, all_hours: Sequence[int]) -> Iterator[Result]:
    """Each distance between the clocks."""
    for hours in all_hours:
        yield guarded(lab, protocol.name, name_of(hours), partial(skewed_once, lab, protocol, hours))
