"""The benchmark of importing runs, and every video is brought in once; how long it takes is not tested."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from bench.importing.listing import Library
from bench.importing.running import PASSES

ROOT = Path(__file__).resolve().parents[2]


def test_every_video_is_brought_in_once_and_then_kept_up_to_date(tmp_path: Path) -> None:
    json_file = tmp_path / "importing.json"
    command = [sys.executable, "-m", "bench.importing", "--sizes", "600", "1200", "--json", str(json_file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stderr  # 1: a target was missed, as may be expected of so few videos
    small, large = json.loads(json_file.read_text())["runs"]
    for run in (small, large):
        assert [done["state"] for done in run["passes"]] == ["done"] * len(PASSES)
        assert [done["created"] for done in run["passes"]] == [run["size"], 0, 0]
        assert [done["updated"] for done in run["passes"]] == [0, 0, run["size"]]
        assert [done["missing"] for done in run["passes"]] == [0, 0, 0]
    assert [done["batches"] for done in large["passes"]] == [3, 3, 3]
    assert "first import on SQLite" in done.stdout


def test_pages_hold_each_video_once() -> None:
    library = Library(2500)
    pages = [library.page(number, 1000)["data"] for number in (1, 2, 3, 4)]
    assert [len(page["list"]) for page in pages] == [1000, 1000, 500, 0]
    assert len({video["video_id"] for page in pages for video in page["list"]}) == 2500
