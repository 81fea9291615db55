"""Subtitles as JSON, the same for every command."""

from __future__ import annotations

from typing import Any

from platforms.models import Publication, Subtitle, SubtitleCopy
from platforms.models.wording import render
from platforms.services import reports
from platforms.services.subtitles import copies


def subtitle(row: Subtitle) -> dict[str, Any]:
    """One subtitle with its copies, what its check found by line, and the publications whose platform has none."""
    found = SubtitleCopy.objects.filter(subtitle=row.pk).select_related("publication__account").order_by("publication")
    others = row.video.publications.exclude(account__platform__in=copies.platforms()).select_related("account")
    return {
        "id": row.pk,
        "video": row.video_id,
        "language": row.language,
        "name": row.name,
        "format": row.format,
        "default": row.is_default,
        "cues": row.cues,
        "size": row.size,
        "warnings": [{"line": one["line"], "message": render(one)} for one in row.remarks],
        "copies": [copy(one) for one in found],
        "skipped": [_skipped(one) for one in others.order_by("account__name")],
    }


def copy(row: SubtitleCopy) -> dict[str, Any]:
    """How a subtitle stands on one publication; `error` as that of a publication."""
    account = row.publication.account
    return {
        "publication": row.publication_id,
        "account": account.name,
        "platform": account.platform,
        "state": row.state,
        "remote_id": row.remote_id or None,
        "error": reports.error(row.error),
    }


def _skipped(row: Publication) -> dict[str, Any]:
    platform = row.account.platform
    return {
        "publication": row.pk,
        "account": row.account.name,
        "platform": platform,
        "reason": copies.why_none(platform),
    }
