"""Hub categories: chosen once for a video, and what each stands for on every account, edited on one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, Prefetch, QuerySet
from django.forms.boundfield import BoundField
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from platforms.admin.category.category_fields import CategoryField
from platforms.admin.common.display import NOTHING, labelled, platform_label
from platforms.admin.common.lists import HubAdmin
from platforms.admin.site import site
from platforms.models import Account, CategoryMapping, HubCategory
from platforms.services.categories import mapping, tree
from platforms.services.categories.mapping import Place

ACCOUNT = "account-"


@dataclass(frozen=True, slots=True)
class MappingRow:
    """One account on the page: its field, and what is to be said of it."""

    account: Account
    platform: SafeString
    field: BoundField
    has_choices: bool
    gone: str


class HubCategoryForm(forms.ModelForm):  # type: ignore[type-arg]
    """A name, and a field an account whose platform has categories.

    `refused`: by account id, why what was chosen could not be saved a moment ago.
    """

    refused: Mapping[str, Sequence[str]] = {}

    class Meta:
        model = HubCategory
        fields = ("name",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = mapping.places(self.instance if self.instance.pk else None)
        for place in self.places:
            self.fields[f"{ACCOUNT}{place.account.pk}"] = self._field(place)

    def _field(self, place: Place) -> CategoryField:
        field = CategoryField(place.nodes, empty=self._empty(place), label=place.account.name)
        field.initial = place.chosen
        return field

    def _empty(self, place: Place) -> list[tuple[str, str]]:
        """What stands before the tree: nothing, and a category that is gone as long as it is not replaced."""
        kept = [(place.chosen, _("%(category)s (gone)") % {"category": place.gone})] if place.gone else []
        return [("", "—"), *kept]

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        other = mapping.find(name)
        if other and other.pk != self.instance.pk:
            raise ValidationError(_("There is a hub category “%(name)s” already.") % {"name": other.name})
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for pk, why in mapping.wrong(self._chosen(cleaned)).items():
            self.add_error(f"{ACCOUNT}{pk}", why)
        for account_id, reasons in self.refused.items():
            self.add_error(f"{ACCOUNT}{account_id}", list(reasons))
        return cleaned

    def _chosen(self, cleaned: dict[str, Any]) -> dict[int, str]:
        fields = ((place.account.pk, f"{ACCOUNT}{place.account.pk}", place) for place in self.places)
        return {
            pk: cleaned[name] for pk, name, place in fields if name in cleaned and cleaned[name] != place.chosen
        }  # fmt: skip

    def changed_mapping(self) -> dict[int, str]:
        """What the form changes: remote id by account id, "" for none."""
        return self._chosen(self.cleaned_data)

    def mapping_rows(self) -> list[MappingRow]:
        """The accounts as the template shows them."""
        return [
            MappingRow(
                place.account, platform_label(place.account.platform), self[f"{ACCOUNT}{place.account.pk}"],
                bool(place.nodes), place.gone,
            )
            for place in self.places
        ]  # fmt: skip


@admin.register(HubCategory, site=site)
class HubCategoryAdmin(HubAdmin):
    form = HubCategoryForm
    list_display = ("name", "stands_for", "video_count")
    search_fields = ("name",)
    change_form_template = "admin/platforms/hubcategory/change_form.html"
    empty_hint = gettext_lazy(
        "A hub category is chosen once for a video and stands for one category on each account: every platform gets "
        "its own."
    )

    class Media:
        css = {"all": ("mediahub/publish.css", "mediahub/categories.css")}

    def get_queryset(self, request: HttpRequest) -> QuerySet[HubCategory]:
        rows = CategoryMapping.objects.select_related("account", "category").defer("account__credentials")
        counted: QuerySet[HubCategory] = super().get_queryset(request).annotate(video_count=Count("videos"))
        return counted.prefetch_related(Prefetch("mappings", rows.order_by("account__platform", "account__name")))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        # The accounts' own fields are added by the form itself.
        form: Any = super().get_form(request, obj, change, **kwargs | {"fields": ("name",)})
        form.refused = getattr(request, "refused_mapping", {})
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return [(None, {"fields": ("name",)})]

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What has vanished since the form was checked undoes the whole, and is told at its field."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except ValidationError as error:
            request.refused_mapping = error.message_dict  # type: ignore[attr-defined]
            return super().changeform_view(request, *args, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        mapping.save(form.instance, form.changed_mapping(), actor=request.user.get_username())

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        form = context["adminform"].form
        if isinstance(form, HubCategoryForm):
            context |= {"mapping_rows": form.mapping_rows(), "media": context["media"] + form.media}
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=gettext_lazy("stands for"))
    def stands_for(self, hub_category: HubCategory) -> SafeString | str:
        rows = list(hub_category.mappings.all())
        for row in rows:
            row.category.account = row.account
        shown = ((platform_label(row.account.platform), labelled(row.account.name, _path(row))) for row in rows)
        return format_html_join(mark_safe(" "), '<span class="on-platform">{} {}</span>', shown) or NOTHING

    @admin.display(description=gettext_lazy("videos"))
    def video_count(self, hub_category: HubCategory) -> int:
        return int(hub_category.video_count)  # type: ignore[attr-defined]


def _path(row: CategoryMapping) -> str:
    text = tree.path_label(row.category)
    return _("%(category)s (gone)") % {"category": text} if row.category.gone_at else text
