"""Faults of platforms and clocks, through the whole hub: an upload arrives once, or says why not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from script.fault_matrix import clocks, many, strikes
from script.fault_matrix.lab import Lab
from script.fault_matrix.protocols import PROTOCOLS
from tests.faults.matrix import SEED, expect_arrived, installed_lab

UPLOADS = 12


@pytest.fixture(scope="module")
def lab(installed) -> Iterator[Lab]:
    with installed_lab(installed) as made:
        yield made


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_it_arrives_once_although_the_platform_fails_it(lab, protocol):
    expect_arrived(strikes.run(lab, PROTOCOLS[protocol], small=True), len(strikes.SMALL))


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_it_arrives_or_says_why_when_the_platforms_clock_is_two_hours_behind(lab, protocol):
    expect_arrived(clocks.run(lab, PROTOCOLS[protocol], clocks.HOURS[:1]), 1, or_told=True)


def test_many_uploads_arrive_once_although_calls_fail_at_random(lab):
    expect_arrived(many.run(lab, UPLOADS, SEED, tuple(PROTOCOLS)), UPLOADS)
