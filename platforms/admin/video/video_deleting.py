"""Deleting videos from the hub: what keeps each of them, and doing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import admin
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from platforms.admin.common.display import bytes_text, link, platform_label, state_badge
from platforms.admin.common.page import may, show
from platforms.admin.publication.verbs import Tally
from platforms.models import Publication, Video
from platforms.services import removal, videos

DONE = ngettext_lazy("%(count)d video deleted from the hub.", "%(count)d videos deleted from the hub.", "count")


@dataclass(frozen=True, slots=True)
class Keeper:
    """A publication that keeps its video in the hub, and why."""

    publication: SafeString
    platform: SafeString
    state: SafeString
    reason: str


@dataclass(frozen=True, slots=True)
class Fate:
    """One video of the page that asks; it can go when nothing keeps it."""

    video: SafeString
    size: str
    history: int
    keepers: list[Keeper]


def ask(model_admin: admin.ModelAdmin[Video], request: HttpRequest, chosen: Sequence[Video]) -> HttpResponse:
    """The page that lists the videos, what keeps them, and asks."""
    fates = [_fate(video) for video in chosen]
    free = [video for video, fate in zip(chosen, fates, strict=True) if not fate.keepers]
    return show(
        model_admin, request, "video/delete.html", _("Delete from the hub"),
        going=[fate for fate in fates if not fate.keepers],
        kept=[fate for fate in fates if fate.keepers],
        ids=",".join(str(video.pk) for video in free),
        removable=_removable(request, chosen),
        original=chosen[0] if len(chosen) == 1 else None,
    )  # fmt: skip


def _removable(request: HttpRequest, chosen: Sequence[Video]) -> str:
    """The publications that can be deleted on their platforms right away, for the page that asks about them."""
    if not may(request.user, "delete"):
        return ""
    rows = (row for video in chosen for row in video.publications.all())
    return ",".join(str(row.pk) for row in rows if not removal.why_not(row))


def delete(request: HttpRequest, chosen: Sequence[Video]) -> None:
    """Delete the videos that nothing keeps, and say how many."""
    tally, actor = Tally(), request.user.get_username()
    for video in chosen:
        title, pk = str(video), video.pk
        if videos.delete(video, actor=actor):
            _log(request, pk, title)
            tally.done += 1
        else:
            tally.skipped[_("it is still on a platform or on its way there.")] += 1
    tally.tell(request, DONE)


def _log(request: HttpRequest, pk: int, title: str) -> None:
    LogEntry.objects.create(
        user_id=int(request.user.pk or 0), content_type=ContentType.objects.get_for_model(Video), object_id=str(pk),
        object_repr=title[:200], action_flag=DELETION,
    )  # fmt: skip


def _fate(video: Video) -> Fate:
    publications: list[Publication] = list(video.publications.all())
    keepers = [
        Keeper(link(row, row.account.name), platform_label(row.account.platform), state_badge(row), reason)
        for row in publications
        if (reason := videos.why_not_delete(row))
    ]
    return Fate(link(video), bytes_text(video.size), len(publications) - len(keepers), keepers)
