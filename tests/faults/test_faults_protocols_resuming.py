"""An upload that the next process goes on with meets a fault at the very call that tells what has arrived."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from sandbox.faults import OWN, Fault, FaultKind
from sandbox.server import Sandbox
from tests.faults.faults_protocols import (
    COMMON,
    PROTOCOLS,
    Protocol,
    as_the_hub_would,
    assert_little_sent_again,
    assert_one_whole_video,
    left_behind,
    quick_box,
)

K = FaultKind
OF_THEIR_OWN = {
    "ListParts": (K.EXPIRED_STS, K.DROPPED_SESSION),
    "/gupload/check": (K.DROPPED_SESSION,),
    "/gupload/new_slice": (K.DROPPED_SESSION,),
    "/iqiyi/api/file/fullStatus": (K.EXPIRED_TOKEN,),
    "/baijiayun/{domain}/openapi/video/getStatus": (K.DROPPED_SESSION,),
    "/baijiayun/{domain}/openapi/video/getResumeUploadUrl": (K.DROPPED_SESSION,),
}


def cases() -> Iterator[object]:
    for protocol in PROTOCOLS:
        for call in protocol.resumes[0]:
            own = {kind.replace("_", " "): Fault(kind) for kind in OF_THEIR_OWN[call]}
            for says, fault in (COMMON | own).items():
                yield pytest.param(protocol, replace(fault, path=call), id=f"{protocol.name}, {call}: {says}")


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with quick_box(monkeypatch) as sandbox:
        yield sandbox


@pytest.mark.parametrize(("protocol", "fault"), list(cases()))
def test_it_goes_on_to_one_whole_video_under(box: Sandbox, protocol: Protocol, fault: Fault) -> None:
    job = left_behind(protocol, box)
    box.faults.add(fault)

    story = as_the_hub_would(protocol, box, job)

    assert box.faults.counts, "the fault has not struck"
    assert_one_whole_video(box, protocol, story)
    assert_little_sent_again(box, protocol, story, interruptions=1)


def test_the_table_has_every_fault_that_these_calls_can_have(box: Sandbox) -> None:
    services = (*box.platforms.values(), box.oss)
    for call, kinds in OF_THEIR_OWN.items():
        able = {kind for each in services for kind, strike in each.strikes().items() if call in strike.calls}
        assert able == set(kinds)
        assert able <= OWN
