"""An S3-compatible bucket: Django's verbs are those of django-storages; its client does what the hub asks beside."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

import urllib3.exceptions
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage as DjangoS3Storage

from platforms.contract import SourceAway
from platforms.storage.bucket import BucketStorage, Calls, Found, Held
from platforms.storage.meanings import FAULT, trouble_of, unreachable
from platforms.storage.ranged import Stream
from platforms.transport.connections import CONNECT_SECONDS, READ_SECONDS
from platforms.values import say

MOST_CONNECTIONS = 64
BROKEN = (BotoCoreError, urllib3.exceptions.HTTPError, OSError)

T = TypeVar("T")


class S3Storage(BucketStorage, DjangoS3Storage):  # type: ignore[misc]
    """A bucket behind the S3 protocol. `endpoint` is empty for Amazon's own; `path_style`: its name is in the path.

    Threads share one client: django-storages makes one a thread, and a part of an upload is a thread here.
    """

    def __init__(
        self,
        *,
        bucket: str,
        endpoint: str,
        region: str,
        key_id: str,
        key_secret: str,
        prefix: str = "",
        path_style: bool = False,
    ) -> None:
        DjangoS3Storage.__init__(
            self,
            bucket_name=bucket,
            endpoint_url=endpoint or None,
            region_name=region or None,
            access_key=key_id,
            secret_key=key_secret,
            location=prefix.rstrip("/"),
            client_config=Config(
                signature_version="s3v4",
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                max_pool_connections=MOST_CONNECTIONS,
                retries={"mode": "standard", "total_max_attempts": 3},
                s3={"addressing_style": "path" if path_style else "auto"},
                # Others than Amazon know the md5 of a part, and not its newer checksums.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )
        self.calls, self.prefix = S3Calls(self), prefix


class S3Calls(Calls):
    def __init__(self, storage: Any) -> None:
        self._storage = storage

    @cached_property
    def _client(self) -> Any:
        return self._storage.connection.meta.client

    def _call(self, verb: str, key: str, **more: Any) -> dict[str, Any]:
        where = {"Bucket": self._storage.bucket_name, **({"Key": key} if key else {})}
        return _guarded(lambda: dict(getattr(self._client, verb)(**where, **more)))

    def find(self, key: str) -> Found:
        answer = self._call("get_object", key, Range="bytes=0-0")
        answer["Body"].close()
        return Found(_whole(answer), answer["ETag"], answer["LastModified"])

    def get(self, key: str, first: int, last: int, etag: str) -> Stream:
        return _Stream(self._call("get_object", key, Range=f"bytes={first}-{last}", IfMatch=etag)["Body"])

    def put(self, key: str, data: bytes) -> None:
        self._call("put_object", key, Body=data, ContentMD5=_md5(data))

    def uploads(self, key: str) -> list[str]:
        found: list[str] = []
        page: dict[str, Any] = {"IsTruncated": True}
        marker: dict[str, str] = {}
        while page.get("IsTruncated"):
            page = self._call("list_multipart_uploads", "", Prefix=key, **marker)
            found += [each["UploadId"] for each in page.get("Uploads", ()) if each["Key"] == key]
            after = {"KeyMarker": page.get("NextKeyMarker", ""), "UploadIdMarker": page.get("NextUploadIdMarker", "")}
            if after == marker:
                break
            marker = after
        return found

    def begin(self, key: str) -> str:
        return str(self._call("create_multipart_upload", key)["UploadId"])

    def parts(self, key: str, upload_id: str) -> dict[int, Held]:
        found: dict[int, Held] = {}
        marker, more = 0, True
        while more:
            page = self._call("list_parts", key, UploadId=upload_id, PartNumberMarker=marker)
            found |= {part["PartNumber"]: Held(part["ETag"], part["Size"]) for part in page.get("Parts", ())}
            last = int(page.get("NextPartNumberMarker") or 0)
            more, marker = bool(page.get("IsTruncated")) and last > marker, last
        return found

    def put_part(self, key: str, upload_id: str, number: int, data: bytes) -> str:
        proof = {"Body": data, "ContentMD5": _md5(data)}
        return str(self._call("upload_part", key, UploadId=upload_id, PartNumber=number, **proof)["ETag"])

    def complete(self, key: str, upload_id: str, etags: dict[int, str]) -> None:
        parts = [{"PartNumber": number, "ETag": etag} for number, etag in sorted(etags.items())]
        self._call("complete_multipart_upload", key, UploadId=upload_id, MultipartUpload={"Parts": parts})

    def abort(self, key: str, upload_id: str) -> None:
        self._call("abort_multipart_upload", key, UploadId=upload_id)

    def delete(self, key: str) -> None:
        self._call("delete_object", key)

    def answers(self) -> None:
        self._call("list_multipart_uploads", "", MaxUploads=1)


class _Stream:
    def __init__(self, body: Any) -> None:
        self._body = body

    def read(self, amount: int) -> bytes:
        try:
            return bytes(self._body.read(amount))
        except BROKEN as error:
            raise unreachable(error) from None

    def close(self) -> None:
        self._body.close()


def _whole(answer: dict[str, Any]) -> int:
    """The size of the object of which a part was answered."""
    return int(str(answer["ContentRange"]).rpartition("/")[2])


def _md5(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data).digest()).decode()


def _guarded(ask: Callable[[], T]) -> T:
    """One call of the client; whatever it raises leaves as an error of ours, its cause dropped."""
    try:
        return ask()
    except ClientError as error:
        answered = error.response.get("ResponseMetadata", {})
        code = str(error.response.get("Error", {}).get("Code", ""))
        raise trouble_of(code, int(answered.get("HTTPStatusCode", 0))) from None
    except BROKEN as error:
        raise unreachable(error) from None
    except (ValueError, KeyError, TypeError) as error:
        raise SourceAway(say(FAULT, code=type(error).__name__), passing=True) from None
