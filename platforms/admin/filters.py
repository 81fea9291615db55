"""Filters of the lists: by the publications of a video, by account, and by a span of days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import ModelAdmin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Exists, Field, Model, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from platforms.models import Account, Publication
from platforms.models.account import PLATFORM_LABELS
from platforms.models.publication import STATE_LABELS

# More accounts than this are offered as a select instead of links.
FEW = 10


def _accounts() -> list[tuple[str, Any]]:
    return [(str(pk), name) for pk, name in Account.objects.order_by("name").values_list("pk", "name")]


def kept_parameters(changelist: ChangeList, *own: str) -> list[tuple[str, str]]:
    """What else the list's address says, for a filter that is a form: other filters and the words searched for."""
    others = changelist.get_filters_params()
    kept = [(name, str(value)) for name, values in others.items() if name not in own for value in values]
    return [*kept, ("q", changelist.query)] if changelist.query else kept


def _for_select(
    choices: Iterable[Mapping[str, Any]],
    lookups: Sequence[tuple[Any, Any]],
    parameter: str,
    kept: list[tuple[str, str]],
) -> Iterator[dict[str, Any]]:
    """Choices with what a select needs besides; the first is “All”."""
    values = ["", *(str(value) for value, _label in lookups)]
    for value, choice in zip(values, choices, strict=False):
        yield {**choice, "value": value, "parameter": parameter, "many": len(lookups) > FEW, "kept": kept}


class AccountFilter(admin.RelatedFieldListFilter):
    """By account: a short list of links, or a select where there are many."""

    template = "admin/filters/account.html"

    def field_choices(self, field: Any, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return _accounts()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        # The select sends an empty value for “All”.
        values: Any = self.used_parameters.get(self.lookup_kwarg) or ()
        return super().queryset(request, queryset) if any(values) else queryset  # type: ignore[return-value]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        kept = kept_parameters(changelist, self.lookup_kwarg)
        yield from _for_select(super().choices(changelist), self.lookup_choices, self.lookup_kwarg, kept)


class OfPublications(admin.SimpleListFilter):
    """Videos with a publication that matches all of the filters state, platform and account at once."""

    columns = {"state": "state", "platform": "account__platform", "account": "account_id"}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        if not self.value():
            return queryset
        typed = {name: request.GET.get(name) for name in self.columns} | {str(self.parameter_name): self.value()}
        wanted = {self.columns[name]: value for name, value in typed.items() if value}
        if not str(wanted.get("account_id", "0")).isdecimal():
            return queryset.none()
        return queryset.filter(Exists(Publication.objects.filter(video=OuterRef("pk"), **wanted)))


class StateFilter(OfPublications):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return [(state.value, label) for state, label in STATE_LABELS.items()]


class PlatformFilter(OfPublications):
    title = _("platform")
    parameter_name = "platform"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return [(platform.value, label) for platform, label in PLATFORM_LABELS.items()]


class VideoAccountFilter(OfPublications):
    title = _("account")
    parameter_name = "account"
    template = "admin/filters/account.html"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return _accounts()

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        kept = kept_parameters(changelist, self.parameter_name)
        yield from _for_select(super().choices(changelist), self.lookup_choices, self.parameter_name, kept)


class DaysFilter(admin.FieldListFilter):
    """A span of local days, both ends included; either end may be left open."""

    template = "admin/filters/days.html"

    def __init__(
        self,
        field: Field[Any, Any],
        request: HttpRequest,
        params: dict[str, list[str]],
        model: type[Model],
        model_admin: ModelAdmin[Any],
        field_path: str,
    ) -> None:
        self.names = (f"{field_path}__from", f"{field_path}__to")
        super().__init__(field, request, params, model, model_admin, field_path)

    def expected_parameters(self) -> list[str | None]:
        return list(self.names)

    def has_output(self) -> bool:
        return True

    def _typed(self, name: str) -> str:
        values: Any = self.used_parameters.get(name) or [""]
        return str(values[-1])

    def _day(self, name: str) -> datetime | None:
        try:
            day = parse_date(self._typed(name))
        except ValueError:
            return None
        return timezone.make_aware(datetime.combine(day, time.min)) if day else None

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        first, last = (self._day(name) for name in self.names)
        if first:
            queryset = queryset.filter(**{f"{self.field_path}__gte": first})
        if last:
            queryset = queryset.filter(**{f"{self.field_path}__lt": last + timedelta(days=1)})
        return queryset

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        yield {
            "names": self.names,
            "values": tuple(self._typed(name) for name in self.names),
            "kept": kept_parameters(changelist, *self.names),
            "clear": changelist.get_query_string(remove=list(self.names)),
            "active": any(self._typed(name) for name in self.names),
        }
