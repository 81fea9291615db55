"""Stored sentences, shown in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

# Parameters that are message ids themselves, such as the name of a platform or a field.
TRANSLATED = frozenset({"platform", "field", "state", "what", "words", "start"})


def render(stored: Mapping[str, Any] | None) -> str:
    """The text of a stored `Sentence` (its `as_json`) in the active language; empty for None."""
    if not stored or not stored.get("text"):
        return ""
    params = {
        name: gettext(value) if name in TRANSLATED and isinstance(value, str) and value else value
        for name, value in (stored.get("params") or {}).items()
    }
    text = gettext(stored["text"])
    try:
        return text % params if params else text
    except (KeyError, TypeError, ValueError):
        # A sentence stored by another version may miss a value: its bare text still says more than an error page.
        return text
