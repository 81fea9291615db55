"""What every list of the hub shares: pages that stay fast with a million rows."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import HttpRequest
from django.utils.functional import cached_property

from platforms.admin.display import NOTHING

MOST_COUNTED = 10_000


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than 10,000 rows: beyond that nobody turns pages, and counting costs seconds."""

    @cached_property
    def count(self) -> int:
        ordered = getattr(self.object_list, "query", None) is not None
        rows: Any = self.object_list[: MOST_COUNTED + 1] if ordered else self.object_list
        return min(int(rows.count()) if ordered else len(rows), MOST_COUNTED)


class HubAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A list with the hub's manners."""

    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 200
    empty_value_display = NOTHING
    save_on_top = False


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
