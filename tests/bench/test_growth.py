"""The benchmark of growth runs, and a larger hub takes no more statements; how long it takes is not tested."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from bench.growth.rows import SHARES, Hub

ROOT = Path(__file__).resolve().parents[2]


def test_a_larger_hub_takes_no_more_statements(tmp_path: Path) -> None:
    json_file = tmp_path / "growth.json"
    command = [sys.executable, "-m", "bench.growth", "--sizes", "1000", "1500", "--runs", "1", "--only", "SQLite"]
    done = subprocess.run(
        [*command, "--json", str(json_file)], cwd=ROOT, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode in {0, 1}, done.stderr
    measured = json.loads(json_file.read_text())["measured"]["SQLite"]
    assert {one["kind"] for one in measured} == {"list", "search", "page", "tick"}
    for one in measured:
        assert one["statements"]["1500"] == one["statements"]["1000"] > 0, one
        assert one["kind"] == "tick" or one["bytes"]["1000"] > 1000, one


def test_each_state_fills_a_page_of_a_small_hub() -> None:
    hub = Hub(1000)
    states = [hub.state(number) for number in range(1, 1001)]
    for state, (_share, least) in SHARES.items():
        assert states.count(state) == least
    assert states.count("published") > 300
