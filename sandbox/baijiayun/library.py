"""The videos of all partners, and the state each is in."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from sandbox.baijiayun.calls import Call
from sandbox.baijiayun.definitions import (
    APPROVED,
    DEFINITIONS,
    DONE,
    ENCRYPTED,
    FAILED,
    LADDER,
    MP4,
    PUBLISHED,
    REFUSED,
    TRANSCODING,
    UNREVIEWED,
    UPLOAD_TIMEOUT,
    UPLOADING,
    Definition,
    definition_of,
    reached,
)
from sandbox.baijiayun.errors import Code, refuse
from sandbox.core import Outcome, Planted, World, outcome_of
from sandbox.media import mp4_frame, shown_duration
from sandbox.store import Document

VIDEO = "baijiayun-video"
FIRST_ID = 112_000
UPLOAD_TIMEOUT_AFTER = 24 * 3600


@dataclass(frozen=True)
class Copy:
    """One transcoded file: a definition in a container (``kind``, a key of ``TYPES``)."""

    definition: Definition
    kind: str


class Library:
    """Video documents by id. ``copies`` are [definition code, kind, since when it is transcoded]."""

    def __init__(self, world: World) -> None:
        self._world = world

    def create(self, partner_id: str, values: Document) -> Document:
        number = FIRST_ID + self._world.store.next_number(VIDEO)
        now = self._world.clock.now()
        video: Document = {
            **values,
            "video_id": number,
            "partner_id": partner_id,
            "fid": secrets.token_hex(8),
            "created": now,
            "touched": now,
            "upload_size": 0,
            "declared": 0,
            "transcoded_since": None,
            "outcome": outcome_of(values["file_name"]).value,
            "forced_status": None,
            "forced_audit": None,
            "publish_status": PUBLISHED,
            "category_id": 0,
            "copies": [],
            "origin_deleted": False,
            "deleted": False,
            "md5": "",
            "size": 0,
            "duration": 0,
            "frame": [0, 0],
        }
        self._world.store.put(VIDEO, str(number), video)
        self._world.received.expect(str(video["fid"]), "baijiayun", number)
        return video

    def plant(self, partner_id: str, videos: Iterable[Planted]) -> list[str]:
        """Complete videos without bytes; see ``Platform.plant``. Nobody is called back about them."""
        with self._world.store.transaction():
            return [self._planted(partner_id, each) for each in videos]

    def _planted(self, partner_id: str, planted: Planted) -> str:
        values = {"file_name": f"{planted.title}.mp4", "name": planted.title, "extension": "mp4", "audio": False}
        video = self.create(partner_id, values | {"definitions": ["2"], "formats": [MP4], "encrypted": False})
        since = {"created": planted.arrived, "touched": planted.arrived, "transcoded_since": planted.arrived}
        video |= since | {"pace": planted.pace, "copies": [["2", MP4, planted.arrived]]}
        self._world.store.put(VIDEO, str(video["video_id"]), video)
        return str(video["video_id"])

    def find(self, video_id: int | str) -> Document | None:
        """None also when it is deleted."""
        video = self._world.store.get(VIDEO, str(video_id))
        return None if video is None or video["deleted"] or not self._has_begun(video) else video

    def find_upload(self, fid: str) -> Document | None:
        found = self._world.store.all(VIDEO, fid=fid, deleted=False)
        return found[0] if found else None

    def own(self, call: Call, video_id: int | None = None) -> Document:
        """The caller's video of this id, by default the one that ``video_id`` names. Refuses with NO_VIDEO."""
        video = self.find(call.number("video_id") if video_id is None else video_id)
        if video is None or video["partner_id"] != call.partner_id:
            raise refuse(Code.NO_VIDEO)
        return video

    def of(self, partner_id: str) -> list[Document]:
        """A partner's videos without deleted ones, oldest first."""
        found = self._world.store.all(VIDEO, partner_id=partner_id, deleted=False)
        return [video for video in found if self._has_begun(video)]

    def _has_begun(self, video: Document) -> bool:
        """A planted video is there from its arrival on, which may be yet to come."""
        return "pace" not in video or bool(video["created"] <= self._world.clock.now())

    def all(self) -> list[Document]:
        """Oldest first, deleted ones too."""
        return self._world.store.all(VIDEO)

    def change(self, video_id: int, edit: Callable[[Document], None]) -> Document:
        """Edit one video and save it; nobody else changes it meanwhile. Nothing is saved when ``edit`` raises."""
        with self._world.store.transaction():
            video = self._world.store.get(VIDEO, str(video_id))
            if video is None:
                raise LookupError(video_id)
            edit(video)
            self._world.store.put(VIDEO, str(video_id), video)
        return video

    def update(self, video: Document, **values: object) -> Document:
        return self.change(video["video_id"], lambda video: video.update(values))

    def path(self, video: Document) -> Path:
        return self._world.folder("baijiayun") / f"{video['video_id']}.{video['extension']}"

    def status(self, video: Document) -> int:
        """A key of ``STATUSES``."""
        if video["forced_status"] is not None:
            return int(video["forced_status"])
        if video["transcoded_since"] is None:
            late = self._world.clock.now() - video["touched"] > UPLOAD_TIMEOUT_AFTER
            return UPLOAD_TIMEOUT if late else UPLOADING
        end = FAILED if video["outcome"] == Outcome.FAILED else DONE
        return self._world.stage(video["transcoded_since"], [TRANSCODING, end], video.get("pace"))

    def audit(self, video: Document) -> int:
        """0 while transcoding and one stage longer, then 1; a refused video is refused as soon as it is transcoded."""
        if video["forced_audit"] is not None:
            return int(video["forced_audit"])
        if self.status(video) != DONE:
            return UNREVIEWED
        if video["outcome"] == Outcome.REJECTED:
            return REFUSED
        stages = [UNREVIEWED, UNREVIEWED, APPROVED]
        return self._world.stage(video["transcoded_since"], stages, video.get("pace"))

    def copies(self, video: Document) -> list[Copy]:
        """What is transcoded by now, best definition first."""
        if video["outcome"] == Outcome.FAILED or video["forced_status"] not in {None, DONE}:
            return []
        done = [
            Copy(DEFINITIONS[code], kind)
            for code, kind, since in video["copies"]
            if self._world.stage(since, [False, True], video.get("pace"))
        ]
        return sorted(done, key=lambda copy: (-LADDER.index(copy.definition), int(copy.kind)))

    def stored(self, video: Document) -> int:
        """Bytes of the source and of everything transcoded: each copy is as long as the source, being it."""
        source = 0 if video["origin_deleted"] else video["size"]
        return int(source + len(self.copies(video)) * video["size"])

    def source(self, video: Document) -> Definition:
        """The definition of the uploaded file; sound alone is the lowest."""
        return LADDER[0] if video["audio"] else definition_of(video["frame"][1])

    def complete(self, video: Document, size: int, md5: str) -> Document:
        """All bytes are there: transcoding begins."""
        path = self.path(video)
        now = self._world.clock.now()
        known: Document = {
            "size": size,
            "upload_size": size,
            "md5": md5,
            "duration": shown_duration(path),
            "frame": list(mp4_frame(path)),
            "transcoded_since": now,
        }

        def begin(video: Document) -> None:
            video |= known
            video["copies"] = self._planned(video, video["definitions"], video["formats"], now)

        return self.change(video["video_id"], begin)

    def transcode(self, video: Document, definitions: list[str], formats: list[str]) -> Document:
        """More copies of a complete video (API-40); those that exist stay and go on playing."""
        now = self._world.clock.now()

        def begin(video: Document) -> None:
            existing = [(code, kind) for code, kind, _ in video["copies"]]
            planned = self._planned(video, definitions, formats, now)
            video["copies"] += [copy for copy in planned if (copy[0], copy[1]) not in existing]
            video |= {"transcoded_since": now, "forced_status": None}

        return self.change(video["video_id"], begin)

    def _planned(self, video: Document, definitions: list[str], formats: list[str], now: float) -> list[list[object]]:
        kinds = [*formats, ENCRYPTED] if video["encrypted"] else formats
        return [[code, kind, now] for code in reached(definitions, self.source(video)) for kind in kinds]

    def delete(self, video: Document) -> None:
        """The bytes go, the row stays for those who look behind the scenes."""
        self.update(video, deleted=True)
        self.path(video).unlink(missing_ok=True)

    def word(self, video: Document) -> str:
        """The state in a word, for tests and the control pages."""
        if video["deleted"]:
            return "deleted"
        status = self.status(video)
        if status != DONE:
            return {UPLOADING: "uploading", TRANSCODING: "transcoding", FAILED: "failed"}.get(status, "timeout")
        if self.audit(video) == REFUSED:
            return "rejected"
        return "published" if video["publish_status"] == PUBLISHED else "blocked"
