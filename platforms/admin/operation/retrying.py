"""Retrying what failed, and nothing else: of one video, of selected ones, of a list, of everything."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from platforms.admin.common.page import may
from platforms.admin.common.parts import PageView, Part
from platforms.admin.publication.verbs import MOST_AT_ONCE, RETRY_FAILED, apply
from platforms.models import Publication, Video
from platforms.values import State


def retry(request: HttpRequest, publications: Iterable[Publication]) -> None:
    """Queue what failed of these; the next page says how many, and why not the others."""
    allowed = may(request.user, "change")
    tally = apply(RETRY_FAILED, publications, may=lambda _row: allowed, actor=request.user.get_username())
    tally.tell(request, RETRY_FAILED.done, worst=messages.WARNING)


def has_failed(video: Video | None) -> bool:
    """Whether a publication of the video has failed; its publications come with it."""
    return video is not None and any(row.state == State.FAILED for row in video.publications.all())


def _few(request: HttpRequest, rows: QuerySet[Publication]) -> list[Publication]:
    """The rows with what is needed to send them; none, and a message, when they are too many to wait for."""
    found = list(rows.select_related("account", "video")[: MOST_AT_ONCE + 1])
    if len(found) > MOST_AT_ONCE:
        text = _("At most %(most)d publications at a time; choose fewer.") % {"most": MOST_AT_ONCE}
        messages.error(request, text)
        return []
    return found


@admin.action(description=RETRY_FAILED.action, permissions=["change"])
def retry_failed(model_admin: admin.ModelAdmin[Any], request: HttpRequest, queryset: QuerySet[Publication]) -> None:
    if rows := _few(request, queryset):
        retry(request, rows)


@admin.action(description=RETRY_FAILED.action, permissions=["act"])
def retry_failed_of_videos(model_admin: admin.ModelAdmin[Any], request: HttpRequest, queryset: QuerySet[Video]) -> None:
    """Of the publications of these videos."""
    if rows := _few(request, Publication.objects.filter(video__in=queryset.order_by().values("pk"))):
        retry(request, rows)


def _of_video(model_admin: admin.ModelAdmin[Any], request: HttpRequest, pk: int) -> HttpResponse:
    """The button of a video's page; POST only."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not may(request.user, "change"):
        raise PermissionDenied
    video = get_object_or_404(Video, pk=pk)
    retry(request, _few(request, Publication.objects.filter(video=video)))
    return HttpResponseRedirect(reverse("admin:platforms_video_change", args=[video.pk]))


def _of_all(model_admin: admin.ModelAdmin[Any], request: HttpRequest) -> HttpResponse:
    """The button of the home page: everything that failed, the latest first; POST only."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not may(request.user, "change"):
        raise PermissionDenied
    rows = Publication.objects.filter(state=State.FAILED).select_related("account", "video")
    retry(request, rows.order_by("-state_at")[:MOST_AT_ONCE])
    return HttpResponseRedirect(reverse("admin:index"))


OF_PUBLICATIONS = Part(
    views=(PageView("retry-failed/", "retry_failed", _of_all),), actions=(retry_failed,)
)  # fmt: skip
OF_VIDEOS = Part(
    views=(PageView("<int:pk>/retry-failed/", "retry_failed", _of_video),), actions=(retry_failed_of_videos,)
)  # fmt: skip
