"""Stored sentences, shown in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext, pgettext

# Parameters that are message ids themselves, such as the name of a platform or a field.
TRANSLATED = frozenset({"platform", "field", "state", "what", "words", "start", "reason", "kind"})


def render(stored: Mapping[str, Any] | None) -> str:
    """The text of a stored `Sentence` (its `as_json`) in the active language; empty for None."""
    if not stored or not stored.get("text"):
        return ""
    params = {name: _shown(name, value) for name, value in (stored.get("params") or {}).items()}
    text = gettext(stored["text"])
    try:
        return text % params if params else text
    except (KeyError, TypeError, ValueError):
        # A sentence stored by another version may miss a value: its bare text still says more than an error page.
        return text


def joined(sentences: Iterable[object]) -> str:
    """Sentences as one text, without the empty ones; after a full-width mark nobody writes a space."""
    text = " ".join(filter(None, map(str, sentences)))
    return re.sub(r"(?<=[。！？；：]) ", "", text)


def _shown(name: str, value: Any) -> Any:
    """A parameter in the active language; `fields` are message ids separated by commas."""
    if not isinstance(value, str) or not value:
        return value
    if name == "fields":
        return pgettext("between items of a list", ", ").join(gettext(field) for field in value.split(","))
    return gettext(value) if name in TRANSLATED else value
