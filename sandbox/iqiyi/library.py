"""The files of all applications, and the state each is in."""

import secrets
from collections.abc import Callable, Collection, Iterable
from enum import StrEnum
from pathlib import Path

from sandbox.core import Outcome, Planted, World, outcome_of
from sandbox.files import md5_of
from sandbox.media import shown_duration
from sandbox.store import Document

VIDEO = "iqiyi-video"


class State(StrEnum):
    """Where a file is. ``WAITING``: complete, but without metadata, and therefore never produced (section 1.4)."""

    UPLOADING = "uploading"
    WAITING = "waiting"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    REJECTED = "rejected"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DELETED = "deleted"


FINAL = {
    Outcome.PUBLISHED: State.PUBLISHED,
    Outcome.REJECTED: State.REJECTED,
    Outcome.FAILED: State.FAILED,
    Outcome.BANNED: State.REJECTED,
}


class Library:
    """Video documents by file id. ``stopped`` holds ``cancelled`` or ``deleted``; ``ranges`` are [start, end) pairs."""

    def __init__(self, world: World) -> None:
        self._world = world

    def create(self, client_id: str, file_type: str, size: int) -> Document:
        video: Document = {
            "file_id": secrets.token_hex(16),
            "client_id": client_id,
            "node": secrets.token_hex(4),
            "file_type": file_type,
            "size": size,
            "created": self._world.clock.now(),
            "ranges": [],
            "finished": False,
            "produced_at": None,
            "stopped": "",
            "forced": None,
            "title": "",
            "description": "",
            "tags": "",
            "category": "",
            "md5": "",
            "duration": 0,
            "plays": 0,
        }
        self._world.store.put(VIDEO, str(video["file_id"]), video)
        self._world.received.expect(str(video["file_id"]), "iqiyi", video["file_id"])
        return video

    def get(self, file_id: str) -> Document | None:
        return self._world.store.get(VIDEO, file_id) if file_id else None

    def all(self) -> list[Document]:
        """Oldest first, deleted ones too."""
        return self._world.store.all(VIDEO)

    def of(self, client_id: str) -> list[Document]:
        """What this application has, without cancelled and deleted files."""
        return [video for video in self._world.store.all(VIDEO, client_id=client_id) if not video["stopped"]]

    def some(self, client_id: str, file_ids: Collection[str]) -> list[Document]:
        """Those of these files that ``of`` answers."""
        found = self._world.store.some(VIDEO, file_ids)
        return [video for video in found if video["client_id"] == client_id and not video["stopped"]]

    def plant(self, client_id: str, videos: Iterable[Planted]) -> list[str]:
        """Complete files without bytes; see ``Platform.plant``."""
        with self._world.store.transaction():
            return [self._planted(client_id, each) for each in videos]

    def _planted(self, client_id: str, planted: Planted) -> str:
        video = self.create(client_id, "mp4", 0)
        video |= {"title": planted.title, "created": planted.arrived, "produced_at": planted.arrived}
        video |= {"finished": True, "outcome": outcome_of(planted.title), "pace": planted.pace}
        self._world.store.put(VIDEO, str(video["file_id"]), video)
        return str(video["file_id"])

    def change(self, file_id: str, edit: Callable[[Document], None]) -> Document:
        """Edit one video and save it; nobody else changes it meanwhile. Nothing is saved when ``edit`` raises."""
        with self._world.store.transaction():
            video = self._world.store.get(VIDEO, file_id)
            if video is None:
                raise LookupError(file_id)
            edit(video)
            self._world.store.put(VIDEO, file_id, video)
        return video

    def path(self, video: Document) -> Path:
        return self._world.folder("iqiyi") / str(video["file_id"])

    def state(self, video: Document) -> State:
        if video["stopped"]:
            return State(video["stopped"])
        if video["forced"]:
            return State(video["forced"])
        if not video["finished"]:
            return State.UPLOADING
        if video["produced_at"] is None:
            return State.WAITING
        stages = [State.PUBLISHING, FINAL[Outcome(video["outcome"])]]
        return self._world.stage(video["produced_at"], stages, video.get("pace"))

    def accept(self, file_id: str, start: int, end: int) -> None:
        """Remember that the bytes [start, end) have arrived."""

        def add(video: Document) -> None:
            video["ranges"] = _merged([*video["ranges"], [start, end]])

        self.change(file_id, add)

    def is_complete(self, video: Document) -> bool:
        return bool(video["ranges"] == [[0, video["size"]]])

    def finish(self, video: Document) -> None:
        """The bytes are all there: production starts if the metadata is there too."""
        md5, duration = md5_of(self.path(video)), shown_duration(self.path(video))

        def produce(video: Document) -> None:
            if video["finished"]:
                return
            video |= {"finished": True, "md5": md5, "duration": duration}
            if video["title"]:
                video |= {"produced_at": self._world.clock.now(), "outcome": outcome_of(video["title"])}

        self.change(str(video["file_id"]), produce)

    def stop(self, video: Document, state: State) -> None:
        """Cancelled or deleted: the bytes go, the row stays."""
        self.change(str(video["file_id"]), lambda video: video.update(stopped=state.value))
        self.path(video).unlink(missing_ok=True)


def _merged(ranges: list[list[int]]) -> list[list[int]]:
    merged: list[list[int]] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return merged
