"""People change metadata: each change is written down, and nobody overwrites unknowingly what another has changed.

Whoever saves says what they have seen. A conditional UPDATE changes only a row that is still so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from platforms.models import Publication, Revision, Video
from platforms.services.categories import mapping
from platforms.services.metadata import comparing

Values = Mapping[str, str]
#: What a publication may have of its own; an empty one is the video's.
OWN_FIELDS = ("title", "description", "tags", "category")
MOST_REVISIONS = 50


@dataclass(frozen=True, slots=True)
class Change:
    """One field that somebody has changed meanwhile. Who and when are empty when it was no person's change."""

    field: str
    was: str
    now: str
    actor: str = ""
    at: datetime | None = None


class Conflict(Exception):
    """The row is no longer as it was seen; `changes` says in what."""

    def __init__(self, changes: list[Change]) -> None:
        super().__init__(", ".join(change.field for change in changes))
        self.changes = changes


def values(row: Video | Publication) -> dict[str, str]:
    """The metadata of a video, or what a publication has of its own. A video's category is the hub category's id."""
    if isinstance(row, Video):
        category = str(row.category_id or "")
        return {"title": row.title, "description": row.description, "tags": row.tags, "category": category}
    return {name: getattr(row, name) for name in OWN_FIELDS}


def changed(seen: Values, new: Values) -> list[str]:
    """The fields that `new` changes; forms send the ends of lines in a way of their own."""
    return [name for name in new if _lines(new[name]) != _lines(seen.get(name, ""))]


def save(row: Video | Publication, new: Values, *, seen: Values, actor: str) -> list[str]:
    """Change the metadata of a row that is still as it was `seen`; answers the fields that were changed.

    Raises `Conflict`, and nothing has happened, when somebody else has changed it meanwhile.
    """
    names = changed(seen, new)
    if not names:
        return []
    clean = {name: _lines(new[name]) for name in names}
    columns = _columns(row, clean)
    with transaction.atomic():
        if "category_id" in columns:
            columns["category_id"] = mapping.kept(columns["category_id"])
        rows: Any = type(row)._default_manager.filter(pk=row.pk)
        if rows.filter(**_columns(row, seen)).update(**columns, **_touched(row)) != 1:
            raise Conflict(changes_since(row, seen))
        for name, value in columns.items():
            setattr(row, name, value)
        _write_down(row, {name: [seen[name], clean[name]] for name in names}, actor)
        if isinstance(row, Video) and "category" in names:
            _follow_category(row, seen["category"])
        renew_differences(row.publications.select_related("account") if isinstance(row, Video) else [row])
    return names


def _columns(row: Video | Publication, given: Values) -> dict[str, Any]:
    """Values as columns."""
    if isinstance(row, Publication) or "category" not in given:
        return dict(given)
    category = given["category"]
    others = {name: value for name, value in given.items() if name != "category"}
    return others | {"category_id": int(category) if category.isdecimal() else None}


def _touched(row: Video | Publication) -> dict[str, Any]:
    return {"updated_at": timezone.now()} if isinstance(row, Video) else {}


def _follow_category(video: Video, before: str) -> None:
    """Publications that stood in what the video's category meant for their account stand in what it means now."""
    rows = list(video.publications.all().only("account", "category"))
    accounts = [row.account_id for row in rows]
    old = mapping.mapped(int(before) if before.isdecimal() else None, accounts)
    new = mapping.mapped(video.category_id, accounts)
    for row in rows:
        if row.category in ("", old.get(row.account_id, "")) and row.category != new.get(row.account_id, ""):
            same = Publication.objects.filter(pk=row.pk, category=row.category)
            same.update(category=new.get(row.account_id, ""))


def _write_down(row: Video | Publication, changes: dict[str, list[str]], actor: str) -> None:
    own = row if isinstance(row, Publication) else None
    video_id = row.pk if own is None else own.video_id
    Revision.objects.create(video_id=video_id, publication=own, actor=actor[:150], changes=changes)


def renew_differences(publications: Iterable[Publication]) -> None:
    """After a change here: whether the platforms' metadata are other than ours."""
    for publication in publications:
        differs = comparing.differs(publication)
        if differs != publication.differs:
            publication.differs = differs
            Publication.objects.filter(pk=publication.pk).update(differs=differs)


def changes_since(row: Video | Publication, seen: Values) -> list[Change]:
    """What is no longer as it was seen, with the person who changed it last; empty when nothing is."""
    now = values(type(row)._default_manager.get(pk=row.pk))
    different = [name for name in now if name in seen and now[name] != seen[name]]
    return [_change(row, name, seen[name], now[name]) for name in different]


def _change(row: Video | Publication, name: str, was: str, now: str) -> Change:
    for revision in history(row):
        if name in revision.changes:
            # A value that no person has typed is somebody else's change: of a script, or of a platform's.
            by_person = revision.changes[name][1] == now
            return Change(name, was, now, *((revision.actor, revision.at) if by_person else ("", None)))
    return Change(name, was, now)


def history(row: Video | Publication) -> list[Revision]:
    """The latest changes of a video, or of what a publication has of its own; newest first."""
    if isinstance(row, Video):
        return list(Revision.objects.filter(video=row, publication=None)[:MOST_REVISIONS])
    return list(Revision.objects.filter(publication=row)[:MOST_REVISIONS])


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")
