"""Creating a video and receiving its file (baijiayun-vod.txt, API-2, API-3 and API-4)."""

import os
import re
import secrets
from pathlib import Path
from typing import BinaryIO

from sandbox.baijiayun.callbacks import Callbacks
from sandbox.baijiayun.calls import Call
from sandbox.baijiayun.definitions import (
    AUDIO_EXTENSIONS,
    DEFINITIONS,
    FORMATS,
    UPLOAD_TIMEOUT,
    UPLOADING,
    VIDEO_EXTENSIONS,
)
from sandbox.baijiayun.errors import Code, refuse
from sandbox.baijiayun.library import Library
from sandbox.core import Outcome, World, outcome_of
from sandbox.files import md5_of
from sandbox.messages import BadRequest, FormFile, Request, Response, json_response
from sandbox.seals import Seal
from sandbox.sink import Sink
from sandbox.store import Document

ADDRESS = "baijiayun-address"


class Uploads:
    """``content_range_base``: what the first byte's number is in a Content-Range, 1 or 0.

    None: the upload server knows no chunks. It answers success and keeps nothing, so that ``upload_size`` stays 0.
    ``lifetime``: seconds that an upload address is good for. ``encryption``: whether accounts have applied for it and
    been allowed to; then everything is encrypted unless a call asks for the opposite (API-2).
    """

    def __init__(self, world: World, library: Library, callbacks: Callbacks) -> None:
        self._world = world
        self._library = library
        self._callbacks = callbacks
        self._seal = Seal(world.store, "baijiayun-upload")
        self.content_range_base: int | None = 1
        self.lifetime = 12 * 3600
        self.encryption = False

    def get_upload_url(self, call: Call) -> Document:
        """API-2."""
        file_name = call.text("file_name")
        stem, _, extension = file_name.rpartition(".")
        audio = call.choice("audio_with_view", ("0", "1"), "0") == "1"
        if not stem or extension.lower() not in VIDEO_EXTENSIONS | AUDIO_EXTENSIONS:
            raise refuse(Code.BAD_EXTENSION, extension)
        if not audio and extension.lower() not in VIDEO_EXTENSIONS:
            raise refuse(Code.BAD_PARAMETER, "上传的是音频，需要传参数 audio_with_view = 1")
        encrypted = call.choice("encrypt", ("1", "2"), "1" if self.encryption else "2") == "1"
        if encrypted and not self.encryption:
            raise refuse(Code.NO_ENCRYPTION)
        call.choice("use_https", ("0", "1"), "0")
        values: Document = {
            "definitions": call.choices("definition", DEFINITIONS),
            "formats": call.choices("format", FORMATS, ",".join(FORMATS)),
            "audio": audio,
            "encrypted": encrypted,
            "file_name": file_name,
            "name": stem,
            "extension": extension.lower(),
        }
        if outcome_of(file_name) == Outcome.BANNED:
            raise refuse(Code.BANNED_NAME)
        video = self._library.create(call.partner_id, values)
        return {"video_id": video["video_id"], "upload_url": self._address(video)}

    def get_resume_upload_url(self, call: Call) -> Document:
        """API-4. A complete video answers its whole size: that tells a client whose last answer was lost."""
        video = self._library.own(call)
        call.choice("use_https", ("0", "1"), "0")
        video = self._library.update(video, touched=self._world.clock.now())
        address = self._address(video)
        return {"video_id": video["video_id"], "upload_url": address, "upload_size": video["upload_size"]}

    def _address(self, video: Document) -> str:
        """Always http, also for ``use_https=1``: the simulator has no certificate, and the address must work."""
        issued = int(self._world.clock.now())
        # Two addresses of one second differ, so that one can expire without the other.
        number = self._world.store.next_number(ADDRESS)
        mark = self._seal.mark(video["fid"], issued, number)
        query = f"fid={video['fid']}&ts={issued}&n={number}&token={mark}"
        return f"{self._world.url}/baijiayun-upload/upload?{query}"

    def expire_address(self, request: Request) -> None:
        """The address that this request goes to is good for nothing more."""
        self._world.store.put(ADDRESS, request.query.get("n", ""), {})

    def drop(self, request: Request) -> None:
        """Lose the video whose upload this request is about; a complete one is no upload any more."""
        if fid := request.query.get("fid"):
            video = self._library.find_upload(fid)
        else:
            video = self._library.find(request.values.get("video_id", ""))
        if video is not None and video["transcoded_since"] is None:
            self._library.delete(video)

    def upload(self, request: Request) -> Response:
        """API-3: a multipart form with one file, or one chunk after another. Here, and only here, success is 1."""
        video = self._addressed(request)
        if request.content_type == "multipart/form-data":
            self._take_whole(request, video)
        elif request.content_type == "application/octet-stream" and request.header("Content-Range"):
            self._take_chunk(request, video)
        else:
            raise refuse(Code.BAD_BODY, "应为 multipart/form-data，或带 Content-Range 的 application/octet-stream")
        return json_response({"code": 1, "msg": "success"})

    def _addressed(self, request: Request) -> Document:
        fid, issued, number = (request.query.get(name, "") for name in ("fid", "ts", "n"))
        if not self._seal.fits(request.query.get("token", ""), fid, issued, number):
            raise refuse(Code.BAD_ADDRESS)
        ended = self._world.store.get(ADDRESS, number) is not None
        if ended or self._world.clock.now() >= int(issued) + self.lifetime:
            raise refuse(Code.EXPIRED_ADDRESS)
        return self._open_upload(fid)

    def _open_upload(self, fid: str) -> Document:
        video = self._library.find_upload(fid)
        if video is None:
            raise refuse(Code.BAD_ADDRESS)
        if self._library.status(video) not in {UPLOADING, UPLOAD_TIMEOUT}:
            raise refuse(Code.ALREADY_COMPLETE)
        return video

    def _take_whole(self, request: Request, video: Document) -> None:
        """Nothing of the video changes before the form has been read to its end."""
        draft = self._world.folder("baijiayun") / f"draft-{secrets.token_hex(8)}"
        try:
            size, md5 = _read_one_file(request, draft)
            self._open_upload(video["fid"])
            os.replace(draft, self._library.path(video))
        finally:
            draft.unlink(missing_ok=True)
        self._complete(video, size, md5)

    def _take_chunk(self, request: Request, video: Document) -> None:
        if self.content_range_base is None:
            request.drain()
            return
        start, end, total = _span(request.header("Content-Range"), self.content_range_base)
        if start != video["upload_size"] or (start and total != video["declared"]):
            raise refuse(Code.BAD_RANGE, f"已上传 {video['upload_size']} 字节")
        path = Path(os.devnull) if request.damaged else self._library.path(video)
        with Sink(path, start, end - start) as sink:
            sink.take(request.body)
        if sink.size != end - start:
            raise refuse(Code.BAD_BODY, f"收到 {sink.size} 字节，应为 {end - start} 字节")
        if request.damaged:
            return
        self._library.change(video["video_id"], lambda video: self._append(video, start, end, total))
        if end == total:
            os.truncate(path, total)
            self._complete(video, total, md5_of(path))

    def _append(self, video: Document, start: int, end: int, total: int) -> None:
        """Another sender may have been here while this chunk was on its way."""
        if video["upload_size"] != start or video["deleted"]:
            raise refuse(Code.BAD_RANGE, f"已上传 {video['upload_size']} 字节")
        video |= {"upload_size": end, "declared": total, "touched": self._world.clock.now()}

    def _complete(self, video: Document, size: int, md5: str) -> None:
        self._callbacks.expect(self._library.complete(video, size, md5), uploaded=True)


def _read_one_file(request: Request, draft: Path) -> tuple[int, str]:
    """Size and md5 of the one file of a form, written to ``draft``."""
    sinks: list[Sink] = []

    def open_file(_: FormFile) -> BinaryIO:
        sinks.append(Sink(draft, limit=0 if sinks else None))
        return sinks[-1].as_file()

    try:
        request.read_multipart(open_file)
    except BadRequest as error:
        raise refuse(Code.BAD_BODY, str(error)) from error
    if len(sinks) != 1:
        raise refuse(Code.BAD_BODY, f"应有一个文件，收到 {len(sinks)} 个")
    if not sinks[0].size:
        raise refuse(Code.BAD_BODY, "文件为空")
    return sinks[0].size, sinks[0].md5


def _span(header: str, base: int) -> tuple[int, int, int]:
    """Start, end and total in bytes, counted from 0, end not included."""
    found = re.fullmatch(r"bytes ([0-9]{1,15})-([0-9]{1,15})/([0-9]{1,15})", header)
    if not found:
        raise refuse(Code.BAD_RANGE, "应为 bytes 起始-结束/总大小")
    start, end, total = int(found[1]) - base, int(found[2]) - base + 1, int(found[3])
    if not 0 <= start < end <= total:
        raise refuse(Code.BAD_RANGE, "超出文件范围")
    return start, end, total
