"""A folder of the server as lines of a table: each film below it is one, in the order that people count."""

from __future__ import annotations

import re

from platforms.services.bulk import cells
from platforms.services.bulk.reading import MANY_ROWS, MOST_ROWS, Line
from platforms.services.bulk.troubles import Unreadable
from platforms.services.fetching import starting
from platforms.services.fetching.folder import SHOWN_MOST, View
from platforms.services.fetching.names import is_film
from platforms.services.fetching.troubles import Trouble
from platforms.services.fetching.work import NO_FOLDER
from platforms.values import gettext_noop, say

NO_FILMS = gettext_noop("There is no video in this folder.")
MANY_ENTRIES = gettext_noop("“%(path)s” has more than %(most)s entries; split it.")
MOST_FOLDERS = 1000


def films(path: str, *, deep: bool, titled: bool = True) -> list[Line]:
    """A line for each film of a folder below the ingest folder, `deep`: of its folders too. Raises `Unreadable`.

    `titled`: with the file's name without its extension as its title.
    """
    found: list[str] = []
    folders, looked = [path], 0
    while folders:
        looked += 1
        view = _look(folders.pop(0))
        if len(view.folders) + len(view.files) >= SHOWN_MOST:
            raise Unreadable(say(MANY_ENTRIES, path=view.path or "/", most=SHOWN_MOST - 1))
        found += [entry.path for entry in view.files if is_film(entry.name)]
        if len(found) > MOST_ROWS or looked > MOST_FOLDERS:
            raise Unreadable(say(MANY_ROWS, most=MOST_ROWS))
        folders += [entry.path for entry in view.folders] if deep else []
    if not found:
        raise Unreadable(say(NO_FILMS))
    ordered = sorted(found, key=natural)
    return [Line(number, _cells(film, titled)) for number, film in enumerate(ordered, start=1)]


def _cells(film: str, titled: bool) -> dict[str, str]:
    return {"file": film, **({"title": cells.stem(film)} if titled else {})}


def folders() -> list[str]:
    """The folders right below the ingest folder, to be offered. Raises `Unreadable` when there is no such folder."""
    return [entry.path for entry in _look("").folders]


def natural(path: str) -> list[tuple[int, str]]:
    """Sorts “Lesson 2” before “Lesson 10”."""
    pieces = re.split(r"(\d+)", path.casefold())
    return [(int(piece) if piece.isdecimal() else -1, piece) for piece in pieces]


def _look(path: str) -> View:
    try:
        view = starting.browse(path)
    except Trouble as trouble:
        raise Unreadable(trouble.sentence) from None
    if view is None:
        raise Unreadable(say(NO_FOLDER))
    return view
