"""Publications as the hub's own pages show them: with the buttons that are possible now, and the links that work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from platforms.admin.common.display import link, platform_label, progress_bar, state_badge, state_note
from platforms.admin.common.page import may, may_view
from platforms.admin.publication import verbs
from platforms.models import Publication
from platforms.services import removal
from platforms.services.uploads import deciding
from platforms.services.watching import links
from platforms.values import State

DECIDE = "admin:platforms_publication_decide"
AGAIN = (State.DELETED, State.MISSING, State.CANCELLED)


@dataclass(frozen=True, slots=True)
class Button:
    """Something that can be done now: `url` takes a POST, or shows a page first when `asks`."""

    label: str
    url: str
    asks: bool = False
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One publication in a table of a page."""

    publication: Publication
    account: SafeString
    platform: SafeString
    state: SafeString
    progress: SafeString
    note: SafeString
    links: SafeString
    buttons: list[Button]


def rows(request: HttpRequest, publications: Iterable[Publication]) -> list[Row]:
    """Table rows; publications come with their account and video."""
    return [
        Row(
            publication,
            link(publication.account) if may_view(request.user, "account") else format_html("{}", publication.account),
            platform_label(publication.account.platform),
            state_badge(publication),
            progress_bar(publication),
            state_note(publication),
            remote_links(publication),
            buttons(request, publication),
        )
        for publication in publications
    ]


def remote_links(publication: Publication) -> SafeString:
    """Links to the video on its platform; one that costs a call leads there by a page of ours that asks for it."""
    if links.are_to_be_asked_for(publication):
        url = reverse("admin:platforms_publication_open", args=[publication.pk])
        return format_html('<a class="remote-link" href="{}" target="_blank" rel="noopener">{} ↗</a>', url, _("Page"))
    names = {"page": _("Page"), "embed": _("Player")}
    return format_html_join(
        mark_safe(" "),
        '<a class="remote-link" href="{}" target="_blank" rel="noopener noreferrer">{} ↗</a>',
        ((url, names[name]) for name, url in publication.links.items() if url.startswith(("http://", "https://"))),
    )


def buttons(request: HttpRequest, publication: Publication) -> list[Button]:
    """What this person can do with this publication now; the impossible is absent."""
    found = []
    if may(request.user, "change"):
        found = [
            Button(_retry_label(publication) if verb is verbs.RETRY else str(verb.label), verb_url(publication, name))
            for name, verb in verbs.VERBS.items()
            if not (verb.why_not_shown or verb.why_not)(publication)
        ]
        if not deciding.why_not(publication):
            found.insert(0, Button(_("Decide…"), reverse(DECIDE, args=[publication.pk]), asks=True))
        if not verbs.why_not_refresh(publication):
            found.append(Button(_("Refresh"), verb_url(publication, "refresh")))
    if may(request.user, "delete") and not removal.why_not(publication):
        url = reverse("admin:platforms_publication_remove") + f"?ids={publication.pk}"
        found.append(Button(_("Delete on platform…"), url, asks=True, danger=True))
    return found


def _retry_label(publication: Publication) -> str:
    return _("Publish again") if publication.state in AGAIN else str(verbs.RETRY.label)


def verb_url(publication: Publication, name: str) -> str:
    return reverse("admin:platforms_publication_verb", args=[publication.pk, name])
