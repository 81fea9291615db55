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

from platforms.admin.common.display import NOTHING, link, moment, platform_label
from platforms.admin.common.filters import AccountFilter, DaysFilter
from platforms.admin.common.lists import ReadOnlyAdmin, walk
from platforms.admin.site import site
from platforms.models import Event
from platforms.models.publication import STATE_LABELS
from platforms.services import search
from platforms.services.operations.kinds import KINDS as KINDS_OF_OPERATIONS

KINDS = {
    "account": gettext_lazy("Account changed"),
    "check": gettext_lazy("Account checked"),
    "token": gettext_lazy("Token renewed"),
    "trouble": gettext_lazy("Trouble with the account"),
    "remote_id": gettext_lazy("Id answered"),
    "look": gettext_lazy("Look failed"),
    "overdue": gettext_lazy("Followed for too long"),
    "renamed": gettext_lazy("Renamed on the platform"),
    "budget": gettext_lazy("Calls used up"),
    "call": gettext_lazy("Called by hand"),
    "callbacks": gettext_lazy("Callback address registered"),
    "access_key": gettext_lazy("Access key issued or withdrawn"),
    "cancel": gettext_lazy("Platform told of a cancellation"),
    "video_deleted": gettext_lazy("Video deleted from the hub"),
    "schedule": gettext_lazy("Planned, moved or cancelled"),
    "sync": gettext_lazy("Synced with the platform"),
    "imported": gettext_lazy("Imported from the platform"),
    "categories": gettext_lazy("Categories synced or changed"),
    "subtitle": gettext_lazy("Subtitle changed"),
    "cover": gettext_lazy("Cover chosen"),
    "player_token": gettext_lazy("Player token issued"),
    "decision": gettext_lazy("Decided by a person"),
    "circuit": gettext_lazy("Paused after failures, or back"),
    "file": gettext_lazy("File deleted from the hub"),
    "file_begun": gettext_lazy("File begins to arrive"),
    "file_arrived": gettext_lazy("File arrived"),
    "file_restarted": gettext_lazy("File fetched from its start again"),
    "file_failed": gettext_lazy("File refused"),
    "file_given_up": gettext_lazy("File could not be fetched"),
    "file_abandoned": gettext_lazy("Unfinished file deleted"),
    **{kind.name: gettext_lazy(kind.label) for kind in KINDS_OF_OPERATIONS.values()},
    **{state.value: label for state, label in STATE_LABELS.items()},
}


class KindFilter(admin.SimpleListFilter):
    """By kind, from the list of kinds: asking the table which it has would read all of it."""

    title = gettext_lazy("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return list(KINDS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        if not self.value():
            return queryset
        if request.GET.get("account__id__exact"):
            walk(request)  # its index knows the kind or the account
        return queryset.filter(kind=self.value())


@admin.register(Event, site=site)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("time", "kind_shown", "subject_link", "text", "actor")
    list_display_links = ("time",)
    list_select_related = ("account", "publication")
    list_filter = (KindFilter, ("account", AccountFilter), ("at", DaysFilter))
    ordering = ("-at", "-id")
    sortable_by = ("time",)
    search_fields = ("subject", "actor")
    search = staticmethod(search.events)
    search_help_text = gettext_lazy("Title or account, or the whole name of who did it")
    fields = ("at", "kind_shown", "text", "actor", "account_link", "subject_link", "facts")
    empty_hint = gettext_lazy("Whatever happens to accounts and publications is written down here.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        rows: QuerySet[Event] = super().get_queryset(request)
        return rows.defer("account__credentials", "publication__description", "publication__options")

    @admin.display(description=gettext_lazy("time"), ordering="at")
    def time(self, event: Event) -> SafeString:
        return format_html('<span class="nowrap numbers">{}</span>', moment(event.at))

    @admin.display(description=gettext_lazy("kind"))
    def kind_shown(self, event: Event) -> str:
        return str(KINDS.get(event.kind, event.kind))

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
