"""Baijiayun as far as an upload meets it: address, file or chunks, progress (baijiayun-vod.txt API-2 to API-6)."""

from __future__ import annotations

import itertools
import re

from bench.uploads.protocol import Calls, Receiver
from bench.uploads.wire import Reply, Request, json_reply

DOMAIN = "bench"
UPLOADING, TRANSCODING = 10, 20


class Baijiayun:
    """Chunks are counted from 1, as the one production client does."""

    def __init__(self, sink: Receiver) -> None:
        self._sink = sink
        self._numbers = itertools.count(1)
        self._received: dict[str, int] = {}
        base = f"/baijiayun/{DOMAIN}/openapi/video"
        self.calls: Calls = {
            f"{base}/getUploadUrl": self.create,
            f"{base}/getResumeUploadUrl": self.resume,
            f"{base}/getStatus": self.status,
            f"{base}/getInfo": self.info,
            "/baijiayun-upload/upload": self.upload,
        }

    def create(self, request: Request) -> Reply:
        video_id = str(next(self._numbers))
        self._received[video_id] = 0
        return _success({"video_id": video_id, "upload_url": self._address(video_id)})

    def resume(self, request: Request) -> Reply:
        video_id = request.form()["video_id"]
        address = {"video_id": video_id, "upload_url": self._address(video_id)}
        return _success(address | {"upload_size": self._received[video_id]})

    def status(self, request: Request) -> Reply:
        complete = self._received[request.form()["video_id"]] == self._sink.material.size
        return _success({"status": TRANSCODING if complete else UPLOADING, "info": ""})

    def info(self, request: Request) -> Reply:
        """Without the md5 of a sparse file: nobody has computed it."""
        video_id, material = request.form()["video_id"], self._sink.material
        said = {} if material.sparse else {"file_md5": material.md5_of_all}
        return _success({"video_id": video_id, "name": "", "status": TRANSCODING} | said)

    def upload(self, request: Request) -> Reply:
        video_id = request.query["video_id"]
        if found := re.match(r"bytes (\d+)-(\d+)/", request.headers.get("content-range", "")):
            self._sink.receive(request, int(found[1]) - 1)
            self._received[video_id] = int(found[2])
        else:
            _, self._received[video_id] = self._sink.receive_form(request)
        return json_reply({"code": 1, "msg": "success"})

    def _address(self, video_id: str) -> str:
        return f"{self._sink.url}/baijiayun-upload/upload?video_id={video_id}"


def _success(data: object) -> Reply:
    return json_reply({"code": 0, "data": data, "msg": "success"})
