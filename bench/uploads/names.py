"""Who is compared: the names of the command line, and what tables call them."""

from __future__ import annotations

from collections.abc import Mapping

CURL, MD5, SENDFILE = "curl", "md5", "sendfile"
#: Ours: the protocol of each.
OURS: Mapping[str, str] = {
    "hub-slices": "slices",
    "hub-oss": "oss",
    "hub-ranges": "ranges",
    "hub-chunks": "chunks",
}
LABELS: Mapping[str, str] = {
    SENDFILE: "sendfile (what the sink takes)",
    CURL: "curl, one POST",
    MD5: "openssl md5, nothing sent",
    "youku-sdk": "youku 0.1.1",
    "hub-slices": "MediaHub, Youku slices",
    "oss2-1": "oss2.resumable_upload, 1 thread",
    "oss2-8": "oss2.resumable_upload, 8 threads",
    "hub-oss": "MediaHub, Youku OSS",
    "iqiyi-post": "iQiyi, requests, one POST",
    "iqiyi-ranges": "iQiyi, requests, 1 MiB ranges",
    "hub-ranges": "MediaHub, iQiyi ranges",
    "baijiayun-form": "Baijiayun, requests, files=",
    "hub-chunks": "MediaHub, Baijiayun",
}
NAMES = tuple(LABELS)
#: Those that a slow line says nothing about: one sends nothing, the other is there to know the sink.
FAST_ONLY = frozenset({MD5, SENDFILE})
