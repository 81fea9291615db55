"""Bytes to Aliyun OSS in parallel parts, with the temporary access (STS) that Youku hands out (youku-oss-upload.txt).

Token: `bucket`, `object`, `sts`, `upload_id` and `part_size`. Which parts have arrived is the storage's to say.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

from platforms.contract import Source
from platforms.drivers.youku.api import Api
from platforms.drivers.youku.mapping import OSS_EXPIRED, OSS_INCOMPLETE
from platforms.drivers.youku.results import Sts
from platforms.drivers.youku.storage import Storage, StsExpired, open_session
from platforms.errors import Corrupted, PlatformError, SessionLost, Temporary
from platforms.transport.checkpoints import Checkpoints
from platforms.transport.http import TRIES, WAITS
from platforms.transport.sender import send_all
from platforms.transport.slices import MIB, Part, part_size_for, plan_parts
from platforms.values import say

SMALLEST_PART, MOST_PARTS = 4 * MIB, 5000  # OSS takes 100 KiB to 5 GiB and 10,000 parts
CONNECTIONS = 4
RENEW_EARLIER, TRY_RENEWAL_AGAIN = 300.0, 30.0  # seconds before the access expires, and after a renewal failed
MOST_REFUSALS = 3 * CONNECTIONS

T = TypeVar("T")


def send(api: Api, state: Checkpoints) -> None:
    """Bring all bytes into the object and leave the upload ready to be committed."""
    upload = _Upload(api, state)
    if state.token["step"] == "sending":
        upload.send(begun_now=upload.begin())
        state.step(step="completing")
    upload.complete()


def abort(api: Api, token: Mapping[str, Any]) -> None:
    """Let the storage forget the parts, if it will: they are Youku's, and cancelling the task is what counts."""
    if not token.get("upload_id"):
        return
    with suppress(PlatformError):
        sts = api.renew_sts(token["upload_token"], token["bucket"], token["object"])
        Storage(open_session(1), token["bucket"], token["object"], as_token(sts)).abort(token["upload_id"])


def as_token(sts: Sts) -> dict[str, Any]:
    """Temporary access as JSON, with the time (unix seconds) from which it is to be renewed; null: when refused."""
    renew_at = None
    if sts.expires_at is not None and (left := sts.expires_at.timestamp() - time.time()) > 0:
        renew_at = sts.expires_at.timestamp() - min(RENEW_EARLIER, left / 5)
    return {
        "endpoint": sts.endpoint, "access_id": sts.access_id, "access_secret": sts.access_secret,
        "security_token": sts.security_token, "renew_at": renew_at,
    }  # fmt: skip


class _Upload:
    """One object on its way. `_send_part` runs in sender threads, everything else in the caller's."""

    def __init__(self, api: Api, state: Checkpoints) -> None:
        self._api = api
        self._state = state
        self._source: Source = state.job.source
        self._session = open_session(CONNECTIONS)
        self._storage = self._open(state.token["sts"])
        self._refusals = 0

    def begin(self) -> bool:
        """Begin the multipart upload unless an earlier run has; answers whether it was begun now.

        A lost answer leaves an empty one behind, which no video comes from: it is simply begun again.
        """
        if self._state.token.get("upload_id"):
            return False
        upload_id = self._ask(lambda storage: storage.initiate())
        part_size = part_size_for(self._source.size, SMALLEST_PART, MOST_PARTS)
        self._state.step(upload_id=upload_id, part_size=part_size)
        return True

    def send(self, *, begun_now: bool) -> None:
        """Send every part that the storage does not have."""
        held = {} if begun_now else self._held()
        self._state.bytes_done = sum(part.length for part in self._plan() if part.number in held)
        missing = (part for part in self._plan() if part.number not in held)
        send_all(missing, self._send_part, self._note, self._tick, CONNECTIONS)

    def complete(self) -> None:
        """Make the object of its parts.

        An upload that is gone although its completion had been asked for is complete when the object is there.
        """
        try:
            held = self._held()
            if any(part.number not in held for part in self._plan()):
                self._state.step(step="sending")
                raise Temporary(say(OSS_INCOMPLETE), call="ListParts")
            self._ask(lambda storage: storage.complete(self._state.token["upload_id"], held))
        except SessionLost:
            if not self._ask(lambda storage: storage.has_object(self._source.size)):
                raise

    def _plan(self) -> list[Part]:
        return list(plan_parts(self._source.size, self._state.token["part_size"]))

    def _held(self) -> dict[int, str]:
        """The entity tags of the parts that arrived whole, by number."""
        lengths = {part.number: part.length for part in self._plan()}
        parts = self._ask(lambda storage: storage.parts(self._state.token["upload_id"]))
        return {part.number: part.etag for part in parts if lengths.get(part.number) == part.size}

    def _send_part(self, part: Part) -> Storage | None:
        """Send one part; answers the storage whose access was refused, None when the part arrived."""
        data = self._source.read(part.offset, part.length)
        for attempt in range(TRIES):
            storage = self._storage
            try:
                storage.upload_part(self._state.token["upload_id"], part.number, data)
            except StsExpired:
                return storage
            except (Corrupted, Temporary):
                if attempt == TRIES - 1:
                    raise
                time.sleep(WAITS[attempt])
            else:
                return None
        raise AssertionError("unreachable: the last try returns or raises")

    def _note(self, part: Part, refused: Storage | None) -> Part | None:
        if refused is None:
            self._refusals = 0
            self._state.sent(part.length)
            return None
        # Other parts that were under way with the same access come back refused, too: it is renewed once for all.
        if refused is self._storage:
            self._refused()
        return part

    def _tick(self) -> None:
        self._keep_fresh()
        self._state.tick()

    def _ask(self, call: Callable[[Storage], T]) -> T:
        """A call from the caller's thread; refused access is renewed and the call repeated."""
        self._keep_fresh()
        while True:
            try:
                return call(self._storage)
            except StsExpired:
                self._refused()

    def _keep_fresh(self) -> None:
        """Renew the access before it expires. While Youku cannot be reached the old one still works for a while."""
        sts = self._state.token["sts"]
        if sts["renew_at"] is not None and time.time() >= sts["renew_at"]:
            sts["renew_at"] = time.time() + TRY_RENEWAL_AGAIN
            with suppress(Temporary):
                self._renew()

    def _refused(self) -> None:
        self._refusals += 1
        if self._refusals > MOST_REFUSALS:
            raise Temporary(say(OSS_EXPIRED), call="renew_sts")
        self._renew()

    def _renew(self) -> None:
        token = self._state.token
        sts = as_token(self._api.renew_sts(token["upload_token"], token["bucket"], token["object"]))
        self._storage = self._open(sts)
        self._state.step(sts=sts)

    def _open(self, sts: Mapping[str, Any]) -> Storage:
        return Storage(self._session, self._state.token["bucket"], self._state.token["object"], sts)
