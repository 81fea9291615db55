"""What the answers of buckets mean: the codes that Aliyun OSS and S3 share, and what follows from the status alone."""

from __future__ import annotations

from platforms.contract import SourceAway, SourceChanged
from platforms.storage.bucket import OTHER_OBJECT, Missing, UploadGone
from platforms.values import gettext_noop, say

UNREACHABLE = gettext_noop("The storage of the video files cannot be reached (%(reason)s).")
FAULT = gettext_noop("The storage of the video files reports a fault of its own (%(code)s).")
NO_ENTRY = gettext_noop(
    "The storage of the video files does not let the hub in (%(code)s): whoever runs the hub has to look at its key."
)
NO_BUCKET = gettext_noop(
    "The storage of the video files has no such bucket (%(code)s): whoever runs the hub has to look at the settings."
)
REFUSES = gettext_noop("The storage of the video files refuses what the hub asks for (%(code)s).")

OBJECT_MISSING = frozenset({"NoSuchKey", "404"})
BUCKET_MISSING = frozenset({"NoSuchBucket", "InvalidBucketName"})
UPLOAD_MISSING = frozenset({"NoSuchUpload"})
CHANGED = frozenset({"PreconditionFailed", "InvalidRange", "412", "416"})
SLOW_DOWN = frozenset({"SlowDown", "RequestTimeout", "OperationAborted", "InternalError", "ServiceUnavailable"})


def trouble_of(code: str, status: int) -> Exception:
    """The error for an answer with this code (empty: none was given) and status."""
    code = code or str(status)
    if code in UPLOAD_MISSING:
        return UploadGone(code)
    if code in OBJECT_MISSING:
        return Missing()
    if code in CHANGED:
        return SourceChanged(OTHER_OBJECT)
    if code in BUCKET_MISSING:
        return SourceAway(say(NO_BUCKET, code=code))
    if status >= 500 or status == 429 or code in SLOW_DOWN:
        return SourceAway(say(FAULT, code=code), passing=True)
    return SourceAway(say(NO_ENTRY if status in (401, 403) else REFUSES, code=code))


def unreachable(error: BaseException) -> SourceAway:
    """The error for an exchange that broke. The original is dropped: its text may hold signed addresses."""
    return SourceAway(say(UNREACHABLE, reason=type(error).__name__), passing=True)
