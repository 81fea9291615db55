"""Copies of subtitles as rows: what is wanted on which publication. Nobody is called here: see `pushing.py`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from platforms.contract import HasSubtitles
from platforms.models import CopyState, Publication, Subtitle, SubtitleCopy, Video
from platforms.registry import driver_class
from platforms.services.subtitles import content
from platforms.values import Platform, State, gettext_noop

LACKS = gettext_noop("%(platform)s has no subtitles.")
# Something is still to be done on the platform.
DUE = (CopyState.WAITING, CopyState.SENDING, CopyState.CHANGING, CopyState.REMOVING)
# The platform may have something of a publication in any other state.
NOTHING_THERE = (State.DRAFT, State.CANCELLED, State.DELETED, State.MISSING)


def platforms() -> list[str]:
    """The platforms that have subtitles."""
    return [platform.value for platform in Platform if has_subtitles(platform)]


def has_subtitles(platform: str) -> bool:
    return issubclass(driver_class(platform), HasSubtitles)


def why_none(platform: str) -> str:
    """That a platform has no subtitles, in the active language; empty when it has."""
    return "" if has_subtitles(platform) else _(LACKS) % {"platform": _(driver_class(platform).label)}


def wanted_state(copy: SubtitleCopy) -> CopyState:
    """Where a copy stands that the platform has: as it should be, or with something still to do."""
    subtitle = copy.subtitle
    if subtitle.removed_at:
        return CopyState.REMOVING
    differs = copy.remote_name != subtitle.name or (subtitle.is_default and not copy.remote_default)
    return CopyState.CHANGING if differs else CopyState.THERE


def expect(publication: Publication, *, anew: bool = False) -> None:
    """A publication is on its way to a platform: what its video has is wanted there too.

    `anew`: the platform has no video of it any more, and nothing of its copies.
    """
    if not has_subtitles(publication.account.platform):
        return
    mine = SubtitleCopy.objects.filter(publication=publication)
    if anew:
        mine.filter(subtitle__removed_at__isnull=False).delete()
        mine.update(state=CopyState.WAITING, asked_at=timezone.now(), **NOTHING_KNOWN)
    _add_missing(Subtitle.objects.filter(video=publication.video_id, removed_at=None), [publication])


# The columns of a copy of which the platform has nothing.
NOTHING_KNOWN: dict[str, Any] = {
    "remote_id": "", "remote_name": "", "remote_default": False, "before": [], "error": None,
}  # fmt: skip


def publications_of(video: Video) -> list[Publication]:
    """The video's publications on platforms that have subtitles, with their accounts."""
    rows = Publication.objects.filter(video=video, account__platform__in=platforms())
    return list(rows.select_related("account", "video").defer("account__credentials").order_by("account__name"))


def want(subtitles: Iterable[Subtitle], video: Video) -> None:
    """New subtitles of a video are wanted on all of its publications."""
    _add_missing(subtitles, publications_of(video))


def _add_missing(subtitles: Iterable[Subtitle], publications: list[Publication], **columns: Any) -> None:
    rows = [
        SubtitleCopy(publication=publication, subtitle=subtitle, **columns)
        for subtitle in subtitles
        for publication in publications
    ]
    SubtitleCopy.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)


def leave_out(subtitle: Subtitle) -> None:
    """What came from one platform goes to the others only when a person asks: there it is not."""
    _add_missing([subtitle], publications_of(subtitle.video), state=CopyState.MISSING)


def change(subtitle: Subtitle) -> None:
    """Its name or default has changed: what is there is to be changed."""
    there = SubtitleCopy.objects.filter(subtitle=subtitle).exclude(remote_id="")
    there.filter(state__in=(CopyState.THERE, CopyState.FAILED, CopyState.CHANGING)).update(
        state=CopyState.CHANGING, asked_at=timezone.now(), error=None
    )


def remove(subtitle: Subtitle) -> None:
    """The subtitle is removed: at once the rows of which no platform has anything, the others when it is done."""
    rows = SubtitleCopy.objects.filter(subtitle=subtitle)
    rows.filter(publication__state__in=NOTHING_THERE).delete()
    rows.filter(remote_id="").exclude(state=CopyState.SENDING).delete()
    rows.filter(state=CopyState.MISSING).delete()
    rows.exclude(state=CopyState.SENDING).update(state=CopyState.REMOVING, asked_at=timezone.now(), error=None)
    finish(subtitle)


def finish(subtitle: Subtitle) -> None:
    """A removed subtitle that no platform has any more is deleted, with its file."""
    with transaction.atomic():
        if subtitle.removed_at and not SubtitleCopy.objects.filter(subtitle=subtitle).exists():
            content.forget(subtitle)
            Subtitle.objects.filter(pk=subtitle.pk).delete()


def again(copy: SubtitleCopy) -> bool:
    """Ask once more for what has failed or vanished; False when there is nothing to ask for."""
    if copy.state not in (CopyState.FAILED, CopyState.MISSING, CopyState.THERE):
        return False
    columns: dict[str, Any] = {"error": None, "asked_at": timezone.now()}
    if copy.state == CopyState.MISSING:
        columns |= NOTHING_KNOWN | {"state": CopyState.WAITING}
    elif copy.remote_id:
        columns["state"] = CopyState.REMOVING if copy.subtitle.removed_at else CopyState.CHANGING
    else:
        # Of one whose answer was lost the platform's list is asked before it is sent again.
        columns["state"] = CopyState.SENDING if copy.remote_name else CopyState.WAITING
    return SubtitleCopy.objects.filter(pk=copy.pk, state=copy.state).update(**columns) == 1
