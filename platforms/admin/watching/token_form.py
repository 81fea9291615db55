"""For how long player tokens are to be good, asked of the person who wants them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from platforms.services.watching.player_tokens import FOR_EVER, LONGEST

NEVER = "never"
UNITS = {"minutes": 60, "hours": 3600, "days": 24 * 3600}


class TokenForm(forms.Form):
    """`seconds` once it is valid: `FOR_EVER` where the person chose that."""

    amount = forms.IntegerField(
        label=gettext_lazy("Good for"), initial=12, required=False, validators=[MinValueValidator(1)],
        widget=forms.NumberInput(attrs={"min": 1, "inputmode": "numeric"}),
    )  # fmt: skip
    unit = forms.ChoiceField(
        label=gettext_lazy("Unit"), initial="hours",
        choices=[
            ("minutes", gettext_lazy("minutes")), ("hours", gettext_lazy("hours")), ("days", gettext_lazy("days")),
            (NEVER, gettext_lazy("for ever: it never expires, and nobody can withdraw it")),
        ],
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        unit, amount = cleaned.get("unit"), cleaned.get("amount")
        if unit == NEVER:
            self.errors.pop("amount", None)
        elif unit and "amount" not in self.errors:
            if amount is None:
                self.add_error("amount", _("Say for how long the token is to be good."))
            elif amount * UNITS[unit] > LONGEST:
                self.add_error("amount", _("That is longer than ten years; choose “for ever” if that is meant."))
        return cleaned

    @property
    def seconds(self) -> int:
        unit = self.cleaned_data["unit"]
        return FOR_EVER if unit == NEVER else int(self.cleaned_data["amount"]) * UNITS[unit]
