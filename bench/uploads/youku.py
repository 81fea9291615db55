"""Youku as far as an upload meets it: create, slices, commit (youku-slice-upload.txt, youku-oss-upload.txt)."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bench.uploads.protocol import Calls, Receiver
from bench.uploads.wire import KIB, Reply, Request, json_reply

BUCKET = "bench"


@dataclass
class Task:
    """One upload: its file's size, the length of its slices, how many were handed out and have arrived."""

    size: int
    slice_length: int = 2048 * KIB
    handed_out: int = 0
    arrived: set[int] = field(default_factory=set)

    @property
    def slices(self) -> int:
        return -(-self.size // self.slice_length)


class Youku:
    def __init__(self, sink: Receiver) -> None:
        self._sink = sink
        self._lock = threading.Lock()
        self._tasks: dict[str, Task] = {}
        self._numbers = itertools.count(1)
        self.calls: Calls = {
            "/youku/uploads/create.json": self.create,
            "/youku/uploads/get_sts_inf.json": self.renew,
            "/youku/uploads/commit.json": self.commit,
            "/youku/v2/videos/show.json": self.show,
            "/gupload/create_file": self.create_file,
            "/gupload/new_slice": self.new_slice,
            "/gupload/upload_slice": self.upload_slice,
            "/gupload/check": self.check,
        }

    def create(self, request: Request) -> Reply:
        """The public client sends a GET, and resolves the upload server's name, which must have no port then."""
        foreign = request.method == "GET"
        values = request.query if foreign else request.form()
        token = f"token{next(self._numbers)}"
        self._tasks[token] = Task(int(values["file_size"]))
        created = {"upload_token": token, "video_id": f"X{token}"}
        if values.get("isnew") == "1":
            return json_reply(created | {"oss_bucket": BUCKET, "oss_object": f"{token}.mp4"} | self._sts(), 201)
        return json_reply(created | {"upload_server_uri": "127.0.0.1" if foreign else self._sink.host}, 201)

    def renew(self, request: Request) -> Reply:
        return json_reply({"upload_token": request.form()["upload_token"]} | self._sts())

    def commit(self, request: Request) -> Reply:
        return json_reply({"video_id": f"X{request.form()['upload_token']}"})

    def show(self, request: Request) -> Reply:
        return json_reply({"id": request.query.get("video_id", ""), "title": "", "state": "encoding"})

    def create_file(self, request: Request) -> Reply:
        values = request.form()
        self._tasks[values["upload_token"]].slice_length = int(values.get("slice_length", 2048)) * KIB
        return json_reply({"finished": False}, 201)

    def new_slice(self, request: Request) -> Reply:
        return json_reply(self._hand_out(self._task(request)), 201)

    def upload_slice(self, request: Request) -> Reply:
        self._sink.receive(request, int(request.query["offset"]))
        task = self._task(request)
        with self._lock:
            task.arrived.add(int(request.query["slice_task_id"]))
        return json_reply(self._hand_out(task), 201)

    def check(self, request: Request) -> Reply:
        task = self._task(request)
        done, left = len(task.arrived), task.slices - task.handed_out
        status = 4 if left else 1 if done == task.slices else 2
        return json_reply(
            {
                "status": status,
                "upload_server_ip": "127.0.0.1",
                "transferred_percent": 100 * done // task.slices,
                "confirmed_percent": 100 * done // task.slices,
                "empty_tasks": left,
                "finished": status == 1,
            }
        )

    def _task(self, request: Request) -> Task:
        return self._tasks[request.query["upload_token"]]

    def _hand_out(self, task: Task) -> dict[str, int | bool]:
        with self._lock:
            transferred = min(len(task.arrived) * task.slice_length, task.size)
            number = task.handed_out + 1 if task.handed_out < task.slices else 0
            offset = (number - 1) * task.slice_length if number else 0
            length = min(task.slice_length, task.size - offset) if number else 0
            task.handed_out += 1 if number else 0
        finished = len(task.arrived) == task.slices
        return {
            "slice_task_id": number, "offset": offset, "length": length, "transferred": transferred,
            "finished": finished,
        }  # fmt: skip

    def _sts(self) -> dict[str, str]:
        expires = datetime.now(UTC) + timedelta(hours=1)
        return {
            "endpoint": self._sink.url, "security_token": "token", "temp_access_id": "id",
            "temp_access_secret": "secret", "expire_time": expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }  # fmt: skip
