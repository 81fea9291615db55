"""The page on which a person says what became of an upload whose answer was lost."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from platforms.admin.common.display import platform_label, when
from platforms.admin.common.page import show
from platforms.errors import PlatformError
from platforms.models import Publication
from platforms.models.publication import STATE_LABELS
from platforms.models.wording import render
from platforms.services.uploads import deciding
from platforms.services.uploads.deciding import Candidate

# Choices of the form besides the ids of the candidates.
OTHER, NOT_THERE, CANDIDATE = "other", "again", "id:"


def page(model_admin: admin.ModelAdmin[Any], request: HttpRequest, publication: Publication, back: str) -> HttpResponse:
    """Show what was lost and where to look, or do what the form says and go `back`."""
    if reason := deciding.why_not(publication):
        messages.info(request, reason)
        return HttpResponseRedirect(back)
    refused = _decide(request, publication) if request.method == "POST" else ""
    if request.method == "POST" and not refused:
        return HttpResponseRedirect(back)
    found, trouble = _candidates(publication)
    return show(
        model_admin, request, "publication/decide.html", _("Is it there?"), publication=publication, back=back,
        platform=platform_label(publication.account.platform), since=when(publication.state_at),
        reason=publication.error_text, found=[_row(candidate) for candidate in found], trouble=trouble,
        refused=refused, typed=request.POST.get("remote_id", ""), chosen=request.POST.get("choice", ""),
    )  # fmt: skip


def _decide(request: HttpRequest, publication: Publication) -> str:
    """Do what was chosen; answers why that cannot be, or nothing."""
    choice, actor = request.POST.get("choice", ""), request.user.get_username()
    if choice == NOT_THERE:
        reason, done = _send_again(publication, actor)
    elif choice == OTHER or choice.startswith(CANDIDATE):
        remote_id = request.POST.get("remote_id", "") if choice == OTHER else choice.removeprefix(CANDIDATE)
        try:
            reason = deciding.adopt(publication, remote_id, actor=actor)
        except PlatformError as error:
            reason = render(error.sentence.as_json())
        done = _("The video is followed from now on.")
    else:
        return _("Choose what is true.")
    if not reason:
        messages.success(request, done)
    return reason


def _send_again(publication: Publication, actor: str) -> tuple[str, str]:
    """Why it cannot be sent again, or nothing, and what was done."""
    try:
        reason = deciding.send_again(publication, actor=actor)
    except PlatformError as error:
        words = {"reason": render(error.sentence.as_json())}
        return _("Nothing is sent before the platform has said that it has no such video. %(reason)s") % words, ""
    return reason, deciding.was_there(publication) or _("It is sent again.")


def _candidates(publication: Publication) -> tuple[tuple[Candidate, ...], str]:
    """What may be the lost video, and why the platform could not be asked."""
    try:
        return deciding.candidates(publication), ""
    except PlatformError as error:
        return (), render(error.sentence.as_json())


def _row(candidate: Candidate) -> dict[str, Any]:
    return {
        "value": CANDIDATE + candidate.remote_id,
        "id": candidate.remote_id,
        "title": candidate.title,
        "state": STATE_LABELS[candidate.state] if candidate.state else "",
        "created": when(candidate.created_at) if candidate.created_at else "",
    }
