"""The power goes while everything runs: web server, workers, supervisor and platforms die at once, and come back."""

from __future__ import annotations

import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import requests

from script.children import Children
from script.demo import answers, free_port
from script.fault_matrix.hub import ROOT, Hub, Stuck
from script.fault_matrix.lab import FAULT, OK, RESENT, Result, Upload, judge, published
from script.fault_matrix.protocols import MIB, PROTOCOLS

NAME = "power cut of everything"
CUTS = 2
#: So slow that a cut falls into the transfers, which go on side by side.
LIMIT = 24 * MIB
START_SECONDS, ARRIVE_SECONDS = 180.0, 600.0
LOOK_SECONDS = 0.2


class House:
    """Sandbox, web server and supervised workers, each a process of its own, in one folder that outlives them all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ports = {"sandbox": free_port(18100), "web": free_port(18000)}
        self._children = Children(folder)
        self.url = f"http://127.0.0.1:{self._ports['sandbox']}"
        web = f"127.0.0.1:{self._ports['web']}"
        more = {"PUBLIC_URL": f"http://{web}", "BIND": web, "UPLOAD_LIMIT": str(LIMIT), "LOG_LEVEL": "WARNING"}
        self.hub = Hub(folder, {}, more)
        self.accounts: dict[str, str] = {}

    def start(self) -> None:
        """Everything but the workers, from whatever lies in the folder; raises Stuck."""
        said = self.folder / "sandbox.json"
        command = [sys.executable, str(ROOT / "manage.py"), "sandbox", "--port", str(self._ports["sandbox"]), "--data",
                   str(self.folder / "sandbox"), "--pace", "0", "--json"]  # fmt: skip
        self._children.start("sandbox", command, self.hub.environment, said)
        self._until(lambda: said.read_text().endswith("\n"), START_SECONDS, "the sandbox starts")
        place = json.loads(said.read_text())
        self.hub.environment |= place["environment"]
        self.hub.manage("migrate", "-v0")
        self.hub.manage("collectstatic", "--noinput", "-v0")
        self.hub.start()
        self._children.start("web", [str(ROOT / "script" / "server")], self.hub.environment)
        login = f"{self.hub.environment['PUBLIC_URL']}/admin/login/"
        self._until(lambda: answers(login), START_SECONDS, "the web server answers")

    def work(self) -> None:
        """Start the workers."""
        self._children.start("worker", [str(ROOT / "script" / "worker")], self.hub.environment)

    def cut(self) -> int:
        """SIGKILL to all at once; answers to how many."""
        count = self._children.end_leftovers()
        self.hub.end()
        for child in self._children.running:
            child.process.wait()
        self._children.running.clear()
        return count

    def until(self, condition: Callable[[], object], seconds: float, what: str) -> None:
        """Wait; raises Stuck."""
        self._until(condition, seconds, what)

    def rows(self, uploads: Sequence[Upload]) -> list[Mapping[str, Any]]:
        found = {row["id"]: row for row in self.hub.ask("look", ids=[upload.id for upload in uploads])}
        return [found[upload.id] for upload in uploads]

    def videos(self) -> list[Any]:
        with requests.Session() as session:
            session.trust_env = False
            return list(session.get(f"{self.url}/sandbox/videos.json", timeout=30).json())

    def credentials(self, platform: str) -> dict[str, str]:
        file = self.folder / "sandbox" / "credentials" / f"{platform}.json"
        return dict(json.loads(file.read_text()))

    def _until(self, condition: Callable[[], object], seconds: float, what: str) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                tails = "\n".join(f"{child.name}: {child.tail(5)}" for child in self._children.running)
                raise Stuck(f"{what}: not within {seconds:.0f} seconds\n{tails}")
            time.sleep(LOOK_SECONDS)


def run(chance: random.Random, protocols: Sequence[str]) -> Iterator[Result]:
    """One upload a protocol, all at once, and the power gone in the middle, more than once."""
    folder = Path(tempfile.mkdtemp(prefix="faults-power-"))
    house = House(folder)
    started = time.monotonic()
    try:
        yield from _run(house, chance, protocols, started)
    except (Stuck, OSError) as error:
        yield Result("all", NAME, FAULT, seconds=round(time.monotonic() - started, 2), note=str(error))
    finally:
        house.cut()
        shutil.rmtree(folder, ignore_errors=True)


def _run(house: House, chance: random.Random, protocols: Sequence[str], started: float) -> Iterator[Result]:
    house.start()
    uploads = []
    for name in protocols:
        protocol = PROTOCOLS[name]
        uploads.append(published(house.hub, protocol, name, house.credentials(protocol.platform), chance))
    house.work()
    sizes: dict[int, int] = {}
    for _cut in range(CUTS):
        enough = _sent(house, uploads) + chance.uniform(0.1, 0.35) * sum(upload.size for upload in uploads)
        house.until(lambda: _sent(house, uploads) >= enough, ARRIVE_SECONDS, "the uploads move")  # noqa: B023
        known = {upload.id: house.hub.ask("part_size", publication=upload.id) for upload in uploads}
        sizes |= {upload: size for upload, size in known.items() if size}
        if house.cut() < len(("sandbox", "web", "worker", "hub")):
            raise Stuck("not everything was there to be killed")
        house.start()
        house.work()
    house.until(lambda: _all_settled(house, uploads), ARRIVE_SECONDS, "everything arrives")
    videos = house.videos()
    for upload, row in zip(uploads, house.rows(uploads), strict=True):
        yield _result(upload, row, videos, sizes.get(upload.id), started)


def _sent(house: House, uploads: Sequence[Upload]) -> int:
    return sum(int(row["bytes_sent"]) for row in house.rows(uploads))


def _all_settled(house: House, uploads: Sequence[Upload]) -> bool:
    on_the_way = ("queued", "uploading", "processing", "reviewing")
    return not any(row["state"] in on_the_way for row in house.rows(uploads))


def _result(upload: Upload, row: Mapping[str, Any], videos: Sequence[Any], part: int | None, started: float) -> Result:
    mine = [video for video in videos if video["title"].startswith(upload.account)]
    outcome, note = judge(upload, row, mine)
    bound = CUTS * upload.protocol.connections * min(part or upload.size, upload.size)
    resent = max(0, sum(video["received"] for video in mine) - upload.size)
    if outcome == OK and resent > bound:
        outcome, note = RESENT, f"{resent} bytes instead of at most {bound}"
    seconds, empty = round(time.monotonic() - started, 2), sum(not video["md5"] for video in mine)
    return Result(upload.protocol.name, NAME, outcome, f"{CUTS} cuts", resent, bound, empty, seconds, note)
