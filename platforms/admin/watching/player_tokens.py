"""Player tokens for many publications: the page that asks for how long, and the file with the tokens."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from platforms.admin.common.display import platform_label, state_badge
from platforms.admin.common.page import named_ids, show
from platforms.admin.common.parts import PageView, Part
from platforms.admin.common.spreadsheets import cell
from platforms.admin.publication.verbs import Tally
from platforms.admin.watching.sharing import MEDIA
from platforms.admin.watching.token_form import TokenForm
from platforms.models import Publication
from platforms.services.watching import player_tokens
from platforms.services.watching.player_tokens import MOST, Result

DONE = ngettext_lazy("%(count)d player token was issued.", "%(count)d player tokens were issued.", "count")


@admin.action(description=gettext_lazy("Player tokens…"), permissions=["change"])
def player_tokens_action(
    model_admin: admin.ModelAdmin[Publication], request: HttpRequest, queryset: QuerySet[Publication]
) -> HttpResponse | None:
    chosen = list(queryset[: MOST + 1])
    if len(chosen) > MOST:
        text = _("At most %(most)d publications at a time; choose fewer.") % {"most": MOST}
        messages.error(request, text)
        return None
    return _page(model_admin, request, chosen, TokenForm())


def tokens_view(model_admin: admin.ModelAdmin[Publication], request: HttpRequest) -> HttpResponse:
    """What the page sends: a file with the tokens, or the page again with what is wrong. POST only."""
    chosen = list(model_admin.get_queryset(request).filter(pk__in=named_ids(request, MOST)))
    if request.method != "POST" or not chosen:
        raise Http404
    if not all(model_admin.has_change_permission(request, one) for one in chosen):
        raise PermissionDenied
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(model_admin, request, chosen, form)
    result = player_tokens.issue(chosen, form.seconds, actor=request.user.get_username())
    told = Tally(len(result.issued), Counter(one.reason for one in result.skipped))
    told.tell(request, DONE)
    if not result.issued:
        return HttpResponseRedirect(reverse("admin:platforms_publication_changelist"))
    return _file(result, *(JSON if request.POST.get("format") == "json" else CSV))


def _page(
    model_admin: admin.ModelAdmin[Publication], request: HttpRequest, chosen: Sequence[Publication], form: TokenForm
) -> HttpResponse:
    rows = [(one, platform_label(one.account.platform), state_badge(one), player_tokens.why_not(one)) for one in chosen]
    return show(
        model_admin, request, "publication/tokens.html", _("Player tokens"), form=form, panels_media=MEDIA,
        rows=[row[:3] for row in rows if not row[3]], skipped=[row for row in rows if row[3]],
        ids=",".join(str(one.pk) for one in chosen), back=reverse("admin:platforms_publication_changelist"),
    )  # fmt: skip


# Files ---------------------------------------------------------------------------------------------------------


def _file(result: Result, extension: str, content_type: str, write: Callable[[Result], bytes]) -> HttpResponse:
    name = f"player-tokens-{timezone.localtime(result.issued_at):%Y%m%d-%H%M%S}.{extension}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(write(result), content_type=content_type, headers=headers)


def as_json(result: Result) -> bytes:
    """`issued_at`, `expires_at` (null: never), `tokens` and `skipped`, each with the publication it is about."""
    tokens = [_about(one.publication) | {"token": one.token} for one in result.issued]
    skipped = [_about(one.publication) | {"reason": one.reason} for one in result.skipped]
    expires_at = result.expires_at.isoformat(timespec="seconds") if result.expires_at else None
    issued_at = result.issued_at.isoformat(timespec="seconds")
    told = {"issued_at": issued_at, "expires_at": expires_at, "tokens": tokens, "skipped": skipped}
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def as_csv(result: Result) -> bytes:
    """One line each, UTF-8 with a mark at its beginning, by which spreadsheets tell the encoding."""
    until = f"{timezone.localtime(result.expires_at):%Y-%m-%d %H:%M:%S}" if result.expires_at else _("for ever")
    heads = (_("publication"), _("video"), _("title"), _("account"), _("platform"), _("remote id"))
    rows = [[*heads, _("player token"), _("good until"), _("why there is none")]]
    rows += [[*_about(one.publication).values(), one.token, until, ""] for one in result.issued]
    rows += [[*_about(one.publication).values(), "", "", one.reason] for one in result.skipped]
    text = io.StringIO()
    csv.writer(text).writerows([[cell(value) for value in row] for row in rows])
    return text.getvalue().encode("utf-8-sig")


def _about(publication: Publication) -> dict[str, Any]:
    return {
        "publication": publication.pk,
        "video": publication.video_id,
        "title": publication.shown_title,
        "account": publication.account.name,
        "platform": publication.account.platform,
        "remote_id": publication.remote_id or "",
    }


CSV = ("csv", "text/csv; charset=utf-8", as_csv)
JSON = ("json", "application/json", as_json)
PART = Part(views=(PageView("player-tokens/", "player_tokens", tokens_view),), actions=(player_tokens_action,))
