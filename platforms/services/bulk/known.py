"""What the hub already has: the same bytes as a video, or on an account."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from platforms.models import Account, BulkRow, Publication, Video
from platforms.services import publishing
from platforms.values import State

# In these the account's platform has none of the video, and nothing is under way.
NOT_THERE = (State.DRAFT, State.FAILED, State.CANCELLED, State.DELETED, State.MISSING)


def mark_text(path: str, mark: Sequence[int]) -> str:
    """One text for a file of the ingest folder in one state: where it lies, its size, and when it was written."""
    return hashlib.sha256(f"{mark}:{path}".encode()).hexdigest()


def md5_of(mark: str) -> str:
    """The md5 of a file that was taken in before and has not changed since; empty when that is not known."""
    taken = BulkRow.objects.filter(mark=mark).exclude(md5="").order_by("-pk")
    return str(taken.values_list("md5", flat=True).first() or "") if mark else ""


def video_of(md5: str) -> Video | None:
    """The video of these bytes that can be sent: the oldest whose file the hub has."""
    videos = Video.objects.filter(md5=md5).exclude(source="").order_by("pk") if md5 else Video.objects.none()
    return next((video for video in videos[:20] if publishing.has_file(video)), None)


def there(md5: str, account: Account) -> Publication | None:
    """The publication through which the account has these bytes, or will have them."""
    same = Publication.objects.filter(account=account, video__md5=md5).exclude(state__in=NOT_THERE)
    return same.select_related("video").order_by("pk").first() if md5 else None
