"""Where video files are kept, as the environment says it: the storage behind STORAGES["default"], typed and checked."""

from __future__ import annotations

import importlib.util
import re
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from mediahub import environment

VARIABLES = (
    *("MEDIA_BUCKET", "MEDIA_ENDPOINT", "MEDIA_REGION"),
    *("MEDIA_KEY_ID", "MEDIA_KEY_SECRET", "MEDIA_PREFIX"),
)
#: What each kind needs beside itself. The region of an OSS endpoint is read off its name.
NEEDS: dict[str, tuple[str, ...]] = {
    "disk": (),
    "oss": ("MEDIA_BUCKET", "MEDIA_ENDPOINT", "MEDIA_KEY_ID", "MEDIA_KEY_SECRET"),
    "s3": ("MEDIA_BUCKET", "MEDIA_REGION", "MEDIA_KEY_ID", "MEDIA_KEY_SECRET"),
}
BACKENDS = {
    "disk": "platforms.storage.disk.DiskStorage",
    "oss": "platforms.storage.oss.OssStorage",
    "s3": "platforms.storage.s3.S3Storage",
}
OSS_REGION = re.compile(r"oss-([a-z]+-[a-z0-9-]+?)(-internal)?\.aliyuncs\.com")
# What both protocols take as the name of a bucket.
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


def chosen() -> dict[str, Any]:
    """The storage as Django's STORAGES wants it; raises ImproperlyConfigured in one sentence, without secrets."""
    kind = environment.choice("MEDIA_STORAGE", "disk", NEEDS)
    given = {name: environment.text(name).strip() for name in VARIABLES}
    path_style = environment.flag("MEDIA_PATH_STYLE")
    missing = [name for name in NEEDS[kind] if not given[name]]
    if missing:
        raise ImproperlyConfigured(f"MEDIA_STORAGE={kind} also needs {', '.join(missing)}: not set. See .env.example.")
    if kind == "disk":
        return {"BACKEND": BACKENDS[kind]}
    endpoint = _endpoint(given["MEDIA_ENDPOINT"])
    options: dict[str, Any] = {
        "bucket": _bucket(given["MEDIA_BUCKET"]),
        "endpoint": endpoint,
        "region": given["MEDIA_REGION"] or _region_of(endpoint),
        "key_id": given["MEDIA_KEY_ID"],
        "key_secret": given["MEDIA_KEY_SECRET"],
        "prefix": _prefix(given["MEDIA_PREFIX"]),
    }
    if kind == "s3":
        _check_packages()
        options["path_style"] = path_style
    return {"BACKEND": BACKENDS[kind], "OPTIONS": options}


def _region_of(endpoint: str) -> str:
    named = OSS_REGION.fullmatch(urlsplit(endpoint).hostname or "")
    if named is None:
        raise ImproperlyConfigured("MEDIA_REGION is not set, and MEDIA_ENDPOINT does not name one such as cn-hangzhou.")
    return named[1]


def _check_packages() -> None:
    if importlib.util.find_spec("storages") is None or importlib.util.find_spec("boto3") is None:
        raise ImproperlyConfigured(
            "MEDIA_STORAGE=s3 needs more packages: .venv/bin/python -m pip install -r requirements-s3.txt"
        )


def _bucket(name: str) -> str:
    if not BUCKET.fullmatch(name):
        raise ImproperlyConfigured(f"MEDIA_BUCKET must be the name of a bucket, without any address: {name!r}")
    return name


def _endpoint(address: str) -> str:
    """With its scheme; "" when it is not set."""
    address = address.rstrip("/")
    if not address:
        return ""
    parts = urlsplit(address if "://" in address else f"https://{address}")
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query or parts.username:
        # It may hold a key and is not repeated.
        raise ImproperlyConfigured(
            "MEDIA_ENDPOINT must be an address such as https://oss-cn-hangzhou.aliyuncs.com, without the bucket."
        )
    return parts.geturl()


def _prefix(prefix: str) -> str:
    """What stands in front of every name; it ends with a slash unless it is empty."""
    prefix = prefix.strip("/")
    if not re.fullmatch(r"[\w./-]*", prefix, re.ASCII) or ".." in prefix:
        raise ImproperlyConfigured(f"MEDIA_PREFIX must be a path of letters, digits, - and _: {prefix!r}")
    return f"{prefix}/" if prefix else ""
