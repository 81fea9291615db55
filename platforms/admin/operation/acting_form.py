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
from platforms.admin.common.option_fields import form_field
from platforms.models import Account, Publication
from platforms.services import videos
from platforms.services.operations import asking
from platforms.services.operations.deleting import DELETE, FILE
from platforms.services.operations.kind import Kind
from platforms.values import Field, State

PUBLISHED = "published"


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
            for name, problem in asking.problems(self.kind, group.account, self._chosen(group)).items():
                self.add_error(f"{group.key}-{name}", problem)
        return cleaned

    def _chosen(self, group: Group) -> dict[str, Any]:
        names = [field.name for field in self.kind.fields(group.account)]
        found = {name: self.cleaned_data.get(f"{group.key}-{name}") for name in names}
        return {name: value for name, value in found.items() if value}

    def arguments(self) -> dict[int, dict[str, Any]]:
        """What was chosen, by the id of the publication. For a valid form."""
        return {row.pk: self._chosen(group) for group in self.groups for row in group.rows}


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


def form_of(kind: Kind, rows: Sequence[Publication], data: Mapping[str, Any] | None = None) -> ActingForm:
    return (DeletingForm if kind is DELETE else ActingForm)(kind, rows, data)
