"""One hub and the platforms it speaks to, for one thing after another to go wrong in."""

from __future__ import annotations

import hashlib
import itertools
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sandbox.core import VideoRow
from script.fault_matrix.hub import Hub, Stuck
from script.fault_matrix.protocols import Protocol, random_video
from script.fault_matrix.watched import Watched

LOOK_SECONDS = 0.02
#: After so long Youku hands out a slice again that has not come. A busy machine must not take longer for one.
PATIENCE_SECONDS = 10.0
WORK_SECONDS = 120.0
MOST_TRACE = 1000
# Longer than a body takes that nobody sends any more, and than a fault lets a call hang.
SETTLE_SECONDS = 45.0
# Tries of one upload after which it counts as lost.
MOST_ROUNDS = 14
MOST_LOOKS = 12

OK, DECISION, TOLD, SKIPPED = "arrived", "needs a decision", "told why", "skipped"
#: Nothing is lost, doubled or damaged.
HARMLESS = (OK, DECISION, TOLD, SKIPPED)
LOST, DOUBLED, DAMAGED, RESENT, FAULT = "lost", "doubled", "damaged", "sent too much again", "fault"


@dataclass(frozen=True)
class Result:
    """How one upload ended. `at`: where the fault struck; `resent` and `bound`: bytes sent again, and how many may be;
    `empty`: videos without bytes that are left on the platform; `note`: why, when not all is well."""

    protocol: str
    fault: str
    outcome: str
    at: str = ""
    resent: int = 0
    bound: int = 0
    empty: int = 0
    seconds: float = 0.0
    note: str = ""
    history: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Upload:
    """One publication under way."""

    protocol: Protocol
    id: int
    account: str
    md5: str
    size: int


def published(hub: Hub, protocol: Protocol, name: str, credentials: Mapping[str, str], chance: random.Random) -> Upload:
    """A random file, queued for a new account called `name`; the video's title begins with it, too."""
    path = random_video(hub.folder / f"{name}.mp4", protocol.size, chance)
    with path.open("rb") as file:
        md5 = hashlib.file_digest(file, "md5").hexdigest()
    account = hub.ask(
        "add_account", name=name, platform=protocol.platform, credentials=dict(credentials),
        options=dict(protocol.options),
    )  # fmt: skip
    row = hub.ask("publish", file=str(path), title=name, account=account)
    path.unlink()
    return Upload(protocol, row, name, md5, protocol.size)


def is_there(video: VideoRow) -> bool:
    """Whether the platform has a video with bytes."""
    return bool(video["md5"]) and video["state"] != "deleted"


def judge(upload: Upload, row: Mapping[str, Any], videos: Sequence[VideoRow]) -> tuple[str, str]:
    """The outcome and why, from the hub's row and what the account's platform has."""
    full = [video for video in videos if is_there(video)]
    said = f"{row['state']}: {row['error']}"
    if len(full) > 1:
        return DOUBLED, f"{len(full)} videos; {said}"
    if full and (full[0]["md5"] != upload.md5 or full[0]["size"] != upload.size):
        return DAMAGED, said
    if row["state"] == "unknown":
        return DECISION, said
    if not full or row["state"] != "published" or str(row["remote_id"]) != full[0]["id"]:
        return LOST, f"{len(full)} videos, {row['remote_id']}; {said}"
    return OK, ""


ResultT = TypeVar("ResultT", Result, Result | None)


class Lab:
    """Use it in `with`. `settings`: further environment variables of the hub. `rate`: bytes a second on the line."""

    def __init__(self, chance: random.Random, settings: Mapping[str, str] | None = None, rate: float | None = None,
                 prefix: str = "faults-") -> None:  # fmt: skip
        self.chance, self.rate = chance, rate
        self.folder = Path(tempfile.mkdtemp(prefix=prefix))
        self._numbers = itertools.count(1)
        self._port = 0
        try:
            self.box = self.new_box()
            self.hub = Hub(self.folder, self.box.environment(), settings or {})
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def __enter__(self) -> Lab:
        try:
            self.hub.__enter__()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.hub.end()
        self.box.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def new_box(self) -> Watched:
        """Platforms without any video, at the address at which the hub knows them."""
        folder = self.folder / f"sandbox-{next(self._numbers)}"
        box = Watched(folder, self._port, rate=self.rate).start()
        box.youku.slices.patience = PATIENCE_SECONDS
        self._port = int(box.url.rpartition(":")[2])
        return box

    def renew(self) -> None:
        """Platforms without any video, and without the bytes of the last ones."""
        self.box.stop()
        shutil.rmtree(self.box.data, ignore_errors=True)
        self.box = self.new_box()

    def publish(self, protocol: Protocol) -> Upload:
        """A random file, queued for an account of its own."""
        name = f"{protocol.name}-{next(self._numbers)}"
        return published(self.hub, protocol, name, self.box.credentials(protocol.platform, name), self.chance)

    def work(self) -> int:
        """A worker's process id."""
        return int(self.hub.ask("work"))

    def wait_for(self, *pids: int, seconds: float = WORK_SECONDS) -> None:
        """Wait until these workers have ended; raises Stuck, having killed them."""
        left, deadline = set(pids), time.monotonic() + seconds
        while left:
            left -= set(self.hub.ask("ended"))
            if left and time.monotonic() > deadline:
                for pid in left:
                    self.hub.kill(pid)
                raise Stuck(f"a worker is still at work after {seconds:.0f} seconds")
            if left:
                time.sleep(LOOK_SECONDS)

    def row(self, upload: Upload) -> dict[str, Any]:
        (row,) = self.hub.ask("look", ids=[upload.id])
        return dict(row)

    def finish(
        self, *uploads: Upload, workers: int = 1, rounds: int = MOST_ROUNDS, seconds: float = WORK_SECONDS
    ) -> None:
        """Let time pass and new workers go on, until no upload is on its way; then look until each is settled.

        `seconds`: so long may a worker take.
        """
        for _round in range(rounds):
            self.box.settle(SETTLE_SECONDS)
            self.hub.ask("pass_time")
            self.box.clock.advance(2 * PATIENCE_SECONDS)
            self.wait_for(*(self.work() for _number in range(workers)), seconds=seconds)
            if not self._any(uploads, "queued", "uploading"):
                break
        for _look in range(MOST_LOOKS):
            self.hub.ask("hurry")
            self.hub.ask("follow")
            if not self._any(uploads, "processing", "reviewing"):
                break

    def _any(self, uploads: Sequence[Upload], *states: str) -> bool:
        rows = self.hub.ask("look", ids=[upload.id for upload in uploads])
        return any(row["state"] in states for row in rows)

    def verdict(self, upload: Upload, fault: str, started: float, *, at: str = "", spare: int = 0) -> Result:
        """What became of an upload. `spare`: bytes that this fault may cost beside the parts that are under way."""
        row, seen = self.row(upload), self.box.seen
        videos = [video for video in self.box.videos(upload.protocol.platform) if video["account"] == upload.account]
        empty = sum(not video["md5"] for video in videos)
        bound = upload.protocol.connections * min(seen.largest, upload.size) + spare
        resent = max(0, sum(video["received"] for video in videos) - upload.size)
        outcome, note = judge(upload, row, videos)
        if outcome == OK and resent > bound:
            outcome, note = RESENT, f"{resent} bytes instead of at most {bound}"
        if outcome == OK and self.box.errors:
            outcome, note = FAULT, self.box.errors[0][-MOST_TRACE:]
        history = () if outcome == OK else (*self.hub.ask("history", publication=upload.id), *seen.calls[-40:])
        return Result(
            upload.protocol.name, fault, outcome, at, resent, bound, empty,
            round(time.monotonic() - started, 2), note, history,
        )  # fmt: skip

    def forget(self, upload: Upload) -> None:
        """Make room: the hub's file and the platform's bytes."""
        self.hub.ask("forget", publication=upload.id)
        self.renew()


def guarded(lab: Lab, protocol: str, fault: str, run: Callable[[], ResultT]) -> ResultT | Result:
    """The result of a run; what stops it is a result too, and leaves nothing for the next one to stumble over."""
    started = time.monotonic()
    try:
        return run()
    except Exception as error:
        lab.hub.restart()
        seconds = round(time.monotonic() - started, 2)
        return Result(protocol, fault, FAULT, seconds=seconds, note=f"{type(error).__name__}: {error}")
