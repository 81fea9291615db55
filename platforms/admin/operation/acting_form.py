"""What is chosen on the page that asks before anything is done: once a platform, or once an account."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from platforms.admin.category.category_fields import account_category_field
from platforms.admin.common.display import NOTHING
from platforms.admin.common.option_fields import form_field
from platforms.models import Account, HubCategory, Publication
from platforms.services import videos
from platforms.services.categories import mapping
from platforms.services.operations import asking
from platforms.services.operations.deleting import DELETE, FILE
from platforms.services.operations.kind import Kind
from platforms.services.operations.moving import CATEGORY, MOVE
from platforms.values import Field, State

PUBLISHED, HUB_CATEGORY, LEFT_ALONE = "published", "hub_category", "left_alone"


@dataclass(frozen=True, slots=True)
class Group:
    """Publications for which the same is chosen; `account` is theirs, or one of the platform's."""

    key: str
    account: Account
    rows: list[Publication]


def grouped(kind: Kind, rows: Sequence[Publication]) -> list[Group]:
    """The rows by platform, or by account where that is the choice."""

    def key(row: Publication) -> tuple[str, str]:
        return row.account.platform, f"account-{row.account_id}" if kind.is_per_account else ""

    together = itertools.groupby(sorted(rows, key=key), key=key)
    lists = (("-".join(filter(None, name)), list(group)) for name, group in together)
    return [Group(name, group[0].account, group) for name, group in lists]


def _form_field(field: Field, account: Account) -> forms.Field:
    if field.kind != "category":
        return form_field(field)
    found = account_category_field(account, required=False)
    if not found.widget.paths:
        found.help_text = _("The hub knows no category of this account yet: bring its categories in first.")
    return found


class ActingForm(forms.Form):
    """The fields of a kind, for each group of the publications that it is possible for."""

    def __init__(self, kind: Kind, rows: Sequence[Publication], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.kind, self.rows, self.groups = kind, rows, grouped(kind, rows)
        for group in self.groups:
            for field in kind.fields(group.account):
                self.fields[f"{group.key}-{field.name}"] = _form_field(field, group.account)

    def fields_of(self, group: Group) -> list[forms.BoundField]:
        return [self[f"{group.key}-{field.name}"] for field in self.kind.fields(group.account)]

    def clean(self) -> dict[str, Any]:
        """Everything that the service would refuse, at its field."""
        cleaned = super().clean() or {}
        for group in self.groups:
            for name, problem in self._problems(group).items():
                self.add_error(f"{group.key}-{name}", problem)
        return cleaned

    def _problems(self, group: Group) -> dict[str, str]:
        return asking.problems(self.kind, group.account, self._chosen(group))

    def left_alone(self) -> dict[int, str]:
        """Why nothing is done with some of the publications, by their ids, as what was chosen is for others."""
        return {}

    def _chosen(self, group: Group) -> dict[str, Any]:
        names = [field.name for field in self.kind.fields(group.account)]
        found = {name: self.cleaned_data.get(f"{group.key}-{name}") for name in names}
        return {name: value for name, value in found.items() if value}

    def arguments(self) -> dict[int, dict[str, Any]]:
        """What was chosen, by the id of the publication. For a valid form."""
        return {row.pk: self._chosen(group) for group in self.groups for row in group.rows}


class MovingForm(ActingForm):
    """Moving offers the hub's own categories, too: on each account a video goes to what that stands for there.

    What is chosen for an account goes before it. Where it stands for nothing videos are left alone, once that was read.
    """

    def __init__(self, kind: Kind, rows: Sequence[Publication], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(kind, rows, data)
        self.hub_category: HubCategory | None = None
        accounts = [group.account for group in self.groups]
        self._mapped = mapping.mapped_all([account.pk for account in accounts])
        if self._mapped:
            self.fields[HUB_CATEGORY] = HubCategoryField(self._mapped, len(accounts))

    def clean(self) -> dict[str, Any]:
        # Kept: a field with an error is cleaned no more.
        self.hub_category = self.cleaned_data.get(HUB_CATEGORY)
        cleaned = super().clean()
        left = self.left_alone()
        if left and len(left) < len(self.rows) and self.data.get(LEFT_ALONE) != self.left_alone_text:
            text = ngettext(
                "%(count)d video would be left alone: see below. Press the button again to move the others.",
                "%(count)d videos would be left alone: see below. Press the button again to move the others.",
                len(left),
            )  # fmt: skip
            self.add_error(HUB_CATEGORY, text % {"count": len(left)})
        return cleaned

    def _problems(self, group: Group) -> dict[str, str]:
        return {} if self._stands_for_nothing(group) else super()._problems(group)

    def _chosen(self, group: Group) -> dict[str, Any]:
        found = super()._chosen(group)
        hub_category = self.hub_category
        mapped = self._mapped.get(hub_category.pk, {}).get(group.account.pk, "") if hub_category else ""
        return {CATEGORY: mapped, **found} if mapped else found

    def _stands_for_nothing(self, group: Group) -> bool:
        return self.hub_category is not None and CATEGORY not in self._chosen(group)

    def left_alone(self) -> dict[int, str]:
        if self.hub_category is None:
            return {}
        text = _("“%(name)s” stands for no category on %(account)s.")
        return {
            row.pk: text % {"name": self.hub_category.name, "account": group.account.name}
            for group in self.groups
            if self._stands_for_nothing(group)
            for row in group.rows
        }

    @property
    def left_alone_text(self) -> str:
        """What was read of it: the hub category and the publications; empty when none is left alone."""
        left, hub_category = self.left_alone(), self.hub_category
        return f"{hub_category.pk}:{','.join(map(str, sorted(left)))}" if left and hub_category else ""


class HubCategoryField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """The hub categories that stand for something on one of `total` accounts; `mapped` as `mapping.mapped_all` answers.

    Each says on how many, where that is not all of them.
    """

    def __init__(self, mapped: Mapping[int, Mapping[int, str]], total: int) -> None:
        self._mapped, self._total = mapped, total
        super().__init__(
            HubCategory.objects.filter(pk__in=mapped), required=False, empty_label=NOTHING, label=_("Hub category"),
            help_text=_("Each account's videos go to what it stands for there, unless a category is chosen below."),
        )  # fmt: skip

    def label_from_instance(self, obj: HubCategory) -> str:
        number = len(self._mapped[obj.pk])
        if number == self._total:
            return obj.name
        words = {"name": obj.name, "number": number, "total": self._total}
        return _("%(name)s (%(number)d of %(total)d accounts)") % words


class DeletingForm(ActingForm):
    """Deleting asks a second time for what viewers lose, and by itself for the files in the hub."""

    def __init__(self, kind: Kind, rows: Sequence[Publication], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(kind, rows, data)
        self.published = sum(row.state == State.PUBLISHED for row in rows)
        with_file = {row.video_id: row.video for row in rows if row.video.source}
        needing = videos.needing_file(with_file, but={row.pk for row in rows})
        self.files_kept = [(with_file[pk], row) for pk, row in needing.items()]
        self.free_files = frozenset(with_file) - frozenset(needing)
        if self.free_files:
            label = ngettext(
                "Delete the file in the hub, too", "Delete the files of %(count)d videos in the hub, too",
                len(self.free_files),
            )  # fmt: skip
            self.fields[FILE] = forms.BooleanField(
                required=False, label=label % {"count": len(self.free_files)},
                help_text=_(
                    "Once the platforms have deleted them. Without its file a video cannot be published again."
                ),
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        # The number that was read: more may be published by now.
        if self.published and self.data.get(PUBLISHED) != str(self.published):
            self.add_error(None, _("Nothing was deleted: confirm that viewers lose what is published."))
        return cleaned

    def arguments(self) -> dict[int, dict[str, Any]]:
        found = super().arguments()
        if self.cleaned_data.get(FILE):
            for row in self.rows:
                found[row.pk] |= {FILE: True} if row.video_id in self.free_files else {}
        return found


SPECIAL: Mapping[str, type[ActingForm]] = {DELETE.name: DeletingForm, MOVE.name: MovingForm}


def form_of(kind: Kind, rows: Sequence[Publication], data: Mapping[str, Any] | None = None) -> ActingForm:
    return SPECIAL.get(kind.name, ActingForm)(kind, rows, data)
