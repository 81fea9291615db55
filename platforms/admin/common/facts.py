"""What forms and pages say about files, durations, categories and options, in words."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.translation import gettext as _

from platforms.admin.common.display import NOTHING, bytes_text, link, listed, when
from platforms.models import Publication, Video
from platforms.services import publishing
from platforms.services.categories import tree
from platforms.services.files import storing
from platforms.services.files.media import KeptFile
from platforms.services.progress import IMPORTED
from platforms.values import Field, PlayAddress

HIDDEN = "••••••"


def duration_text(seconds: float | None) -> str:
    """“1:02:03” or “0:05”; a dash when it is not known."""
    if seconds is None:
        return NOTHING
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def picture_text(facts: KeptFile | Video | PlayAddress) -> str:
    """“640×360”; empty for a file without a picture."""
    return f"{facts.width}×{facts.height}" if facts.width and facts.height else ""


def file_text(facts: KeptFile | Video) -> str:
    """“1.2 MB, 0:05, 640×360”, as far as it is known."""
    duration = duration_text(facts.duration) if facts.duration is not None else ""
    return listed(part for part in (bytes_text(facts.size), duration, picture_text(facts)) if part)


def file_facts(video: Video) -> list[tuple[str, str]]:
    """What is known about a video's file and where it came from, as (label, value)."""
    if publishing.was_imported(video):
        return _origin(video)
    coding = listed(part for part in (video.container, video.codecs) if part)
    return [
        (_("Name"), video.original_name or NOTHING),
        (_("Size"), bytes_text(video.size)),
        (_("Duration"), duration_text(video.duration)),
        (_("Picture"), picture_text(video) or NOTHING),
        (_("Format"), coding or NOTHING),
        (_("md5"), format_html("<code>{}</code>", video.md5 or NOTHING)),
        (_("Added by"), str(video.created_by or NOTHING)),
        (_("Added"), when(video.created_at)),
        *_way_of(video),
    ]


def _origin(video: Video) -> list[tuple[str, str]]:
    """Of a video that the hub never had the file of."""
    return [
        (_("Imported from"), link(video.imported_from)),
        (_("Duration"), duration_text(video.duration)),
        (_("On the platform since"), when(video.created_at)),
    ]


def _way_of(video: Video) -> list[tuple[str, str]]:
    """Where the file is while it is not yet where files are kept."""
    errand = storing.coming(video)
    if errand is None:
        return []
    return [(_("Storage"), errand.error_text or _("The file is on its way there; uploads begin once it has arrived."))]


def known_from(publication: Publication) -> str:
    """Who or what has told the state; empty while nobody has."""
    if publication.state_source == IMPORTED:
        return _("imported from %(account)s") % {"account": publication.account.name}
    return publication.state_source


def category_text(publication: Publication) -> str:
    """The category's path for staff; a dash without one."""
    return tree.named(publication.account, publication.category) if publication.category else NOTHING


def readable_options(publication: Publication) -> list[tuple[str, str]]:
    """The publication's options as (label, value) in the reader's language, in the order of the form."""
    fields = publishing.publish_options(publication.account.platform)
    chosen = {name: str(value) for name, value in publication.options.items()}
    return [(_(field.label), _value_text(field, chosen[field.name])) for field in fields if chosen.get(field.name)]


def _value_text(field: Field, value: str) -> str:
    if field.kind == "secret":
        return HIDDEN
    if field.kind == "flag":
        return _("yes") if value == "1" else _("no")
    labels = {choice.value: _(choice.label) for choice in field.choices}
    if field.kind == "choices":
        return listed(labels.get(part, part) for part in value.split(","))
    return labels.get(value, value)
