"""Subtitles of a video (baijiayun-vod.txt, API-32 to API-36)."""

import re
import secrets
from pathlib import Path
from typing import BinaryIO

from sandbox.baijiayun.accounts import Accounts
from sandbox.baijiayun.calls import Call
from sandbox.baijiayun.errors import Code, refuse, success
from sandbox.baijiayun.library import Library
from sandbox.core import World, beijing_time
from sandbox.messages import FormFile, Request, Response, file_response, text_response
from sandbox.sink import Sink
from sandbox.store import Document

SUBTITLE = "baijiayun-subtitle"
FIRST_ID = 260
LARGEST = 4 * 1024 * 1024
FIELD = "subtitle"
CUE = re.compile(rb"\d\d:\d\d[:.,]\d\d(\d|[.,:]\d+)?\s+-->\s+\d\d:\d\d")


class Subtitles:
    """A file must look like what its extension says: a vtt file has its signature, an srt file cue times.

    The document gives no limit of size; 4 MiB is the simulator's own.
    """

    def __init__(self, world: World, accounts: Accounts, library: Library) -> None:
        self._world = world
        self._store = world.store
        self._accounts = accounts
        self._library = library

    def upload(self, request: Request) -> Response:
        """API-32: a multipart form; its file takes no part in the sign."""
        draft = self._world.folder("baijiayun-subtitles") / f"draft-{secrets.token_hex(8)}"
        try:
            file_names = _read_form(request, draft)
            call = self._accounts.authenticate(request)
            subtitle = self._keep(call, draft, file_names)
        finally:
            draft.unlink(missing_ok=True)
        shown = {**_shown(subtitle, self._world.url), "subtitle_id": str(subtitle["id"])}
        names = ("subtitle_id", "subtitle_name", "subtitle_path", "create_time")
        return success({name: shown[name] for name in names}, self._world.clock.now())

    def _keep(self, call: Call, draft: Path, file_names: list[str]) -> Document:
        name, video = call.text("name"), self._library.own(call)
        if len(file_names) != 1:
            raise refuse(Code.MISSING_PARAMETER, FIELD)
        extension = file_names[0].rpartition(".")[2].lower()
        if not _is_subtitle(draft, extension):
            raise refuse(Code.BAD_SUBTITLE)
        number, now = FIRST_ID + self._store.next_number(SUBTITLE), self._world.clock.now()
        subtitle: Document = {
            "id": number,
            "partner_id": call.partner_id,
            "video_id": video["video_id"],
            "name": name,
            "file": f"{number}_{secrets.token_hex(4)}.{extension}",
            "is_default": False,
            "created": now,
            "updated": now,
        }
        draft.rename(draft.with_name(subtitle["file"]))
        self._store.put(SUBTITLE, str(number), subtitle)
        return subtitle

    def list_all(self, call: Call) -> list[Document]:
        """API-33."""
        video = self._library.own(call)
        return [_shown(subtitle, self._world.url) for subtitle in self._store.all(SUBTITLE, video_id=video["video_id"])]

    def rename(self, call: Call) -> None:
        """API-34."""
        name = call.text("name")
        self._change(self._own(call), name=name)

    def set_default(self, call: Call) -> None:
        """API-35: a video has one default at most."""
        video, chosen = self._library.own(call), self._own(call)
        if chosen["video_id"] != video["video_id"]:
            raise refuse(Code.NO_SUBTITLE)
        with self._store.transaction():
            for subtitle in self._store.all(SUBTITLE, video_id=video["video_id"]):
                if subtitle["is_default"] != (subtitle["id"] == chosen["id"]):
                    self._change(subtitle, is_default=subtitle["id"] == chosen["id"])

    def delete(self, call: Call) -> None:
        """API-36."""
        subtitle = self._own(call)
        self._store.delete(SUBTITLE, str(subtitle["id"]))
        (self._world.folder("baijiayun-subtitles") / subtitle["file"]).unlink(missing_ok=True)

    def show(self, request: Request) -> Response:
        """The file itself, at ``subtitle_path``."""
        found = self._store.all(SUBTITLE, file=request.captured["file"])
        if not found:
            return text_response("not found", 404)
        path = self._world.folder("baijiayun-subtitles") / found[0]["file"]
        return file_response(request, path, "text/vtt; charset=utf-8" if path.suffix == ".vtt" else "text/plain")

    def _own(self, call: Call) -> Document:
        subtitle = self._store.get(SUBTITLE, str(call.number("subtitle_id")))
        if subtitle is None or subtitle["partner_id"] != call.partner_id:
            raise refuse(Code.NO_SUBTITLE)
        self._library.own(call, subtitle["video_id"])
        return subtitle

    def _change(self, subtitle: Document, **values: object) -> None:
        self._store.put(SUBTITLE, str(subtitle["id"]), {**subtitle, **values, "updated": self._world.clock.now()})


def _read_form(request: Request, draft: Path) -> list[str]:
    """The names of the files in the field ``subtitle``; the first one's bytes are in ``draft``."""
    names: list[str] = []

    def open_file(head: FormFile) -> BinaryIO | None:
        if head.field != FIELD:
            return None
        names.append(head.filename)
        return Sink(draft, limit=0 if names[1:] else LARGEST + 1).as_file()

    if request.content_type == "multipart/form-data":
        request.read_multipart(open_file)
    return names


def _is_subtitle(path: Path, extension: str) -> bool:
    data = path.read_bytes()
    if len(data) > LARGEST or extension not in {"vtt", "srt"}:
        return False
    if extension == "vtt" and not data.removeprefix(b"\xef\xbb\xbf").startswith(b"WEBVTT"):
        return False
    return extension == "vtt" or CUE.search(data) is not None


def _shown(subtitle: Document, url: str) -> Document:
    return {
        "subtitle_id": subtitle["id"],
        "subtitle_name": subtitle["name"],
        "subtitle_path": f"{url}/baijiayun-img/baijiacloud/{subtitle['file']}",
        "is_default": int(subtitle["is_default"]),
        "create_time": beijing_time(subtitle["created"]),
        "update_time": beijing_time(subtitle["updated"]),
    }
