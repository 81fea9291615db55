"""Checks the signatures that Aliyun OSS clients send in the Authorization header, versions 1 and 4.

Written from Alibaba Cloud's description of "Include signatures in the Authorization header" (V1) and of the
V4 signature. Parameters are signed decoded in V1 and encoded in V4; an empty one is signed by its name alone.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from sandbox.messages import Request

# The parameters that name a sub-resource or override a response header, among them all that this simulator answers.
V1_SIGNED_PARAMETERS = frozenset(
    {
        *(
            "acl",
            "append",
            "callback",
            "callback-var",
            "cors",
            "delete",
            "encryption",
            "lifecycle",
            "location",
            "logging",
        ),
        *("objectMeta", "partNumber", "policy", "position", "referer", "restore", "security-token", "sequential"),
        *("symlink", "tagging", "uploadId", "uploads", "versionId", "versioning", "versions", "website"),
        *("response-cache-control", "response-content-disposition", "response-content-encoding"),
        *("response-content-language", "response-content-type", "response-expires"),
        *("x-oss-process", "x-oss-traffic-limit"),
    }
)

V4_HEADER = re.compile(
    r"OSS4-HMAC-SHA256 Credential=(?P<id>[^/]+)/(?P<date>\d{8})/(?P<region>[^/]*)/(?P<product>\w+)/aliyun_v4_request,"
    r"\s*"
    r"(?:AdditionalHeaders=(?P<extra1>[^,]+),\s*)?Signature=(?P<signature>[0-9a-f]{64})"
    r"(?:,\s*AdditionalHeaders=(?P<extra2>.+))?"
)


@dataclass(frozen=True)
class Signature:
    """What an Authorization header claims, and how to prove it."""

    access_key_id: str
    given: str
    #: What the header's signature is computed over, as it is shown in a SignatureDoesNotMatch error.
    text: str
    v4_scope: tuple[str, str, str] | None = None

    def matches(self, secret: str) -> bool:
        return hmac.compare_digest(self._expected(secret), self.given)

    def _expected(self, secret: str) -> str:
        if self.v4_scope is None:
            return base64.b64encode(hmac.new(secret.encode(), self.text.encode(), hashlib.sha1).digest()).decode()
        key = f"aliyun_v4{secret}".encode()
        for step in (*self.v4_scope, "aliyun_v4_request"):
            key = hmac.new(key, step.encode(), hashlib.sha256).digest()
        return hmac.new(key, self.text.encode(), hashlib.sha256).hexdigest()


def read_signature(request: Request, bucket: str, key: str) -> Signature | None:
    """The signature of a request for ``bucket`` and ``key``; None when it carries none that is known."""
    header = request.header("Authorization")
    if header.startswith("OSS "):
        access_key_id, _, given = header.removeprefix("OSS ").partition(":")
        return Signature(access_key_id, given, _v1_text(request, bucket, key))
    match = V4_HEADER.fullmatch(header)
    if match is None:
        return None
    scope = (match["date"], match["region"], match["product"])
    extra = (match["extra1"] or match["extra2"] or "").split(";")
    text = "\n".join(
        [
            "OSS4-HMAC-SHA256",
            request.header("x-oss-date"),
            "/".join([*scope, "aliyun_v4_request"]),
            hashlib.sha256(_v4_request(request, bucket, key, extra).encode()).hexdigest(),
        ]
    )
    return Signature(match["id"], match["signature"], text, scope)


def signed_at(request: Request) -> float | None:
    """When the client says it signed, in unix seconds; None when that cannot be read."""
    stamp = request.header("x-oss-date") or request.header("Date")
    try:
        if stamp.endswith("Z"):
            return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
        return parsedate_to_datetime(stamp).timestamp()
    except ValueError:
        return None


def _oss_headers(request: Request, extra: tuple[str, ...] = ()) -> str:
    headers = {name.lower(): _decoded(value).strip() for name, value in request.headers.items()}
    chosen = sorted(name for name in headers if name.startswith("x-oss-") or name in extra)
    return "".join(f"{name}:{headers[name]}\n" for name in chosen)


def _decoded(value: str) -> str:
    """A header's own characters: the HTTP parser reads bytes as Latin-1, clients sign UTF-8."""
    return value.encode("latin-1", "replace").decode("utf-8", "replace")


def _v1_text(request: Request, bucket: str, key: str) -> str:
    chosen = sorted((name, value) for name, value in request.query.items() if name in V1_SIGNED_PARAMETERS)
    parameters = "&".join(f"{name}={value}" if value else name for name, value in chosen)
    resource = (f"/{bucket}/{key}" if bucket else "/") + (f"?{parameters}" if parameters else "")
    date = request.header("x-oss-date") or request.header("Date")
    head = [request.method, request.header("Content-MD5"), request.header("Content-Type"), date]
    return "\n".join([*head, _oss_headers(request) + resource])


def _v4_request(request: Request, bucket: str, key: str, extra: list[str]) -> str:
    encoded = sorted((quote(name, safe="~"), quote(value, safe="~")) for name, value in request.query.items())
    parameters = "&".join(f"{name}={value}" if value else name for name, value in encoded)
    path = quote(f"/{bucket}/{key}" if bucket else "/", safe="/~")
    named = ";".join(sorted(name for name in extra if name))
    headers = _oss_headers(request, ("content-type", "content-md5", *extra))
    payload = request.header("x-oss-content-sha256") or "UNSIGNED-PAYLOAD"
    return "\n".join([request.method, path, parameters, headers, named, payload])
