"""Youku's upload server: a file arrives in slices that it hands out as tasks (youku-slice-upload.txt, 1.2 to 1.5)."""

import re
import zlib
from pathlib import Path

from sandbox.core import World
from sandbox.files import receive
from sandbox.messages import Body, Request, Response, json_response
from sandbox.store import Document
from sandbox.youku.errors import refuse
from sandbox.youku.rules import Values, require, whole_number

SERVER_IP = "127.0.0.1"
DEFAULT_SLICE_KB = 2048
LARGEST_SLICE_KB = 10240
SHORTEST_PATIENCE = 2.0


class Slices:
    """Files on their way in. A file's document holds what is outstanding and what is not yet on disk, nothing more."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store
        self._folder = world.folder("youku")
        #: Seconds after which a slice that was handed out but has not arrived is handed out again.
        self.patience = max(SHORTEST_PATIENCE, 20 * world.pace)
        #: Seconds until a slice that has arrived is on disk.
        self.lag = world.pace

    def create_file(self, request: Request) -> Response:
        """POST gupload/create_file: 201. ``slice_length`` is in KB; the documents name no smallest one."""
        values = request.form()
        upload = self._upload(values)
        require(values, "file_size", "ext")
        size, kilobytes = whole_number(values, "file_size"), whole_number(values, "slice_length", DEFAULT_SLICE_KB)
        extension = str(upload["file_name"]).rpartition(".")[2].lower()
        if size != upload["file_size"] or kilobytes > LARGEST_SLICE_KB or values["ext"].lower() != extension:
            raise refuse(1013)
        token = upload["token"]
        with self._store.transaction():
            if self._store.get("youku-file", token):
                raise refuse(120010216)
            file = {"token": token, "size": size, "slice": kilobytes * 1024, "next_index": 0, "next_task": 1}
            self._store.put("youku-file", token, file | {"outstanding": {}, "fresh": [], "received": 0})
        return json_response({"finished": False}, 201)

    def new_slice(self, request: Request) -> Response:
        """GET gupload/new_slice: 201 with another task at each call, ``slice_task_id`` 0 when none is left."""
        token = self._upload(request.query)["token"]
        with self._store.transaction():
            return json_response(self._hand_out(self._file(token)), 201)

    def upload_slice(self, request: Request) -> Response:
        """POST gupload/upload_slice: the raw bytes of one task; 201 with the next task."""
        values = request.query
        token = self._upload(values)["token"]
        require(values, "slice_task_id", "length")
        if not (values.get("hash") or values.get("crc")) or not values.get("offset"):
            raise refuse(1012)
        file, task = self._file(token), values["slice_task_id"]
        receipt = self._store.get("youku-receipt", f"{token}/{task}")
        index = receipt["index"] if receipt else self._outstanding_index(file, task)
        offset, length = _span(file, index)
        if (values["offset"], values["length"]) != (str(offset), str(length)):
            raise refuse(120010224)
        # A slice that is already there is read and compared but never written again.
        path = None if receipt else self.path(token)
        md5 = self._receive(request.body, path, offset, length, values)
        if receipt and receipt["md5"] != md5:
            raise refuse(120010225)
        return json_response(self._accept(token, task, md5), 201)

    def check(self, request: Request) -> Response:
        """GET gupload/check: 4 tasks left, 2 all handed out, 3 all here but not all on disk, 1 complete."""
        token = self._upload(request.query)["token"]
        with self._store.transaction():
            file = self._file(token)
            status, free = self._status(file)
        confirmed = file["received"] - sum(length for _, length in self._unconfirmed(file))
        return json_response(
            {
                "status": status,
                "upload_server_ip": SERVER_IP,
                "transferred_percent": 100 * file["received"] // file["size"],
                "confirmed_percent": 100 * confirmed // file["size"],
                "empty_tasks": free,
                "finished": status == 1,
            }
        )

    def complete(self, token: str) -> bool:
        """Whether every slice is here and on disk: what ``check`` reports as status 1."""
        with self._store.transaction():
            file = self._store.get("youku-file", token)
            return file is not None and self._status(file)[0] == 1

    def path(self, token: str) -> Path:
        return self._folder / token

    def remove(self, token: str) -> None:
        """Forget a file that was only half sent."""
        self._store.delete("youku-file", token)
        self.path(token).unlink(missing_ok=True)

    def _upload(self, values: Values) -> Document:
        """The running slice upload of an ``upload_token``. Raises 1012, 120010005, 120010151 and 120010223."""
        require(values, "upload_token")
        upload = self._store.get("youku-upload", values["upload_token"])
        if upload is None:
            raise refuse(120010005)
        if upload["state"] != "open" or upload["method"] != "slices":
            raise refuse(120010151)
        if upload["expires"] <= self._world.clock.now():
            raise refuse(120010223)
        return upload

    def _file(self, token: str) -> Document:
        file = self._store.get("youku-file", token)
        if file is None:
            raise refuse(120010205)
        return file

    def _outstanding_index(self, file: Document, task: str) -> int:
        if task in file["outstanding"]:
            return int(file["outstanding"][task][0])
        known = task.isascii() and task.isdecimal() and 0 < int(task) < file["next_task"]
        raise refuse(120010208 if known else 120010207)

    def _receive(self, body: Body, path: Path | None, offset: int, length: int, values: Values) -> str:
        """The md5 of the slice once its length, hash and CRC are what the client said."""
        checksum = _Crc32()
        received = receive(_Limited(body, length), path, offset, also=checksum.update)
        if received.size != length or body.read(1):
            raise refuse(120010224)
        if values.get("hash") and values["hash"].lower() != received.md5:
            raise refuse(120010225)
        if values.get("crc") and not checksum.equals(values["crc"]):
            raise refuse(120010218)
        return received.md5

    def _accept(self, token: str, task: str, md5: str) -> Document:
        """Note that a task has arrived, and hand out the next one."""
        with self._store.transaction():
            file = self._file(token)
            if self._store.get("youku-receipt", f"{token}/{task}") is None:
                index = self._outstanding_index(file, task)
                _, length = _span(file, index)
                del file["outstanding"][task]
                file["fresh"] = [*self._unconfirmed(file), [self._world.clock.now(), length]]
                file["received"] += length
                self._store.put("youku-receipt", f"{token}/{task}", {"index": index, "md5": md5})
            return self._hand_out(file)

    def _hand_out(self, file: Document) -> Document:
        """The next task of a file, and the file saved: first what was handed out in vain, then new slices."""
        index = self._forgotten(file)
        if index is None and file["next_index"] * file["slice"] < file["size"]:
            index = file["next_index"]
            file["next_index"] += 1
        task = {"slice_task_id": 0, "offset": 0, "length": 0}
        if index is not None:
            offset, length = _span(file, index)
            task = {"slice_task_id": file["next_task"], "offset": offset, "length": length}
            file["outstanding"][str(file["next_task"])] = [index, self._world.clock.now()]
            file["next_task"] += 1
        self._store.put("youku-file", file["token"], file)
        return task | {"transferred": file["received"], "finished": file["received"] == file["size"]}

    def _forgotten(self, file: Document) -> int | None:
        """Take the oldest task whose slice never came off the list; its id is dead from now on."""
        for task, (index, handed_out) in list(file["outstanding"].items()):
            if handed_out + self.patience <= self._world.clock.now():
                del file["outstanding"][task]
                return int(index)
        return None

    def _status(self, file: Document) -> tuple[int, int]:
        """``status`` and the number of slices that wait for being handed out."""
        now = self._world.clock.now()
        late = sum(handed_out + self.patience <= now for _, handed_out in file["outstanding"].values())
        free = -(-file["size"] // file["slice"]) - file["next_index"] + late
        if free:
            return 4, free
        if file["outstanding"]:
            return 2, 0
        return (3 if self._unconfirmed(file) else 1), 0

    def _unconfirmed(self, file: Document) -> list[list[float]]:
        """Arrival time and length of the slices not yet on disk."""
        now = self._world.clock.now()
        return [each for each in file["fresh"] if each[0] + self.lag > now]


def _span(file: Document, index: int) -> tuple[int, int]:
    offset = index * file["slice"]
    return offset, min(file["slice"], file["size"] - offset)


class _Limited:
    """A body that ends after ``left`` bytes, so that a long one cannot write over its neighbours."""

    def __init__(self, body: Body, left: int) -> None:
        self._body = body
        self._left = left

    def read(self, size: int = -1) -> bytes:
        data = self._body.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data


class _Crc32:
    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes) -> None:
        self._value = zlib.crc32(data, self._value)

    def equals(self, text: str) -> bool:
        return re.fullmatch(r"[0-9A-Fa-f]{1,8}", text) is not None and int(text, 16) == self._value
