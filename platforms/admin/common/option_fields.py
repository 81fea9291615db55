"""A driver's `Field` as a form field, and what the form makes of it as the string a driver reads."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.utils.translation import gettext as _

from platforms.values import Field

EMPTY_CHOICE = ("", "—")


def form_field(field: Field) -> forms.Field:
    """The form field of a driver's `Field`, in the active language.

    Never required by itself: whether a platform needs it depends on what else is chosen, and `problems` tells.
    """
    common: dict[str, Any] = {"label": _(field.label), "help_text": _(field.help) if field.help else ""}
    common["required"] = False
    choices = [(choice.value, _(choice.label)) for choice in field.choices]
    if field.kind == "flag":
        return forms.BooleanField(initial=field.default == "1", **common)
    if field.kind == "choices":
        chosen = [value for value in field.default.split(",") if value]
        return forms.MultipleChoiceField(
            choices=choices, initial=chosen, widget=forms.CheckboxSelectMultiple, **common
        )  # fmt: skip
    if field.kind == "choice":
        open_choices = choices if field.default else [EMPTY_CHOICE, *choices]
        return forms.ChoiceField(choices=open_choices, initial=field.default, **common)
    widget = _secret_widget() if field.kind == "secret" else AdminTextInputWidget()
    return forms.CharField(max_length=field.max_length, initial=field.default, widget=widget, **common)


def _secret_widget() -> forms.Widget:
    # Shown again (as dots) with a form that has errors: it is the video's own password, and losing it would publish
    # something else than was asked for.
    return forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "vTextField"}, render_value=True)


def as_option(field: Field, cleaned: Any) -> str:
    """A cleaned value as a driver reads it: "1" for a ticked flag, several choices joined by commas."""
    if field.kind == "flag":
        return "1" if cleaned else ""
    if field.kind == "choices":
        return ",".join(cleaned or ())
    return str(cleaned or "")


def as_initial(field: Field, value: str) -> Any:
    """What the form field shows for a value as a driver reads it: the other way round of `as_option`."""
    if field.kind == "flag":
        return value == "1"
    if field.kind == "choices":
        return [part for part in value.split(",") if part]
    return value
