"""Doing something with videos that stand on platforms: the page that says what will happen where, and asking for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from platforms.admin.common.display import platform_label, state_badge
from platforms.admin.common.lists import ACCOUNT
from platforms.admin.common.page import named_ids, show, way_back
from platforms.admin.common.parts import PageView, Part
from platforms.admin.operation.acting_form import (
    HUB_CATEGORY,
    LEFT_ALONE,
    PUBLISHED,
    ActingForm,
    DeletingForm,
    Group,
    MovingForm,
    form_of,
)
from platforms.admin.operation.offers import BY_NAME, Offer, may_do
from platforms.admin.publication.verbs import MOST_AT_ONCE, Tally
from platforms.admin.site import site
from platforms.models import Publication, Video
from platforms.services.operations import asking
from platforms.services.operations.asking import Asked
from platforms.values import State

# More than this is folded up.
FEW = 20


@dataclass(frozen=True, slots=True)
class Fate:
    """What will happen to one publication; `reason` says why nothing will."""

    publication: Publication
    platform: SafeString
    state: SafeString
    reason: str = ""

    @property
    def published(self) -> bool:
        return self.publication.state == State.PUBLISHED


@dataclass(frozen=True, slots=True)
class Card:
    """What will happen on one platform, or on one account of it, with what is to be chosen for it."""

    label: SafeString
    fates: list[Fate]
    fields: list[forms.BoundField]

    @property
    def folded(self) -> bool:
        return len(self.fates) > FEW


def _fate(row: Publication, reason: str = "") -> Fate:
    return Fate(row, platform_label(row.account.platform), state_badge(row), reason)


# The page -----------------------------------------------------------------------------------------------------------


def view(_model_admin: admin.ModelAdmin[Any], request: HttpRequest, kind: str) -> HttpResponse:
    """Ask what is to be done with the publications named in `ids`, and have it done when the answer is yes."""
    offer = BY_NAME.get(kind)
    model_admin = site.get_model_admin(Publication)
    rows = list(model_admin.get_queryset(request).filter(pk__in=named_ids(request, MOST_AT_ONCE)))
    if offer is None or not rows:
        raise Http404
    return _page(request, offer, rows)


def remove_view(model_admin: admin.ModelAdmin[Any], request: HttpRequest) -> HttpResponse:
    return view(model_admin, request, "remove")


def _page(request: HttpRequest, offer: Offer, rows: Sequence[Publication], *, answered: bool = True) -> HttpResponse:
    if not may_do(request.user, offer.kind):
        raise PermissionDenied
    reasons = {row.pk: asking.why_not(offer.kind, row) for row in rows}
    possible = [row for row in rows if not reasons[row.pk]]
    confirmed = answered and request.method == "POST" and "confirm" in request.POST
    form = form_of(offer.kind, possible, request.POST if confirmed else None)
    if confirmed and form.is_valid():
        return _do(request, offer, rows, form)
    reasons |= form.left_alone()
    skipped = [_fate(row, reasons[row.pk]) for row in rows if reasons[row.pk]]
    count = len(rows) - len(skipped)
    referer = request.META.get("HTTP_REFERER", "")
    return show(
        site.get_model_admin(Publication), request, "publication/act.html", offer.title, offer=offer, form=form,
        cards=[_card(form, group) for group in form.groups], ids=",".join(str(row.pk) for row in possible),
        skipped=skipped, skipped_folded=len(skipped) > FEW, count=count,
        reasons=Counter(fate.reason for fate in skipped).most_common(),
        submit=offer.submit % {"count": count},
        back=way_back(request, request.POST.get("next") or referer, rows),
        deleting=form if isinstance(form, DeletingForm) else None, published_name=PUBLISHED,
        hub_category=form[HUB_CATEGORY] if HUB_CATEGORY in form.fields else None,
        left_alone=form.left_alone_text if isinstance(form, MovingForm) else "", left_alone_name=LEFT_ALONE,
    )  # fmt: skip


def _card(form: ActingForm, group: Group) -> Card:
    label = platform_label(group.account.platform)
    if form.kind.is_per_account:
        label = format_html("{} {}", label, group.account.name)
    return Card(label, [_fate(row) for row in group.rows], form.fields_of(group))


def _do(request: HttpRequest, offer: Offer, rows: Sequence[Publication], form: ActingForm) -> HttpResponse:
    arguments, left = form.arguments(), form.left_alone()
    asked = asking.ask(
        offer.kind, [row for row in rows if row.pk not in left], actor=request.user.get_username(),
        arguments=lambda row: arguments.get(row.pk, {}),
    )  # fmt: skip
    asked.skipped += [(row, left[row.pk]) for row in rows if row.pk in left]
    if len(rows) > 1 and asked.operations:
        tell(request, offer, asked, there=True)
        return HttpResponseRedirect(batch_url(asked))
    tell(request, offer, asked)
    return HttpResponseRedirect(way_back(request, request.POST.get("next", ""), rows))


def tell(request: HttpRequest, offer: Offer, asked: Asked, *, there: bool = False) -> None:
    """What was asked for and why not the rest, on the next page, with the way to what comes of it unless it is that."""
    tally = Tally(done=len(asked.operations), skipped=Counter(reason for _row, reason in asked.skipped))
    way = format_html('<a href="{}">{}</a>', batch_url(asked), _("See what becomes of it"))
    more = way if tally.done and not there else ""
    tally.tell(request, offer.done, more=more)


def batch_url(asked: Asked) -> str:
    return reverse("admin:platforms_operation_batch", args=[asked.batch])


# Actions of the lists -----------------------------------------------------------------------------------------------


def few(request: HttpRequest, queryset: QuerySet[Publication]) -> list[Publication]:
    """The publications; none, and a message, when they are more than can be asked for at once."""
    rows = list(queryset[: MOST_AT_ONCE + 1])
    if len(rows) > MOST_AT_ONCE:
        text = _("At most %(most)d publications at a time; choose fewer.") % {"most": MOST_AT_ONCE}
        messages.error(request, text)
        return []
    return rows


def grouped_choices(choices: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """The actions of a list, those that concern the video on its platform under a heading of their own, at the end."""
    all_of_them = list(choices)
    there = [one for one in all_of_them if one[0] in BY_NAME]
    others = [one for one in all_of_them if one[0] not in BY_NAME]
    return [*others, *([(_("The video on its platform"), there)] if there else [])]


def _of_publications(name: str, offer: Offer) -> Callable[..., HttpResponse | None]:
    @admin.action(description=offer.button, permissions=["remove" if offer.kind.is_destructive else "change"])
    def act(
        _admin: admin.ModelAdmin[Any], request: HttpRequest, queryset: QuerySet[Publication]
    ) -> HttpResponse | None:
        rows = few(request, queryset)
        return _page(request, offer, rows, answered=False) if rows else None

    act.__name__ = name
    return act


def _of_videos(name: str, offer: Offer) -> Callable[..., HttpResponse | None]:
    @admin.action(description=offer.button, permissions=["remove" if offer.kind.is_destructive else "act"])
    def act(_admin: admin.ModelAdmin[Any], request: HttpRequest, queryset: QuerySet[Video]) -> HttpResponse | None:
        publications = Publication.objects.filter(video__in=queryset.order_by().values("pk")).order_by("-pk")
        rows = few(request, publications.prefetch_related("video", ACCOUNT))
        if not rows and not publications.exists():
            messages.warning(request, _("None of these videos is published anywhere."))
        return _page(request, offer, rows, answered=False) if rows else None

    act.__name__ = name
    return act


ON_PUBLICATIONS = Part(
    views=(PageView("act/<slug:kind>/", "act", view), PageView("remove/", "remove", remove_view)),
    actions=tuple(_of_publications(name, offer) for name, offer in BY_NAME.items()),
)
ON_VIDEOS = Part(actions=tuple(_of_videos(name, offer) for name, offer in BY_NAME.items()))
