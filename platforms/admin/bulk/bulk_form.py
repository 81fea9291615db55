"""The form of a bulk upload: a table or a folder, and what holds for rows that say nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from platforms.admin.category import category_fields
from platforms.admin.common.display import NOTHING
from platforms.admin.video.forms import PublishForm
from platforms.models import Account, BulkUpload, Video, VideoTemplate
from platforms.services import publishing
from platforms.services.bulk import sources
from platforms.services.bulk.checking import Checked, Defaults
from platforms.services.bulk.reading import MOST_BYTES
from platforms.services.bulk.troubles import Unreadable

TABLE, FOLDER = "table", "folder"
ACCEPTED = ".csv,.tsv,.txt,.xlsx"


class BulkForm(PublishForm):
    """`checked` is what the check found once the form is valid."""

    source = forms.ChoiceField(
        label=gettext_lazy("What is uploaded"), initial=TABLE, widget=forms.RadioSelect,
        choices=[(TABLE, gettext_lazy("A table (CSV or XLSX)")), (FOLDER, gettext_lazy("All videos of a folder"))],
    )  # fmt: skip
    table = forms.FileField(
        label=gettext_lazy("Table"), required=False, allow_empty_file=True, max_length=255,
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
    )  # fmt: skip
    folder = forms.CharField(
        label=gettext_lazy("Folder"), required=False, max_length=1000,
        widget=AdminTextInputWidget(attrs={"list": "ingest-folders", "autocomplete": "off"}),
        help_text=gettext_lazy(
            "Below the server's ingest folder; empty: that folder itself. For a table: where its files lie."
        ),
    )  # fmt: skip
    deep = forms.BooleanField(label=gettext_lazy("With the folders in it"), required=False)
    template = forms.ModelChoiceField(
        label=gettext_lazy("Template"), queryset=VideoTemplate.objects.none(), required=False, empty_label=NOTHING,
        help_text=gettext_lazy("Fills in title, description, tags, accounts and options that a row leaves empty."),
    )  # fmt: skip
    description = Video._meta.get_field("description").formfield(widget=AdminTextareaWidget(attrs={"rows": 3}))
    tags = Video._meta.get_field("tags").formfield(widget=AdminTextInputWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, publish=False, **kwargs)
        self.fields["template"].queryset = VideoTemplate.objects.order_by("name")  # type: ignore[attr-defined]
        self.fields["category"] = category_fields.hub_category_field(self.known)
        self.checked: Checked | None = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors:
            field = TABLE if cleaned["source"] == TABLE else FOLDER
            try:
                self.checked = self._check()
            except Unreadable as error:
                self.add_error(field, str(error).splitlines())
        return cleaned

    def _check(self) -> Checked:
        given = self.cleaned_data
        if given["source"] == FOLDER:
            return sources.of_folder(given["folder"], self._defaults(), deep=given["deep"])
        if not given["table"]:
            raise forms.ValidationError({"table": _("Choose a table.")})
        return sources.of_table(given["table"].read(MOST_BYTES + 1), self._defaults())

    def _defaults(self) -> Defaults:
        given = self.cleaned_data
        folder = sources.folder_path(given["folder"]) if given["source"] == TABLE else ""
        return Defaults(
            folder, list(given["accounts"]), given["description"], given["tags"], hub_category=given["category"],
            usual={account.pk: self._target(account) for account in self.known}, template=given["template"],
        )  # fmt: skip

    @property
    def name(self) -> str:
        """What the upload is called: the table's name, or the folder's."""
        given = self.cleaned_data
        return str(given["table"].name) if given["source"] == TABLE else given["folder"].strip() or "/"

    def choices(self) -> dict[str, Any]:
        """What was chosen, for the form of a corrected table; without files and secrets."""
        rows = ("template", "category", "accounts")
        left_out = {"table", *rows, *(f"{platform}-{name}" for platform, name in _secrets(self.platforms))}
        found = {name: self.cleaned_data.get(name) for name in self.fields if name not in left_out}
        chosen = {name: self.cleaned_data[name] for name in ("template", "category")}
        accounts: list[Account] = list(self.cleaned_data["accounts"])
        return {
            **found, **{name: row.pk if row else None for name, row in chosen.items()},
            "accounts": [account.pk for account in accounts],
        }  # fmt: skip


def _secrets(platforms: Sequence[str]) -> list[tuple[str, str]]:
    return [
        (platform, option.name)
        for platform in platforms
        for option in publishing.publish_options(platform)
        if option.kind == "secret"
    ]


def begun_from(job: BulkUpload | None) -> dict[str, Any]:
    """What the form begins with: as it was chosen for `job`."""
    return dict(job.choices) if job else {}
