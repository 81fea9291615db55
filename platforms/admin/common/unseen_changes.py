"""Two people at one form: the later is told what the other has changed, keeps what they typed, and may save it over.

A form carries the values that it was opened with. It is refused while the row has others; the page that says so has a
button of its own that saves over exactly what it shows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django import forms
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from platforms.admin.common.display import NOTHING, when
from platforms.services.metadata.changing import Change

SEEN, OVERWRITE = "seen", "_overwrite"


class Unchanging(forms.CharField):
    """A hidden field of the form itself: it is no change of the row."""

    widget = forms.HiddenInput

    def has_changed(self, initial: object, data: object) -> bool:
        return False


def seen_field() -> Unchanging:
    return Unchanging(required=False)


def as_seen(values: Mapping[str, str]) -> str:
    """Values as the hidden field carries them."""
    return json.dumps(dict(values), ensure_ascii=False)


def seen_by(data: Mapping[str, str], prefix: str, now: Mapping[str, str]) -> dict[str, str]:
    """The values that the sender of a form has seen: those of the page that warned, if they save over them.

    A form without them, which no page of ours sends, has seen what there is now.
    """
    text = data.get(OVERWRITE) or data.get(prefix) or ""
    try:
        found = json.loads(text)
    except ValueError:
        return dict(now)
    usable = isinstance(found, dict) and found.keys() == now.keys() and all(isinstance(v, str) for v in found.values())
    return found if usable else dict(now)


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One line of the warning: the field, what it was when the form was opened, what it is now, who and when."""

    label: str
    was: str
    now: str
    yours: str
    actor: str
    at: SafeString | str


@dataclass(frozen=True, slots=True)
class Warned:
    """What the page shows: the changes of others, and the value of the button that saves over them."""

    changes: Sequence[ShownChange]
    overwrite: str

    @property
    def text(self) -> str:
        return _("Somebody else has changed this since you opened it. Nothing was saved; what you typed is below.")


def _as_it_is(_field: str, value: str) -> str:
    return value


def warned(
    changes: Sequence[Change],
    labels: Mapping[str, object],
    yours: Mapping[str, str],
    now: Mapping[str, str],
    named: Callable[[str, str], str] = _as_it_is,
) -> Warned:
    """The warning about `changes`, for a person who has typed `yours`; `named` makes values readable, by field."""
    shown = []
    for one in changes:
        was, is_now, mine = (named(one.field, value) for value in (one.was, one.now, yours.get(one.field, "")))
        label, at = str(labels.get(one.field, one.field)), when(one.at) if one.at else ""
        shown.append(ShownChange(label, was or NOTHING, is_now or NOTHING, mine or NOTHING, one.actor, at))
    return Warned(shown, as_seen(now))
