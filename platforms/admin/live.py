"""What open pages ask every few seconds: how their publications stand now, all of them in one request."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest, JsonResponse

from platforms.admin.common.display import (
    clock,
    is_settled,
    note_text,
    progress_bar,
    sent_text,
    state_badge,
    state_note,
)
from platforms.admin.common.page import may_view
from platforms.models import Publication
from platforms.values import State

User = AbstractBaseUser | AnonymousUser

MOST = 200


def live(request: HttpRequest) -> JsonResponse:
    """`{"publications": [...]}` for `?ids=1,2,3`, at most 200; ids that the caller may not view are left out."""
    ids = [int(text) for text in request.GET.get("ids", "").split(",") if text.isdecimal() and len(text) < 19]
    rows = Publication.objects.select_related("account", "video").defer("account__credentials")
    rows = rows.filter(pk__in=ids[:MOST]).order_by("pk")
    if not may_view(request.user, "publication"):
        rows = rows.none()
    return JsonResponse({"publications": [as_live(publication) for publication in rows]})


def as_live(publication: Publication) -> dict[str, Any]:
    """One publication as `live.js` reads it; `parts` is the new content of its elements."""
    state = State(publication.state)
    next_run = publication.next_run_at
    return {
        "id": publication.pk,
        "state": state,
        "label": publication.get_state_display(),
        "final": is_settled(publication),
        "percent": publication.percent,
        "bytes": {
            "sent": publication.bytes_sent,
            "total": publication.bytes_total,
            "text": sent_text(publication),
        },
        "error": publication.error_text,
        "note": note_text(publication),
        "next_run": clock(next_run) if next_run else "",
        "parts": {
            "badge": state_badge(publication),
            "progress": progress_bar(publication),
            "note": state_note(publication),
        },
    }
