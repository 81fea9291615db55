"""What the hub lends a driver, without rows: an access with credentials in memory, and an upload job over bytes."""

from __future__ import annotations

import copy
import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

import pytest

from platforms.contract import Driver, Interrupted
from platforms.transport.lanes import Line
from platforms.values import Draft

CONNECTIONS = 4  # of a job's line


@dataclass
class MemoryAccess:
    """An `Access`: `renewals` counts how often a token was really fetched."""

    addresses: Mapping[str, str]
    stored: dict[str, str]
    options: Mapping[str, str] = field(default_factory=dict)
    name: str = "an account"
    renewals: int = 0
    learned: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def credentials(self) -> Mapping[str, str]:
        return dict(self.stored)

    def learn(self, name: str, value: str) -> None:
        self.learned[name] = value

    def address(self, name: str) -> str:
        return self.addresses[name].rstrip("/")

    def renew(
        self,
        stale: str,
        fetch: Callable[[Mapping[str, str]], Mapping[str, str | int]],
        credential: str = "access_token",
    ) -> Mapping[str, str]:
        with self.lock:
            if self.stored.get(credential, "") == stale:
                self.stored.update({k: str(v) for k, v in fetch(dict(self.stored)).items() if k != "expires_in"})
                self.renewals += 1
            return dict(self.stored)


class BytesSource:
    """A `Source` over bytes; `reads` lists every (offset, length) asked for."""

    def __init__(self, data: bytes, name: str = "lesson.mp4") -> None:
        self.data, self.name, self.size = data, name, len(data)
        self.md5 = hashlib.md5(data).hexdigest()
        self.extension = PurePath(name).suffix.lstrip(".").lower()
        self.reads: list[tuple[int, int]] = []

    def read(self, offset: int, length: int) -> bytes:
        assert 0 <= offset <= self.size - length
        self.reads.append((offset, length))
        return self.data[offset : offset + length]


class MemoryJob:
    """An `UploadJob`. `history` lists each checkpointed token; `stop_after` interrupts at that many checkpoints."""

    def __init__(self, source: BytesSource, draft: Draft, token: Mapping[str, Any] | None = None) -> None:
        self.source, self.draft = source, draft
        self.stored: dict[str, Any] = dict(token or {})
        self.history: list[dict[str, Any]] = []
        self.announced: list[str] = []
        self.bytes_done = 0
        self.stop_after: int | None = None
        self.lane = Line(CONNECTIONS, CONNECTIONS).lane()
        self.lane.__enter__()

    @property
    def token(self) -> dict[str, Any]:
        return copy.deepcopy(self.stored)

    def checkpoint(self, token: Mapping[str, Any], bytes_done: int) -> None:
        if self.stop_after is not None and len(self.history) >= self.stop_after:
            raise Interrupted
        self.stored, self.bytes_done = json.loads(json.dumps(token)), bytes_done
        self.history.append(self.token)

    def announce(self, remote_id: str) -> None:
        self.announced.append(remote_id)

    def pulse(self, bytes_done: int) -> None:
        self.bytes_done = bytes_done


def after(job: MemoryJob) -> MemoryJob:
    """The same publication in the next process."""
    return MemoryJob(job.source, job.draft, job.token)


def interrupt(driver: Driver, job: MemoryJob, checkpoints: int) -> None:
    """Upload until the job stops it after so many checkpoints."""
    job.stop_after = checkpoints
    with pytest.raises(Interrupted):
        driver.upload(job)


def draft_for(source: BytesSource, **changes: Any) -> Draft:
    """A draft every platform takes, with `changes` to its metadata or options."""
    facts: dict[str, Any] = {
        "title": "第一课 认识分数",
        "description": "三年级数学",
        "tags": ("数学", "三年级"),
        "category": "",
        "options": {},
        "file_name": source.name,
        "extension": source.extension,
        "size": source.size,
        "md5": source.md5,
        "duration": 5.0,
    }
    return Draft(**(facts | changes))
