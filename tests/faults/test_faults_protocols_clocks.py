"""Platforms and hubs whose clocks disagree: the video arrives, or a sentence says why it cannot; never a half one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from platforms.errors import LoginExpired, Refused
from sandbox.server import Sandbox
from tests.faults.faults_protocols import (
    PROTOCOLS,
    Protocol,
    as_the_hub_would,
    assert_one_whole_video,
    quick_box,
)

HOUR = 3600
# Who compares a signature's time with the own clock, and by what code.
SIGNED = {
    "youku oss": (Refused, "RequestTimeTooSkewed"),
    "baijiayun whole": (LoginExpired, "1003"),
    "baijiayun chunks": (LoginExpired, "1003"),
}


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with quick_box(monkeypatch) as sandbox:
        yield sandbox


@pytest.mark.parametrize("hours", [-30, -3, 3, 30])
@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.name)
def test_a_platform_that_lives_in_another_hour_gets_the_video(box: Sandbox, protocol: Protocol, hours: int) -> None:
    box.clock.advance(hours * HOUR)

    story = as_the_hub_would(protocol, box, protocol.job())

    assert_one_whole_video(box, protocol, story)


@pytest.mark.parametrize("hours", [-2, 2])
@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.name)
def test_signatures_by_a_wrong_clock_are_refused_and_nothing_else(box: Sandbox, protocol: Protocol, hours: int) -> None:
    box.clock.skew(hours * HOUR)

    story = as_the_hub_would(protocol, box, protocol.job())

    if protocol.name not in SIGNED:
        assert_one_whole_video(box, protocol, story)
        return
    kind, code = SIGNED[protocol.name]
    assert isinstance(story.ended, kind)
    assert story.ended.code == code
    assert protocol.videos(box) == []


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.name)
def test_a_clock_that_is_set_right_lets_the_same_upload_through(box: Sandbox, protocol: Protocol) -> None:
    box.clock.skew(HOUR)
    story = as_the_hub_would(protocol, box, protocol.job())
    box.clock.skew(0)

    if protocol.name in SIGNED:
        story = as_the_hub_would(protocol, box, story.job)

    assert_one_whole_video(box, protocol, story)


@pytest.mark.parametrize("minutes", [-4, 4])
@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.name)
def test_clocks_that_are_minutes_apart_are_no_matter(box: Sandbox, protocol: Protocol, minutes: int) -> None:
    box.clock.skew(minutes * 60)

    story = as_the_hub_would(protocol, box, protocol.job())

    assert story.troubles == []
    assert_one_whole_video(box, protocol, story)
