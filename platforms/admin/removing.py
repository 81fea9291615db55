"""Deleting on the platform: what would happen to each chosen publication, and doing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy, ngettext_lazy

from platforms.admin.display import platform_label, state_badge
from platforms.admin.verbs import Verb
from platforms.models import Publication
from platforms.services import removal
from platforms.values import State


@dataclass(frozen=True, slots=True)
class Fate:
    """What will happen to one publication; `reason` says why nothing will."""

    publication: Publication
    platform: SafeString
    state: SafeString
    reason: str
    published: bool


def plan(rows: Sequence[Publication]) -> dict[str, Any]:
    """What the page that asks shows."""
    fates = [
        Fate(
            row,
            platform_label(row.account.platform),
            state_badge(row),
            removal.why_not(row),
            row.state == State.PUBLISHED,
        )
        for row in rows
    ]
    return {
        "deleted": [fate for fate in fates if not fate.reason],
        "kept": [fate for fate in fates if fate.reason],
        "published": sum(fate.published and not fate.reason for fate in fates),
        "ids": ",".join(str(fate.publication.pk) for fate in fates if not fate.reason),
    }


def _remove(publication: Publication, *, actor: str) -> bool:
    return bool(removal.ask([publication], actor=actor))


REMOVE = Verb(
    "remove",
    gettext_lazy("Delete on platform…"),
    gettext_lazy("Delete on the platform…"),
    ngettext_lazy("%(count)d video is being deleted.", "%(count)d videos are being deleted.", "count"),
    removal.why_not,
    _remove,
)
