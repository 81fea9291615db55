"""The card with what a publication's platform hands out when somebody asks: addresses, the player's code, tokens."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from platforms.admin.common.display import bytes_text, moment
from platforms.admin.common.facts import picture_text
from platforms.admin.common.page import may, show
from platforms.admin.common.parts import PageView, Panel, Part
from platforms.admin.watching.token_form import TokenForm
from platforms.contract import HasEmbedCode, HasPlayAddresses, HasPlayTokens, HasScreenshots
from platforms.errors import PlatformError
from platforms.models import Publication
from platforms.models.wording import joined, render
from platforms.services.watching import player_tokens, playing

Asked = Callable[[HttpRequest, Publication], tuple[str, dict[str, Any]]]

MEDIA = forms.Media(css={"all": ["mediahub/playing.css"]}, js=["mediahub/asked.js"])
WIDTH, HEIGHT = 640, 360


class NotNow(Exception):
    """There is nothing to hand out; the text says why, in the reader's language."""


def panel(request: HttpRequest, publication: Publication) -> Panel | None:
    """What the platform hands out now; what it never does is one line."""
    if publication.state not in playing.THERE or not publication.remote_id:
        return None
    lacks = [
        playing.lack(publication, capability)
        for capability, lacking in (
            (HasPlayAddresses, not playing.can(publication, HasPlayAddresses)),
            (HasEmbedCode, not playing.can(publication, HasEmbedCode) and not publication.embed_url),
            (HasPlayTokens, not playing.can(publication, HasPlayTokens)),
            (HasScreenshots, not playing.can(publication, HasScreenshots)),
        )
        if lacking
    ]
    context = {
        "publication": publication,
        "lacks": lacks,
        "addresses": not playing.why_not(publication, HasPlayAddresses, playing.PLAYS),
        "lifetime": lifetime_text(playing.lifetime_of(publication)),
        "embed": not playing.why_no_embed_code(publication),
        "token_form": TokenForm() if may(request.user, "change") and not player_tokens.why_not(publication) else None,
    }
    return Panel("publication/sharing.html", context, MEDIA)


def lifetime_text(seconds: int) -> str:
    """“about 15 minutes” or “about 12 hours”."""
    if seconds % 3600:
        count = seconds // 60
        return ngettext("about %(count)d minute", "about %(count)d minutes", count) % {"count": count}
    count = seconds // 3600
    return ngettext("about %(count)d hour", "about %(count)d hours", count) % {"count": count}


# What is asked for: a template and what it shows -------------------------------------------------------------------


def _addresses(request: HttpRequest, publication: Publication) -> tuple[str, dict[str, Any]]:
    _check(playing.why_not(publication, HasPlayAddresses, playing.PLAYS))
    found = [
        {
            "url": one.url,
            "definition": _(one.definition),
            "container": one.container,
            "picture": picture_text(one),
            "size": bytes_text(one.size) if one.size else "",
        }
        for one in playing.addresses(publication)
    ]
    lifetime = lifetime_text(playing.lifetime_of(publication))
    return "addresses", {"addresses": found, "lifetime": lifetime}


def _embed(request: HttpRequest, publication: Publication) -> tuple[str, dict[str, Any]]:
    _check(playing.why_no_embed_code(publication))
    found = playing.embed_code(publication)
    codes = []
    if found.page_url:
        codes.append((_("As a frame"), _code(FRAME, found.page_url)))
    if found.script_url:
        codes.append((_("As a script"), _code(SCRIPT, found.script_url)))
    if not codes:
        raise NotNow(_("The platform has told no address of its player."))
    sized = [(label, code, _sized(code)) for label, code in codes]
    return "embed", {"codes": sized, "width": WIDTH, "height": HEIGHT, "publication": publication}


FRAME = '<iframe src="URL" width="{width}" height="{height}" frameborder="0" allowfullscreen></iframe>'
SCRIPT = '<script src="URL"></script>'


def _code(shape: str, url: str) -> str:
    """The code with `{width}` and `{height}` where the sizes stand, also those that the address itself has."""
    whole = url.replace("{", "%7B").replace("}", "%7D")
    return shape.replace("URL", escape(re.sub(r"(?<=[?&])(width|height)=\d+", r"\1={\1}", whole)))


def _sized(code: str) -> str:
    return code.replace("{width}", str(WIDTH)).replace("{height}", str(HEIGHT))


def _token(request: HttpRequest, publication: Publication) -> tuple[str, dict[str, Any]]:
    if not may(request.user, "change"):
        raise PermissionDenied
    form = TokenForm(request.POST)
    if not form.is_valid():
        raise NotNow(joined(text for texts in form.errors.values() for text in texts))
    result = player_tokens.issue([publication], form.seconds, actor=request.user.get_username())
    if not result.issued:
        raise NotNow(result.skipped[0].reason)
    until = moment(result.expires_at) if result.expires_at else ""
    return "token", {"token": result.issued[0].token, "until": until, "publication": publication}


def _check(reason: str) -> None:
    if reason:
        raise NotNow(reason)


# Views -----------------------------------------------------------------------------------------------------------


def asked_view(
    asked: Asked, title: Callable[[], str], model_admin: admin.ModelAdmin[Publication], request: HttpRequest, pk: int
) -> HttpResponse:
    """POST: ask the platform, and show what it says: inside the card for scripts, else as a page. Never kept."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    publication = get_object_or_404(model_admin.get_queryset(request), pk=pk)
    if not model_admin.has_view_or_change_permission(request, publication):
        raise PermissionDenied
    try:
        name, context = asked(request, publication)
    except PlatformError as error:
        name, context = "sorry", {"sorry": render(error.sentence.as_json())}
    except NotNow as error:
        name, context = "sorry", {"sorry": str(error)}
    template = f"admin/platforms/asked/{name}.html"
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        response = HttpResponse(render_to_string(template, context, request))
    else:
        response = show(
            model_admin, request, "asked/page.html", title(), asked=template, row=publication, media=MEDIA, **context
        )
    response["Cache-Control"] = "no-store"
    return response


def view_of(name: str, asked: Asked, title: Callable[[], str]) -> PageView:
    return PageView(f"<int:pk>/{name}/", name, partial(asked_view, asked, title))


PART = Part(
    panel,
    views=(
        view_of("addresses", _addresses, lambda: _("Play addresses")),
        view_of("embed", _embed, lambda: _("Embed code")),
        view_of("token", _token, lambda: _("Player token")),
    ),
)
