"""Every protocol under every fault that it can have, at each call on its way: one video in the end, with every byte.

Each case runs the upload as the hub would, from its token and as often as it takes, and then looks at what the platform
has, and at how many bytes that took.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from sandbox.faults import OWN, Fault, FaultError, FaultKind
from sandbox.server import Sandbox
from tests.faults.faults_protocols import (
    COMMON,
    PROTOCOLS,
    Protocol,
    as_the_hub_would,
    assert_little_sent_again,
    assert_one_whole_video,
    quick_box,
)

K = FaultKind
OFTEN = 4  # once more than one call is tried

# Bytes are cut in the middle of a part.
OF_PARTS = {
    "reset in a part": Fault(K.RESET, after_bytes=10_000),
    "closed in a part": Fault(K.CLOSE_AFTER, after_bytes=10_000),
    "slow in a part": Fault(K.SLOW, seconds=0.01, after_bytes=8192),
}
# What only some calls can have: by protocol and role.
OF_THEIR_OWN: dict[str, dict[FaultKind, tuple[str, ...]]] = {
    "youku oss": {
        K.EXPIRED_TOKEN: ("create", "commit"),
        K.EXPIRED_STS: ("begin", "part", "complete"),
        K.DROPPED_SESSION: ("part", "complete", "commit"),
        K.WRONG_MD5: ("part",),
    },
    "youku slices": {
        K.EXPIRED_TOKEN: ("create", "commit"),
        K.DROPPED_SESSION: ("begin", "task", "part", "check", "commit"),
        K.WRONG_MD5: ("part",),
    },
    "iqiyi ranges": {
        K.EXPIRED_TOKEN: ("create", "describe", "commit"),
        K.DROPPED_SESSION: ("describe", "part", "commit"),
        K.WRONG_MD5: ("part",),
    },
    "baijiayun whole": {K.DROPPED_SESSION: ("part",), K.EXPIRED_ADDRESS: ("part",), K.WRONG_MD5: ("part",)},
    "baijiayun chunks": {
        K.DROPPED_SESSION: ("part", "ask"),
        K.EXPIRED_ADDRESS: ("part",),
        K.WRONG_MD5: ("part",),
    },
}
# How often in a row, instead of OFTEN: a platform that refuses every first chunk, or answers a page to it, knows no
# chunks.
LESS_OFTEN = {
    ("baijiayun chunks", K.EXPIRED_ADDRESS): 1,
    ("baijiayun chunks", K.HTML): 2,
}


def cases() -> Iterator[object]:
    for protocol in PROTOCOLS:
        faults = [(role, says, fault) for role in protocol.calls for says, fault in COMMON.items()]
        faults += [("part", says, fault) for says, fault in OF_PARTS.items()]
        own = OF_THEIR_OWN[protocol.name].items()
        faults += [(role, kind.replace("_", " "), Fault(kind)) for kind, roles in own for role in roles]
        faults += [
            ("part", f"{says}, {times} times", replace(fault, times=times))
            for role, says, fault in faults
            if role == "part" and fault.kind is not K.SLOW
            if (times := LESS_OFTEN.get((protocol.name, fault.kind), OFTEN)) > 1
        ]
        for role, says, fault in faults:
            yield pytest.param(protocol, role, fault, id=f"{protocol.name}, {role}: {says}")


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with quick_box(monkeypatch) as sandbox:
        yield sandbox


@pytest.mark.parametrize(("protocol", "role", "fault"), list(cases()))
def test_one_video_arrives_whole_under(box: Sandbox, protocol: Protocol, role: str, fault: Fault) -> None:
    box.faults.add(replace(fault, path=protocol.calls[role]))

    story = as_the_hub_would(protocol, box, protocol.job())

    assert box.faults.counts, "the fault has not struck"
    assert_one_whole_video(box, protocol, story)
    assert_little_sent_again(box, protocol, story)


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.name)
def test_without_a_fault_every_byte_is_sent_once(box: Sandbox, protocol: Protocol) -> None:
    story = as_the_hub_would(protocol, box, protocol.job())

    assert story.troubles == []
    assert_one_whole_video(box, protocol, story)
    assert protocol.received(box) == story.job.source.size


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.name)
def test_the_table_has_every_fault_that_a_call_can_have(box: Sandbox, protocol: Protocol) -> None:
    possible: dict[FaultKind, tuple[str, ...]] = {}
    for kind in sorted(OWN):
        for role, call in protocol.calls.items():
            try:
                box.faults.add(Fault(kind, call))
            except FaultError:
                continue
            possible[kind] = (*possible.get(kind, ()), role)

    assert possible == OF_THEIR_OWN[protocol.name]
    assert {fault.kind for fault in COMMON.values()} | OWN == set(FaultKind)


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.name)
def test_a_restart_after_a_dropped_upload_is_told(box: Sandbox, protocol: Protocol) -> None:
    box.faults.add(Fault(K.DROPPED_SESSION, protocol.calls["part"]))

    story = as_the_hub_would(protocol, box, protocol.job())

    assert story.restarts == 1
    assert_one_whole_video(box, protocol, story)


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.name)
def test_an_upload_under_many_small_faults_arrives(box: Sandbox, protocol: Protocol) -> None:
    box.faults.seed(1)
    for kind in (K.RESET, K.CLOSE_AFTER, K.HTTP_503, K.LOST_ANSWER):
        box.faults.add(Fault(kind, protocol.calls["part"], times=None, chance=0.1))

    story = as_the_hub_would(protocol, box, protocol.job())

    assert_one_whole_video(box, protocol, story)
    assert_little_sent_again(box, protocol, story)
