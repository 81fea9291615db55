"""Files that the hub fetches itself: from an http(s) address; paused, and gone on with."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from platforms.intake.entrance import Stop, as_asked, for_staff, person
from platforms.intake.folder import body, text
from platforms.intake.lists import as_json
from platforms.intake.tus import mine_or_404
from platforms.services.fetching import starting
from platforms.services.fetching.troubles import Refused


@for_staff("POST")
def address(request: HttpRequest) -> HttpResponse:
    """`{"address": "https://...", "makes_video": false}`: the file, as it begins to arrive."""
    asked = body(request)
    given = asked.get("address")
    if not isinstance(given, str) or not given.strip():
        raise Stop(400, _("The address is missing."))
    try:
        row = starting.fetch_address(person(request), given, **as_asked(asked))
    except Refused as refused:
        raise Stop(400, text(refused.sentence)) from None
    return JsonResponse(as_json(row, request), status=201)


@for_staff("POST")
def pause(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Stop fetching; what has landed stays."""
    row = mine_or_404(request, pk)
    if not starting.pause(row):
        raise Stop(409, _("The hub is not fetching this file."))
    return JsonResponse(as_json(row, request))


@for_staff("POST")
def resume(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Go on with a paused file; begin a failed one again."""
    row = mine_or_404(request, pk)
    if not starting.resume(row):
        raise Stop(409, _("This file is neither paused nor failed."))
    return JsonResponse(as_json(row, request))
