"""The platform that the contract suite checks: what its file fills in, and what the checks are written in."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from platforms.contract import Driver
from platforms.errors import BadAnswer, OutcomeUnknown, Temporary
from platforms.transport import http
from platforms.values import State
from sandbox.core import VideoRow
from sandbox.server import Sandbox
from tests.drivers.conftest import PACE
from tests.drivers.lent import BytesSource, MemoryAccess, MemoryJob, after, draft_for

MOST_TRIES = 6


class Subject:
    """A platform that is checked. `api` is the path under which the box answers its API."""

    driver_class: ClassVar[type[Driver]]
    api: ClassVar[str]
    account_options: ClassVar[dict[str, str]] = {}
    #: Changes that make a draft acceptable, and a file of several parts with the bytes that may be under way at once.
    draft: ClassVar[dict[str, Any]] = {}
    file_size: ClassVar[int]
    under_way: ClassVar[int]
    #: Credential -> the form field at which the error belongs when the platform does not know its value.
    wrong_credentials: ClassVar[dict[str, str]]
    #: Changes to the credentials that leave only those to be checked.
    no_tokens: ClassVar[dict[str, str]] = {"refresh_token": ""}
    #: The form field of a title that the platform bans; "" where it has no code for it.
    banned_field: ClassVar[str] = "title"
    #: At least so many calls and checkpoints an upload has, and after how many of these it is cancelled in its middle.
    fewest_calls: ClassVar[int] = 4
    fewest_checkpoints: ClassVar[int] = 5
    cancel_after: ClassVar[int | None] = 3
    refuses_duplicates: ClassVar[bool] = False
    #: Where a video ends whose review or transcoding fails.
    rejected: ClassVar[State] = State.REJECTED
    failed: ClassVar[State] = State.FAILED
    #: An id in the platform's form that no video has.
    strange_id: ClassVar[str] = "0123456789"

    @pytest.fixture
    def box(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
        monkeypatch.setattr(http, "WAITS", (0.0, 0.0))
        monkeypatch.setattr(http, "LONGEST_WAIT", 0.0)
        with Sandbox(pace=PACE) as box:
            self.prepare(box, monkeypatch)
            yield box
            assert box.errors == []

    def prepare(self, box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
        """Small parts, a checkpoint for each of them, an impatient platform: what makes the test tell and be fast."""

    def expire_tokens(self, box: Sandbox) -> None:
        """Let every access token of the platform expire."""
        raise NotImplementedError

    def list_of(self, videos: object) -> dict[str, Any]:
        """The platform's answer that lists the account's videos, with `videos` as its list and none in all."""
        raise NotImplementedError

    # What the checks are written in.

    @property
    def platform(self) -> str:
        return str(self.driver_class.platform)

    def access(self, box: Sandbox, **changes: str) -> MemoryAccess:
        return MemoryAccess(
            box.environment(), {**box.credentials(self.platform), **changes}, dict(self.account_options)
        )

    def driver(self, box: Sandbox, **changes: str) -> Driver:
        return self.driver_class(self.access(box, **changes))

    def job(self, seed: int = 0, **changes: Any) -> MemoryJob:
        source = BytesSource(random.Random(seed).randbytes(self.file_size))
        return MemoryJob(source, draft_for(source, **{**self.draft, **changes}))

    def published(self, box: Sandbox, **changes: Any) -> str:
        remote_id = self.driver(box).upload(self.job(**changes))
        box.clock.advance(10 * PACE)
        return remote_id

    def rows(self, box: Sandbox, job: MemoryJob) -> list[VideoRow]:
        """The videos that the platform made of the job's bytes."""
        return [row for row in box.videos(self.platform) if row["md5"] == job.source.md5]

    def finish(self, box: Sandbox, job: MemoryJob) -> str | None:
        """Run the job as the hub does, again after each passing failure; None when a person has to decide."""
        for _ in range(MOST_TRIES):
            try:
                return self.driver(box).upload(job)
            except (Temporary, BadAnswer):
                job = after(job)
            except OutcomeUnknown:
                return None
        raise AssertionError(f"not done after {MOST_TRIES} tries")

    def look_at(self, box: Sandbox, remote_id: str) -> State | None:
        (video,) = self.driver(box).look([remote_id])
        assert video.remote_id == remote_id
        return video.state
