"""Many uploads at once, by several workers, while every call may meet any fault."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from sandbox.faults import OWN, Fault, FaultError, FaultKind
from script.fault_matrix.lab import FAULT, WORK_SECONDS, Lab, Result
from script.fault_matrix.protocols import MIB, PROTOCOLS, Protocol

NAME = "random faults at 5 % of all calls"
CHANCE = 0.05
WORKERS = 3
MOST_ROUNDS = 60
#: A worker does what is due until nothing is: on a busy machine nearly everything, one after another.
SECONDS_EACH = 5.0
K = FaultKind
#: An upload session that the platform drops starts again from nothing: with chance, some would begin for ever.
KINDS = tuple(kind for kind in FaultKind if kind is not K.DROPPED_SESSION)
SIZES = (2 * MIB, 9 * MIB, 40 * MIB)


def stand(lab: Lab, chance: float) -> None:
    """Let every kind of fault strike, all together with this chance at a call that can have them all."""
    for kind in KINDS:
        fault = Fault(kind, times=None, chance=chance / len(KINDS), seconds=0.2, after_bytes=64 * 1024 * _breaks(kind))
        try:
            lab.box.faults.add(fault)
        except FaultError:
            if kind not in OWN:
                raise


def _breaks(kind: FaultKind) -> bool:
    return kind in (K.RESET, K.CLOSE_AFTER)


def run(lab: Lab, count: int, seed: int, protocols: Sequence[str]) -> Iterator[Result]:
    """`count` uploads, spread over the protocols, of files of several sizes."""
    lab.renew()
    uploads = [lab.publish(replace(protocol, size=size)) for protocol, size in _chosen(lab, count, protocols)]
    lab.box.faults.seed(seed)
    stand(lab, CHANCE)
    started = time.monotonic()
    try:
        lab.finish(*uploads, workers=WORKERS, rounds=MOST_ROUNDS, seconds=WORK_SECONDS + count * SECONDS_EACH)
    except Exception as error:
        yield Result("all", NAME, FAULT, note=f"{type(error).__name__}: {error}")
    for upload in uploads:
        yield lab.verdict(upload, NAME, started, spare=upload.size)


def _chosen(lab: Lab, count: int, protocols: Sequence[str]) -> Iterator[tuple[Protocol, int]]:
    for number in range(count):
        yield PROTOCOLS[protocols[number % len(protocols)]], lab.chance.choice(SIZES)
