"""One run: a sandbox that has the videos, a hub that has their rows, and a process that follows them to their end."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.common.hub import database, environment, manage
from bench.common.page import ROOT
from bench.polling.scenario import DELETED, PLATFORMS, START, Film, films
from sandbox.core import Planted
from sandbox.server import Sandbox

SHOWN_EVERY_SECONDS = 15


@dataclass(frozen=True)
class Plan:
    """How many videos are uploaded over how many hours, into which database ("": a SQLite file of its own).

    `limits`: the calls an hour that an account may make, by platform; without an entry any number.
    """

    count: int
    over: float
    database: str = ""
    limits: dict[str, int] = field(default_factory=dict)


@dataclass
class Run:
    """What came of it: `films` by (platform, remote id), what the sandbox was asked, and the files of the follower."""

    plan: Plan
    films: dict[tuple[str, str], Film]
    calls: dict[str, dict[str, int]]
    looks: dict[tuple[str, str], list[int]]
    passes: list[list[int]]
    seen: dict[tuple[str, str], tuple[str, float]]
    followed: dict[str, Any]


def run(plan: Plan) -> Run:
    """Follow the plan's videos to their end. Raises RuntimeError when the sandbox made a mistake of its own."""
    with tempfile.TemporaryDirectory(prefix="bench-polling-") as name, database(plan.database) as own:
        folder, box = Path(name), Sandbox(Path(name) / "sandbox")
        box.clock.hold(START)  # before the accounts are made: their tokens live in virtual time
        with box:
            here = _planted(box, plan)
            settings = environment(folder, **box.environment(), **own)
            _write_inputs(folder, box, plan, here)
            manage(settings, "migrate", "--skip-checks", "--verbosity", "0")
            subprocess.run(_module("rows", folder), cwd=ROOT, env=settings, check=True)
            box.requests.clear()
            _follow(folder, settings, box, here)
            if box.errors:
                raise RuntimeError(box.errors[0])
            return _read(folder, plan, here, box)


def _planted(box: Sandbox, plan: Plan) -> dict[tuple[str, str], Film]:
    """The sandbox gets the videos; answers them by platform and remote id."""
    everything = list(films(plan.count, plan.over))
    found: dict[tuple[str, str], Film] = {}
    for platform in PLATFORMS:
        own = [film for film in everything if film.platform == platform]
        ids = box.platforms[platform].plant(Planted(film.title, film.uploaded, film.pace) for film in own)
        found |= {(platform, remote_id): film for remote_id, film in zip(ids, own, strict=True)}
    return dict(sorted(found.items(), key=lambda entry: entry[1].uploaded))


def _write_inputs(folder: Path, box: Sandbox, plan: Plan, here: dict[tuple[str, str], Film]) -> None:
    credentials = {platform: box.credentials(platform) for platform in PLATFORMS}
    limits = {platform: plan.limits.get(platform) for platform in PLATFORMS}
    (folder / "accounts.json").write_text(json.dumps({"credentials": credentials, "calls_per_hour": limits}))
    with (folder / "films.jsonl").open("w") as lines:
        for (_, remote_id), film in here.items():
            lines.write(json.dumps(asdict(film) | {"remote_id": remote_id}) + "\n")


def _follow(folder: Path, settings: dict[str, str], box: Sandbox, here: dict[tuple[str, str], Film]) -> None:
    """The follower runs, and the sandbox's clock with its; what is to be deleted there goes at its moment."""
    leaving = sorted(((film.end, *key) for key, film in here.items() if film.ending == DELETED), reverse=True)
    shown = time.monotonic()
    command = _module("follower", folder)
    with subprocess.Popen(
        command, cwd=ROOT, env=settings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as follower:
        assert follower.stdin is not None
        assert follower.stdout is not None
        for line in follower.stdout:
            now = int(line)
            box.clock.hold(now)
            while leaving and leaving[-1][0] <= now:
                _, platform, remote_id = leaving.pop()
                box.platforms[platform].remove(remote_id)
            if time.monotonic() - shown > SHOWN_EVERY_SECONDS:
                shown = time.monotonic()
                print(f"  {(now - START) / 3600:.2f} h, {sum(box.requests.counts.values())} calls", file=sys.stderr)
            follower.stdin.write("\n")
            follower.stdin.flush()
    if follower.returncode:
        raise subprocess.CalledProcessError(follower.returncode, command)


def _read(folder: Path, plan: Plan, here: dict[tuple[str, str], Film], box: Sandbox) -> Run:
    calls: dict[str, dict[str, int]] = {platform: {} for platform in PLATFORMS}
    for (platform, path), count in box.requests.counts.items():
        name = path.rpartition("/")[2]
        calls[platform][name] = calls[platform].get(name, 0) + count
    looks: dict[tuple[str, str], list[int]] = {key: [] for key in here}
    for line in (folder / "looks.tsv").read_text().splitlines():
        moment, platform, remote_ids = line.split("\t")
        for remote_id in remote_ids.split(","):
            looks[platform, remote_id].append(int(moment))
    passes = [[int(cell) for cell in line.split("\t")] for line in (folder / "passes.tsv").read_text().splitlines()]
    ends = map(json.loads, (folder / "seen.jsonl").read_text().splitlines())
    seen = {(platform, remote_id): (state, at) for platform, remote_id, state, at in ends}
    return Run(plan, here, calls, looks, passes, seen, json.loads((folder / "followed.json").read_text()))


def _module(name: str, folder: Path) -> Sequence[str]:
    return [sys.executable, "-m", f"bench.polling.{name}", str(folder)]
