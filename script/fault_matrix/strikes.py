"""The faults that a platform and the line to it can have, one after another, at every call of every protocol."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from sandbox.faults import OWN, Fault, FaultError, FaultKind
from script.fault_matrix.lab import Lab, Result, guarded
from script.fault_matrix.protocols import MIB, Protocol

#: Longer than the hub waits for an answer.
HANGS_SECONDS = 40.0
K = FaultKind
ANYWHERE = (
    Fault(K.RESET), Fault(K.CLOSE_AFTER), Fault(K.HTTP_500), Fault(K.HTTP_503), Fault(K.HANG, seconds=2.0),
    Fault(K.SLOW, seconds=1.0), Fault(K.CUT_JSON), Fault(K.HTML), Fault(K.HTML, status=200), Fault(K.LOST_ANSWER),
    Fault(K.EXPIRED_TOKEN), Fault(K.EXPIRED_STS), Fault(K.DROPPED_SESSION),
)  # fmt: skip
WITH_BYTES = (
    Fault(K.RESET, after_bytes=MIB), Fault(K.CLOSE_AFTER, after_bytes=MIB), Fault(K.SLOW, after_bytes=MIB, seconds=0.1),
    Fault(K.WRONG_MD5), Fault(K.EXPIRED_ADDRESS), Fault(K.HANG, seconds=HANGS_SECONDS),
)  # fmt: skip
SMALL = (
    (Fault(K.CLOSE_AFTER, after_bytes=MIB), "bytes"), (Fault(K.LOST_ANSWER), "create"), (Fault(K.CUT_JSON), "end"),
)  # fmt: skip
SEVERAL = 3


@dataclass(frozen=True)
class Case:
    """A fault at one call, the first `fault.times` times that it is made."""

    fault: Fault
    call: str

    @property
    def at(self) -> str:
        times = f" x{self.fault.times}" if self.fault.times != 1 else ""
        return f"{self.call.rpartition('/')[2].removesuffix('.json')}{times}"


def name_of(fault: Fault) -> str:
    """A fault as the matrix lists it."""
    words = fault.kind.replace("_", " ")
    if fault.kind is K.HTML:
        return f"{words} with HTTP {fault.status}"
    if fault.kind is K.HANG and fault.seconds >= HANGS_SECONDS:
        return f"{words} beyond the time-out"
    return f"{words} in mid-body" if fault.after_bytes else words


def cases(protocol: Protocol, *, small: bool) -> list[Case]:
    """What to try on a protocol."""
    if small:
        return [Case(fault, getattr(protocol, where)) for fault, where in SMALL]
    single = [Case(fault, call) for fault in ANYWHERE for call in dict.fromkeys(protocol.calls)]
    single += [Case(fault, protocol.bytes) for fault in WITH_BYTES]
    again = [Case(replace(case.fault, times=SEVERAL), case.call) for case in single if _worth_repeating(case, protocol)]
    return [*single, *again]


def _worth_repeating(case: Case, protocol: Protocol) -> bool:
    return case.call == protocol.bytes and case.fault.kind not in (K.HANG, K.SLOW)


def strike_once(lab: Lab, protocol: Protocol, case: Case) -> Result | None:
    """Publish under this fault and look at what the platform has; None when no such call can have it."""
    lab.renew()
    try:
        lab.box.faults.add(replace(case.fault, path=case.call))
    except FaultError:
        if case.fault.kind in OWN:
            return None
        raise
    upload, started = lab.publish(replace(protocol, size=protocol.less)), time.monotonic()
    lab.wait_for(lab.work())
    lab.finish(upload)
    struck = sum(lab.box.faults.counts.values())
    spare = protocol.size if case.fault.kind is K.DROPPED_SESSION else struck * lab.box.seen.largest
    result = lab.verdict(upload, name_of(case.fault), started, at=case.at, spare=spare)
    lab.forget(upload)
    return result if struck else None


def run(lab: Lab, protocol: Protocol, *, small: bool) -> Iterator[Result]:
    """Every fault that can befall an upload over this protocol."""
    for case in cases(protocol, small=small):
        result = guarded(lab, protocol.name, name_of(case.fault), partial(strike_once, lab, protocol, case))
        if result is not None:
            yield result
