"""Aliyun OSS as a Youku upload meets it: temporary credentials for one object, put and multipart uploads.

And as whoever has a bucket meets it: a lasting key that reaches every object in it, reads of parts, and deletion.

Speaks the path-style REST API, strictly enough for the unmodified oss2 package with all its checks on. Where the
documents leave a choice the stricter one is taken: temporary credentials reach nothing but their own object, and a
Date more than 15 minutes off is refused.
"""

import secrets
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from xml.etree import ElementTree

from sandbox.core import Refusal, Route, Service, World
from sandbox.faults import FaultKind, Strike
from sandbox.messages import Request, Response, file_response
from sandbox.oss.documents import element, error_document, xml_body
from sandbox.oss.keys import NEVER, Sts
from sandbox.oss.objects import MAX_PARTS, Objects
from sandbox.oss.signature import read_signature, signed_at
from sandbox.store import Document

MIN_PART = 100 * 1024
MAX_PART = 5 * 1024**3
CLOCK_SKEW = 15 * 60

# By method and the parameter that chooses a sub-resource.
CALLS = {
    ("PUT", "uploadId"): "UploadPart",
    ("PUT", ""): "PutObject",
    ("POST", "uploads"): "InitiateMultipartUpload",
    ("POST", "uploadId"): "CompleteMultipartUpload",
    ("GET", "uploadId"): "ListParts",
    ("GET", "uploads"): "ListMultipartUploads",
    ("GET", ""): "GetObject",
    ("HEAD", ""): "HeadObject",
    ("DELETE", "uploadId"): "AbortMultipartUpload",
    ("DELETE", ""): "DeleteObject",
}


class Oss(Service):
    """``/<bucket>/<object>``: whatever no platform claims."""

    name = "oss"
    prefixes = ("*",)

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.objects = Objects(world)
        self._object_calls: dict[tuple[str, str], Callable[[Request, str, str], Response]] = {
            ("PUT", "uploadId"): self._upload_part,
            ("PUT", ""): self._put_object,
            ("POST", "uploads"): self._initiate,
            ("POST", "uploadId"): self._complete,
            ("GET", "uploadId"): self._list_parts,
            ("GET", ""): self._get_object,
            ("HEAD", ""): self._get_object,
            ("DELETE", "uploadId"): self._abort,
            ("DELETE", ""): self._delete_object,
        }

    def issue(self, bucket: str, key: str, lifetime: float) -> Sts:
        """New temporary credentials; earlier ones live on until their own expiry."""
        expires = self.world.clock.now() + lifetime
        sts = Sts(
            f"STS.{secrets.token_hex(12)}", secrets.token_hex(22), secrets.token_urlsafe(120), bucket, key, expires
        )
        self.world.store.put("oss-sts", sts.access_key_id, dict(vars(sts)))
        return sts

    def bucket_key(self, bucket: str) -> Sts:
        """A new lasting key of a bucket, which is made with it."""
        key = Sts(f"LTAI{secrets.token_hex(10)}", secrets.token_hex(15), "", bucket, "", NEVER)
        self.world.store.put("oss-sts", key.access_key_id, dict(vars(key)))
        return key

    def expire_credentials(self) -> None:
        """Every credential issued so far is expired from now on."""
        with self.world.store.transaction():
            for document in filter(lambda each: each["security_token"], self.world.store.all("oss-sts")):
                document["expires"] = self.world.clock.now() - 1
                self.world.store.put("oss-sts", document["access_key_id"], document)

    def routes(self) -> Sequence[Route]:
        return ()

    def call_of(self, request: Request) -> str:
        """As OSS names its calls."""
        return CALLS.get((request.method, _sub_resource(request)), "")

    def calls_below(self, path: str) -> frozenset[str]:
        """Every path that no platform claims reaches every call here."""
        return frozenset(call for call in CALLS.values() if path.startswith("/") or call.startswith(path))

    def strikes(self) -> Mapping[FaultKind, Strike]:
        parts = frozenset({"UploadPart", "PutObject"})
        of_upload = frozenset({"UploadPart", "ListParts", "CompleteMultipartUpload"})
        return {
            FaultKind.EXPIRED_STS: Strike(frozenset(CALLS.values()), self._expire_sts),
            FaultKind.DROPPED_SESSION: Strike(
                of_upload, lambda request: self.objects.abort(request.query.get("uploadId", ""))
            ),
            FaultKind.WRONG_MD5: Strike(parts, Request.damage),
        }

    def _expire_sts(self, request: Request) -> None:
        signature = read_signature(request, *_names(request))
        with self.world.store.transaction():
            document = self.world.store.get("oss-sts", signature.access_key_id) if signature else None
            if document is not None:
                document["expires"] = self.world.clock.now() - 1
                self.world.store.put("oss-sts", document["access_key_id"], document)

    def upload_key(self, request: Request) -> str:
        return "/".join(_names(request)) if request.method == "PUT" else ""

    def no_such_path(self, request: Request) -> Response:
        return self.error(
            request, 405, "MethodNotAllowed", "The specified method is not allowed against this resource."
        )

    def wrong_method(self, request: Request, allowed: Sequence[str]) -> Response:
        return self.no_such_path(request)

    def handle(self, request: Request) -> Response:
        try:
            response = self._dispatch(request)
        except Refusal as refusal:
            response = refusal.response
        headers = {"x-oss-request-id": secrets.token_hex(12).upper(), **response.headers}
        return replace(response, headers=headers)

    def error(self, request: Request, status: int, code: str, message: str, **more: str) -> Response:
        """An XML error as OSS words it."""
        request_id = secrets.token_hex(12).upper()
        body = error_document(code, message, request_id, request.header("Host"), **more)
        headers = {"x-oss-request-id": request_id}
        return Response(status, body, "application/xml", headers)

    def refuse(self, request: Request, status: int, code: str, message: str, **more: str) -> Refusal:
        return Refusal(self.error(request, status, code, message, **more))

    def _dispatch(self, request: Request) -> Response:
        bucket, key = _names(request)
        sts = self._authenticate(request, bucket, key)
        if bucket != sts.bucket and not sts.key:
            raise self.refuse(request, 404, "NoSuchBucket", "The specified bucket does not exist.", BucketName=bucket)
        if bucket != sts.bucket:
            raise self.refuse(request, 403, "AccessDenied", "The bucket you access does not belong to you.")
        if not key:
            return self._bucket_call(request, sts)
        if sts.key and key != sts.key:
            raise self.refuse(request, 403, "AccessDenied", "You have no right to access this object.")
        call = self._object_calls.get((request.method, _sub_resource(request)))
        return call(request, bucket, key) if call else self.no_such_path(request)

    def _authenticate(self, request: Request, bucket: str, key: str) -> Sts:
        signature = read_signature(request, bucket, key)
        if signature is None:
            raise self.refuse(request, 403, "AccessDenied", "Anonymous access is forbidden for this operation.")
        document = self.world.store.get("oss-sts", signature.access_key_id)
        token = request.header("x-oss-security-token")
        if document is None or bool(token) != bool(document["security_token"]):
            message = "The OSS Access Key Id you provided does not exist in our records."
            raise self.refuse(request, 403, "InvalidAccessKeyId", message, OSSAccessKeyId=signature.access_key_id)
        sts = Sts(**document)
        if not secrets.compare_digest(token.encode(), sts.security_token.encode()):
            raise self.refuse(request, 403, "InvalidSecurityToken", "The security token you provided is invalid.")
        if sts.expires <= self.world.clock.now():
            raise self.refuse(request, 403, "SecurityTokenExpired", "The security token you provided has expired.")
        self._check_time(request)
        if not signature.matches(sts.access_key_secret):
            message = "The request signature we calculated does not match the signature you provided."
            told = {"OSSAccessKeyId": sts.access_key_id, "StringToSign": signature.text}
            raise self.refuse(request, 403, "SignatureDoesNotMatch", message, **told)
        return sts

    def _check_time(self, request: Request) -> None:
        # Clients sign with their own clock, which `advance` does not move.
        moment = signed_at(request)
        if moment is None:
            raise self.refuse(request, 403, "AccessDenied", "OSS authentication requires a valid Date.")
        if abs(moment - self.world.clock.signing()) > CLOCK_SKEW:
            message = "The difference between the request time and the current time is too large."
            raise self.refuse(request, 403, "RequestTimeTooSkewed", message)

    def _bucket_call(self, request: Request, sts: Sts) -> Response:
        if request.method != "GET" or "uploads" not in request.query:
            raise self.refuse(request, 403, "AccessDenied", "You have no right to access this bucket.")
        if not request.query.get("prefix", "").startswith(sts.key):
            raise self.refuse(request, 403, "AccessDenied", "You have no right to list other objects' uploads.")
        return self._list_uploads(request, sts)

    def _put_object(self, request: Request, bucket: str, key: str) -> Response:
        digest = self._declared_md5(request)
        draft = self.objects.receive(request.body)
        if digest not in (None, bytes.fromhex(draft.md5)):
            self.objects.discard(draft)
            raise self.refuse(request, 400, "InvalidDigest", "The Content-MD5 you specified was invalid.")
        if request.damaged:
            self.objects.discard(draft)
        else:
            self.objects.store(bucket, key, draft)
        return Response(200, headers=_checksums(draft.etag, draft.crc64))

    def _get_object(self, request: Request, bucket: str, key: str) -> Response:
        stored = self.objects.find(bucket, key)
        if stored is None:
            raise self.refuse(request, 404, "NoSuchKey", "The specified key does not exist.", Key=key)
        if request.header("If-Match").strip('"') not in ("", stored.etag):
            message = "At least one of the pre-conditions you specified did not hold."
            raise self.refuse(request, 412, "PreconditionFailed", message, Condition="If-Match")
        headers = _checksums(stored.etag, stored.crc64) | {
            "x-oss-object-type": stored.kind,
            "Last-Modified": stored.http_date,
        }
        return file_response(request, stored.path, "application/octet-stream", headers)

    def _delete_object(self, request: Request, bucket: str, key: str) -> Response:
        self.objects.delete(bucket, key)
        return Response(204)

    def _initiate(self, request: Request, bucket: str, key: str) -> Response:
        upload = self.objects.start_upload(bucket, key)
        names = {"Bucket": bucket, "Key": key, "UploadId": upload["id"]}
        return _xml(element("InitiateMultipartUploadResult", names))

    def _upload_part(self, request: Request, bucket: str, key: str) -> Response:
        upload = self._upload(request, bucket, key)
        number = request.query.get("partNumber", "")
        if not number.isdecimal() or not 1 <= int(number) <= MAX_PARTS:
            message = f"Part number must be an integer between 1 and {MAX_PARTS}, inclusive."
            raise self.refuse(request, 400, "InvalidArgument", message, ArgumentName="partNumber", ArgumentValue=number)
        digest = self._declared_md5(request)
        draft = self.objects.receive(request.body)
        if digest not in (None, bytes.fromhex(draft.md5)):
            self.objects.discard(draft)
            raise self.refuse(request, 400, "InvalidDigest", "The Content-MD5 you specified was invalid.")
        if draft.size > MAX_PART:
            self.objects.discard(draft)
            raise self.refuse(request, 400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size.")
        if request.damaged:
            self.objects.discard(draft)
        elif not self.objects.store_part(upload["id"], int(number), draft):
            raise self._no_upload(request, upload["id"])
        return Response(200, headers=_checksums(draft.etag, draft.crc64))

    def _complete(self, request: Request, bucket: str, key: str) -> Response:
        upload = self._upload(request, bucket, key)
        parts = self._chosen_parts(request, upload)
        for part in parts[:-1]:
            if part["size"] < MIN_PART:
                message = "Your proposed upload smaller than the minimum allowed size."
                more = {
                    "MinSizeAllowed": str(MIN_PART),
                    "ProposedSize": str(part["size"]),
                    "PartNumber": str(part["number"]),
                }
                raise self.refuse(request, 400, "EntityTooSmall", message, **more)
        stored = self.objects.complete(upload, parts)
        if stored is None:
            raise self._no_upload(request, upload["id"])
        names = {
            "Location": f"{self.world.url}/{bucket}/{key}",
            "Bucket": bucket,
            "Key": key,
            "ETag": f'"{stored.etag}"',
        }
        response = _xml(element("CompleteMultipartUploadResult", names))
        return replace(response, headers=_checksums(stored.etag, stored.crc64))

    def _chosen_parts(self, request: Request, upload: Document) -> list[Document]:
        """The stored parts that the request's list names, in its order."""
        numbers: list[int] = []
        parts: list[Document] = []
        for number, etag in self._part_list(request):
            if numbers and number <= numbers[-1]:
                raise self.refuse(request, 400, "InvalidPartOrder", "The list of parts was not in ascending order.")
            part = self.objects.part(upload["id"], number)
            if part is None or part["etag"] != etag:
                message = "One or more of the specified parts could not be found or had another entity tag."
                more = {"PartNumber": str(number), "UploadId": upload["id"]}
                raise self.refuse(request, 400, "InvalidPart", message, **more)
            numbers.append(number)
            parts.append(part)
        return parts

    def _part_list(self, request: Request) -> list[tuple[int, str]]:
        try:
            root = ElementTree.fromstring(request.read_small())  # noqa: S314 (expat expands no external entity)
            nodes = [(node.findtext("PartNumber", ""), node.findtext("ETag", "")) for node in root.findall("Part")]
            chosen = [(int(number), etag.strip().strip('"').upper()) for number, etag in nodes]
        except (ElementTree.ParseError, ValueError) as error:
            raise self._malformed(request) from error
        if not chosen or root.tag != "CompleteMultipartUpload":
            raise self._malformed(request)
        return chosen

    def _malformed(self, request: Request) -> Refusal:
        return self.refuse(
            request, 400, "MalformedXML", "The XML you provided was not well-formed or not as it should be."
        )

    def _abort(self, request: Request, bucket: str, key: str) -> Response:
        self.objects.abort(self._upload(request, bucket, key)["id"])
        return Response(204)

    def _list_parts(self, request: Request, bucket: str, key: str) -> Response:
        upload = self._upload(request, bucket, key)
        limit = self._number(request, "max-parts", 1000, 1, 1000)
        marker = self._number(request, "part-number-marker", 0, 0, MAX_PARTS)
        found = [part for part in self.objects.parts(upload["id"]) if part["number"] > marker]
        page, more = found[:limit], len(found) > limit
        head = {
            "Bucket": bucket,
            "Key": key,
            "UploadId": upload["id"],
            "PartNumberMarker": str(marker),
            "NextPartNumberMarker": str(page[-1]["number"] if page else 0),
            "MaxParts": str(limit),
            "IsTruncated": "true" if more else "false",
        }
        return _xml(
            element("ListPartsResult", head, [element("Part", self.objects.describe_part(part)) for part in page])
        )

    def _list_uploads(self, request: Request, sts: Sts) -> Response:
        limit = self._number(request, "max-uploads", 1000, 1, 1000)
        prefix, after = request.query.get("prefix", ""), request.query.get("upload-id-marker", "")
        found = [each for each in self.objects.uploads(sts.bucket, prefix) if each["id"] > after]
        page, more = found[:limit], len(found) > limit
        head = {
            "Bucket": sts.bucket,
            "KeyMarker": request.query.get("key-marker", ""),
            "UploadIdMarker": after,
            "NextKeyMarker": page[-1]["key"] if page and more else "",
            "NextUploadIdMarker": page[-1]["id"] if page and more else "",
            "Prefix": prefix,
            "MaxUploads": str(limit),
            "IsTruncated": "true" if more else "false",
        }
        uploads = [element("Upload", self.objects.describe_upload(upload)) for upload in page]
        return _xml(element("ListMultipartUploadsResult", head, uploads))

    def _upload(self, request: Request, bucket: str, key: str) -> Document:
        upload_id = request.query["uploadId"]
        upload = self.objects.upload(upload_id)
        if upload is None or (upload["bucket"], upload["key"]) != (bucket, key):
            raise self._no_upload(request, upload_id)
        return upload

    def _no_upload(self, request: Request, upload_id: str) -> Refusal:
        message = "The specified upload does not exist. It may be wrong, aborted or completed."
        return self.refuse(request, 404, "NoSuchUpload", message, UploadId=upload_id)

    def _declared_md5(self, request: Request) -> bytes | None:
        header = request.header("Content-MD5")
        if not header:
            return None
        try:
            digest = b64decode(header, validate=True)
        except Base64Error:
            digest = b""
        if len(digest) != 16:
            raise self.refuse(request, 400, "InvalidDigest", "The Content-MD5 you specified was invalid.")
        return digest

    def _number(self, request: Request, name: str, default: int, least: int, most: int) -> int:
        text = request.query.get(name) or str(default)
        if not text.isdecimal() or not least <= int(text) <= most:
            message = f"Argument {name} must be an integer between {least} and {most}."
            raise self.refuse(request, 400, "InvalidArgument", message, ArgumentName=name, ArgumentValue=text)
        return int(text)


def _names(request: Request) -> tuple[str, str]:
    """Bucket and object."""
    bucket, _, key = request.path.lstrip("/").partition("/")
    return bucket, key


def _sub_resource(request: Request) -> str:
    return next((name for name in ("uploads", "uploadId") if name in request.query), "")


def _checksums(etag: str, crc64: int) -> dict[str, str]:
    return {"ETag": f'"{etag}"', "x-oss-hash-crc64ecma": str(crc64)}


def _xml(root: ElementTree.Element) -> Response:
    return Response(200, xml_body(root), "application/xml")
