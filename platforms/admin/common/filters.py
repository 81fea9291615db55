"""Filters of the lists: by the publications of a video, by account, and by a span of days."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import MAXYEAR, MINYEAR, datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IS_FACETS_VAR, ModelAdmin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Exists, Field, Model, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from platforms.admin.common.lists import walk
from platforms.models import Account, Publication, Video
from platforms.models.account import PLATFORM_LABELS
from platforms.models.publication import STATE_LABELS
from platforms.services import progress
from platforms.services.categories import tree
from platforms.services.search import few, on_the_way
from platforms.values import State

# More accounts than this are offered as a select instead of links.
FEW = 10


def _accounts() -> list[tuple[str, Any]]:
    return [(str(pk), name) for pk, name in Account.objects.order_by("name").values_list("pk", "name")]


def _ids(**wanted: Any) -> list[int]:
    return list(Account.objects.filter(**wanted).order_by().values_list("pk", flat=True))


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


class NeedsPersonFilter(admin.SimpleListFilter):
    """Publications that wait for a person."""

    title = _("what is to be done")
    parameter_name = "needs"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return [("person", _("Needs a person"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        if self.value() != "person":
            return queryset
        needed = progress.needs_person()
        ids = Publication.objects.filter(needed).values_list("pk", flat=True)
        return _narrowed(request, queryset, ids, lambda: on_the_way(queryset, needed))


class DiffersFilter(admin.SimpleListFilter):
    """Publications whose metadata are others on the platform than in the hub."""

    title = _("metadata")
    parameter_name = "metadata"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return [("differs", _("Differs from the platform"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        if self.value() != "differs":
            return queryset
        differing = Publication.objects.filter(differs=True).exclude(state__in=(State.DELETED, State.MISSING))
        # An index of its own has them in the order of the list.
        return _narrowed(
            request, queryset, differing.values_list("pk", flat=True), lambda: queryset.filter(differs=True)
        )


def _narrowed(
    request: HttpRequest, rows: QuerySet[Model], ids: QuerySet[Any, Any], otherwise: Callable[[], QuerySet[Model]]
) -> QuerySet[Model]:
    """The rows of these ids when they are few; else what matches as it is met on the way from the newest row."""
    # Counts beside the filters are made of conditions, and ids would be too many of them.
    found = None if IS_FACETS_VAR in request.GET else few(ids.order_by())
    if found is not None:
        return rows.filter(pk__in=set(found))
    walk(request)
    return otherwise()


class CategoryFilter(admin.SimpleListFilter):
    """Publications that stand in one category of an account, which a page of categories links to."""

    title = _("category")
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, Any]]:
        chosen = self._chosen()
        account = Account.objects.defer("credentials").filter(pk=chosen[0]).first() if chosen else None
        if chosen is None or account is None:
            return []
        return [(str(self.value()), f"{account.name}: {tree.named(account, chosen[1])}")]

    def _chosen(self) -> tuple[int, str] | None:
        """Account and remote id of “3:491”."""
        pk, colon, remote_id = str(self.value() or "").partition(":")
        return (int(pk), remote_id) if colon and pk.isdecimal() and len(pk) < 19 else None

    def value(self) -> str | None:
        return self.used_parameters.get(self.parameter_name)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        if not self.value():
            return queryset
        chosen = self._chosen()
        return tree.standing_in(queryset, *chosen) if chosen else queryset.none()


class PublicationPlatformFilter(admin.ChoicesFieldListFilter):
    """Publications on the accounts of a platform."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        values: Any = self.used_parameters.get(self.lookup_kwarg) or ()
        if not any(values):
            return queryset
        accounts = _ids(platform__in=values)
        ids = Publication.objects.filter(account__in=accounts).values_list("pk", flat=True)
        return _narrowed(request, queryset, ids, lambda: on_the_way(queryset, Q(account__in=accounts)))


class OfPublications(admin.SimpleListFilter):
    """Videos with a publication that matches all of the filters state, platform and account at once."""

    columns = {"state": "state", "platform": "account__platform", "account": "account_id"}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        if not self.value():
            return queryset
        typed = {name: request.GET.get(name) for name in self.columns} | {str(self.parameter_name): self.value()}
        if self.parameter_name != next(name for name, value in typed.items() if value):
            return queryset  # the first of them has asked for all
        wanted = {self.columns[name]: value for name, value in typed.items() if value}
        if not str(wanted.get("account_id", "0")).isdecimal():
            return queryset.none()
        platform = wanted.pop("account__platform", None)
        matching = Publication.objects.filter(**wanted)
        if platform:
            matching = matching.filter(account__in=_ids(platform=platform))
        ids = matching.values_list("video_id", flat=True)
        exists = Exists(matching.filter(video=OuterRef("pk")))
        return _narrowed(request, queryset, ids, lambda: queryset.filter(exists))


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


class OriginFilter(admin.SimpleListFilter):
    """Videos that were uploaded here, or found on an account."""

    title = _("origin")
    parameter_name = "origin"
    conditions = {"uploaded": Q(imported_from=None), "imported": ~Q(imported_from=None)}

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return [("uploaded", _("Uploaded here")), ("imported", _("Imported from an account"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        condition = self.conditions.get(str(self.value()))
        if condition is None:
            return queryset
        ids = Video.objects.filter(condition).values_list("pk", flat=True)
        return _narrowed(request, queryset, ids, lambda: on_the_way(queryset, condition))


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
        """The beginning of the day that was typed; None for what is none, or lies where times end in some zone."""
        try:
            day = parse_date(self._typed(name))
        except ValueError:
            return None
        if day is None or day.year in (MINYEAR, MAXYEAR):
            return None
        return timezone.make_aware(datetime.combine(day, time.min))

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
