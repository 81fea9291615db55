"""Rows as JSON, the same for every command."""

from __future__ import annotations

from typing import Any

from platforms.models import Account, Publication, Video
from platforms.models.wording import render
from platforms.services import budgets
from platforms.values import AccountReport


def publication(row: Publication) -> dict[str, Any]:
    """One publication; `error` is None or `{"kind", "code", "message"}`, `links` holds what there is of page, embed."""
    return {
        "id": row.pk,
        "video": row.video_id,
        "account": row.account.name,
        "platform": row.account.platform,
        "state": row.state,
        "remote_id": row.remote_id,
        "bytes_total": row.bytes_total,
        "bytes_sent": row.bytes_sent,
        "percent": row.percent,
        "attempts": row.attempts,
        "upload_seconds": round(row.upload_seconds, 2),
        "error": error(row.error),
        "links": row.links,
    }


def error(stored: dict[str, Any] | None) -> dict[str, str] | None:
    """A stored error as kind, code and message in the active language."""
    if not stored:
        return None
    return {"kind": stored.get("kind", ""), "code": stored.get("code", ""), "message": render(stored)}


def video(row: Video) -> dict[str, Any]:
    """One video with the facts of its file; `duration` in seconds."""
    return {
        "id": row.pk,
        "title": row.title,
        "file": row.original_name,
        "size": row.size,
        "md5": row.md5,
        "duration": row.duration,
        "width": row.width,
        "height": row.height,
    }


def account(row: Account, report: AccountReport) -> dict[str, Any]:
    """An account that works, as its platform describes it; `quota` in bytes."""
    expires, use = row.token_expires_at, budgets.use_of(row)
    return {
        "account": row.name,
        "platform": row.platform,
        "ok": True,
        "message": render(report.sentence.as_json()),
        "token_expires_at": expires.isoformat() if expires else None,
        "quota": dict(row.quota),
        "calls_per_hour": row.calls_per_hour,
        "calls_this_hour": use.made,
        "following_waits_until": use.waits_until.isoformat() if use.waits_until else None,
    }
