"""Bytes to Youku's upload server, in the slices that it asks for (youku-slice-upload.txt).

Token: `server` (address), `server_ip` (as the server calls itself), `file_created`, `part_size`, and `tasks`: the
slices that were handed out to us and not yet sent, so that a resumed upload need not wait until they are handed out
again. What has arrived is the server's to say.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from platforms.contract import Interrupted
from platforms.drivers.youku.api import Api
from platforms.drivers.youku.mapping import (
    BAD_SERVER,
    BAD_SLICE,
    DUPLICATED_OPERATION,
    DUPLICATED_TOKEN,
    EXPIRED_TASK,
    INVALID_TASK,
    NOT_EXPECTED_NOW,
    STILL_WRITING,
)
from platforms.drivers.youku.results import SliceTask, UploadCheck
from platforms.errors import BadAnswer, Corrupted, PlatformError, Temporary
from platforms.transport.bodies import LanedSource
from platforms.transport.checkpoints import Checkpoints
from platforms.transport.http import TRIES, UNREACHABLE
from platforms.transport.pace import fixed_part_size
from platforms.transport.sender import send_all
from platforms.values import say

KB = 1024
SMALLEST_SLICE_KB, LARGEST_SLICE_KB = 1024, 10240  # the document's default is 2048, its largest 10240
COMPLETE, TASKS_LEFT = 1, 4
MOST_REFUSALS = 12  # slices in a row that are not expected
FIRST_WAIT, LONGEST_WAIT, PATIENCE = 0.25, 8.0, 30.0
LOOK_AGAIN_AFTER = 60.0  # what the document suggests between two checks
ALREADY_CREATED = frozenset({str(DUPLICATED_TOKEN), str(DUPLICATED_OPERATION)})
NOT_EXPECTED = frozenset({str(INVALID_TASK), str(EXPIRED_TASK), str(DUPLICATED_OPERATION)})
QUESTION = SliceTask(0, 0, 0)


def send(api: Api, state: Checkpoints) -> None:
    """Bring all bytes to the upload server and leave the upload ready to be committed.

    Raises `Temporary` when the server still writes after about half a minute, so that no worker waits for it.
    """
    created_now = _create_file(api, state)
    upload = _Upload(api, state)
    waits = Waits(state)
    if created_now:
        upload.send([])
    check = upload.check()
    if not created_now:
        state.bytes_done = upload.source.size * min(check.transferred_percent, 100) // 100
    while check.status != COMPLETE:
        # What the server hands out may be what an earlier run had: sent as both, it would go twice.
        remembered = [] if check.status == TASKS_LEFT else upload.remembered()
        if (remembered or check.status == TASKS_LEFT) and upload.send(remembered):
            waits = Waits(state)
        else:
            waits.once()
        check = upload.check()
    state.token |= {"server_ip": check.upload_server_ip, "tasks": {}}
    state.bytes_done = upload.source.size


def server_ip(api: Api, token: Mapping[str, Any]) -> str:
    """The name by which a commit or cancel calls the upload server; "" when no file was created there."""
    if not token.get("file_created"):
        return ""
    return str(token.get("server_ip") or api.check_upload(token["server"], token["upload_token"]).upload_server_ip)


def server_address(uri: str) -> str:
    """`upload_server_uri` as the address of one machine, `http` when it names no scheme.

    The name is resolved once and the result kept: it may stand for many machines, and a resumed upload must meet the
    one that has its bytes. An https address keeps its name, which its certificate is for.
    """
    try:
        parts = urlsplit(uri if "://" in uri else f"http://{uri}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or parts.scheme not in ("http", "https"):
        raise BadAnswer(say(BAD_SERVER, uri=uri[:100]), call="create_upload")
    if parts.scheme == "https":
        return f"https://{parts.netloc}"
    ip = _resolve(host, port or 80)
    return f"http://{f'[{ip}]' if ':' in ip else ip}{f':{port}' if port else ''}"


def _resolve(host: str, port: int) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise Temporary(say(UNREACHABLE, call="create_file", reason=reason), call="create_file") from None
    addresses = sorted(found, key=lambda entry: entry[0] != socket.AF_INET)
    return str(addresses[0][4][0])


def _create_file(api: Api, state: Checkpoints) -> bool:
    """Create the file on the upload server unless an earlier run has; answers whether this one did."""
    token, source = state.token, state.job.source
    if token.get("file_created"):
        return False
    slice_kb = _slice_kb(state)
    if not token.get("server"):
        state.step(server=server_address(token["upload_server_uri"]))
    try:
        api.create_file(state.token["server"], token["upload_token"], source.size, source.extension, slice_kb)
    except PlatformError as error:
        # An earlier answer was lost: the file is there.
        if error.code not in ALREADY_CREATED:
            raise
    state.step(file_created=True, part_size=slice_kb * KB)
    return True


def _slice_kb(state: Checkpoints) -> int:
    """It is fixed once the file is created; no file has too many slices for the document."""
    smallest, largest = SMALLEST_SLICE_KB * KB, LARGEST_SLICE_KB * KB
    return fixed_part_size(state.job.source.size, state.job.lane.share, smallest, largest) // KB


@dataclass
class Waits:
    """Growing waits, alive to the hub, of about half a minute in all."""

    state: Checkpoints
    next_wait: float = field(default_factory=lambda: FIRST_WAIT)
    left: float = PATIENCE

    def once(self) -> None:
        """Wait; raises `Temporary` once the patience is used up."""
        if self.left <= 0:
            raise Temporary(say(STILL_WRITING), retry_after=LOOK_AGAIN_AFTER, call="check_upload")
        wait, self.next_wait = self.next_wait, min(self.next_wait * 2, LONGEST_WAIT)
        self.left -= wait
        until = time.monotonic() + wait
        while (rest := until - time.monotonic()) > 0:
            time.sleep(min(rest, 1.0))
            self.state.tick()


class _Upload:
    """The slices of one upload. `_send_one` runs in sender threads, everything else in the caller's."""

    def __init__(self, api: Api, state: Checkpoints) -> None:
        self.server: str = state.token["server"]
        self.token: str = state.token["upload_token"]
        self._api = api
        self._state = state
        self._lane = state.job.lane
        self.source = LanedSource(state.job.source, self._lane)
        self._tasks: dict[str, list[int]] = {}
        self._left: dict[str, list[int]] = dict(state.token.get("tasks") or {})
        self._taken = self._refused = 0
        self._more = True

    def check(self) -> UploadCheck:
        return self._api.check_upload(self.server, self.token)

    def remembered(self) -> list[SliceTask]:
        """The tasks that an earlier run left behind and whose slices were not handed out again; asked for once."""
        tasks, self._left = self._left, {}
        return [SliceTask(int(task_id), span[0], span[1]) for task_id, span in tasks.items()]

    def send(self, first: list[SliceTask]) -> bool:
        """Send `first` and everything the server asks for; answers whether any slice was sent.

        What was handed out is stored before it is sent, and again after a failure: the next try goes on with it.
        """
        before, self._more = self._taken, True
        try:
            send_all(
                self._ask(first), self._send_one, self._note, self._state.settle, self._lane, self._api.http.break_off
            )
        except PlatformError:
            with suppress(Interrupted):
                self._state.save()
            raise
        return self._taken > before

    def _ask(self, first: list[SliceTask]) -> Iterator[SliceTask]:
        """`first`, then a question (a task without a number) for every connection that is free.

        They are asked side by side, and seldom: the answer to a slice is the next task. A file of few slices needs no
        more questions than it has slices left.
        """
        for task in first:
            self._remember(task)
        yield from first
        left = self.source.size - self._state.bytes_done
        for _ in range(max(1, -(-left // int(self._state.token["part_size"])))):
            if not self._more:
                return
            yield QUESTION

    def _send_one(self, task: SliceTask) -> tuple[bool, SliceTask]:
        """Whether a slice was taken, and the next task; one that is no longer expected is exchanged for another."""
        for attempt in range(TRIES if task.task_id else 0):
            try:
                return True, self._api.upload_slice(
                    self.server, self.token, task.task_id, task.offset, task.length, self.source
                )
            except Corrupted:
                if attempt == TRIES - 1:
                    raise
            except Temporary as error:
                if error.code not in NOT_EXPECTED:
                    raise
                break
        # Nothing is handed out to an upload that has stopped: the server would wait for it.
        self._lane.spend(0)
        return False, self._api.new_slice(self.server, self.token)

    def _note(self, task: SliceTask, result: tuple[bool, SliceTask]) -> SliceTask | None:
        taken, following = result
        self._tasks.pop(str(task.task_id), None)
        self._keep_tasks()
        self._more = self._more and bool(following.task_id)
        further = self._handed_out(following) if following.task_id else None
        if taken:
            self._taken, self._refused = self._taken + 1, 0
            self._state.count(min(task.length, self.source.size - self._state.bytes_done))
        elif task.task_id:
            self._refused += 1
            if self._refused > MOST_REFUSALS:
                raise Temporary(say(NOT_EXPECTED_NOW), call="upload_slice")
        return further

    def _handed_out(self, task: SliceTask) -> SliceTask:
        if not 0 < task.length <= self.source.size - task.offset:
            raise BadAnswer(say(BAD_SLICE, offset=task.offset, length=task.length), call="new_slice")
        self._remember(task)
        return task

    def _remember(self, task: SliceTask) -> None:
        self._left = {number: span for number, span in self._left.items() if span[0] != task.offset}
        self._tasks[str(task.task_id)] = [task.offset, task.length]
        self._keep_tasks()

    def _keep_tasks(self) -> None:
        self._state.token["tasks"] = self._left | self._tasks
        self._state.changed = True
