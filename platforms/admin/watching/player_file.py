"""The file of a video for a browser that plays it: whole, or in the ranges it asks for (RFC 9110, section 14)."""

from __future__ import annotations

import re
from itertools import chain

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, StreamingHttpResponse
from django.http.response import HttpResponseBase

from platforms.admin.common.parts import PageView
from platforms.contract import SourceAway, SourceChanged
from platforms.models import Video
from platforms.models.wording import render
from platforms.services.watching import preview
from platforms.services.watching.preview import NoFile, OpenFile

ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)
# No answer to a range is longer, whatever is asked for: browsers ask for the rest when they need it. So much fits into
# the buffers of a connection, and a player that has stopped reading holds no thread of the web server.
MOST_OF_A_RANGE = 1024 * 1024


class OutOfFile(ValueError):
    """The range begins behind the end of the file."""


def file_view(model_admin: admin.ModelAdmin[Video], request: HttpRequest, pk: int) -> HttpResponseBase:
    """The bytes, for whoever may view the video; 404 and 503 say why there are none."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    video = model_admin.get_object(request, str(pk))
    if not model_admin.has_view_or_change_permission(request, video):
        raise PermissionDenied
    if video is None:
        raise Http404
    try:
        return _answer(request, preview.open_file(video))
    except (SourceAway, SourceChanged) as error:
        return _sorry(NoFile.because(error))
    except NoFile as error:
        return _sorry(error)


def _answer(request: HttpRequest, file: OpenFile) -> HttpResponseBase:
    headers = {"Accept-Ranges": "bytes", "ETag": f'"{file.mark}"', "Content-Disposition": "inline"}
    try:
        span = span_of(request, file)
    except OutOfFile:
        file.close()
        return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{file.size}"})
    first, last = span or (0, file.size - 1)
    if span:
        headers["Content-Range"] = f"bytes {first}-{last}/{file.size}"
    headers["Content-Length"] = str(last + 1 - first)
    status = 206 if span else 200
    if request.method == "HEAD":
        file.close()
        return HttpResponse(status=status, headers=headers, content_type=file.content_type)
    # The first block is read before anything is answered, so that a storage that is away can still be told.
    blocks = file.blocks(first, last)
    return StreamingHttpResponse(
        chain([next(blocks)], blocks), status=status, headers=headers, content_type=file.content_type
    )


def span_of(request: HttpRequest, file: OpenFile) -> tuple[int, int] | None:
    """First and last offset to answer with, at most `MOST_OF_A_RANGE`; None: the whole file. Raises `OutOfFile`.

    Several ranges, and what is no range, count as none asked for.
    """
    asked = ONE_RANGE.fullmatch(request.headers.get("Range", "").strip())
    condition = request.headers.get("If-Range", "")
    if asked is None or asked.group() == "bytes=-" or condition not in ("", f'"{file.mark}"'):
        return None
    first, last = _offsets(asked[1], asked[2], file.size)
    if asked[1] and asked[2] and int(asked[2]) < first:
        return None
    if first >= file.size:
        raise OutOfFile
    return first, min(last, file.size - 1, first + MOST_OF_A_RANGE - 1)


def _offsets(first: str, last: str, size: int) -> tuple[int, int]:
    """“5-”, “5-9” and “-5”, the last five bytes; the second offset may lie behind the end."""
    if first:
        return int(first), int(last) if last else size - 1
    count = int(last)
    return (max(0, size - count), size - 1) if count else (size, size)


def _sorry(error: NoFile) -> HttpResponse:
    text = render(error.sentence.as_json())
    return HttpResponse(text, status=503 if error.passing else 404, content_type="text/plain; charset=utf-8")


FILE = PageView("<int:pk>/file/", "file", file_view)
