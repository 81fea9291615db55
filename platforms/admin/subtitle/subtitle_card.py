"""The card of a video's page that shows its subtitles and how they stand on each publication."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from platforms.admin.common.display import badge, bytes_text, clock, platform_label, when
from platforms.admin.common.page import may, may_view
from platforms.admin.common.parts import Panel
from platforms.admin.publication.rows import Button
from platforms.models import CopyState, Operation, Publication, Subtitle, SubtitleCopy, Video
from platforms.models.wording import joined, render
from platforms.services.operations.kind import THERE
from platforms.services.subtitles import asking, copies
from platforms.services.subtitles.languages import LANGUAGES

MEDIA = forms.Media(css={"all": ("mediahub/subtitles.css",)}, js=("mediahub/subtitles.js",))
COLOURS = {
    CopyState.WAITING: "queued", CopyState.SENDING: "running", CopyState.THERE: "good", CopyState.CHANGING: "queued",
    CopyState.REMOVING: "queued", CopyState.FAILED: "bad", CopyState.MISSING: "attention",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CopyRow:
    """How one subtitle stands on one publication."""

    account: SafeString
    state: SafeString
    note: str
    buttons: list[Button]


@dataclass(frozen=True, slots=True)
class Row:
    """One subtitle; one that is `removed` is still on a platform."""

    subtitle: Subtitle
    language: str
    facts: str
    added: SafeString
    removed: bool
    remarks: list[tuple[int, str]]
    copies: list[CopyRow]
    buttons: list[Button]
    downloads: list[tuple[str, str]]


def panel(request: HttpRequest, video: Video) -> Panel | None:
    """The card; without subtitles it says what they are for."""
    subtitles = list(Subtitle.objects.filter(video=video).order_by("removed_at", "-is_default", "id"))
    publications = list(video.publications.all())
    allowed = may(request.user, "change", "video")
    rows = _rows(subtitles, publications, allowed)
    return Panel(
        "video/subtitles.html",
        {
            "rows": rows,
            "add_url": _url("subtitles_add", video.pk) if allowed else "",
            "sync_url": _url("subtitles_sync", video.pk) if allowed and _can_be_asked(publications) else "",
            "lacking": _lacking(publications) if subtitles else [],
            "is_pending": SubtitleCopy.objects.filter(subtitle__in=subtitles, state__in=copies.DUE).exists(),
        },
        MEDIA,
    )


def publication_panel(request: HttpRequest, publication: Publication) -> Panel | None:
    """How the video's subtitles stand on one publication; nothing for a video without subtitles."""
    subtitles = list(Subtitle.objects.filter(video=publication.video_id))
    if not subtitles:
        return None
    allowed = may(request.user, "change", "video")
    rows = _rows(subtitles, [publication], allowed)
    return Panel(
        "publication/subtitles.html",
        {
            "rows": [(row.subtitle, row.copies[0]) for row in rows if row.copies],
            "lacking": copies.why_none(publication.account.platform),
            "video_url": _url("change", publication.video_id) + "#subtitles" if may_view(request.user, "video") else "",
        },
        MEDIA,
    )


def _can_be_asked(publications: Iterable[Publication]) -> bool:
    return any(row.state in THERE and copies.has_subtitles(row.account.platform) for row in publications)


def _lacking(publications: Iterable[Publication]) -> list[str]:
    """One line a platform of the video's that has no subtitles."""
    return list(dict.fromkeys(filter(None, (copies.why_none(row.account.platform) for row in publications))))


def _rows(subtitles: list[Subtitle], publications: list[Publication], allowed: bool) -> list[Row]:
    by_id = {row.pk: row for row in publications}
    found: dict[int, list[SubtitleCopy]] = {}
    for copy in SubtitleCopy.objects.filter(subtitle__in=subtitles, publication__in=by_id).order_by("publication_id"):
        found.setdefault(copy.subtitle_id, []).append(copy)
    open_ones = asking.open_operations(subtitles)
    return [_row(one, found.get(one.pk, []), by_id, open_ones, allowed) for one in subtitles]


def _row(
    subtitle: Subtitle,
    found: list[SubtitleCopy],
    publications: Mapping[int, Publication],
    open_ones: Mapping[int, Operation],
    allowed: bool,
) -> Row:
    rows = []
    for copy in found:
        copy.subtitle, copy.publication = subtitle, publications[copy.publication_id]
        rows.append(_copy_row(copy, open_ones.get(copy.publication_id), allowed))
    removed = subtitle.removed_at is not None
    return Row(
        subtitle,
        _(LANGUAGES.get(subtitle.language, subtitle.language)),
        _facts(subtitle),
        format_html("{} {}", when(subtitle.created_at), subtitle.created_by),
        removed,
        [(remark["line"], render(remark)) for remark in subtitle.remarks],
        rows,
        buttons(subtitle) if allowed and not removed else [],
        [] if removed else downloads(subtitle),
    )


def _facts(subtitle: Subtitle) -> str:
    cues = _("%(count)s cues") % {"count": subtitle.cues}
    return " · ".join((f".{subtitle.format}", bytes_text(subtitle.size), cues))


def _copy_row(copy: SubtitleCopy, operation: Operation | None, allowed: bool) -> CopyRow:
    account = copy.publication.account
    state = CopyState(copy.state)
    return CopyRow(
        format_html("{} {}", platform_label(account.platform), account),
        _badge(copy, state),
        _note(copy, operation),
        [Button(str(text), _url("subtitle_copy_again", copy.subtitle.video_id, copy.pk))]
        if allowed and (text := _again_label(copy))
        else [],
    )


def _badge(copy: SubtitleCopy, state: CopyState) -> SafeString:
    if state == CopyState.THERE and differs(copy):
        return badge("attention", _("Different on the platform"))
    return badge(COLOURS[state], state.label)


def differs(copy: SubtitleCopy) -> bool:
    """Whether the platform has it otherwise than the hub."""
    return copies.wanted_state(copy) != CopyState.THERE


def _again_label(copy: SubtitleCopy) -> str:
    if copy.state == CopyState.FAILED:
        return _("Try again")
    if copy.state == CopyState.MISSING:
        return _("Send it")
    return _("Send ours") if copy.state == CopyState.THERE and differs(copy) else ""


def _note(copy: SubtitleCopy, operation: Operation | None) -> str:
    """Why it stands where it does, and what comes next."""
    publication = copy.publication
    if copy.state in copies.DUE and publication.state not in THERE:
        return _("Waits until the platform has the video.")
    if copy.state in copies.DUE and operation:
        reason = render(operation.error)
        later = operation.next_run_at if operation.attempts else None
        next_try = _("Next try at %(time)s.") % {"time": clock(later)} if later else ""
        return joined([reason, next_try])
    if copy.state == CopyState.THERE and differs(copy):
        return _difference(copy)
    return copy.error_text


def _difference(copy: SubtitleCopy) -> str:
    if copy.remote_name != copy.subtitle.name:
        return _("There it is called “%(name)s”.") % {"name": copy.remote_name}
    return _("There it is not shown at first.")


def buttons(subtitle: Subtitle) -> list[Button]:
    """What can be done with a subtitle."""
    place = (subtitle.video_id, subtitle.pk)
    found = [Button(_("Edit…"), _url("subtitle_change", *place), asks=True)]
    if not subtitle.is_default:
        found.append(Button(_("Make default"), _url("subtitle_default", *place)))
    return [*found, Button(_("Delete…"), _url("subtitle_delete", *place), asks=True, danger=True)]


def downloads(subtitle: Subtitle) -> list[tuple[str, str]]:
    """Format and address of each."""
    url = _url("subtitle", subtitle.video_id, subtitle.pk)
    return [(f".{kind}", f"{url}?as={kind}") for kind in ("vtt", "srt")]


def _url(name: str, *place: Any) -> str:
    return reverse(f"admin:platforms_video_{name}", args=place)
