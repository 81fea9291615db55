"""An Aliyun OSS bucket, through the oss2 package.

What oss2 raises and logs holds signed headers and what was signed: only a code goes further.
"""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from xml.etree.ElementTree import ParseError

import oss2
import requests
import urllib3.exceptions
from oss2.exceptions import ClientError, OssError, RequestError
from oss2.models import PartInfo

from platforms.contract import SourceAway
from platforms.storage.bucket import Calls, Found, Held
from platforms.storage.meanings import FAULT, trouble_of, unreachable
from platforms.storage.ranged import Stream
from platforms.storage.verbs import DjangoVerbs
from platforms.transport.connections import CONNECT_SECONDS, READ_SECONDS, Adapter
from platforms.transport.http import no_netrc
from platforms.values import say

logging.getLogger("oss2").setLevel(logging.WARNING)

MOST_CONNECTIONS = 64
QUICK_SECONDS = 3
BROKEN = (requests.RequestException, urllib3.exceptions.HTTPError, OSError)

T = TypeVar("T")


class OssStorage(DjangoVerbs):
    """A bucket of Aliyun OSS. `endpoint` begins with https:// or http://; `region` as in cn-hangzhou."""

    def __init__(
        self, *, bucket: str, endpoint: str, region: str, key_id: str, key_secret: str, prefix: str = ""
    ) -> None:
        session = oss2.Session(adapter=Adapter(MOST_CONNECTIONS))
        session.session.auth = no_netrc
        session.session.max_redirects = 0
        auth = oss2.AuthV4(key_id, key_secret)

        def open_bucket(seconds: float | tuple[float, float]) -> Any:
            # Parts are proven by their md5; oss2's own way reads through a wrapper, a little at a time, and slowly.
            return oss2.Bucket(
                auth, endpoint, bucket, session=session, region=region, enable_crc=False, connect_timeout=seconds
            )

        self.calls = self._oss = OssCalls(open_bucket((CONNECT_SECONDS, READ_SECONDS)), open_bucket(QUICK_SECONDS))
        self.prefix = prefix

    def url(self, name: str | None) -> str:
        """An address that gives the file to whoever has it, for an hour."""
        return self._oss.signed_address(self.key(name or ""))


class OssCalls(Calls):
    """`quick`: the same bucket, asked with little patience."""

    def __init__(self, bucket: Any, quick: Any) -> None:
        self._bucket, self._quick = bucket, quick

    def find(self, key: str) -> Found:
        def ask() -> Found:
            answer = self._bucket.get_object(key, byte_range=(0, 0))
            answer.resp.response.close()
            size = int(answer.headers["Content-Range"].rpartition("/")[2])
            return Found(size, answer.headers["ETag"], _date(answer.headers["Last-Modified"]))

        return _guarded(ask)

    def get(self, key: str, first: int, last: int, etag: str) -> Stream:
        # Without the second header OSS answers a range that it does not like with the whole object.
        headers = {"If-Match": etag, "x-oss-range-behavior": "standard"}
        answer = _guarded(lambda: self._bucket.get_object(key, byte_range=(first, last), headers=headers))
        return _Stream(answer.resp.response)

    def put(self, key: str, data: bytes) -> None:
        _guarded(lambda: self._bucket.put_object(key, data, headers=_proof(data)))

    def uploads(self, key: str) -> list[str]:
        def ask() -> list[str]:
            found = oss2.MultipartUploadIterator(self._bucket, prefix=key)
            # An id that begins with the prefix may be of a longer key.
            return [each.upload_id for each in found if each.key == key and each.upload_id]

        return _guarded(ask)

    def begin(self, key: str) -> str:
        return _guarded(lambda: str(self._bucket.init_multipart_upload(key).upload_id))

    def parts(self, key: str, upload_id: str) -> dict[int, Held]:
        def ask() -> dict[int, Held]:
            found = oss2.PartIterator(self._bucket, key, upload_id)
            return {part.part_number: Held(part.etag, part.size) for part in found}

        return _guarded(ask)

    def put_part(self, key: str, upload_id: str, number: int, data: bytes) -> str:
        return _guarded(lambda: str(self._bucket.upload_part(key, upload_id, number, data, headers=_proof(data)).etag))

    def complete(self, key: str, upload_id: str, etags: dict[int, str]) -> None:
        parts = [PartInfo(number, etag) for number, etag in sorted(etags.items())]
        _guarded(lambda: self._bucket.complete_multipart_upload(key, upload_id, parts))

    def abort(self, key: str, upload_id: str) -> None:
        _guarded(lambda: self._bucket.abort_multipart_upload(key, upload_id))

    def delete(self, key: str) -> None:
        _guarded(lambda: self._bucket.delete_object(key))

    def answers(self) -> None:
        _guarded(lambda: self._quick.list_multipart_uploads(max_uploads=1))

    def signed_address(self, key: str, seconds: int = 3600) -> str:
        return str(self._bucket.sign_url("GET", key, seconds, slash_safe=True))


class _Stream:
    def __init__(self, response: requests.Response) -> None:
        self._response = response

    def read(self, amount: int) -> bytes:
        try:
            return bytes(self._response.raw.read(amount, decode_content=False))
        except BROKEN as error:
            raise unreachable(error) from None

    def close(self) -> None:
        self._response.close()


def _proof(data: bytes) -> dict[str, str]:
    """OSS refuses a body whose md5 is another."""
    return {"Content-MD5": base64.b64encode(hashlib.md5(data).digest()).decode()}


def _date(text: str) -> datetime:
    return parsedate_to_datetime(text).astimezone(UTC)


def _guarded(ask: Callable[[], T]) -> T:
    """One call of oss2; whatever it raises leaves as an error of ours, its cause dropped."""
    try:
        return ask()
    except RequestError as error:
        raise unreachable(error.exception) from None
    except ClientError:
        raise SourceAway(say(FAULT, code="ClientError"), passing=True) from None
    except OssError as error:
        raise trouble_of(error.code, error.status) from None
    except BROKEN as error:
        raise unreachable(error) from None
    except (ParseError, RuntimeError, ValueError, TypeError, AttributeError, KeyError) as error:
        # oss2 reads an answer without checking its shape: these are what one of another shape ends in.
        raise SourceAway(say(FAULT, code=type(error).__name__), passing=True) from None
