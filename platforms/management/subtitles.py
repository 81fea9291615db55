"""What the commands about subtitles share."""

from __future__ import annotations

from django.utils.translation import gettext as _

from platforms.management.base import DONE, FAILED, BadInput
from platforms.models import CopyState, Subtitle, SubtitleCopy, Video
from platforms.services.subtitles import copies, keeping
from platforms.services.subtitles.languages import LANGUAGES


def find_video(pk: int) -> Video:
    """The video of this id."""
    if found := Video.objects.filter(pk=pk).first():
        return found
    raise BadInput(_("There is no video %(id)s.") % {"id": pk})


def find_subtitle(pk: int) -> Subtitle:
    """The subtitle of this id, unless it is removed."""
    found = Subtitle.objects.select_related("video").filter(pk=pk, removed_at=None).first()
    if found and keeping.of(found.video).filter(pk=pk).exists():
        return found
    raise BadInput(_("There is no subtitle %(id)s.") % {"id": pk})


def lines_of(subtitle: Subtitle) -> list[str]:
    """One subtitle on a line, and one for each publication."""
    mark = _("default") if subtitle.is_default else ""
    language = _(LANGUAGES.get(subtitle.language, subtitle.language))
    lines = ["  ".join(filter(None, (f"#{subtitle.pk}", subtitle.name, language, f".{subtitle.format}", mark)))]
    for copy in _copies(subtitle.pk):
        parts = (copy.publication.account.name, str(copy.get_state_display()), copy.remote_id, copy.error_text)
        lines.append("    " + "  ".join(filter(None, parts)))
    return lines


def lacking(video: Video) -> list[str]:
    """One line a publication whose platform has no subtitles."""
    rows = video.publications.select_related("account").order_by("account__name")
    reasons = ((row.account.name, copies.why_none(row.account.platform)) for row in rows)
    return [f"    {name}: {reason}" for name, reason in reasons if reason]


def outcome(pk: int) -> int:
    """The exit code: whether a platform has refused a copy of the subtitle of this id."""
    failed = any(copy.state == CopyState.FAILED for copy in _copies(pk))
    return FAILED if failed else DONE


def _copies(pk: int) -> list[SubtitleCopy]:
    rows = SubtitleCopy.objects.filter(subtitle=pk).select_related("publication__account")
    return list(rows.order_by("publication"))
