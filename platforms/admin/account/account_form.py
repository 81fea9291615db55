"""The form of an account: its platform's credentials, which are write-only, and options."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from platforms.admin.common import unseen_changes
from platforms.admin.common.option_fields import as_option, form_field
from platforms.admin.common.unseen_changes import SEEN, Warned
from platforms.models import Account
from platforms.models.account import hub_time_zone
from platforms.services import account_changes, accounts
from platforms.values import Field

CREDENTIAL, OPTION = "credentials-", "options-"
# As sizes are shown on all pages.
MEGABYTE = 1024 * 1024


class AccountForm(forms.ModelForm):  # type: ignore[type-arg]
    """Name, credentials and options of an account on one platform, which is chosen before and never changes."""

    platform = forms.CharField(label=gettext_lazy("Platform"), widget=forms.HiddenInput)
    upload_speed = forms.DecimalField(
        label=gettext_lazy("Upload limit (MB/s)"),
        help_text=gettext_lazy("Megabytes a second for all uploads of this account together. Empty: no limit."),
        required=False,
        min_value=Decimal("0.01"),
        max_value=Decimal(100_000),
        max_digits=8,
        decimal_places=2,
    )

    calls_per_hour = forms.IntegerField(
        label=gettext_lazy("Calls an hour"),
        help_text=gettext_lazy(
            "How many calls the platform allows this account's application. Looking after videos takes at most half of "
            "them. Empty: no limit."
        ),
        required=False,
        min_value=1,
        max_value=accounts.MOST_CALLS_PER_HOUR,
    )

    time_zone = forms.CharField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy(
            "In which planned times of this account are meant, such as Asia/Shanghai. What is planned keeps its moment."
        ),
        required=False,
        max_length=64,
        widget=AdminTextInputWidget({"list": "time-zones", "autocomplete": "off", "spellcheck": "false"}),
    )

    seen = unseen_changes.seen_field()

    class Meta:
        model = Account
        fields = ("name",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_new = self.instance.pk is None
        chosen = self.data.get("platform") or self.initial.get("platform") if is_new else self.instance.platform
        self.on = str(chosen or "")
        self.initial["platform"] = self.on
        self.initial["time_zone"] = hub_time_zone() if is_new else self.instance.time_zone
        #: What others have changed since the form was opened.
        self.warned: Warned | None = None
        if not is_new:
            self.initial[SEEN] = unseen_changes.as_seen(account_changes.values(self.instance))
        if self.instance.upload_limit:
            self.initial["upload_speed"] = as_speed(self.instance.upload_limit)
        if self.on in accounts.platform_names():
            usual = accounts.usual_calls_per_hour(self.on)
            self.initial["calls_per_hour"] = usual if is_new else self.instance.calls_per_hour
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

    def clean_time_zone(self) -> str:
        """Nothing typed leaves it as it is."""
        name = str(self.cleaned_data["time_zone"])
        accounts.check_time_zone(name or self.initial["time_zone"])
        return name or str(self.initial["time_zone"])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "platform" in self.errors:
            return cleaned
        account = self.instance if self.instance.pk else None
        if account:
            self._look_for_unseen(account)
        for name, text in accounts.problems_of(self.on, self.credentials(), self.options(), account).items():
            field = next((prefix + name for prefix in (CREDENTIAL, OPTION) if prefix + name in self.fields), None)
            if field is None or field not in self.errors:
                self.add_error(field, text)
        return cleaned

    def _look_for_unseen(self, account: Account) -> None:
        """Refuse to save over what somebody else has changed, and keep them from changing it until this is saved."""
        stored = account_changes.locked(account)
        now = account_changes.values(stored)
        expected = unseen_changes.seen_by(self.data, SEEN, now)
        if now == expected:
            return
        labels = {name: _(label) for name, label in account_changes.labels(stored).items()}
        labels |= {"name": _("Name"), "upload_limit": _("Upload limit"), "calls_per_hour": _("Calls an hour")}
        labels |= {"time_zone": _("Time zone")}
        labels |= {account_changes.SECRETS: _("Secret credentials")}
        changes = account_changes.changes_since(stored, expected)
        self.warned = unseen_changes.warned(changes, labels, self._typed(), now, _named)
        self.add_error(None, self.warned.text)

    def _typed(self) -> dict[str, str]:
        """What was typed, under the names of `account_changes.values`; no secret."""
        fields = accounts.credential_fields(self.on)
        shown = {CREDENTIAL + field.name for field in fields if field.kind != "secret"}
        typed = {CREDENTIAL + name: value for name, value in self.credentials().items() if CREDENTIAL + name in shown}
        typed |= {OPTION + name: value for name, value in self.options().items()}
        limits = {"upload_limit": self.upload_limit(), "calls_per_hour": self.call_limit()}
        own = {name: str(self.cleaned_data.get(name) or "") for name in ("name", "time_zone")}
        return typed | own | {name: str(limit or "") for name, limit in limits.items()}

    def call_limit(self) -> int | None:
        """Calls an hour; None: no limit."""
        return self.cleaned_data.get("calls_per_hour")

    def upload_limit(self) -> int | None:
        """Bytes a second; None: no limit."""
        speed = self.cleaned_data.get("upload_speed")
        return int(speed * MEGABYTE) if speed else None

    def credentials(self) -> dict[str, str]:
        """What was typed; an empty value keeps what is stored."""
        fields = accounts.credential_fields(self.on)
        return {field.name: self.cleaned_data.get(CREDENTIAL + field.name) or "" for field in fields}

    def options(self) -> dict[str, str]:
        """The chosen options as the driver reads them."""
        fields = accounts.option_fields(self.on)
        return {field.name: as_option(field, self.cleaned_data.get(OPTION + field.name)) for field in fields}


def _named(field: str, value: str) -> str:
    """A value for people: a limit in megabytes a second."""
    if field == "upload_limit" and value:
        return _("%(speed)s MB/s") % {"speed": as_speed(int(value))}
    return value


def as_speed(limit: int) -> Decimal:
    """A limit in bytes a second as the form has it, in megabytes."""
    return max(Decimal(limit) / MEGABYTE, Decimal("0.01")).quantize(Decimal("0.01"))


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
