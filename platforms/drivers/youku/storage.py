"""One object in Aliyun OSS through the oss2 package: its calls, with their failures as kinds and without secrets.

What oss2 raises and logs holds signed headers and what was signed: only a code and the request id go further.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from xml.etree.ElementTree import ParseError

import requests
import urllib3.exceptions

from platforms.contract import Source
from platforms.drivers.youku.mapping import (
    OSS_DAMAGED,
    OSS_ERRORS,
    OSS_EXPIRED,
    OSS_EXPIRED_CODES,
    OSS_FAULT,
    OSS_REFUSES,
    OSS_UNREADABLE,
)
from platforms.errors import BadAnswer, Corrupted, Gone, PlatformError, Refused, SessionLost, Temporary
from platforms.later import Later
from platforms.transport.answers import as_int
from platforms.transport.bodies import FileBody
from platforms.transport.connections import CONNECT_SECONDS, READ_SECONDS, Adapter
from platforms.transport.crc64 import Crc64
from platforms.transport.http import CONNECTIONS, failure, no_netrc
from platforms.transport.meanings import Meaning
from platforms.values import say

oss2 = Later("oss2")
logging.getLogger("oss2").setLevel(logging.WARNING)

CRC_HEADER = "x-oss-hash-crc64ecma"

T = TypeVar("T")


class StsExpired(Temporary):
    """The storage does not accept the temporary access; renew it and repeat the call."""


@dataclass(frozen=True, slots=True)
class HeldPart:
    """A part that the storage has. `size` in bytes."""

    number: int
    etag: str
    size: int


@dataclass(frozen=True, slots=True)
class SentPart:
    """A part that has just arrived, and the CRC64 of its bytes."""

    etag: str
    crc: int


class Session:
    """Kept-alive connections to the storage, shared by threads, that carry the access to no other address."""

    def __init__(self, connections: int = CONNECTIONS) -> None:
        self._adapter = Adapter(connections)
        self.oss = oss2.Session()
        self.oss.session.auth = no_netrc
        self.oss.session.max_redirects = 0
        for scheme in ("http://", "https://"):
            self.oss.session.mount(scheme, self._adapter)

    def break_off(self) -> None:
        """Cut every connection."""
        self._adapter.break_off()


class Storage:
    """The object `name` of `bucket`, reached with one temporary access. Threads may share it."""

    def __init__(self, session: Session, bucket: str, name: str, sts: Mapping[str, Any]) -> None:
        self._name = name
        endpoint = str(sts["endpoint"])
        auth = oss2.StsAuth(sts["access_id"], sts["access_secret"], sts["security_token"])
        self._bucket = _guarded(
            "create_upload",
            lambda: oss2.Bucket(
                auth,
                endpoint if "://" in endpoint else f"https://{endpoint}",
                bucket,
                session=session.oss,
                connect_timeout=(CONNECT_SECONDS, READ_SECONDS),
                # Checked here: oss2's own way reads the part through a wrapper, a little at a time, and slowly.
                enable_crc=False,
            ),
        )

    def initiate(self) -> str:
        """Begin a multipart upload and answer its id."""
        return _guarded(
            "InitiateMultipartUpload", lambda: _given(self._bucket.init_multipart_upload(self._name).upload_id)
        )

    def upload_part(self, upload_id: str, number: int, file: Source, offset: int, length: int) -> SentPart:
        """Send the `length` bytes of `file` from `offset` as one part.

        Raises `Corrupted` when the CRC64 of what arrived is another.
        """
        body = FileBody(file, offset, length, Crc64)
        result = _guarded("UploadPart", lambda: self._bucket.upload_part(self._name, upload_id, number, body))
        checksum = int(body.hexdigest(), 16)
        if result.crc is not None and result.crc != checksum:
            raise Corrupted(say(OSS_DAMAGED), call="UploadPart", detail=f"part {number}: CRC64 differs")
        if not result.etag:
            raise BadAnswer(say(OSS_UNREADABLE, call="UploadPart"), call="UploadPart", detail=f"HTTP {result.status}")
        return SentPart(result.etag, checksum)

    def parts(self, upload_id: str) -> list[HeldPart]:
        """Every part that has arrived; raises `SessionLost` when the upload is gone."""
        found: list[HeldPart] = []
        page = None
        while page is None or page.is_truncated:
            page = self._page(upload_id, page.next_marker if page else "")
            found += [HeldPart(part.part_number, part.etag, part.size) for part in page.parts]
        return found

    def complete(self, upload_id: str, etags: Mapping[int, str]) -> int | None:
        """Make the object of its parts; answers its CRC64, None when the storage does not say."""
        parts = [oss2.models.PartInfo(number, etag) for number, etag in sorted(etags.items())]

        def ask() -> int | None:
            result = self._bucket.complete_multipart_upload(self._name, upload_id, parts)
            _given(result.etag)
            return _number(result.crc)

        return _guarded("CompleteMultipartUpload", ask)

    def has_object(self, size: int, crc: int | None = None) -> bool:
        """Whether the object is there with this size and CRC64 (None: any).

        When we may not look, it counts as there: the commit will tell.
        """
        try:
            found = _guarded("HeadObject", lambda: self._bucket.head_object(self._name))
        except (Gone, SessionLost):
            return False
        except Refused:
            return True
        theirs = _number(found.headers.get(CRC_HEADER))
        return bool(found.content_length == size) and (crc is None or theirs is None or theirs == crc)

    def abort(self, upload_id: str) -> None:
        _guarded("AbortMultipartUpload", lambda: self._bucket.abort_multipart_upload(self._name, upload_id))

    def _page(self, upload_id: str, marker: str) -> Any:
        page = _guarded("ListParts", lambda: self._bucket.list_parts(self._name, upload_id, marker=marker))
        if page.is_truncated and page.next_marker == marker:
            raise BadAnswer(say(OSS_UNREADABLE, call="ListParts"), call="ListParts", detail="the list does not end")
        return page


def _number(text: object) -> int | None:
    return as_int(text) if text is not None else None


def _given(value: str | None) -> str:
    if not value:
        raise ValueError("a field is missing")
    return value


def _guarded(call: str, do: Callable[[], T]) -> T:
    """Run one call of oss2; whatever it raises leaves as a `PlatformError`, its cause dropped."""
    try:
        return do()
    except oss2.exceptions.OssError as error:
        raise _meaning_of(call, error) from None
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise failure(call, error) from None
    except (ParseError, RuntimeError, ValueError, TypeError, AttributeError) as error:
        # oss2 reads an answer without checking its shape: these are what one of another shape ends in.
        raise BadAnswer(say(OSS_UNREADABLE, call=call), call=call, detail=type(error).__name__) from None


def _meaning_of(call: str, error: Any) -> PlatformError:
    if isinstance(error, oss2.exceptions.RequestError):
        return failure(call, error.exception)
    if isinstance(error, oss2.exceptions.ClientError):
        return BadAnswer(say(OSS_UNREADABLE, call=call), call=call, detail="ClientError")
    code = error.code or str(error.status)
    detail = f"HTTP {error.status} {error.code} request {error.request_id}"
    if code in OSS_EXPIRED_CODES:
        return StsExpired(say(OSS_EXPIRED), code=code, call=call, detail=detail)
    if not error.code and error.body:
        # What the storage said was cut, or a proxy said it: nothing is final in that.
        meaning = Meaning(Temporary, OSS_FAULT) if _is_fault(error.status) else Meaning(BadAnswer, OSS_UNREADABLE)
    else:
        meaning = OSS_ERRORS.get(code) or _by_status(error.status)
    return meaning.kind(say(meaning.text, code=code, call=call), code=code, call=call, detail=detail)


def _is_fault(status: int) -> bool:
    return status >= 500 or status == 429


def _by_status(status: int) -> Meaning:
    if _is_fault(status):
        return Meaning(Temporary, OSS_FAULT)
    return Meaning(Gone, OSS_REFUSES) if status == 404 else Meaning(Refused, OSS_REFUSES)
