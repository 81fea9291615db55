"""The card with the pictures that a platform took of a video, and the cover that is chosen from them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from platforms.admin.common.page import may
from platforms.admin.common.parts import PageView, Panel, Part
from platforms.admin.watching.sharing import NotNow, view_of
from platforms.contract import HasScreenshots
from platforms.models import Publication
from platforms.services.watching import covers, playing

MEDIA = forms.Media(css={"all": ["mediahub/playing.css"]}, js=["mediahub/asked.js"])
WEB = ("http://", "https://")


def panel(request: HttpRequest, publication: Publication) -> Panel | None:
    """The cover that was chosen, and a button that asks for the pictures."""
    if playing.why_not(publication, HasScreenshots, playing.TRANSCODED):
        return None
    chosen = publication.video.cover_from_id == publication.pk and bool(publication.video.cover)
    context = {
        "publication": publication,
        "chosen": publication.video.cover if chosen else "",
        "may_choose": may(request.user, "change", "video"),
    }
    return Panel("publication/pictures.html", context, MEDIA)


def _screenshots(request: HttpRequest, publication: Publication) -> tuple[str, dict[str, Any]]:
    if reason := playing.why_not(publication, HasScreenshots, playing.TRANSCODED):
        raise NotNow(reason)
    found = covers.offered(publication)
    if not found:
        raise NotNow(_("The platform has taken no pictures of it."))
    chosen = publication.video.cover
    pictures = [{"url": url, "choice": choice, "chosen": url == chosen} for url, choice in found]
    return "pictures", {
        "pictures": pictures, "publication": publication, "may_choose": may(request.user, "change", "video"),
    }  # fmt: skip


def cover_view(model_admin: admin.ModelAdmin[Publication], request: HttpRequest, pk: int) -> HttpResponse:
    """POST: make a picture the cover of the video; without one, the platform's own is the cover again."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    publication = get_object_or_404(model_admin.get_queryset(request), pk=pk)
    if not model_admin.has_view_or_change_permission(request, publication) or not may(request.user, "change", "video"):
        raise PermissionDenied
    actor = request.user.get_username()
    try:
        if choice := request.POST.get("choice", ""):
            covers.choose(publication, choice, actor=actor)
            messages.success(request, _("The picture is the video's cover in the hub now."))
        elif covers.drop(publication, actor=actor):
            messages.success(request, _("The video's cover in the hub is the platform's own again."))
    except covers.NoSuchPicture:
        messages.error(request, _("This picture is no longer offered. Have the pictures shown again and choose one."))
    return HttpResponseRedirect(reverse("admin:platforms_publication_change", args=[pk]))


def thumbnail(url: str) -> SafeString:
    """A small picture in a list; an empty frame without one. The platform is not told which page shows it."""
    if not url.startswith(WEB):
        return format_html('<span class="{}"></span>', "thumb thumb--none")
    return format_html('<img class="thumb" src="{}" alt="" loading="lazy" referrerpolicy="no-referrer">', url)


PART = Part(
    panel,
    views=(
        view_of("screenshots", _screenshots, lambda: _("Pictures")),
        PageView("<int:pk>/cover/", "cover", cover_view),
    ),
)
