"""Starting videos from templates: what their patterns become, and to which accounts the videos go.

A pattern is a text with placeholders in braces, filled in for each video: see `PLACEHOLDERS`. `{number:3}` is padded
with zeros to three digits; `{{` and `}}` stand for braces.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import PurePath

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from platforms.models import Publication, TemplateTarget, Video, VideoTemplate
from platforms.services import publishing
from platforms.services.categories import mapping
from platforms.services.publishing import Metadata, Target
from platforms.values import gettext_noop

#: What a placeholder stands for, as an English message id.
PLACEHOLDERS: Mapping[str, str] = {
    "name": gettext_noop("the name of the file, without its extension"),
    "number": gettext_noop("a running number; {number:3} has three digits"),
    "date": gettext_noop("the day, such as 2024-09-01"),
    "year": gettext_noop("the year"),
    "month": gettext_noop("the month, two digits"),
    "day": gettext_noop("the day of the month, two digits"),
}
MOST_DIGITS = 9
LONGEST = {"title": 200, "description": 4000, "tags": 500}


class BadPattern(ValueError):
    """A text is no pattern; the message says why in the active language."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What placeholders are filled with: the file's name with or without its extension, the number, the local day."""

    file_name: str
    number: int
    day: date


@dataclass(frozen=True, slots=True)
class Filled:
    """A template filled in for one video."""

    metadata: Metadata
    targets: tuple[Target, ...]


def find(name: str) -> VideoTemplate | None:
    """The template that people call so, in any case; None when there is none."""
    exact = VideoTemplate.objects.filter(name=name.strip()).first()
    return exact or VideoTemplate.objects.filter(name__iexact=name.strip()).first()


class Known:
    """All templates and where they send videos, read once, in two statements."""

    def __init__(self) -> None:
        rows = list(VideoTemplate.objects.order_by("name"))
        self._exactly = {row.name: row for row in rows}
        self._in_any_case: dict[str, VideoTemplate] = {}
        for row in rows:
            self._in_any_case.setdefault(row.name.casefold(), row)

    def find(self, name: str) -> VideoTemplate | None:
        """As the function of this name."""
        return self._exactly.get(name.strip()) or self._in_any_case.get(name.strip().casefold())

    def targets(self, template: VideoTemplate) -> list[Target]:
        """As the function of this name."""
        return [_target(row) for row in self._rows.get(template.pk, ())]

    @cached_property
    def _rows(self) -> dict[int, list[TemplateTarget]]:
        found: dict[int, list[TemplateTarget]] = {}
        for row in _complete(TemplateTarget.objects.all()):
            found.setdefault(row.template_id, []).append(row)
        return found


def facts(file_name: str, number: int, day: date | None = None) -> Facts:
    """What one video is filled in with; without a day it is today."""
    return Facts(file_name, number, day or timezone.localdate())


def fill(template: VideoTemplate, about: Facts) -> Filled:
    """The metadata of one video and where it goes. Changes nothing: see `take_numbers`."""
    return Filled(metadata(template, about), tuple(targets(template)))


def metadata(template: VideoTemplate, about: Facts) -> Metadata:
    """The metadata of one video; a title that the pattern leaves empty is the file's name."""
    patterns = Metadata(template.title, template.description, template.tags, template.category_id)
    return filled_in(patterns, about)


def filled_in(patterns: Metadata, about: Facts) -> Metadata:
    """Metadata whose texts are patterns, filled in for one video and cut to what a video can have."""
    title = filled(patterns.title, about).strip() or PurePath(about.file_name).stem
    return Metadata(
        title[:LONGEST["title"]], filled(patterns.description, about)[:LONGEST["description"]],
        filled(patterns.tags, about)[:LONGEST["tags"]], patterns.category_id,
    )  # fmt: skip


def targets(template: VideoTemplate) -> Iterable[Target]:
    """The accounts of a template with what is chosen for them; an option that it does not know is as usual."""
    return [_target(row) for row in _complete(template.targets.all())]


def _complete(rows: QuerySet[TemplateTarget]) -> QuerySet[TemplateTarget]:
    return rows.select_related("account").defer("account__credentials").order_by("account__name")


def _target(row: TemplateTarget) -> Target:
    usual = {field.name: field.default for field in publishing.publish_options(row.account.platform)}
    return Target(row.account, row.category, usual | row.options)


def take_numbers(template: VideoTemplate, count: int = 1) -> range:
    """So many running numbers that nobody else gets; none are used up where no pattern has `{number}`."""
    if not uses_number(template):
        return range(template.next_number, template.next_number + count)
    first = _take(template, count)
    return range(first, first + count)


def _take(template: VideoTemplate, count: int) -> int:
    with transaction.atomic():
        VideoTemplate.objects.filter(pk=template.pk).update(next_number=F("next_number") + count)
        after = VideoTemplate.objects.values_list("next_number", flat=True).get(pk=template.pk)
    return after - count


def uses_number(template: VideoTemplate) -> bool:
    """Whether a pattern of the template has `{number}`."""
    return has_number(template.title, template.description, template.tags)


def has_number(*patterns: str) -> bool:
    """Whether one of the patterns has `{number}`."""
    try:
        return any(name == "number" for text in patterns for _before, name, _width in _parts(text))
    except BadPattern:
        return False


def number_for(template: VideoTemplate, patterns: Metadata) -> int:
    """The number of one video that is made now, used up where its patterns, which may be others, have one."""
    if not has_number(patterns.title, patterns.description, patterns.tags):
        return template.next_number
    return _take(template, 1)


def start(template: VideoTemplate, file_name: str) -> Metadata:
    """The metadata of one video that is made now of this file; its number is used up."""
    return metadata(template, facts(file_name, next(iter(take_numbers(template)))))


# Patterns -------------------------------------------------------------------------------------------------------------


def filled(pattern: str, about: Facts) -> str:
    """A pattern with its placeholders filled in; one that is no pattern stays as it is."""
    try:
        return "".join(before + _value(name, width, about) for before, name, width in _parts(pattern))
    except BadPattern:
        return pattern


def check(pattern: str) -> None:
    """Raises `BadPattern` for a brace that stands alone, and for a placeholder that there is not."""
    _parts(pattern)


def _parts(pattern: str) -> list[tuple[str, str, int]]:
    """Each text with the placeholder after it ("" at the end) and how many digits that has at least."""
    try:
        parsed = list(string.Formatter().parse(pattern))
    except ValueError:
        raise BadPattern(_("A brace is left open; write {{ or }} for a brace itself.")) from None
    return [_part(*each) for each in parsed]


def _part(before: str, name: str | None, width: str | None, conversion: str | None) -> tuple[str, str, int]:
    if name is None:
        return before, "", 0
    allowed = name == "number" and not conversion and (not width or (width.isdecimal() and int(width) <= MOST_DIGITS))
    if name not in PLACEHOLDERS or not (allowed or not (width or conversion)):
        known = " ".join(f"{{{one}}}" for one in PLACEHOLDERS)
        written = "{" + name + (f"!{conversion}" if conversion else "") + (f":{width}" if width else "") + "}"
        words = {"placeholder": written, "known": known}
        raise BadPattern(_("There is no placeholder %(placeholder)s. These can be used: %(known)s") % words)
    return before, name, int(width or 0)


def _value(name: str, width: int, about: Facts) -> str:
    values = {
        "": "",
        "name": PurePath(about.file_name).stem,
        "number": f"{about.number:0{width}d}" if width else str(about.number),
        "date": f"{about.day:%Y-%m-%d}",
        "year": f"{about.day:%Y}",
        "month": f"{about.day:%m}",
        "day": f"{about.day:%d}",
    }
    return values[name]


# Making them ----------------------------------------------------------------------------------------------------------


def save(template: VideoTemplate, chosen: Sequence[Target], user: User | None = None) -> VideoTemplate:
    """Store a template with the accounts that its videos go to. Options that are secrets are left out."""
    with transaction.atomic():
        if template._state.adding:
            template.created_by = user
        template.save()
        template.targets.all().delete()
        TemplateTarget.objects.bulk_create(
            TemplateTarget(
                template=template,
                account=target.account,
                category=target.category,
                options=_without_secrets(target),
            )
            for target in chosen
        )
    return template


def _without_secrets(target: Target) -> dict[str, str]:
    secrets = {field.name for field in publishing.publish_options(target.account.platform) if field.kind == "secret"}
    return {name: str(value) for name, value in target.options.items() if name not in secrets}


def from_video(video: Video) -> tuple[VideoTemplate, list[Target]]:
    """An unsaved template with a video's metadata, and the accounts that the video is on."""
    standing = mapping.mapped(video.category_id, [row.account_id for row in video.publications.all()])
    escaped = {name: _escaped(getattr(video, name)) for name in ("title", "description", "tags")}
    rows = video.publications.select_related("account").defer("account__credentials").order_by("account__name")
    template = VideoTemplate(**escaped, category_id=video.category_id)
    return template, [Target(row.account, _own_category(row, standing), row.options) for row in rows]


def _own_category(row: Publication, standing: Mapping[int, str]) -> str | None:
    """None where it is what the hub category stands for."""
    return None if row.category == standing.get(row.account_id, "") else row.category


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
