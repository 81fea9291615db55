"""The ingest folder: what is in it, as JSON, and having its files copied into the hub."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from platforms.intake.entrance import Stop, as_asked, for_staff, person
from platforms.intake.lists import as_json
from platforms.models.wording import render
from platforms.services.fetching import starting
from platforms.services.fetching.folder import Entry, View
from platforms.services.fetching.troubles import Trouble
from platforms.values import Sentence

MIB = 1024 * 1024


@for_staff("GET", "POST")
def folder(request: HttpRequest) -> HttpResponse:
    """GET: one folder (`path`; of what it holds, names with `find` in them). POST: `{"paths": [...]}` are taken."""
    try:
        return _look(request) if request.method == "GET" else _take(request)
    except Trouble as trouble:
        raise Stop(400, text(trouble.sentence)) from None


def _look(request: HttpRequest) -> HttpResponse:
    view = starting.browse(request.GET.get("path", ""), request.GET.get("find", ""))
    return JsonResponse({"enabled": view is not None, **_shown(view or View("", None, [], [], []))})


def _shown(view: View) -> dict[str, Any]:
    return {
        "path": view.path,
        "parent": view.parent,
        "folders": [{"name": entry.name, "path": entry.path} for entry in view.folders],
        "files": [_file(entry) for entry in view.files],
        "notes": [text(note) for note in view.notes],
    }


def _file(entry: Entry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "path": entry.path,
        "size": entry.size,
        "modified": entry.modified.isoformat(timespec="seconds"),
    }


def _take(request: HttpRequest) -> HttpResponse:
    asked = body(request)
    paths = asked.get("paths")
    if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
        raise Stop(400, _("The paths are missing."))
    rows = starting.take_from_folder(person(request), paths, **as_asked(asked))
    return JsonResponse({"files": [as_json(row, request) for row in rows]}, status=201)


def text(sentence: Sentence) -> str:
    """A sentence in the reader's language."""
    return render(sentence.as_json())


def body(request: HttpRequest) -> dict[str, Any]:
    """The JSON object that a script sends."""
    raw = request.read(MIB)
    try:
        asked = json.loads(raw)
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        raise Stop(400, _("A JSON object is expected."))
    return asked
