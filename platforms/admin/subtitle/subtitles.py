"""Subtitles on a video's page: adding, renaming, choosing the default, deleting, downloading, and asking platforms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from platforms import queue
from platforms.admin.common.display import listed, platform_label
from platforms.admin.common.page import may, may_view, ours, show
from platforms.admin.common.parts import PageView, Part
from platforms.admin.subtitle.subtitle_card import MEDIA, panel, publication_panel
from platforms.admin.subtitle.subtitle_forms import FileFormSet, SubtitleForm
from platforms.models import CopyState, Subtitle, SubtitleCopy, Video
from platforms.models.wording import render
from platforms.services.operations import asking
from platforms.services.subtitles import content, copies, keeping, languages, syncing
from platforms.services.subtitles.reading import EXTENSIONS

TYPES = {"vtt": "text/vtt; charset=utf-8", "srt": "application/x-subrip; charset=utf-8"}


def file_view(model_admin: Any, request: HttpRequest, pk: int, subtitle: int) -> HttpResponse:
    """A subtitle's text as WebVTT, for a player; with `?as=vtt` or `?as=srt` as a file to keep."""
    if not may_view(request.user, "video"):
        raise PermissionDenied
    row = get_object_or_404(Subtitle, pk=subtitle, video=pk, removed_at=None)
    wanted = request.GET.get("as", "")
    if wanted and wanted not in EXTENSIONS:
        raise Http404
    kind = wanted or "vtt"
    etag = f'"{row.md5}-{kind}"'
    try:
        # Asked before the storage is: a player asks at every start.
        response = get_conditional_response(request, etag) or HttpResponse(
            content.as_format(row, kind), content_type=TYPES[kind]
        )
    except content.NoContent as error:
        return HttpResponse(render(error.sentence.as_json()), status=503, content_type="text/plain; charset=utf-8")
    response.headers["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    if wanted:
        name = f"{row.video.title}.{row.name}.{kind}"
        response.headers["Content-Disposition"] = str(content_disposition_header(True, name))
    return response


def add_view(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """Add several files at once; with a problem in any of them none is added."""
    video = _changeable(request, pk)
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = FileFormSet(*data, video=video)
    if request.method == "POST" and form.is_valid():
        try:
            kept = keeping.add(video, form.news(), actor=request.user.get_username())
        except ValidationError as error:
            form.non_form_errors().extend(error.messages)
        else:
            _tell_added(request, kept)
            return _to(video)
    return show(
        model_admin, request, "video/subtitles_add.html", _("Add subtitles"), original=video, form=form,
        words=languages.words(), names=languages.OWN_NAMES, panels_media=MEDIA,
        refused=[one.reading.name for one in form.forms if one.reading and one.reading.errors],
    )  # fmt: skip


def _tell_added(request: HttpRequest, kept: Sequence[Subtitle]) -> None:
    names = listed(_("“%(name)s”") % {"name": subtitle.name} for subtitle in kept)
    text = ngettext("The subtitle %(names)s was added.", "The subtitles %(names)s were added.", len(kept))
    messages.success(request, text % {"names": names})
    for subtitle in kept:
        if count := len(subtitle.remarks):
            text = ngettext(
                "“%(name)s”: %(count)d remark of its check; it is below.",
                "“%(name)s”: %(count)d remarks of its check; they are below.", count,
            )  # fmt: skip
            messages.warning(request, text % {"name": subtitle.name, "count": count})


def change_view(model_admin: Any, request: HttpRequest, pk: int, subtitle: int) -> HttpResponse:
    """Give one another name or language."""
    video = _changeable(request, pk)
    row = _of(video, subtitle)
    form = SubtitleForm(request.POST if request.method == "POST" else None, subtitle=row)
    if form.is_bound and form.is_valid():
        changed = form.save(request.user.get_username())
        if changed is not None:
            messages.success(request, _("Saved.") if changed else _("Nothing has changed."))
            return _to(video)
    return show(
        model_admin, request, "video/subtitle_change.html", _("Edit “%(name)s”") % {"name": row.name}, original=video,
        form=form, panels_media=MEDIA,
    )  # fmt: skip


def default_view(model_admin: Any, request: HttpRequest, pk: int, subtitle: int) -> HttpResponse:
    """Show one at first; POST only."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    video = _changeable(request, pk)
    row = _of(video, subtitle)
    if keeping.set_default(row, actor=request.user.get_username()):
        messages.success(request, _("“%(name)s” is now the default.") % {"name": row.name})
    return _to(video)


def delete_view(model_admin: Any, request: HttpRequest, pk: int, subtitle: int) -> HttpResponse:
    """Ask, naming the platforms that have it; then take it away."""
    video = _changeable(request, pk)
    row = _of(video, subtitle)
    if request.method == "POST":
        gone = keeping.remove(row, actor=request.user.get_username())
        text = _("“%(name)s” is deleted.") if gone else _("“%(name)s” was already deleted.")
        messages.success(request, text % {"name": row.name})
        return _to(video)
    there = SubtitleCopy.objects.filter(subtitle=row).exclude(remote_id="").exclude(state=CopyState.MISSING)
    accounts = [copy.publication.account for copy in there.select_related("publication__account")]
    return show(
        model_admin, request, "video/subtitle_delete.html", _("Delete “%(name)s”") % {"name": row.name},
        original=video, accounts=[(platform_label(one.platform), one) for one in accounts], panels_media=MEDIA,
    )  # fmt: skip


def again_view(model_admin: Any, request: HttpRequest, pk: int, copy: int) -> HttpResponse:
    """Send once more what has failed, vanished or become different; POST only."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    video = _changeable(request, pk)
    row = get_object_or_404(SubtitleCopy.objects.select_related("subtitle"), pk=copy, subtitle__video=video)
    if copies.again(row):
        queue.wake_followers()
        messages.success(request, _("“%(name)s” is sent to the platform.") % {"name": row.subtitle.name})
    else:
        messages.info(request, _("There is nothing to send any more."))
    back = ours(request, request.POST.get("next", ""))
    return HttpResponseRedirect(back) if back else _to(video)


def sync_view(model_admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """Have the workers ask the platforms which subtitles the video has there; POST only."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    video = _changeable(request, pk)
    asked = asking.ask(syncing.KIND, copies.publications_of(video), actor=request.user.get_username())
    if count := len(asked.operations):
        text = ngettext("%(count)d platform is asked.", "%(count)d platforms are asked.", count)
        messages.success(request, text % {"count": count})
    else:
        messages.info(request, _("No platform with subtitles has the video."))
    return _to(video)


def _changeable(request: HttpRequest, pk: int) -> Video:
    video = get_object_or_404(Video, pk=pk)
    if not may(request.user, "change", "video"):
        raise PermissionDenied
    return video


def _of(video: Video, pk: int) -> Subtitle:
    return get_object_or_404(keeping.of(video).select_related("video"), pk=pk)


def _to(video: Video) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:platforms_video_change", args=[video.pk]) + "#subtitles")


ON_PUBLICATIONS = Part(publication_panel)
PART = Part(
    panel,
    (
        PageView("<int:pk>/subtitles/add/", "subtitles_add", add_view),
        PageView("<int:pk>/subtitles/sync/", "subtitles_sync", sync_view),
        PageView("<int:pk>/subtitles/copies/<int:copy>/again/", "subtitle_copy_again", again_view),
        PageView("<int:pk>/subtitles/<int:subtitle>/", "subtitle", file_view),
        PageView("<int:pk>/subtitles/<int:subtitle>/change/", "subtitle_change", change_view),
        PageView("<int:pk>/subtitles/<int:subtitle>/default/", "subtitle_default", default_view),
        PageView("<int:pk>/subtitles/<int:subtitle>/delete/", "subtitle_delete", delete_view),
    ),
)
