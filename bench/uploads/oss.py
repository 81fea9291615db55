"""Aliyun OSS as far as a multipart upload of one object meets it, path-style, signatures unchecked."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from bench.uploads.protocol import Calls, Receiver
from bench.uploads.wire import Reply, Request


@dataclass(frozen=True)
class Part:
    etag: str
    length: int
    crc64: int


@dataclass
class Upload:
    path: str
    parts: dict[int, Part] = field(default_factory=dict)


class Oss:
    """Every path that no platform claims is `/<bucket>/<object>`."""

    calls: Calls = {}

    def __init__(self, sink: Receiver) -> None:
        self._sink = sink
        self._uploads: dict[str, Upload] = {}
        self._objects: set[str] = set()
        self._numbers = itertools.count(1)

    def answer(self, request: Request) -> Reply:
        if request.method == "PUT" and "partNumber" in request.query:
            return self._part(request)
        if request.method == "PUT":
            return self._put(request)
        if request.method == "POST" and "uploads" in request.query:
            return self._begin(request)
        if "uploadId" in request.query:
            return self._complete(request) if request.method == "POST" else self._list(request)
        if request.method in {"HEAD", "GET"} and request.path in self._objects:
            return Reply(200, b"", self._checksums() | {"Content-Length": str(self._sink.material.size)})
        return Reply(404)

    def _put(self, request: Request) -> Reply:
        """A small file, at once."""
        self._sink.receive(request)
        self._objects.add(request.path)
        return Reply(200, b"", self._checksums())

    def _begin(self, request: Request) -> Reply:
        upload_id = f"upload{next(self._numbers)}"
        self._uploads[upload_id] = Upload(request.path)
        return _xml("InitiateMultipartUploadResult", _names(request) | {"UploadId": upload_id})

    def _part(self, request: Request) -> Reply:
        offset, length = self._sink.receive(request)
        material = self._sink.material
        part = Part(material.md5(offset, length).upper(), length, material.crc64(offset, length))
        self._uploads[request.query["uploadId"]].parts[int(request.query["partNumber"])] = part
        return Reply(200, b"", {"ETag": f'"{part.etag}"', "x-oss-hash-crc64ecma": str(part.crc64)})

    def _complete(self, request: Request) -> Reply:
        request.drop(request.left)
        upload = self._uploads[request.query["uploadId"]]
        self._objects.add(upload.path)
        where = {"Location": self._sink.url + upload.path, "ETag": '"1-1"'}
        return _xml("CompleteMultipartUploadResult", _names(request) | where, headers=self._checksums())

    def _list(self, request: Request) -> Reply:
        upload, limit = self._uploads[request.query["uploadId"]], int(request.query.get("max-parts") or 1000)
        after = int(request.query.get("part-number-marker") or 0)
        numbers = [number for number in sorted(upload.parts) if number > after]
        page = numbers[:limit]
        head = {
            "UploadId": request.query["uploadId"], "PartNumberMarker": str(after), "MaxParts": str(limit),
            "NextPartNumberMarker": str(page[-1] if page else 0),
            "IsTruncated": "true" if len(numbers) > limit else "false",
        }  # fmt: skip
        return _xml("ListPartsResult", _names(request) | head, "".join(_listed(n, upload.parts[n]) for n in page))

    def _checksums(self) -> dict[str, str]:
        """Of the whole object. The sparse file's are not known, and not said."""
        material = self._sink.material
        said = {"ETag": '"1-1"', "Last-Modified": "Sat, 01 Jan 2022 00:00:00 GMT", "x-oss-object-type": "Multipart"}
        return said if material.sparse else said | {"x-oss-hash-crc64ecma": str(material.crc64_of_all)}


def _names(request: Request) -> dict[str, str]:
    bucket, _, key = request.path.lstrip("/").partition("/")
    return {"Bucket": bucket, "Key": key}


def _listed(number: int, part: Part) -> str:
    texts = {
        "PartNumber": str(number), "LastModified": "2022-01-01T00:00:00.000Z", "ETag": f'"{part.etag}"',
        "HashCrc64ecma": str(part.crc64), "Size": str(part.length),
    }  # fmt: skip
    return f"<Part>{_elements(texts)}</Part>"


def _elements(texts: Mapping[str, str]) -> str:
    return "".join(f"<{name}>{escape(text)}</{name}>" for name, text in texts.items())


def _xml(name: str, texts: Mapping[str, str], more: str = "", headers: Mapping[str, str] | None = None) -> Reply:
    document = f'<?xml version="1.0" encoding="UTF-8"?><{name}>{_elements(texts)}{more}</{name}>'
    return Reply(200, document.encode(), {"Content-Type": "application/xml", **(headers or {})})
