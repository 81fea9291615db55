"""What every list and form of the hub shares: pages that stay fast with a million rows, and choices without buttons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.paginator import Paginator
from django.db.models import Model, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from platforms.admin.common.display import NOTHING
from platforms.models import Account

MOST_COUNTED = 10_000
# Fetched beside a page's rows instead of joined: SQLite may begin a join at the thirty accounts, and sort all that is
# theirs to show fifty.
ACCOUNT = Prefetch("account", Account.objects.defer("credentials"))
#: Of a choice that may be left out.
NO_CHOICE = [("", NOTHING)]
Search = Callable[[QuerySet[Any], str], tuple[QuerySet[Any], bool]]


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than `most` rows: beyond that nobody turns pages, and counting costs seconds."""

    most = 0

    @cached_property
    def _counted(self) -> int:
        most = self.most or MOST_COUNTED
        is_query = getattr(self.object_list, "query", None) is not None
        rows: Any = self.object_list[: most + 1] if is_query else self.object_list
        return int(rows.count()) if is_query else len(rows)

    @cached_property
    def count(self) -> int:
        return min(self._counted, self.most or MOST_COUNTED)

    @property
    def capped(self) -> bool:
        """Whether there are more rows than `count`."""
        return self._counted > self.count

    @property
    def goes_on(self) -> bool:
        """Whether the rows beyond `count` are reached by turning pages."""
        return self.capped and bool(self.most)


class HubChangeList(ChangeList):
    """Counts beside filters are offered where the rows can be counted; what is sorted backwards is so to the last, so
    that the same index serves."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        found = list(super().get_ordering(request, queryset))
        own = [*self.model_admin.get_ordering(request), *(self.lookup_opts.ordering or ())]
        backwards = isinstance(found[0], str) and found[0].startswith("-") and found[0] not in own
        return [*found[:-1], "pk"] if backwards and found[-1] == "-pk" else found

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if self.paginator.capped:
            self.add_facets = self.is_facets_optional = False


class HubAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A list with the hub's manners. `search` finds what is typed, where that takes more than `search_fields`."""

    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 200
    empty_value_display = NOTHING
    save_on_top = False
    search: Search | None = None

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return HubChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        text = search_term.strip()
        if self.search is None or not text:
            return super().get_search_results(request, queryset, search_term)
        found, walked = self.search(queryset, text)
        if walked:
            walk(request)
        return found, False

    def get_paginator(
        self, request: HttpRequest, queryset: QuerySet[Any], per_page: int, *args: Any, **kwargs: Any
    ) -> Any:
        paginator = super().get_paginator(request, queryset, per_page, *args, **kwargs)
        if is_walked(request) and isinstance(paginator, CappedPaginator):
            paginator.most = min(per_page * (_page(request) + 1), MOST_COUNTED)
        return paginator

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None) or {}
        if (cl := context.get("cl")) is not None and getattr(cl.paginator, "capped", False):
            context["selection_note_all"] = _("All that match are selected.")
        return response

    def get_action_choices(self, request: HttpRequest, default_choices: Any = NO_CHOICE) -> list[tuple[str, str]]:
        return super().get_action_choices(request, default_choices)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_foreignkey(db_field, request, **{"empty_label": NOTHING} | kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """What is chosen from is looked after on pages of its own: no buttons beside the choice."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            for right in ("add", "change", "delete", "view"):
                setattr(field.widget, f"can_{right}_related", False)
        return field


class ReadOnlyAdmin(HubAdmin):
    """Rows that pages show and nobody writes by hand."""

    actions: Any = None
    change_form_template = "admin/read_only.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def walk(request: HttpRequest) -> None:
    """This list is read from its newest row until the page is full: what matches has no index, and it is not counted
    further than one page ahead."""
    request.walks_list = True  # type: ignore[attr-defined]


def is_walked(request: HttpRequest) -> bool:
    return getattr(request, "walks_list", False)


def _page(request: HttpRequest) -> int:
    # The choices of a form are asked for in pages, too.
    text = request.GET.get(PAGE_VAR) or request.GET.get("page", "1")
    return max(1, int(text)) if text.isdecimal() and len(text) < 6 else 1
