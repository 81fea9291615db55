"""A publication's plans on its page: when it is published and blocked, with the forms that plan, move and cancel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from platforms.admin.common.display import away
from platforms.admin.common.page import may, ours
from platforms.admin.common.parts import PageView, Panel, Part
from platforms.admin.planning import schedule_page
from platforms.admin.planning.schedule_fields import TimeInput, tell_of_double, written, zone_text
from platforms.models import BLOCK_AT, PLANS, Operation, Publication
from platforms.services import zones
from platforms.services.scheduling import planning, rules
from platforms.services.scheduling.planning import NotPlanned, What
from platforms.values import State

MEDIA = forms.Media(css={"all": ("mediahub/schedule.css",)})
WHATS: tuple[What, ...] = ("publish", "block")
# Where a time would change nothing that people see.
OVER = (State.DELETING, State.DELETED, State.MISSING)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is or can be planned: its open plan, or a form, or why not."""

    what: What
    label: str
    plan: Operation | None
    time: str
    away: str
    why_not: str
    field: SafeString | str
    now_label: str
    may_move: bool


def panel(request: HttpRequest, publication: Publication) -> Panel | None:
    """When the video is published and blocked; None where that is over."""
    if publication.state in OVER:
        return None
    plans = planning.open_plans(publication)
    lines = [_line(publication, what, plans.get(what)) for what in WHATS]
    shown = {
        "lines": lines,
        "publication": publication,
        "zone": zone_text([publication.account]),
        "may_plan": may(request.user, "change"),
        "back": request.get_full_path(),
    }
    return Panel("publication/schedule_panel.html", shown, MEDIA)


def _line(publication: Publication, what: What, plan: Operation | None) -> Line:
    at = plan.planned_at if plan else None
    why_not = "" if plan else planning.why_not(publication, what)
    label = _("Block at") if what == "block" else _("Publish at")
    return Line(
        what=what,
        label=label,
        plan=plan,
        time=zones.text(at, publication.account) if at else "",
        away=away(at) if at else "",
        why_not=why_not,
        field=_input(f"{what}-at", written(at, publication.account), label),
        now_label=schedule_page.now_label(plan) if plan else "",
        may_move=plan is not None and not planning.why_not_move(plan),
    )


def _input(id_: str, value: str, label: str) -> SafeString:
    return TimeInput({"id": id_, "required": True, "aria-label": label}).render("at", value)


def plan_view(model_admin: admin.ModelAdmin[Any], request: HttpRequest, pk: int) -> HttpResponse:
    """Plan something for one publication; POST only."""
    publication = _publication(model_admin, request, pk)
    what = request.POST.get("what")
    if what not in WHATS:
        raise Http404
    try:
        at = zones.read(request.POST.get("at", ""), publication.account)
        planning.plan(publication, what, at, actor=request.user.get_username())
    except (NotPlanned, zones.BadTime) as error:
        messages.error(request, str(error))
    else:
        tell_of_double(request, at, publication.account)
        messages.success(request, _("Planned for %(time)s.") % {"time": zones.text(at, publication.account)})
    return _back(request, publication)


def change_view(model_admin: admin.ModelAdmin[Any], request: HttpRequest, pk: int, plan: int) -> HttpResponse:
    """Move a plan (`do` is "move"), do it now ("now"), or cancel it ("cancel"); POST only.

    `was` is the time that the page showed: who changes a plan that somebody has moved meanwhile is told.
    """
    publication = _publication(model_admin, request, pk)
    rows = Operation.objects.select_related("publication__account", "publication__video")
    operation = get_object_or_404(rows.filter(kind__in=PLANS), pk=plan, publication=publication)
    do, changes = request.POST.get("do"), {"move": _move, "now": _now, "cancel": _cancel}
    if do not in changes:
        raise Http404
    try:
        done = changes[do](request, operation, _was(request, operation))
    except (NotPlanned, zones.BadTime) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return _back(request, publication)


def _was(request: HttpRequest, operation: Operation) -> datetime | None:
    """The time that the page showed; raises `NotPlanned` when it is no longer the plan's."""
    if operation.planned_at and request.POST.get("was") != operation.planned_at.isoformat():
        planning.refuse_changed(operation)
    return operation.planned_at


def _move(request: HttpRequest, operation: Operation, was: datetime | None) -> str:
    account = operation.publication.account
    at = zones.read(request.POST.get("at", ""), account)
    planning.change(operation, at, was=was, actor=request.user.get_username())
    tell_of_double(request, at, account)
    return _("Planned for %(time)s.") % {"time": zones.text(at, account)}


def _now(request: HttpRequest, operation: Operation, _was_at: datetime | None) -> str:
    planning.at_once(operation, actor=request.user.get_username())
    return _("It is done now.")


def _cancel(request: HttpRequest, operation: Operation, _was_at: datetime | None) -> str:
    publication = operation.publication
    planning.cancel(operation, actor=request.user.get_username())
    if operation.kind == BLOCK_AT:
        return _("The plan is cancelled.")
    if rules.can_block(publication.account.platform):
        return _("The plan is cancelled. What the platform has stays blocked until somebody publishes it.")
    return _("The plan is cancelled, and nothing is uploaded. “Publish again” uploads it.")


def _publication(model_admin: admin.ModelAdmin[Any], request: HttpRequest, pk: int) -> Publication:
    """The publication that a form is about. Raises `PermissionDenied`, and Http404 for an address typed by hand."""
    rows = Publication.objects.select_related("account", "video").defer("account__credentials")
    publication = get_object_or_404(rows, pk=pk)
    if not model_admin.has_change_permission(request, publication):
        raise PermissionDenied
    return publication


def _back(request: HttpRequest, publication: Publication) -> HttpResponse:
    page = reverse("admin:platforms_publication_change", args=[publication.pk])
    return HttpResponseRedirect(ours(request, request.POST.get("next", "")) or page)


def posting(view: Any) -> Any:
    """The view for POST alone."""

    def checked(model_admin: admin.ModelAdmin[Any], request: HttpRequest, **parts: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return cast(HttpResponse, view(model_admin, request, **parts))

    return checked


PART = Part(
    panel=panel,
    views=(
        PageView("schedule/", "schedule", schedule_page.view),
        PageView("<int:pk>/plan/", "plan", posting(plan_view)),
        PageView("<int:pk>/plan/<int:plan>/", "plan_change", posting(change_view)),
    ),
)
