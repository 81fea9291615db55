"""What pages ask about incoming files: how they stand, as JSON."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse

from platforms.intake.entrance import for_staff, person
from platforms.intake.tus import address, mine_or_404
from platforms.models import Arrival, IncomingFile
from platforms.services.files import incoming


@for_staff("GET")
def files(request: HttpRequest) -> HttpResponse:
    """`{"files": [...]}`: the asking person's."""
    return JsonResponse({"files": [as_json(row, request) for row in incoming.mine(person(request))]})


@for_staff("GET")
def file(request: HttpRequest, pk: UUID) -> HttpResponse:
    return JsonResponse(as_json(mine_or_404(request, pk), request))


def as_json(row: IncomingFile, request: HttpRequest) -> dict[str, Any]:
    """One file as scripts read it; `percent` is null while nobody knows how large it is."""
    received = incoming.received(row)
    expires_at = incoming.expires_at(row)
    return {
        "id": str(row.pk),
        "name": row.name,
        "way": row.way,
        "state": Arrival.PAUSED if incoming.is_silent(row) else row.state,
        "received": received,
        "size": row.size,
        "percent": received * 100 // row.size if row.size else None,
        "error": row.error_text or None,
        "video": _video(row, request),
        "fingerprint": row.fingerprint,
        "url": address(row),
        "makes_video": row.makes_video,
        "created_at": row.created_at.isoformat(),
        "expires_at": expires_at.isoformat(),
    }


def _video(row: IncomingFile, request: HttpRequest) -> dict[str, Any] | None:
    if row.video is None:
        return None
    user = person(request)
    visible = user.has_perm("platforms.view_video") or user.has_perm("platforms.change_video")
    url = reverse("admin:platforms_video_change", args=[row.video.pk]) if visible else None
    return {"id": row.video.pk, "title": row.video.title, "url": url}
