"""The form of an account: its platform's credentials, which are write-only, and options."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from platforms.admin.option_fields import as_option, form_field
from platforms.models import Account
from platforms.services import accounts
from platforms.values import Field

CREDENTIAL, OPTION = "credentials-", "options-"


class AccountForm(forms.ModelForm):  # type: ignore[type-arg]
    """Name, credentials and options of an account on one platform, which is chosen before and never changes."""

    platform = forms.CharField(label=gettext_lazy("Platform"), widget=forms.HiddenInput)

    class Meta:
        model = Account
        fields = ("name",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_new = self.instance.pk is None
        chosen = self.data.get("platform") or self.initial.get("platform") if is_new else self.instance.platform
        self.on = str(chosen or "")
        self.initial["platform"] = self.on
        if self.on in accounts.platform_names():
            self._add_fields()

    def _add_fields(self) -> None:
        stored = self.instance.credentials if self.instance.pk else {}
        for field in accounts.credential_fields(self.on):
            self.fields[CREDENTIAL + field.name] = credential_field(field, str(stored.get(field.name, "")))
        for field in accounts.option_fields(self.on):
            option = form_field(field)
            option.initial = (self.instance.options or {}).get(field.name, field.default)
            self.fields[OPTION + field.name] = option

    def clean_platform(self) -> str:
        if self.on not in accounts.platform_names():
            raise forms.ValidationError(_("There is no such platform."))
        return self.on

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "platform" in self.errors:
            return cleaned
        account = self.instance if self.instance.pk else None
        for name, text in accounts.problems_of(self.on, self.credentials(), self.options(), account).items():
            field = next((prefix + name for prefix in (CREDENTIAL, OPTION) if prefix + name in self.fields), None)
            if field is None or field not in self.errors:
                self.add_error(field, text)
        return cleaned

    def credentials(self) -> dict[str, str]:
        """What was typed; an empty value keeps what is stored."""
        fields = accounts.credential_fields(self.on)
        return {field.name: self.cleaned_data.get(CREDENTIAL + field.name) or "" for field in fields}

    def options(self) -> dict[str, str]:
        """The chosen options as the driver reads them."""
        fields = accounts.option_fields(self.on)
        return {field.name: as_option(field, self.cleaned_data.get(OPTION + field.name)) for field in fields}


def credential_field(field: Field, stored: str) -> forms.Field:
    """The form field of a credential. A secret is typed as dots and never shown again, others show what is stored."""
    is_secret = field.kind == "secret"
    attrs = {"class": "vTextField", "autocomplete": "new-password" if is_secret else "off", "spellcheck": "false"}
    if is_secret and stored:
        attrs["placeholder"] = _("Stored. Leave empty to keep it.")
    widget = forms.PasswordInput(attrs, render_value=False) if is_secret else AdminTextInputWidget(attrs)
    return forms.CharField(
        label=_(field.label),
        help_text=_(field.help) if field.help else "",
        required=field.required and not (is_secret and stored),
        max_length=field.max_length,
        initial="" if is_secret else stored,
        widget=widget,
    )
