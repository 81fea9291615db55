"""Two troubles at once, of which the second hides what the first was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from platforms.errors import Temporary
from sandbox.faults import Fault, FaultKind
from sandbox.server import Sandbox
from tests.faults.faults_protocols import PROTOCOLS, as_the_hub_would, assert_one_whole_video, left_behind, quick_box

K = FaultKind
BY_NAME = {protocol.name: protocol for protocol in PROTOCOLS}


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with quick_box(monkeypatch) as sandbox:
        yield sandbox


def test_a_refused_list_that_is_cut_is_no_final_answer(box: Sandbox) -> None:
    oss = BY_NAME["youku oss"]
    job = left_behind(oss, box)
    box.oss.expire_credentials()
    box.faults.add(Fault(K.CUT_JSON, "ListParts"))

    story = as_the_hub_would(oss, box, job)

    assert box.faults.counts
    assert_one_whole_video(box, oss, story)


def test_refused_parts_that_are_cut_are_no_final_answer(box: Sandbox) -> None:
    oss = BY_NAME["youku oss"]
    job = left_behind(oss, box)
    box.faults.add(Fault(K.EXPIRED_STS, "UploadPart"))
    box.faults.add(Fault(K.CUT_JSON, "UploadPart", times=2))

    story = as_the_hub_would(oss, box, job)

    assert sum(box.faults.counts.values()) == 3
    assert_one_whole_video(box, oss, story)


def test_why_a_token_could_not_be_renewed_is_told_without_what_came_before(box: Sandbox) -> None:
    oss = BY_NAME["youku oss"]
    job = left_behind(oss, box)
    box.oss.expire_credentials()
    box.youku.expire_access_tokens()
    box.faults.add(Fault(K.RESET, "/youku/oauth2/token.json", times=3))

    with pytest.raises(Temporary) as caught:
        oss.driver(box).upload(job)

    told = f"{caught.value} {caught.value.sentence.params}"
    assert caught.value.call == "refresh_token"
    assert "oss" not in told.lower()
    assert "StsExpired" not in told
    assert "reset" in told or "closed" in told


def test_an_address_that_expired_between_other_troubles_fails_nothing(box: Sandbox) -> None:
    chunks = BY_NAME["baijiayun chunks"]
    proven = replace(chunks, resumes=(chunks.resumes[0], lambda token: bool(token.get("proven"))))
    job = left_behind(proven, box)
    box.faults.add(Fault(K.HTML, chunks.calls["part"], status=200, times=2))
    box.faults.add(Fault(K.EXPIRED_ADDRESS))

    story = as_the_hub_would(chunks, box, job)

    assert sum(box.faults.counts.values()) == 3
    assert_one_whole_video(box, chunks, story)
