"""The card on which a video plays: the hub's own file, and what its platforms play once it is published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from csp.constants import SELF
from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from platforms.admin.common.display import labelled, listed
from platforms.admin.common.facts import picture_text
from platforms.admin.common.page import may_view
from platforms.admin.common.parts import PageView, Panel, Part
from platforms.admin.watching.player_file import FILE
from platforms.contract import HasPlayAddresses
from platforms.errors import PlatformError
from platforms.models import Publication, Video
from platforms.models.account import PLATFORM_LABELS
from platforms.models.wording import render
from platforms.services.subtitles import keeping
from platforms.services.subtitles.languages import UNDETERMINED
from platforms.services.watching import covers, playing, preview
from platforms.values import Platform, PlayAddress

WEB = ("http://", "https://")
# What a browser plays, by itself or with hls.js; better ones first.
CONTAINERS = ("mp4", "m3u8")
# A platform's own hosts are not known before it names them, they are many and change: while one of its videos can be
# played on a page, that page may take films from anywhere and hand them to its player (blob:). No other page may.
FILMS = {"media-src": (SELF, "blob:", "https:", "http:"), "connect-src": ("https:", "http:")}
OWN_FILE = {"media-src": (SELF,)}
MEDIA = forms.Media(css={"all": ["mediahub/playing.css"]}, js=["mediahub/player.js"])


@dataclass(frozen=True, slots=True)
class PlaySource:
    """Where a player may take the video from: `file` and `frame` play what is at `url`, `asked` asks it for addresses.

    `page` is where people can watch instead.
    """

    kind: str
    label: str
    url: str
    page: str = ""
    policy: dict[str, Sequence[str]] = field(default_factory=dict)


def on_publication(request: HttpRequest, publication: Publication) -> Panel | None:
    """What plays of a publication: on its platform, and before that the file in the hub."""
    found = [source for source in (_there(publication), _file(request, publication.video)) if source]
    note = ""
    if publication.state in playing.PLAYS and not (found and found[0].kind != "file"):
        note = playing.lack(publication, HasPlayAddresses)
    return _panel(request, publication.video, publication.cover_url, found, note)


def on_video(request: HttpRequest, video: Video) -> Panel | None:
    """What plays of a video: the file in the hub, and each publication that its platform plays."""
    seen = may_view(request.user, "publication")
    there = [_there(one) for one in video.publications.all()] if seen else []
    found = [source for source in (_file(request, video), *there) if source]
    return _panel(request, video, covers.cover_of(video), found, "")


def _panel(request: HttpRequest, video: Video, cover: str, sources: Sequence[PlaySource], note: str) -> Panel | None:
    if not sources and not note:
        return None
    policy: dict[str, list[str]] = {}
    for source in sources:
        for directive, allowed in source.policy.items():
            policy.setdefault(directive, []).extend(allowed)
    context = {
        "sources": sources,
        "note": note,
        "cover": cover,
        "tracks": tracks_of(request, video),
        "title": video.title,
    }
    return Panel("parts/player.html", context, MEDIA, policy)


def tracks_of(request: HttpRequest, video: Video) -> list[dict[str, Any]]:
    """The video's subtitles as a browser shows them over it: `url`, `label`, `language`, `default`."""
    return [
        {
            "url": reverse("admin:platforms_video_subtitle", args=[video.pk, one.pk]),
            "label": one.name,
            "language": "" if one.language == UNDETERMINED else one.language,
            "default": one.is_default,
        }
        for one in (keeping.of(video) if may_view(request.user, "video") else ())
    ]


def _file(request: HttpRequest, video: Video) -> PlaySource | None:
    if not preview.has_file(video) or not may_view(request.user, "video"):
        return None
    url = reverse("admin:platforms_video_file", args=[video.pk])
    return PlaySource("file", _("The file in the hub"), url, policy=dict(OWN_FILE))


def _there(publication: Publication) -> PlaySource | None:
    """How it plays on its platform, if it does now."""
    if not publication.remote_id or publication.state not in playing.PLAYS:
        return None
    label = labelled(PLATFORM_LABELS[Platform(publication.account.platform)], publication.account)
    page = publication.page_url if publication.page_url.startswith(WEB) else ""
    if playing.can(publication, HasPlayAddresses):
        url = reverse("admin:platforms_publication_play", args=[publication.pk])
        return PlaySource("asked", label, url, page, dict(FILMS))
    if publication.embed_url.startswith(WEB):
        return PlaySource("frame", label, publication.embed_url, page, {"frame-src": (_origin(publication.embed_url),)})
    return None


def _origin(url: str) -> str:
    """Scheme and host of the address, as a content security policy names them."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def play_view(model_admin: admin.ModelAdmin[Publication], request: HttpRequest, pk: int) -> HttpResponse:
    """POST: where it plays now, `{"addresses": [{"url", "container", "label"}, …]}`, the best first; or `{"error"}`."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    publication = get_object_or_404(model_admin.get_queryset(request), pk=pk)
    if not model_admin.has_view_or_change_permission(request, publication):
        raise PermissionDenied
    return JsonResponse(_playable(publication), headers={"Cache-Control": "no-store"})


def _playable(publication: Publication) -> dict[str, Any]:
    if reason := playing.why_not(publication, HasPlayAddresses, playing.PLAYS):
        return {"error": reason}
    try:
        found = playing.addresses(publication)
    except PlatformError as error:
        return {"error": render(error.sentence.as_json())}
    chosen = sorted((one for one in found if is_playable(one)), key=_worth)
    if not chosen:
        return {"error": _("The platform has nothing of it that a browser plays.")}
    return {"addresses": [as_choice(one) for one in chosen]}


def is_playable(address: PlayAddress) -> bool:
    return address.container in CONTAINERS and address.url.startswith(WEB)


def _worth(address: PlayAddress) -> tuple[int, int]:
    """Files before playlists, large pictures before small ones."""
    return CONTAINERS.index(address.container), -(address.height or 0)


def as_choice(address: PlayAddress) -> dict[str, str]:
    size = picture_text(address)
    label = listed(part for part in (_(address.definition), size, address.container) if part)
    return {"url": address.url, "container": address.container, "label": label}


ON_PUBLICATION = Part(on_publication, views=(PageView("<int:pk>/play/", "play", play_view),))
ON_VIDEO = Part(on_video, views=(FILE,))
