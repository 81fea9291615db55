"""The matrix sees what goes wrong, and tells it."""

from __future__ import annotations

import dataclasses
import threading

import pytest

from script.fault_matrix import documentation, plan, report
from script.fault_matrix.lab import DAMAGED, DECISION, DOUBLED, FAULT, LOST, OK, RESENT, TOLD, Result, Upload, judge
from script.fault_matrix.protocols import MIB, PROTOCOLS
from tests.hub import PATIENCE_SECONDS

UPLOAD = Upload(PROTOCOLS["youku-oss"], 7, "yk", "0123", 100)
THERE = {"id": "X1", "md5": "0123", "size": 100, "state": "published"}
SHELL = {"id": "X0", "md5": "", "size": 0, "state": "uploading"}
ROW = {"state": "published", "remote_id": "X1", "error": None}


@pytest.mark.parametrize(
    ("row", "videos", "outcome"),
    [
        ({}, [THERE], OK),
        ({}, [SHELL, THERE], OK),
        ({}, [THERE, {**THERE, "id": "X2"}], DOUBLED),
        ({}, [{**THERE, "md5": "other"}], DAMAGED),
        ({}, [{**THERE, "size": 99}], DAMAGED),
        ({}, [{**THERE, "md5": "other", "state": "deleted"}, THERE], OK),
        ({}, [{**THERE, "state": "deleted"}], LOST),
        ({}, [], LOST),
        ({}, [SHELL], LOST),
        ({"state": "failed"}, [THERE], LOST),
        ({"remote_id": "X2"}, [THERE], LOST),
        ({"state": "unknown"}, [SHELL], DECISION),
        ({"state": "unknown"}, [THERE, THERE], DOUBLED),
    ],
)
def test_it_tells_one_good_video_from_everything_else(row, videos, outcome):
    assert judge(UPLOAD, ROW | row, videos)[0] == outcome


@pytest.mark.parametrize("outcome", [LOST, DOUBLED, DAMAGED, RESENT, FAULT])
def test_anything_that_went_wrong_fails_the_matrix(outcome):
    good = [Result("youku-oss", "kill", good) for good in (OK, TOLD, DECISION)]
    assert not report.failed(good)
    assert report.failed([*good, Result("youku-oss", "kill", outcome)])


def test_the_table_counts_by_fault_and_protocol_and_shows_who_came_closest_to_the_bound():
    results = [
        Result("youku-oss", "kill", OK, resent=1 * MIB, bound=16 * MIB, seconds=2.4),
        Result("youku-oss", "kill", OK, resent=8 * MIB, bound=16 * MIB, seconds=1.0),
        Result("iqiyi-ranges", "kill", DOUBLED),
        Result("youku-oss", "kill", DECISION),
        Result("youku-oss", "clock", TOLD),
    ]
    rows = [[word.strip() for word in line.strip("|").split("|")] for line in report.table(results).splitlines()[2:]]
    assert rows == [
        ["kill", "iqiyi-ranges", "1", "0", "", "", "1", "", "0"],
        ["kill", "youku-oss", "3", "2", "", "1", "", "8.0 of 16", "2"],
        ["clock", "youku-oss", "1", "0", "1", "", "", "", "0"],
    ]


def test_the_page_gets_the_table_between_its_marks_and_keeps_the_rest(tmp_path, monkeypatch):
    page = tmp_path / "reliability.md"
    page.write_text(f"before\n{documentation.BEGIN}\nits last table\n{documentation.END}\nafter\n")
    monkeypatch.setattr(documentation, "PAGE", page)
    documentation.write([Result("youku-oss", "kill", OK)], seconds=60, seed=1)
    text = page.read_text()
    assert "its last table" not in text
    assert "| kill | youku-oss | 1 | 1 |" in text
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")


def test_the_page_of_the_documentation_has_a_place_for_the_table():
    text = documentation.PAGE.read_text(encoding="utf-8")
    assert 0 < text.index(documentation.BEGIN) < text.index(documentation.END)


def test_a_thing_that_fails_and_one_that_does_not_end_are_results_too(monkeypatch):
    clock, over = Clock(), threading.Event()
    monkeypatch.setattr(plan, "time", clock)

    def fail():
        raise RuntimeError("broken")

    def last():
        yield Result("a", "quick", OK)
        assert over.wait(PATIENCE_SECONDS)
        yield Result("a", "slow", OK)

    things = [plan.Thing("broken thing", fail), plan.Thing("slow thing", last)]
    told = set()
    for result in plan.run_things(things, jobs=2, limit=PATIENCE_SECONDS):
        told.add((result.fault, result.outcome))
        if len(told) == 2:
            clock.now += PATIENCE_SECONDS
        if len(told) == 3:
            over.set()
    assert told == {("broken thing", FAULT), ("quick", OK), ("the whole matrix", FAULT)}


class Clock:
    """Time that passes only when it is told to."""

    now = 1000.0

    def monotonic(self):
        return self.now


def test_the_same_seed_gives_the_same_chances_whatever_runs_beside():
    choice = plan.Choice(seed=4)
    assert choice.chance("kill").random() == dataclasses.replace(choice, small=True).chance("kill").random()
    assert choice.chance("kill").random() != choice.chance("clock").random()
