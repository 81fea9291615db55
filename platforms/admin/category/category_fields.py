"""Categories to choose from in forms: an account's own tree, indented, and searched where it is long."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from platforms.admin.common.display import NOTHING, labelled, listed
from platforms.models import Account, HubCategory
from platforms.services.categories import mapping, tree
from platforms.services.categories.tree import Node

#: A list that is longer can be searched.
MOST_UNSEARCHED = 15
#: What a form sends for “no category”; nothing at all means what the video's hub category stands for.
NO_CATEGORY = "-"
SEARCH_WORDS = {"zh-hans": "zh-CN"}


class CategorySelect(forms.Select):
    """Each option knows its path, by which a long list is searched."""

    paths: Mapping[str, str] = {}

    @property
    def media(self) -> forms.Media:
        words = SEARCH_WORDS.get(get_language() or "", "")
        extra = "" if settings.DEBUG else ".min"
        vendor = "admin/js/vendor/select2"
        js = [f"admin/js/vendor/jquery/jquery{extra}.js", f"{vendor}/select2.full{extra}.js"]
        js += [f"{vendor}/i18n/{words}.js"] if words else []
        return forms.Media(
            css={"screen": ("admin/css/vendor/select2/select2.css", "admin/css/autocomplete.css")},
            js=(*js, "admin/js/jquery.init.js", "mediahub/category_select.js"),
        )

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if path := self.paths.get(str(value)):
            option["attrs"]["data-path"] = path
        return option


class CategoryField(forms.ChoiceField):
    """One category of an account, by its remote id; `empty` are (value, label) of what stands before the tree.

    Empty itself it answers "".
    """

    widget = CategorySelect

    def __init__(
        self,
        nodes: Sequence[Node],
        *,
        empty: Sequence[tuple[str, str]] = (("", "—"),),
        label: str = "",
        required: bool = False,
    ) -> None:
        own = [(str(node.category.remote_id), node.indented) for node in nodes]
        super().__init__(choices=[*empty, *own], label=label or _("Category"), required=required)
        self.error_messages["invalid_choice"] = _("“%(value)s” is no category of this account. Choose one of the list.")
        self.widget.paths = {str(node.category.remote_id): node.path for node in nodes}
        if len(own) > MOST_UNSEARCHED:
            self.widget.attrs["data-search"] = ""


def account_category_field(account: Account, *, label: str = "", required: bool = True) -> CategoryField:
    """The categories of one account to choose from; its page shows the widget's `media`."""
    return CategoryField(tree.nodes(account), label=label, required=required)


def publish_fields(accounts: Sequence[Account], hub_category_id: int | None = None) -> dict[str, CategoryField]:
    """The category fields of the publish form, by name.

    A platform's own list is chosen from once for all of its accounts, a tree for each account. Nothing chosen: what the
    video's hub category, where it is known already `hub_category_id`, stands for.
    """
    placed = [account for account in accounts if tree.has_categories(account)]
    offered = tree.chosen_from(placed)
    told = stands_for(placed).get(str(hub_category_id), {}) if hub_category_id else {}
    fields: dict[str, CategoryField] = {}
    for account in placed:
        name, nodes = field_name(account), offered[account.pk]
        if name not in fields and nodes:
            first = _as_mapped(told.get(name, "")) if hub_category_id else _("As the video's category")
            empty = [("", first), (NO_CATEGORY, _("No category"))]
            fields[name] = CategoryField(nodes, empty=empty, label=_label(account, placed))
            # The script of the page fills these in when the video's category is chosen in the same form.
            words = {"data-as-mapped": _as_mapped("%(category)s"), "data-unmapped": _as_mapped("")}
            fields[name].widget.attrs |= words
    return fields


def _as_mapped(path: str) -> str:
    """The first choice of a category field, for a video whose category stands for `path` there, "" for none."""
    if not path:
        return _("As the video's category: none here")
    return _("As the video's category: %(category)s") % {"category": path}


def _label(account: Account, accounts: Sequence[Account]) -> str:
    alike = [each for each in accounts if each.platform == account.platform]
    if tree.has_tree(account) and len(alike) > 1:
        return labelled(account.name, _("category"))
    return _("Category")


def field_name(account: Account) -> str:
    """The publish form's field in which the account's category is chosen."""
    own = f"{account.platform}-category"
    return f"{own}-{account.pk}" if tree.has_tree(account) else own


def chosen(cleaned: Mapping[str, Any], account: Account) -> str | None:
    """What the publish form says of an account's category: a remote id, "" for none, None for the video's own."""
    value = str(cleaned.get(field_name(account)) or "")
    return "" if value == NO_CATEGORY else value or None


def as_initial(category: str | None) -> str:
    """What the publish form's field shows for an account's category: the other way round of `chosen`."""
    return "" if category is None else category or NO_CATEGORY


def hub_category_field(accounts: Sequence[Account]) -> forms.ModelChoiceField[HubCategory]:
    """The hub category of a video; the script of the page shows beside each account's field what it stands for."""
    field = forms.ModelChoiceField(
        HubCategory.objects.all(), required=False, label=_("Category"), empty_label=NOTHING,
        help_text=_("Each account gets the category of its own that this one is mapped to."),
    )  # fmt: skip
    field.widget.attrs["data-stands-for"] = json.dumps(stands_for(accounts), ensure_ascii=False)
    return field


def stands_for(accounts: Sequence[Account]) -> dict[str, dict[str, str]]:
    """What hub categories stand for, by their ids and the names of the publish form's fields, in words."""
    by_pk = {account.pk: account for account in accounts}
    found: dict[str, dict[str, str]] = {}
    for hub_pk, paths in mapping.table(accounts).items():
        by_field: dict[str, list[tuple[str, str]]] = {}
        for pk, path in paths.items():
            by_field.setdefault(field_name(by_pk[pk]), []).append((by_pk[pk].name, path))
        found[str(hub_pk)] = {name: _in_words(given) for name, given in by_field.items()}
    return found


def _in_words(given: Sequence[tuple[str, str]]) -> str:
    paths = {path for _name, path in given}
    return paths.pop() if len(paths) == 1 else listed(labelled(name, path) for name, path in given)
