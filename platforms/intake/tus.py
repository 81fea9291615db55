"""Resumable uploads from the browser: the server's side of tus 1.0 (https://tus.io/protocols/resumable-upload).

Core, creation, termination and expiration. How far a file is, is its length on the disk; one request at a time appends.
"""

from __future__ import annotations

import base64
import binascii
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import http_date
from django.utils.translation import gettext as _

from platforms.intake.entrance import LARGEST_PIECE, Stop, blocks, chosen_template, for_staff, person
from platforms.models import Arrival, IncomingFile, Way
from platforms.services.files import incoming
from platforms.values import say

VERSION = "1.0.0"
EXTENSIONS = "creation,termination,expiration"
PIECE_TYPE = "application/offset+octet-stream"


@for_staff("OPTIONS", "POST")
def files(request: HttpRequest) -> HttpResponse:
    """What the server can do; a new file."""
    if request.method == "OPTIONS":
        response = _answer(204)
        response["Tus-Version"], response["Tus-Extension"] = VERSION, EXTENSIONS
        if settings.INTAKE_MAX_BYTES:
            response["Tus-Max-Size"] = str(settings.INTAKE_MAX_BYTES)
        return response
    _check_version(request)
    metadata = _metadata(request.headers.get("Upload-Metadata", ""))
    row = incoming.begin(
        person(request), Way.BROWSER, metadata.get("filename", ""), _number(request, "Upload-Length"),
        fingerprint=metadata.get("fingerprint", ""), makes_video=metadata.get("makes_video") == "1",
        template=chosen_template(metadata.get("template")),
    )  # fmt: skip
    response = _answer(201, row)
    response["Location"] = address(row)
    return response


@for_staff("HEAD", "PATCH", "DELETE")
def file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How far a file is; more of it; away with it."""
    _check_version(request)
    row = mine_or_404(request, pk)
    if request.method == "DELETE":
        incoming.remove(row)
        return _answer(204)
    if row.way != Way.BROWSER:
        raise Stop(403, _("The hub fetches this file itself."))
    return _look(row) if request.method == "HEAD" else _append(request, row)


def _look(row: IncomingFile) -> HttpResponse:
    if incoming.is_over(row):
        raise incoming.Over(say(incoming.GONE))
    incoming.finish(row)
    response = _answer(200, row)
    response["Upload-Offset"], response["Upload-Length"] = str(incoming.received(row)), str(row.size)
    return response


def _append(request: HttpRequest, row: IncomingFile) -> HttpResponse:
    if request.content_type != PIECE_TYPE:
        raise Stop(415, _("A piece of a file has the type %(type)s.") % {"type": PIECE_TYPE})
    if not request.headers.get("Content-Length"):
        raise Stop(411, _("A piece of a file says how long it is."))
    if _number(request, "Content-Length") > LARGEST_PIECE:
        raise Stop(413, _("A piece of a file has at most %(bytes)d bytes.") % {"bytes": LARGEST_PIECE})
    offset = _number(request, "Upload-Offset")
    if row.state in (Arrival.READY, Arrival.TAKEN):
        if offset != row.size:
            raise incoming.WrongOffset(say(incoming.WRONG_OFFSET))
        landed = offset
    else:
        landed = incoming.receive(row, offset, blocks(request))
    response = _answer(204, row)
    response["Upload-Offset"] = str(landed)
    return response


def address(row: IncomingFile) -> str:
    """Where a file is continued."""
    return reverse("intake:file", args=[row.pk])


def mine_or_404(request: HttpRequest, pk: UUID) -> IncomingFile:
    """The asking person's file: nobody else continues, sees or removes it."""
    row = incoming.of(person(request), pk)
    if row is None:
        raise Stop(404, _("The hub does not have this file, or somebody else began it."))
    return row


def _answer(status: int, row: IncomingFile | None = None) -> HttpResponse:
    response = HttpResponse(status=status)
    response["Tus-Resumable"] = VERSION
    if row is not None:
        response["Upload-Expires"] = http_date(incoming.expires_at(row).timestamp())
    return response


def _check_version(request: HttpRequest) -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        raise Stop(412, _("This server speaks tus %(version)s.") % {"version": VERSION}, Tus_Version=VERSION)


def _number(request: HttpRequest, name: str) -> int:
    value = request.headers.get(name, "")
    if not (value.isascii() and value.isdecimal() and len(value) < 19):
        raise Stop(400, _("The header %(name)s is missing or no number.") % {"name": name})
    return int(value)


def _metadata(header: str) -> dict[str, str]:
    """Pairs of a key and a value in base64, separated by commas; a key may stand alone."""
    found = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        key, _space, value = pair.partition(" ")
        try:
            found[key] = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise Stop(400, _("The header %(name)s cannot be read.") % {"name": "Upload-Metadata"}) from None
    return found
