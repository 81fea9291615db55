"""The upload calls (iqiyi-video-cloud.txt, sections 1.1 to 1.4): their parameters are headers, with underscores."""

import os
import re
from pathlib import Path
from typing import BinaryIO

from sandbox.core import Refusal, World
from sandbox.iqiyi import answers
from sandbox.iqiyi.accounts import Accounts
from sandbox.iqiyi.library import Library, State
from sandbox.messages import FormFile, Request, Response
from sandbox.sink import Sink
from sandbox.store import Document


class Uploads:
    """``quota``: bytes an application may hold (None: no limit). ``application``: its state, a code of section 1.1."""

    def __init__(self, world: World, accounts: Accounts, library: Library) -> None:
        self._world = world
        self._accounts = accounts
        self._library = library
        self.quota: int | None = None
        self.application = answers.OK

    def open(self, request: Request) -> Response:
        """Section 1.1."""
        client_id = self._accounts.check(request.header("access_token"))
        if self.application != answers.OK:
            raise answers.refusal(self.application, answers.APPLICATION_STATES[self.application])
        file_type, size = request.header("filetype"), request.header("filesize")
        if not re.fullmatch(r"[A-Za-z0-9]{1,10}", file_type):
            raise _bad("filetype 应为文件扩展名，如 mp4")
        if not re.fullmatch(r"[0-9]{1,15}", size) or not int(size):
            raise _bad("filesize 应为大于 0 的字节数")
        self._check_quota(client_id, int(size))
        video = self._library.create(client_id, file_type.lower(), int(size))
        address = f"{self._world.url}/iqiyi-upload/{video['node']}/upload"
        return answers.answer(data={"upload_url": address, "file_id": video["file_id"]})

    def _check_quota(self, client_id: str, size: int) -> None:
        used = sum(video["size"] for video in self._library.of(client_id))
        if self.quota is not None and used + size > self.quota:
            raise answers.refusal(answers.OVER_QUOTA, "超过应用的最大配额")

    def upload(self, request: Request) -> Response:
        """Section 1.2: one range, as the form field ``file`` or, with ``?type=body``, as the body itself."""
        video = self._library.get(request.header("file_id"))
        if video is None or video["node"] != request.captured["node"]:
            raise _no_such_file()
        self._check_uploading(video)
        start, end = self._span(request, video)
        size, md5 = self._receive(request, video, start, end)
        if size != end - start:
            raise _bad(f"收到 {size} 字节，与 range 不符")
        if request.damaged:
            return answers.answer(range_md5=md5, file_range_accepted=size, file_id=video["file_id"])
        # A cancel may have come while the bytes were on their way.
        self._check_uploading(self._library.get(str(video["file_id"])))
        self._library.accept(str(video["file_id"]), start, end)
        return answers.answer(range_md5=md5, file_range_accepted=size, file_id=video["file_id"])

    def _span(self, request: Request, video: Document) -> tuple[int, int]:
        if request.header("file_size") != str(video["size"]):
            raise _bad("file_size 与请求上传时不符")
        found = re.fullmatch(r"([0-9]{1,15})-([0-9]{1,15})", request.header("range"))
        if not found:
            raise _bad("range 应为 起始-结束")
        first, last = int(found[1]), int(found[2])
        if first > last or last >= video["size"]:
            raise _bad("range 超出文件范围")
        return first, last + 1

    def _receive(self, request: Request, video: Document, start: int, end: int) -> tuple[int, str]:
        path = Path(os.devnull) if request.damaged else self._library.path(video)
        if request.query.get("type") == "body":
            with Sink(path, start, end - start) as sink:
                sink.take(request.body)
            return sink.size, sink.md5
        if request.content_type != "multipart/form-data":
            raise _bad("应为 multipart/form-data，或在地址上指定 type=body")
        sinks: list[Sink] = []

        def open_file(head: FormFile) -> BinaryIO | None:
            if head.field != "file" or sinks:
                return None
            sinks.append(Sink(path, start, end - start))
            return sinks[0].as_file()

        request.read_multipart(open_file)
        if not sinks:
            raise _bad("缺少表单字段 file")
        return sinks[0].size, sinks[0].md5

    def finish(self, request: Request) -> Response:
        """Section 1.3. Saying it twice is no mistake: the first answer may have been lost."""
        video = self._own_video(request)
        if request.header("range_finished") != "true":
            raise _bad("range_finished 应为 true")
        if self._library.state(video) in {State.CANCELLED, State.DELETED}:
            raise _no_such_file()
        if not self._library.is_complete(video):
            raise _bad("文件还没有传完")
        if not video["finished"]:
            self._library.finish(video)
        return answers.answer()

    def cancel(self, request: Request) -> Response:
        """Section 1.4: only what is still being uploaded can be cancelled; cancelling twice is no mistake."""
        video = self._own_video(request)
        if request.header("status") != "2":
            raise _bad("status 应为 2")
        if self._library.state(video) == State.CANCELLED:
            return answers.answer()
        self._check_uploading(video)
        self._library.stop(video, State.CANCELLED)
        return answers.answer()

    def _own_video(self, request: Request) -> Document:
        client_id = self._accounts.check(request.header("access_token"))
        video = self._library.get(request.header("file_id"))
        if video is None or video["client_id"] != client_id:
            raise _no_such_file()
        return video

    def _check_uploading(self, video: Document | None) -> None:
        if video is None or self._library.state(video) != State.UPLOADING:
            raise _no_such_file()


def _bad(message: str) -> Refusal:
    return answers.refusal(answers.BAD_PARAMETER, f"输入参数错误：{message}")


def _no_such_file() -> Refusal:
    return answers.refusal(answers.BAD_FILE_ID, "非法的 file_id")
