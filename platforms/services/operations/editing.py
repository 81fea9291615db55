"""Metadata of a video that stands on a platform, sent there as the hub has them when it is done."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from platforms.contract import CanEdit, CanRename, Driver, HasCategoryTree
from platforms.models import Publication
from platforms.services.metadata import comparing
from platforms.services.operations.kind import Arguments, Kind
from platforms.values import Details, RemoteVideo, Sentence, gettext_noop, say

SENT = gettext_noop("The platform was given: %(fields)s.")


def _edit(driver: Driver, publication: Publication, arguments: Arguments) -> Sentence:
    """`fields` of the arguments are the names of what is sent."""
    asked = [name for name in comparing.FIELDS if name in arguments.get("fields", ())]
    details, remote_id = comparing.wanted(publication), str(publication.remote_id)
    fields = [name for name in asked if name != "category" or details.category]
    if isinstance(driver, CanEdit) and not (fields == ["title"] and isinstance(driver, CanRename)):
        driver.edit_video(remote_id, _whole(driver, publication, fields))
    else:
        fields = _one_by_one(driver, remote_id, details, fields)
    return say(SENT, fields=",".join(comparing.FIELDS[name] for name in fields))


def _one_by_one(driver: Driver, remote_id: str, details: Details, fields: Collection[str]) -> list[str]:
    """Send what has a call of its own; answers what that was."""
    sent = []
    if "title" in fields and isinstance(driver, CanRename):
        driver.rename_video(remote_id, details.title)
        sent.append("title")
    if "category" in fields and isinstance(driver, HasCategoryTree):
        driver.set_category(remote_id, details.category)
        sent.append("category")
    return sent


def _whole(driver: Driver, publication: Publication, fields: Collection[str]) -> Details:
    """All that such a call replaces: what is not in `fields` stays as the platform says that it is now.

    Of what the platform never says, it gets what the hub has.
    """
    ours = comparing.wanted(publication)
    if set(fields) == set(comparing.FIELDS):
        return ours
    seen = next(iter(driver.look([str(publication.remote_id)])), None)
    theirs = _said(publication, seen) if seen else {}
    kept = {name: value for name, value in theirs.items() if name not in fields and value is not None}
    return Details(**{name: kept.get(name, getattr(ours, name)) for name in comparing.FIELDS})


def _said(publication: Publication, seen: RemoteVideo) -> dict[str, Any]:
    """What the platform says now, or said last where this answer leaves it out."""
    tags = seen.tags or (tuple(publication.remote_tags.split(",")) if publication.remote_tags else None)
    return {
        "title": seen.title or publication.remote_title or None,
        "description": seen.description if seen.description is not None else publication.remote_description,
        "tags": tags,
        "category": seen.category if seen.category is not None else publication.remote_category,
    }


EDIT = Kind(
    "edit",
    gettext_noop("Change the metadata"),
    (CanEdit, CanRename, HasCategoryTree),
    gettext_noop("%(platform)s does not let metadata be changed from outside."),
    _edit,
    gettext_noop("The metadata were sent to the platform."),
    replaces_waiting=True,
)
