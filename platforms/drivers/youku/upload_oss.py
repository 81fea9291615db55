"""Bytes to Aliyun OSS in parallel parts, with the temporary access (STS) that Youku hands out (youku-oss-upload.txt).

Token: `bucket`, `object`, `sts`, `upload_id`, `part_size`, and `crcs`: the CRC64 of what was sent, see `Pieces`. Which
parts have arrived is the storage's to say.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from platforms.drivers.youku.api import Api
from platforms.drivers.youku.mapping import OSS_EXPIRED, OSS_INCOMPLETE, OSS_OTHER_BYTES
from platforms.drivers.youku.results import Sts
from platforms.drivers.youku.storage import SentPart, Session, Storage, StsExpired
from platforms.errors import Corrupted, PlatformError, SessionLost, Temporary
from platforms.transport.bodies import BLOCK, LanedSource
from platforms.transport.checkpoints import Checkpoints
from platforms.transport.crc64 import Crc64, Pieces
from platforms.transport.http import TRIES, WAITS
from platforms.transport.pace import fixed_part_size
from platforms.transport.sender import send_all, wait_for
from platforms.transport.slices import MIB, Part, plan_parts
from platforms.values import say

SMALLEST_PART, LARGEST_PART, MOST_PARTS = MIB, 16 * MIB, 5000  # OSS takes 100 KiB to 5 GiB and 10,000 parts
RENEW_EARLIER, TRY_RENEWAL_AGAIN = 300.0, 30.0  # seconds before the access expires, and after a renewal failed
MOST_REFUSALS = 12  # of the access, in a row

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
        Storage(Session(1), token["bucket"], token["object"], as_token(sts)).abort(token["upload_id"])


def end_of(sts: Sts) -> float | None:
    """When temporary access ends, in unix seconds; None when it is not said."""
    return sts.expires_at.timestamp() if sts.expires_at else None


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
        self._lane = state.job.lane
        self._source = LanedSource(state.job.source, self._lane)
        self._session = Session()
        self._storage = self._open(state.token["sts"])
        self._refusals = 0
        self._etags: dict[int, str] = {}
        self._crcs = Pieces(state.token.get("crcs", []))

    def begin(self) -> bool:
        """Begin the multipart upload unless an earlier run has; answers whether it was begun now.

        A lost answer leaves an empty one behind, which no video comes from: it is simply begun again.
        """
        if self._state.token.get("upload_id"):
            return False
        upload_id = self._ask(lambda storage: storage.initiate())
        part_size = fixed_part_size(self._source.size, self._lane.share, SMALLEST_PART, LARGEST_PART, MOST_PARTS)
        self._state.step(upload_id=upload_id, part_size=part_size)
        return True

    def send(self, *, begun_now: bool) -> None:
        """Send every part that the storage does not have."""
        self._etags = {} if begun_now else self._held()
        self._state.bytes_done = sum(part.length for part in self._plan() if part.number in self._etags)
        # Asked for once: what arrives while they are sent is not in it.
        held = frozenset(self._etags)
        missing = (part for part in self._plan() if part.number not in held)
        send_all(missing, self._send_part, self._note, self._tick, self._lane, self._session.break_off)

    def complete(self) -> None:
        """Make the object of its parts, and compare it with what was sent.

        An upload that is gone although its completion had been asked for is complete when the object is there.
        """
        whole = self._whole_crc()
        try:
            if not self._etags:
                self._etags = self._held()
            if any(part.number not in self._etags for part in self._plan()):
                self._state.step(step="sending")
                raise Temporary(say(OSS_INCOMPLETE), call="ListParts")
            found = self._ask(lambda storage: storage.complete(self._state.token["upload_id"], self._etags))
        except SessionLost:
            if not self._ask(lambda storage: storage.has_object(self._source.size, whole)):
                raise
            return
        # Without an answer about the checksum nothing can be compared here: each part's was when it arrived.
        if found is not None and found != whole:
            # Its parts cannot be sent again: the task is given up, never handed in, and another one is created.
            with suppress(PlatformError):
                self._api.cancel_upload(self._state.token["upload_token"])
            raise SessionLost(say(OSS_OTHER_BYTES), call="CompleteMultipartUpload", detail="CRC64 differs")

    def _plan(self) -> Iterator[Part]:
        return plan_parts(self._source.size, self._state.token["part_size"])

    def _held(self) -> dict[int, str]:
        """The entity tags of the parts that arrived whole, by number."""
        size, part_size = self._source.size, int(self._state.token["part_size"])
        parts = self._ask(lambda storage: storage.parts(self._state.token["upload_id"]))
        return {part.number: part.etag for part in parts if part.size == _length(part.number, size, part_size)}

    def _whole_crc(self) -> int | None:
        """The CRC64 of the file. Only what an earlier run sent without noting its checksum is read for it."""
        for first, end in list(self._crcs.gaps(self._source.size)):
            checksum = Crc64()
            self._source.expect(first, end - first)
            for offset in range(first, end, BLOCK):
                checksum.update(self._source.read(offset, min(BLOCK, end - offset)))
                self._state.tick()
            self._crcs.add(first, end, checksum.value)
        return self._crcs.whole(self._source.size)

    def _send_part(self, part: Part) -> Storage | SentPart:
        """Send one part; answers the storage whose access was refused, or what has arrived."""
        for attempt in range(TRIES):
            self._lane.spend(0)  # no second try after a stop
            storage = self._storage
            try:
                return storage.upload_part(
                    self._state.token["upload_id"], part.number, self._source, part.offset, part.length
                )
            except StsExpired:
                return storage
            except (Corrupted, Temporary):
                if attempt == TRIES - 1:
                    raise
                time.sleep(WAITS[attempt])
        raise AssertionError("unreachable: the last try returns or raises")

    def _note(self, part: Part, result: Storage | SentPart) -> Part | None:
        if isinstance(result, SentPart):
            self._refusals = 0
            self._etags[part.number] = result.etag
            self._crcs.add(part.offset, part.offset + part.length, result.crc)
            self._state.token["crcs"] = self._crcs.rows
            self._state.count(part.length)
            return None
        # Other parts that were under way with the same access come back refused, too: it is renewed once for all.
        if result is self._storage:
            self._refused()
        return part

    def _tick(self) -> None:
        self._keep_fresh()
        self._state.tick()

    def _ask(self, call: Callable[[Storage], T]) -> T:
        """A call from the caller's thread; refused access is renewed and the call repeated."""
        self._keep_fresh()
        while True:
            storage = self._storage
            try:
                return wait_for(partial(call, storage), self._state.tick)
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
        renewed = self._api.renew_sts(token["upload_token"], token["bucket"], token["object"])
        sts = as_token(renewed)
        self._storage = self._open(sts)
        self._state.step(sts=sts, expires_at=end_of(renewed))

    def _open(self, sts: Mapping[str, Any]) -> Storage:
        return Storage(self._session, self._state.token["bucket"], self._state.token["object"], sts)


def _length(number: int, size: int, part_size: int) -> int:
    """How long the part of this number is; 0 or less when there is none."""
    return min(part_size, size - (number - 1) * part_size)
