"""What every bucket can do, whichever protocol it speaks: files brought in parts, looked at, opened and removed.

The bucket itself says what has arrived: a file that is on its way is found again by its name, so that nothing has to be
remembered between two tries, and one that broke off anywhere is gone on with by whoever comes next.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from platforms.contract import SourceAway, SourceChanged
from platforms.storage.kinds import FarStorage, Look, mark_of
from platforms.storage.ranged import RangedSource, Stream
from platforms.transport.slices import Part, plan_parts
from platforms.values import gettext_noop, say

MIB = 1024 * 1024
SMALLEST_PART, MOST_PARTS = 8 * MIB, 10_000
# Parts on their way at once; each is in memory, so that its md5 goes ahead of it.
CONNECTIONS = 4
PULSE_SECONDS = 0.5

NOT_THERE = "not there"
OTHER_OBJECT = "another object by now"
CUT_SHORT = gettext_noop("What the storage of the video files has is not as long as the file; it is brought again.")


class Missing(SourceChanged):
    """There is no such object."""

    def __init__(self) -> None:
        super().__init__(NOT_THERE)


class UploadGone(Exception):
    """What had been brought of an object was completed, aborted or expired meanwhile."""


@dataclass(frozen=True, slots=True)
class Found:
    """An object as the bucket describes it: `size` in bytes, `etag` as it is sent, `modified` (aware)."""

    size: int
    etag: str
    modified: datetime

    def as_look(self) -> Look:
        mark = mark_of(self.etag, self.size, self.modified.isoformat())
        return Look(self.size, self.modified, mark, mark)


@dataclass(frozen=True, slots=True)
class Held:
    """A part that the bucket has."""

    etag: str
    size: int


class Calls(ABC):
    """The calls of one bucket. All raise `Missing`, `SourceAway` and what they say; keys are whole."""

    @abstractmethod
    def find(self, key: str) -> Found:
        """The object; raises `Missing`."""

    @abstractmethod
    def get(self, key: str, first: int, last: int, etag: str) -> Stream:
        """Bytes of the object with this entity tag; raises `SourceChanged` when it is another by now."""

    @abstractmethod
    def put(self, key: str, data: bytes) -> None:
        """A whole small object."""

    @abstractmethod
    def uploads(self, key: str) -> list[str]:
        """The ids of what is being brought under this key, oldest first."""

    @abstractmethod
    def begin(self, key: str) -> str:
        """A new id."""

    @abstractmethod
    def parts(self, key: str, upload_id: str) -> dict[int, Held]:
        """What has arrived, by number; raises `UploadGone`."""

    @abstractmethod
    def put_part(self, key: str, upload_id: str, number: int, data: bytes) -> str:
        """One part, proven by its md5; answers its entity tag. Raises `UploadGone`."""

    @abstractmethod
    def complete(self, key: str, upload_id: str, etags: dict[int, str]) -> None:
        """Make the object of its parts; raises `UploadGone`."""

    @abstractmethod
    def abort(self, key: str, upload_id: str) -> None:
        """Drop what has arrived; raises `UploadGone`."""

    @abstractmethod
    def delete(self, key: str) -> None:
        """Nothing happens without an object."""

    @abstractmethod
    def answers(self) -> None:
        """Whether the bucket is there and lets us in, found out quickly."""


class BucketStorage(FarStorage):
    """The hub's verbs for a bucket, on top of its calls; `prefix` stands in front of every name."""

    calls: Calls
    prefix: str

    def key(self, name: str) -> str:
        """The name in the bucket."""
        return self.prefix + str(name).replace("\\", "/").lstrip("/")

    def look(self, name: str) -> Look:
        return self.calls.find(self.key(name)).as_look()

    def open_ranges(self, name: str, *, called: str, size: int, md5: str) -> RangedSource:
        key = self.key(name)
        found = self.calls.find(key)
        if found.size != size:
            raise SourceChanged(f"{found.size} bytes instead of {size}")

        def ask(first: int, last: int) -> Stream:
            return self.calls.get(key, first, last, found.etag)

        return RangedSource(ask, name=called, size=size, md5=md5, mark=found.as_look().mark)

    def bring(self, path: Path, name: str, pulse: Callable[[], None]) -> Look:
        key, size = self.key(name), path.stat().st_size
        if not self._has(key, size):
            if size <= SMALLEST_PART:
                pulse()
                self.calls.put(key, path.read_bytes())
            else:
                self._bring_parts(path, key, size, pulse)
        look = self.look(name)
        if look.size != size:
            self.calls.delete(key)
            raise SourceAway(say(CUT_SHORT))
        for left in self.calls.uploads(key):
            self._abort(key, left)
        return look

    def remove(self, name: str) -> None:
        key = self.key(name)
        for upload_id in self.calls.uploads(key):
            self._abort(key, upload_id)
        self.calls.delete(key)

    def trouble(self) -> str:
        try:
            self.calls.answers()
        except SourceAway as error:
            return str(error.sentence.text) % error.sentence.params
        return ""

    # Bringing --------------------------------------------------------------------------------------------------------

    def _has(self, key: str, size: int) -> bool:
        try:
            return self.calls.find(key).size == size
        except Missing:
            return False

    def _bring_parts(self, path: Path, key: str, size: int, pulse: Callable[[], None]) -> None:
        upload_id = next(iter(self.calls.uploads(key)), "") or self.calls.begin(key)
        try:
            held = self.calls.parts(key, upload_id)
            parts = list(plan_parts(size, part_size(size)))
            etags = {part.number: held[part.number].etag for part in parts if _is_held(part, held)}
            missing = (part for part in parts if part.number not in etags)
            with path.open("rb") as file:
                for number, etag in self._sent(file.fileno(), key, upload_id, missing, pulse):
                    etags[number] = etag
            pulse()
            self.calls.complete(key, upload_id, etags)
        except UploadGone:
            # Another worker has completed it, or an old one has expired: the look that follows, or the next try, tells.
            if not self._has(key, size):
                raise SourceAway(say(CUT_SHORT), passing=True) from None

    def _sent(
        self, file: int, key: str, upload_id: str, parts: Iterator[Part], pulse: Callable[[], None]
    ) -> Iterator[tuple[int, str]]:
        """Number and entity tag of each part as it arrives, a few at once; the first error ends it."""

        def send(part: Part) -> tuple[int, str]:
            data = os.pread(file, part.length, part.offset)
            if len(data) < part.length:
                raise SourceAway(say(CUT_SHORT))
            return part.number, self.calls.put_part(key, upload_id, part.number, data)

        with ThreadPoolExecutor(CONNECTIONS, "bring") as threads:
            under_way = {threads.submit(send, part) for part in islice(parts, CONNECTIONS)}
            while under_way:
                done, under_way = wait(under_way, PULSE_SECONDS, FIRST_COMPLETED)
                yield from (each.result() for each in done)
                pulse()
                under_way |= {threads.submit(send, part) for part in islice(parts, len(done))}

    def _abort(self, key: str, upload_id: str) -> None:
        try:
            self.calls.abort(key, upload_id)
        except UploadGone:
            return


def part_size(size: int) -> int:
    """Of a file of `size` bytes: as small as the number of parts allows, in whole MiB."""
    return SMALLEST_PART if size <= SMALLEST_PART * MOST_PARTS else -(-size // (MOST_PARTS * MIB)) * MIB


def _is_held(part: Part, held: dict[int, Held]) -> bool:
    return part.number in held and held[part.number].size == part.length
