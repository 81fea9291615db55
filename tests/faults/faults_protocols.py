"""The five upload protocols as the tests of single faults see them: a driver, a small file, the calls on its way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from platforms.contract import Driver, Interrupted
from platforms.drivers.baijiayun import upload as baijiayun_upload
from platforms.drivers.iqiyi import upload as iqiyi_upload
from platforms.drivers.youku import upload_slices
from platforms.drivers.youku.upload_slices import Waits
from platforms.errors import BadAnswer, Corrupted, PlatformError, SessionLost, Temporary
from platforms.transport import checkpoints, http
from sandbox.core import VideoRow
from sandbox.faults import Fault, FaultKind
from sandbox.server import Sandbox
from tests.drivers import on_baijiayun, on_iqiyi, on_youku
from tests.drivers.conftest import PACE
from tests.drivers.lent import CONNECTIONS, MemoryJob, after

KIB = 1024
MOST_ROUNDS = 8  # the hub tries twelve times
SMALL = 16 * KIB
PARTS = 8
UNFINISHED = frozenset({"uploading", "waiting", "cancelled", "deleted"})

SHORT = 0.05
# What every call can have.
COMMON = {
    "reset": Fault(FaultKind.RESET),
    "closed": Fault(FaultKind.CLOSE_AFTER),
    "HTTP 500": Fault(FaultKind.HTTP_500),
    "HTTP 503": Fault(FaultKind.HTTP_503),
    "never answered": Fault(FaultKind.HANG, seconds=SHORT),
    "slow": Fault(FaultKind.SLOW, seconds=SHORT),
    "cut answer": Fault(FaultKind.CUT_JSON),
    "page of a proxy": Fault(FaultKind.HTML, status=502),
    "page of a proxy that says 200": Fault(FaultKind.HTML, status=200),
    "lost answer": Fault(FaultKind.LOST_ANSWER),
}


@dataclass(frozen=True)
class Protocol:
    """`calls`: what the upload asks for, by its role; `resumes`: what one that goes on asks for, and whether a token is
    of one that will; `in_flight`: how many parts are under way at once.

    `shells_count`: an upload that was created and never sent shows in the account's list, and so counts as a video.
    """

    name: str
    platform: str
    driver: Callable[[Sandbox], Driver]
    job: Callable[[], MemoryJob]
    part: int
    calls: Mapping[str, str]
    resumes: tuple[tuple[str, ...], Callable[[Mapping[str, Any]], bool]]
    in_flight: int = CONNECTIONS
    shells_count: bool = False

    def videos(self, box: Sandbox) -> list[VideoRow]:
        """What a viewer of the account's list would call videos."""
        hidden = {"deleted"} if self.shells_count else UNFINISHED
        return [row for row in box.videos(self.platform) if row["state"] not in hidden]

    def received(self, box: Sandbox) -> int:
        """Bytes of this file that the platform has received in all, for whichever video."""
        return sum(row["received"] for row in box.videos(self.platform))


@dataclass
class Story:
    """How an upload went: `ended` is the id, or the error after which the hub gives up or asks a person."""

    job: MemoryJob
    ended: str | PlatformError = ""
    troubles: list[PlatformError] = field(default_factory=list)

    @property
    def restarts(self) -> int:
        return sum(isinstance(error, SessionLost) for error in self.troubles)


def as_the_hub_would(protocol: Protocol, box: Sandbox, job: MemoryJob) -> Story:
    """Run an upload again and again from its token, a process at a time, until nothing is left to try."""
    story = Story(job)
    for _ in range(MOST_ROUNDS):
        try:
            story.ended = protocol.driver(box).upload(story.job)
        except SessionLost as error:
            story.troubles.append(error)
            story.job = MemoryJob(job.source, job.draft)
        except (Temporary, BadAnswer, Corrupted) as error:
            story.troubles.append(error)
            story.job = after(story.job)
        except PlatformError as error:
            story.ended = error
            return story
        else:
            return story
    story.ended = story.troubles[-1]
    return story


class LeavingJob(MemoryJob):
    """A job whose process ends as soon as a token that fits has been stored."""

    leaves: Callable[[Mapping[str, Any]], bool]

    def checkpoint(self, token: Mapping[str, Any], bytes_done: int) -> None:
        super().checkpoint(token, bytes_done)
        if self.leaves(token):
            raise Interrupted


def left_behind(protocol: Protocol, box: Sandbox) -> MemoryJob:
    """An upload whose first process ended on the way, as the next one finds it."""
    whole = protocol.job()
    job = LeavingJob(whole.source, whole.draft)
    job.leaves = protocol.resumes[1]
    with pytest.raises(Interrupted):
        protocol.driver(box).upload(job)
    return after(job)


@contextmanager
def quick_box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox for small parts and short waits, which must make no mistake of its own."""
    with Sandbox(pace=PACE) as sandbox:
        make_small_and_quick(sandbox, monkeypatch)
        yield sandbox
        assert sandbox.errors == []


def assert_one_whole_video(box: Sandbox, protocol: Protocol, story: Story) -> None:
    videos = [(row["id"], row["md5"]) for row in protocol.videos(box)]
    wanted = [(story.ended, story.job.source.md5)]
    assert videos == wanted, f"{videos} instead of {wanted} after {story.troubles}"


def assert_little_sent_again(box: Sandbox, protocol: Protocol, story: Story, interruptions: int = 0) -> None:
    """A fault costs the part that it befell; an interruption what was in flight; a dropped upload all of its bytes.

    An expired access costs what was begun with it before the first refusal was known.
    """
    counts = box.faults.counts
    shared = sum(count for (_, _, kind), count in counts.items() if kind is FaultKind.EXPIRED_STS)
    in_flight = protocol.in_flight * (len(story.troubles) + interruptions + 2 * shared)
    spare = (sum(counts.values()) + in_flight) * protocol.part
    most = story.job.source.size * (1 + story.restarts) + spare
    assert protocol.received(box) <= most, f"{protocol.received(box)} bytes came instead of {most} at most: {counts}"


def make_small_and_quick(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small parts, each of them checkpointed, and no waits between tries; the protocols stay what they are."""
    on_youku.make_small_and_quick(box, monkeypatch)
    # No slice is handed out twice for a busy machine's sake: time passes there when the upload has nothing to send.
    box.youku.slices.patience = 60.0
    monkeypatch.setattr(upload_slices.Waits, "once", _time_passing(box, upload_slices.Waits.once))
    monkeypatch.setattr(http, "WAITS", (0.0, 0.0))
    monkeypatch.setattr(checkpoints, "SECONDS_BETWEEN", 0.0)
    monkeypatch.setattr(iqiyi_upload, "SMALLEST_PART", SMALL)
    monkeypatch.setattr(iqiyi_upload, "LARGEST_PART", SMALL)
    monkeypatch.setattr(baijiayun_upload, "LARGEST_WHOLE", PARTS * SMALL)
    monkeypatch.setattr(baijiayun_upload, "SMALLEST_CHUNK", SMALL)
    monkeypatch.setattr(baijiayun_upload, "LARGEST_CHUNK", SMALL)


def _time_passing(box: Sandbox, wait: Callable[[Waits], None]) -> Callable[[Waits], None]:
    def once(waits: Waits) -> None:
        box.clock.advance(box.youku.slices.patience)
        wait(waits)

    return once


BAIJIAYUN = "/baijiayun/{domain}/openapi/video/"
BAIJIAYUN_RESUMES = ((f"{BAIJIAYUN}getStatus", f"{BAIJIAYUN}getResumeUploadUrl"), lambda token: "video_id" in token)

PROTOCOLS = (
    Protocol(
        "youku oss", "youku", on_youku.youku, lambda: on_youku.job_of(PARTS * on_youku.PART), on_youku.PART,
        {
            "create": "/youku/uploads/create.json", "begin": "InitiateMultipartUpload", "part": "UploadPart",
            "complete": "CompleteMultipartUpload", "commit": "/youku/uploads/commit.json",
        },
        (("ListParts",), lambda token: "upload_id" in token),
    ),
    Protocol(
        "youku slices", "youku", lambda box: on_youku.youku(box, "slices"),
        lambda: on_youku.job_of(PARTS * on_youku.SLICE), on_youku.SLICE,
        {
            "create": "/youku/uploads/create.json", "begin": "/gupload/create_file", "task": "/gupload/new_slice",
            "part": "/gupload/upload_slice", "check": "/gupload/check", "commit": "/youku/uploads/commit.json",
        },
        (("/gupload/check", "/gupload/new_slice"), lambda token: bool(token.get("tasks"))),
    ),
    Protocol(
        "iqiyi ranges", "iqiyi", on_iqiyi.iqiyi, lambda: on_iqiyi.job_of(PARTS * SMALL), SMALL,
        {
            "create": "/iqiyi-upload/openupload", "describe": "/iqiyi/api/file/info",
            "part": "/iqiyi-upload/{node}/upload", "commit": "/iqiyi-upload/uploadfinish",
        },
        (("/iqiyi/api/file/fullStatus",), lambda token: token["step"] == "finishing"),
    ),
    Protocol(
        "baijiayun whole", "baijiayun", on_baijiayun.baijiayun, lambda: on_baijiayun.job_of(PARTS * SMALL),
        PARTS * SMALL,
        {
            "create": f"{BAIJIAYUN}getUploadUrl", "part": "/baijiayun-upload/upload", "compare": f"{BAIJIAYUN}getInfo",
        },
        BAIJIAYUN_RESUMES, in_flight=1, shells_count=True,
    ),
    Protocol(
        "baijiayun chunks", "baijiayun", on_baijiayun.baijiayun, lambda: on_baijiayun.job_of((PARTS + 1) * SMALL),
        SMALL,
        {
            "create": f"{BAIJIAYUN}getUploadUrl", "part": "/baijiayun-upload/upload",
            "ask": f"{BAIJIAYUN}getResumeUploadUrl", "compare": f"{BAIJIAYUN}getInfo",
        },
        BAIJIAYUN_RESUMES, in_flight=1, shells_count=True,
    ),
)  # fmt: skip
