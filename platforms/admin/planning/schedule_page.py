"""The schedule: what is planned, day by day, and what came of it in the days before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from platforms.admin.common.display import away, badge, link, platform_label, state_badge
from platforms.admin.common.page import may, show
from platforms.admin.planning.schedule_fields import TimeInput, written
from platforms.models import BLOCK_AT, Operation, OperationState
from platforms.services import zones
from platforms.services.scheduling import calendar, planning

BACK, AHEAD = timedelta(days=7), timedelta(days=28)
WEEK, MONTH = "week", "month"
MEDIA = forms.Media(css={"all": ("mediahub/schedule.css",)}, js=("mediahub/publish.js",))
# No calendar goes beyond what a date can hold.
FIRST, LAST = date(2000, 1, 1), date(2200, 1, 1)


@dataclass(frozen=True, slots=True)
class Span:
    """The days from `first` up to but not including `end`; `name` is week, month, or empty for the days around now."""

    name: str
    first: date
    end: date


@dataclass(frozen=True, slots=True)
class Entry:
    """One plan as a line of the page."""

    plan: Operation
    time: str
    away: str
    what: str
    video: SafeString
    account: str
    platform: SafeString
    state: SafeString
    outcome: SafeString
    reason: str
    is_open: bool
    field: SafeString
    now_label: str


@dataclass(frozen=True, slots=True)
class Day:
    """The plans of one day, of the hub's own time zone."""

    label: str
    is_today: bool
    is_past: bool
    entries: list[Entry]


def view(model_admin: admin.ModelAdmin[Any], request: HttpRequest) -> HttpResponse:
    """The page. `?span=week|month&from=2026-12-01&account=3&page=2`; without a span the days around now."""
    if not model_admin.has_view_or_change_permission(request):
        raise PermissionDenied
    span, account, page = _span(request), _number(request, "account"), _number(request, "page") or 1
    found = calendar.between(_midnight(span.first), _midnight(span.end), account=account, page=page)
    late = calendar.late_before(_midnight(span.first), account=account) if page == 1 else calendar.Page((), False)
    chosen = {"account": account} if account else {}
    return show(
        model_admin, request, "publication/schedule.html", _("Schedule"),
        days=_days(found.plans), late=[_entry(plan) for plan in late.plans], span=span, title_of_span=_title(span),
        turns=_turns(span, chosen), accounts=calendar.accounts(), account=account, may_plan=may(request.user, "change"),
        next_page=_url(_asked(span) | chosen | {"page": page + 1}) if found.goes_on else "",
        zone=timezone.get_current_timezone_name(), page_media=MEDIA, back=request.get_full_path(),
    )  # fmt: skip


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and 0 < len(text) < 10 and int(text) else None


def _span(request: HttpRequest) -> Span:
    today = timezone.localdate()
    try:
        day = parse_date(request.GET.get("from", "")) or today
    except ValueError:
        day = today
    day = min(max(day, FIRST), LAST)
    name = request.GET.get("span", "")
    if name == WEEK:
        monday = day - timedelta(days=day.weekday())
        return Span(WEEK, monday, monday + timedelta(days=7))
    if name == MONTH:
        first = day.replace(day=1)
        return Span(MONTH, first, (first + timedelta(days=32)).replace(day=1))
    return Span("", today - BACK, today + AHEAD)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _title(span: Span) -> str:
    if span.name == MONTH:
        return date_format(span.first, "YEAR_MONTH_FORMAT")
    return f"{date_format(span.first, 'Y-m-d')} – {date_format(span.end - timedelta(days=1), 'Y-m-d')}"


def _turns(span: Span, chosen: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """Where to go from here: label, address, and whether that is where one is."""
    today = timezone.localdate()
    step = span.name or WEEK
    before = span.first - timedelta(days=1) if span.name else today - timedelta(days=7)
    after = span.end if span.name else today + timedelta(days=7)
    day = today if span.first <= today < span.end else span.first
    return [
        (_("‹ Earlier"), _url({"span": step, "from": before.isoformat()} | chosen), False),
        (_("Around today"), _url(chosen), not span.name),
        (_("Week"), _url({"span": WEEK, "from": day.isoformat()} | chosen), span.name == WEEK),
        (_("Month"), _url({"span": MONTH, "from": day.isoformat()} | chosen), span.name == MONTH),
        (_("Later ›"), _url({"span": step, "from": after.isoformat()} | chosen), False),
    ]


def _asked(span: Span) -> dict[str, Any]:
    return {"span": span.name, "from": span.first.isoformat()} if span.name else {}


def _url(parameters: dict[str, Any]) -> str:
    page = reverse("admin:platforms_publication_schedule")
    return f"{page}?{urlencode(parameters)}" if parameters else page


def _days(plans: Iterable[Operation]) -> list[Day]:
    today = timezone.localdate()
    return [
        Day(date_format(day, "Y-m-d l"), day == today, day < today, [_entry(plan) for plan in of_day])
        for day, of_day in groupby(plans, lambda plan: timezone.localdate(plan.planned_at))
    ]


def _entry(plan: Operation) -> Entry:
    publication, at = plan.publication, plan.planned_at or timezone.now()
    account = publication.account
    return Entry(
        plan=plan,
        time=date_format(timezone.localtime(at), "H:i"),
        away=away(at) if zones.is_hubs(account) else zones.text(at, account),
        what=_what(plan),
        video=link(publication, publication.shown_title),
        account=account.name,
        platform=platform_label(account.platform),
        state=state_badge(publication),
        outcome=_outcome(plan),
        reason=_reason(plan),
        is_open=plan.state == OperationState.WAITING and not planning.why_not_move(plan),
        field=TimeInput({"required": True, "aria-label": _what(plan)}).render("at", written(at, account)),
        now_label=now_label(plan),
    )


def now_label(plan: Operation) -> str:
    """What the button is called that does it now; empty where that makes no sense."""
    if planning.why_not_now(plan):
        return ""
    return _("Block now") if plan.kind == BLOCK_AT else _("Publish now")


def _what(plan: Operation) -> str:
    if plan.kind == BLOCK_AT:
        return _("Block")
    return _("Upload and publish") if calendar.is_upload(plan) else _("Publish")


def _outcome(plan: Operation) -> SafeString:
    late = calendar.late_text(plan)
    name, label = {
        OperationState.WAITING: ("attention", _("Late")) if late else ("queued", _("Planned")),
        OperationState.RUNNING: ("running", _("Running")),
        OperationState.DONE: ("good", _("Done")),
        OperationState.FAILED: ("bad", _("Failed")),
        OperationState.CANCELLED: ("gone", _("Cancelled")),
        OperationState.UNKNOWN: ("attention", _("Needs a decision")),
    }[OperationState(plan.state)]
    if late and calendar.is_uploading(plan):
        name, label = "running", _("Uploading")
    shown = badge(name, label)
    if not late:
        return shown
    text = _("%(time)s after its time") if calendar.is_upload(plan) else _("%(time)s late")
    return format_html('{} <span class="quiet nowrap">{}</span>', shown, text % {"time": late})


def _reason(plan: Operation) -> str:
    if calendar.waits_for_upload(plan) and not calendar.is_uploading(plan):
        return plan.publication.error_text or _("The platform does not have the whole video yet.")
    return plan.error_text
