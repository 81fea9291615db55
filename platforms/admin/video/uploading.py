"""The page that uploads many videos at once, and what it and the add form tell their scripts."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from platforms.admin.common.page import may, show
from platforms.admin.video import template_form
from platforms.admin.video.forms import VideoAddForm
from platforms.models import Video


def urls(model_admin: admin.ModelAdmin[Video]) -> list[URLPattern]:
    """The addresses of the page and of what a tab shows after logging in again."""

    def upload(request: HttpRequest) -> HttpResponse:
        return upload_view(model_admin, request)

    def logged_in(request: HttpRequest) -> HttpResponse:
        return show(model_admin, request, "video/logged_in.html", _("You are logged in again"))

    view = model_admin.admin_site.admin_view
    return [
        path("upload/", view(upload), name="platforms_video_upload"),
        path("logged-in/", view(logged_in), name="platforms_video_logged_in"),
    ]


def upload_view(model_admin: admin.ModelAdmin[Video], request: HttpRequest) -> HttpResponse:
    """Files that are dropped here become videos by themselves."""
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    return show(
        model_admin, request, "video/upload.html", _("Upload videos"), uploading=places(),
        accept=VideoAddForm.base_fields["file"].widget.attrs["accept"], may_publish=may(request.user, "add"),
        templates=template_form.choices(), started_from=template_form.chosen(request),
    )  # fmt: skip


def places() -> dict[str, Any]:
    """Where the scripts send files and ask about them, and whether there is a folder to browse."""
    return {
        "files": reverse("intake:files"),
        "list": reverse("intake:files_json"),
        "folder": reverse("intake:folder"),
        "address": reverse("intake:address"),
        "folder_enabled": bool(settings.INGEST_ROOT),
    }
