"""Deliveries: what platforms have called us about, read only."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from platforms.admin.common.display import NOTHING, badge, link, moment, platform_label, when
from platforms.admin.common.filters import AccountFilter, DaysFilter
from platforms.admin.common.lists import ACCOUNT, ReadOnlyAdmin
from platforms.admin.site import site
from platforms.models import Delivery
from platforms.services import search

REFUSED, WAITING, PROCESSED = "refused", "waiting", "processed"
OUTCOMES = {
    REFUSED: gettext_lazy("Refused"),
    WAITING: gettext_lazy("Waits to be processed"),
    PROCESSED: gettext_lazy("Processed"),
}
COLOURS = {REFUSED: "bad", WAITING: "running", PROCESSED: "good"}


def outcome_of(delivery: Delivery) -> str:
    """A key of `OUTCOMES`."""
    if delivery.refusal:
        return REFUSED
    return PROCESSED if delivery.processed_at else WAITING


class OutcomeFilter(admin.SimpleListFilter):
    title = gettext_lazy("outcome")
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return list(OUTCOMES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        if self.value() == REFUSED:
            return queryset.filter(refusal__isnull=False)
        if self.value() in OUTCOMES:
            rows = queryset.filter(refusal__isnull=True, processed_at__isnull=self.value() == WAITING)
            # What is not verified is refused; said so, that the index of what waits is used.
            return rows.filter(verified=True) if self.value() == WAITING else rows
        return queryset


@admin.register(Delivery, site=site)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("time", "account_link", "outcome", "about", "status", "reason")
    list_display_links = ("time",)
    list_select_related = ("publication__video", "publication__account")
    list_filter = (OutcomeFilter, ("account", AccountFilter), ("received_at", DaysFilter))
    ordering = ("-received_at", "-id")
    search_fields = ("qid__exact", "publication__remote_id__exact")
    search = staticmethod(search.deliveries)
    search_help_text = gettext_lazy("The event's id (qid), or a platform's id of the video")
    fields = ("time", "account_link", "outcome", "reason", "about", "qid", "verified", "processed", "content")
    empty_hint = gettext_lazy("When a platform tells the hub about a video, its request is kept here.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        rows: QuerySet[Delivery] = super().get_queryset(request)
        return rows.prefetch_related(ACCOUNT).defer("publication__account__credentials", "publication__options")

    @admin.display(description=gettext_lazy("received"), ordering="received_at")
    def time(self, delivery: Delivery) -> SafeString:
        return format_html('<span class="nowrap numbers">{}</span>', moment(delivery.received_at))

    @admin.display(description=gettext_lazy("account"))
    def account_link(self, delivery: Delivery) -> SafeString:
        return format_html("{} {}", platform_label(delivery.account.platform), link(delivery.account))

    @admin.display(description=gettext_lazy("outcome"))
    def outcome(self, delivery: Delivery) -> SafeString:
        found = outcome_of(delivery)
        return badge(COLOURS[found], OUTCOMES[found])

    @admin.display(description=gettext_lazy("about"))
    def about(self, delivery: Delivery) -> SafeString | str:
        return link(delivery.publication) if delivery.publication else NOTHING

    @admin.display(description=gettext_lazy("told state"))
    def status(self, delivery: Delivery) -> str:
        return str(delivery.body.get("status", "")) or NOTHING

    @admin.display(description=gettext_lazy("refused because"))
    def reason(self, delivery: Delivery) -> str:
        return delivery.refusal_text or NOTHING

    @admin.display(description=gettext_lazy("processed"))
    def processed(self, delivery: Delivery) -> SafeString:
        return when(delivery.processed_at)

    @admin.display(description=gettext_lazy("content"))
    def content(self, delivery: Delivery) -> SafeString:
        return format_html("<pre>{}</pre>", json.dumps(delivery.body, ensure_ascii=False, indent=2))
