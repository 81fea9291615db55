"""iQiyi as far as an upload meets it: open, metadata, ranges, finish (iqiyi-video-cloud.txt 1.1 to 1.5, 4)."""

from __future__ import annotations

import itertools

from bench.uploads.protocol import Calls, Receiver
from bench.uploads.wire import Reply, Request, json_reply

OK = "A00000"


class Iqiyi:
    def __init__(self, sink: Receiver) -> None:
        self._sink = sink
        self._numbers = itertools.count(1)
        self.calls: Calls = {
            "/iqiyi-upload/openupload": self.open,
            "/iqiyi-upload/upload": self.upload,
            "/iqiyi-upload/uploadfinish": self.done,
            "/iqiyi/api/file/info": self.done,
            "/iqiyi/api/file/fullStatus": self.status,
        }

    def open(self, request: Request) -> Reply:
        address = {"upload_url": f"{self._sink.url}/iqiyi-upload/upload", "file_id": f"file{next(self._numbers)}"}
        return json_reply({"code": OK, "data": address})

    def upload(self, request: Request) -> Reply:
        first = int(request.headers["range"].partition("-")[0])
        offset, length = self._sink.receive(request, first)
        md5 = self._sink.material.md5(offset, length)
        answer = {"range_md5": md5, "file_range_accepted": length, "file_id": request.headers["file_id"]}
        return json_reply({"code": OK, **answer})

    def done(self, request: Request) -> Reply:
        return json_reply({"code": OK})

    def status(self, request: Request) -> Reply:
        return json_reply({"code": "A00001", "data": {"file_id": request.query.get("file_id", "")}})
