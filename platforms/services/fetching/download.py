"""A file of a web server from any byte on: ranges, validators, limits, and what each answer means (RFC 9110)."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from platforms.services.fetching.names import name_for, refuse_what_is_no_file
from platforms.services.fetching.reach import Address, Net
from platforms.services.fetching.troubles import Passing, Refused, StartAgain
from platforms.services.fetching.wire import Reply, Wire, ask
from platforms.transport.headers import digits, http_date, retry_after
from platforms.values import Scalar, Sentence, gettext_noop, say

PIECE_BYTES = 1024 * 1024
# Slower than this over the whole window is a server that holds us up.
SLOWEST_BYTES_A_SECOND, WINDOW_SECONDS = 1024, 60.0
PASSING_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504, 507, 509, 520, 521, 522, 523, 524})
NO_CODING = frozenset({"", "identity"})

NO_FILE = gettext_noop("“%(host)s” has no such file (HTTP %(status)s).")
NO_ENTRY = gettext_noop("“%(host)s” does not give the file to the hub (HTTP %(status)s); the address may have expired.")
OWN_FAULT = gettext_noop("“%(host)s” reports a fault of its own (HTTP %(status)s).")
ODD_STATUS = gettext_noop("“%(host)s” answers with HTTP %(status)s instead of a file.")
CODED = gettext_noop("“%(host)s” sends the file only in a coding (%(coding)s) that is no video.")
EMPTY = gettext_noop("“%(host)s” answers with an empty file.")
TOO_LARGE = gettext_noop("The file is larger than %(most)s bytes, which is the most that is fetched.")
CUT_SHORT = gettext_noop("The connection to “%(host)s” broke off after %(bytes)s bytes.")
CRAWLS = gettext_noop("“%(host)s” sends too slowly.")
NO_RANGES = gettext_noop("“%(host)s” cannot go on in the middle of a file; the download has started again.")
CHANGED = gettext_noop("The file on “%(host)s” has changed; the download has started again.")
NOT_SURE = gettext_noop("“%(host)s” does not say whether the file is still the same; the download has started again.")
_content_range = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


@dataclass(frozen=True, slots=True)
class Known:
    """What a file was when it began. `size` in bytes, None when not told; `etag` and `modified` as they were sent.

    `dated`: `modified` was old enough when it came to tell two versions apart.
    """

    size: int | None = None
    etag: str = ""
    modified: str = ""
    dated: bool = False

    @property
    def validator(self) -> str:
        """What If-Range may carry; empty when nothing proves that the file is the same."""
        if self.etag and not self.etag.startswith("W/"):
            return self.etag
        return self.modified if self.dated else ""


@dataclass(frozen=True, slots=True)
class Download:
    """An answer with (a part of) the file. Its body begins at byte `offset` and has `length` bytes, None when not told.

    `restarted` says why it begins at 0 although more had landed.
    """

    name: str
    known: Known
    offset: int
    length: int | None
    restarted: Sentence | None
    most: int
    _reply: Reply

    def pieces(self) -> Iterator[bytes]:
        """The body; ends when this answer is whole. Raises `Passing`, `Refused` when it is too large, `Stopped`."""
        got, host = 0, self._reply.address.host
        window, window_got = time.monotonic(), 0
        while data := self._reply.read(PIECE_BYTES):
            got += len(data)
            if self.offset + got > self.most:
                raise Refused(say(TOO_LARGE, most=self.most))
            yield data
            if time.monotonic() - window > WINDOW_SECONDS:
                if got - window_got < SLOWEST_BYTES_A_SECOND * WINDOW_SECONDS:
                    raise Passing(say(CRAWLS, host=host))
                window, window_got = time.monotonic(), got
        if self.length is not None and got < self.length:
            raise Passing(say(CUT_SHORT, host=host, bytes=self.offset + got))
        if not got:
            raise Refused(say(EMPTY, host=host))


@contextlib.contextmanager
def download(net: Net, address: Address, offset: int, known: Known, wire: Wire, most: int) -> Iterator[Download]:
    """Ask for a file from byte `offset` on, of which `known` is known and at most `most` bytes are taken.

    Raises `Refused`, `Passing`, `Stopped`; and `StartAgain` when the server must be asked once more from byte 0.
    """
    extra: dict[str, str] = {}
    if offset:
        if not known.validator:
            raise StartAgain(say(NOT_SURE, host=address.host))
        extra = {"Range": f"bytes={offset}-", "If-Range": known.validator}
    with ask(net, address, extra, wire) as reply:
        if offset and reply.status == 206:
            yield _rest(reply, address, offset, known, most)
        elif offset and reply.status == 416:
            raise StartAgain(say(CHANGED, host=reply.address.host))
        elif reply.status == 200:
            yield _whole(reply, address, offset, known, most)
        else:
            raise _trouble(reply)


def _whole(reply: Reply, address: Address, offset: int, known: Known, most: int) -> Download:
    host = reply.address.host
    _check(reply)
    length = digits(reply.header("Content-Length"))
    if length is not None and length > most:
        raise Refused(say(TOO_LARGE, most=most))
    if length == 0:
        raise Refused(say(EMPTY, host=host))
    now = _known(reply, length)
    same = (now.etag, now.modified, now.size) == (known.etag, known.modified, known.size)
    restarted = say(NO_RANGES if same else CHANGED, host=host) if offset else None
    return Download(_name(reply, address), now, 0, length, restarted, most, reply)


def _rest(reply: Reply, address: Address, offset: int, known: Known, most: int) -> Download:
    host = reply.address.host
    _check(reply)
    match = _content_range.fullmatch(reply.header("Content-Range").lower())
    if match is None or int(match[1]) != offset or int(match[2]) < offset:
        raise StartAgain(say(NO_RANGES, host=host))
    total = None if match[3] == "*" else int(match[3])
    now = _known(reply, total if total is not None else known.size)
    if _differ(now.etag, known.etag) or _differ(now.modified, known.modified) or _differ(now.size, known.size):
        raise StartAgain(say(CHANGED, host=host))
    if now.size is not None and now.size > most:
        raise Refused(say(TOO_LARGE, most=most))
    length = int(match[2]) - offset + 1
    return Download(_name(reply, address), replace(known, size=now.size), offset, length, None, most, reply)


def _differ(now: Scalar, before: Scalar) -> bool:
    """Whether both are told and are not the same."""
    return bool(now and before and now != before)


def _check(reply: Reply) -> None:
    refuse_what_is_no_file(reply.header("Content-Type"), reply.address.host)
    coding = reply.header("Content-Encoding").lower()
    if coding not in NO_CODING:
        raise Refused(say(CODED, host=reply.address.host, coding=coding[:40]))


def _name(reply: Reply, address: Address) -> str:
    """An address that leads to another is often the one with the name that people know."""
    named = reply.address if reply.address.last_part else address
    return name_for(named, reply.header("Content-Disposition"), reply.header("Content-Type"))


def _known(reply: Reply, size: int | None) -> Known:
    etag, modified = reply.header("ETag")[:500], reply.header("Last-Modified")[:100]
    changed, sent = http_date(modified), http_date(reply.header("Date"))
    dated = bool(changed and sent and sent - changed >= timedelta(seconds=1))
    return Known(size, etag, modified, dated)


def _trouble(reply: Reply) -> Refused | Passing:
    facts: dict[str, Scalar] = {"host": reply.address.host, "status": reply.status}
    if reply.status in PASSING_STATUSES:
        return Passing(say(OWN_FAULT, **facts), retry_after(reply.header("Retry-After")) or 0.0)
    if reply.status in (401, 402, 403, 407, 451):
        return Refused(say(NO_ENTRY, **facts))
    return Refused(say(NO_FILE if reply.status in (404, 410) else ODD_STATUS, **facts))
