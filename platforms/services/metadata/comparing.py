"""What the hub wants a publication's metadata to be, what its platform says that they are, and what differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from platforms.contract import CanEdit, CanRename, HasCategoryTree
from platforms.models import Publication
from platforms.models.video import split_tags
from platforms.registry import driver_class
from platforms.values import Details, RemoteVideo, gettext_noop

#: The fields in the order of forms, with their names as English message ids.
FIELDS: Mapping[str, str] = {
    "title": gettext_noop("Title"),
    "description": gettext_noop("Description"),
    "tags": gettext_noop("Tags"),
    "category": gettext_noop("Category"),
}
LONGEST_TITLE, LONGEST_DESCRIPTION, LONGEST_TAGS, LONGEST_CATEGORY = 300, 4000, 500, 100
LONGEST_OWN_TITLE = 200


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is another on the platform than in the hub; tags separated by commas, a category's id."""

    field: str
    ours: str
    theirs: str


def changeable(platform: str) -> frozenset[str]:
    """The fields that the platform lets an owner change after the upload."""
    driver = driver_class(platform)
    if issubclass(driver, CanEdit):
        return frozenset(FIELDS)
    found = {"title"} if issubclass(driver, CanRename) else set()
    return frozenset(found | ({"category"} if issubclass(driver, HasCategoryTree) else set()))


def wanted(publication: Publication) -> Details:
    """What the publication's metadata are to be; an empty category leaves the platform's own."""
    return Details(
        title=publication.shown_title.strip(),
        description=publication.shown_description.strip(),
        tags=tuple(publication.shown_tags),
        category=publication.category,
    )


def columns_of(remote: RemoteVideo) -> dict[str, Any]:
    """The columns that a platform's answer fills: what it does not say is left out."""
    description = remote.description
    said: dict[str, str | None] = {
        "remote_title": storable(remote.title)[:LONGEST_TITLE] if remote.title else None,
        "remote_description": None if description is None else storable(description)[:LONGEST_DESCRIPTION],
        "remote_tags": None if remote.tags is None else stored_tags(remote.tags),
        "remote_category": None if remote.category is None else remote.category[:LONGEST_CATEGORY],
    }
    return {name: value for name, value in said.items() if value is not None}


def storable(text: str) -> str:
    """A platform's text as every database takes it: without zero characters and halves of pairs."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def stored_tags(tags: Sequence[str]) -> str:
    """Tags as a column keeps them."""
    return storable(",".join(tags))[:LONGEST_TAGS]


def differences(publication: Publication, **columns: Any) -> list[Difference]:
    """What differs, in the order of `FIELDS`; with `columns` that the publication is about to have.

    What the platform does not say, and a category that nobody has chosen here, differ from nothing.
    """
    ours, said = wanted(publication), _said(publication, columns)
    pairs = {
        "title": (ours.title, said["remote_title"] or None),
        "description": (ours.description, said["remote_description"]),
        "tags": (",".join(ours.tags), said["remote_tags"]),
        "category": (ours.category, said["remote_category"] if ours.category else None),
    }
    return [
        Difference(field, here, there)
        for field, (here, there) in pairs.items()
        if there is not None and not _same(field, here, there, publication.video.extension)
    ]


def differs(publication: Publication, **columns: Any) -> bool:
    """Whether anything differs."""
    return bool(differences(publication, **columns))


def is_called(publication: Publication, title: str) -> bool:
    """Whether a title on the platform is the one that is known there already, or the hub's."""
    names = (publication.shown_title, publication.remote_title)
    return any(_same("title", name, title, publication.video.extension) for name in names if name)


def _said(publication: Publication, columns: Mapping[str, Any]) -> dict[str, str | None]:
    names = ("remote_title", "remote_description", "remote_tags", "remote_category")
    return {name: columns.get(name, getattr(publication, name)) for name in names}


def _same(field: str, ours: str, theirs: str, extension: str) -> bool:
    if field == "title":
        # A platform that got the title as the name of the file may have kept its extension.
        names = {_title(ours), _title(f"{ours}.{extension}")}
        # One that is longer than the hub's own can be is cut when it is imported.
        return _title(theirs) in names or _title(theirs)[:LONGEST_OWN_TITLE].strip() == ours
    if field == "description":
        return _lines(ours) == _lines(theirs)
    return set(split_tags(ours)) == set(split_tags(theirs)) if field == "tags" else ours == theirs


def _title(text: str) -> str:
    return " ".join(text.split())[:LONGEST_TITLE]


def _lines(text: str) -> list[str]:
    """The lines without the spaces around them, which platforms keep as they like."""
    return [line.strip() for line in text[:LONGEST_DESCRIPTION].strip().splitlines()]
