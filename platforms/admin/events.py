"""Events: the history of everything, read only."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from platforms.admin.display import NOTHING, link, moment, platform_label
from platforms.admin.filters import AccountFilter, DaysFilter
from platforms.admin.lists import ReadOnlyAdmin
from platforms.admin.site import site
from platforms.models import Event
from platforms.models.publication import STATE_LABELS

KINDS = {
    "account": gettext_lazy("Account changed"),
    "check": gettext_lazy("Account checked"),
    "token": gettext_lazy("Token renewed"),
    "trouble": gettext_lazy("Trouble with the account"),
    "remote_id": gettext_lazy("Id answered"),
    "look": gettext_lazy("Look failed"),
    "call": gettext_lazy("Called by hand"),
    "cancel": gettext_lazy("Platform told of a cancellation"),
    "video_deleted": gettext_lazy("Video deleted from the hub"),
    **{state.value: label for state, label in STATE_LABELS.items()},
}


class KindFilter(admin.SimpleListFilter):
    """By kind, from the list of kinds: asking the table which it has would read all of it."""

    title = gettext_lazy("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return list(KINDS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Event, site=site)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("time", "kind_shown", "subject_link", "text", "actor")
    list_display_links = ("time",)
    list_select_related = ("account", "publication")
    list_filter = (KindFilter, ("account", AccountFilter), ("at", DaysFilter))
    search_fields = ("subject", "actor")
    search_help_text = gettext_lazy("Title or account, or who did it")
    fields = ("at", "kind_shown", "text", "actor", "account_link", "subject_link", "facts")
    empty_hint = gettext_lazy("Whatever happens to accounts and publications is written down here.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        rows: QuerySet[Event] = super().get_queryset(request)
        return rows.defer("account__credentials", "publication__description", "publication__options")

    @admin.display(description=gettext_lazy("time"), ordering="id")
    def time(self, event: Event) -> SafeString:
        return format_html('<span class="nowrap numbers">{}</span>', moment(event.at))

    @admin.display(description=gettext_lazy("kind"))
    def kind_shown(self, event: Event) -> SafeString:
        return format_html('<span class="nowrap">{}</span>', KINDS.get(event.kind, event.kind))

    @admin.display(description=gettext_lazy("what happened"))
    def text(self, event: Event) -> str:
        return event.text

    @admin.display(description=gettext_lazy("about"))
    def subject_link(self, event: Event) -> SafeString:
        return link(event.publication or event.account, event.subject) if _is_left(event) else _bare(event.subject)

    @admin.display(description=gettext_lazy("account"))
    def account_link(self, event: Event) -> SafeString:
        if event.account is None:
            return _bare(NOTHING)
        return format_html("{} {}", platform_label(event.account.platform), link(event.account))

    @admin.display(description=gettext_lazy("data"))
    def facts(self, event: Event) -> SafeString:
        return (
            format_html("<pre>{}</pre>", json.dumps(event.data, ensure_ascii=False, indent=2))
            if event.data
            else _bare(NOTHING)
        )


def _is_left(event: Event) -> bool:
    """Whether the row that the event is about still exists."""
    return bool(event.publication or event.account)


def _bare(text: str) -> SafeString:
    return format_html("{}", text)
