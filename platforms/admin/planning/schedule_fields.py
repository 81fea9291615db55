"""Form fields for times: what the browser's own calendar writes, meant in the time zone of each account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from platforms.admin.common.display import labelled, listed
from platforms.models import Account
from platforms.models.account import PLATFORM_LABELS, hub_time_zone
from platforms.models.wording import joined
from platforms.services import zones
from platforms.services.publishing import Target
from platforms.services.scheduling import rules

FORM = "%Y-%m-%dT%H:%M"
Times = tuple[datetime | None, datetime | None]


class TimeInput(forms.DateTimeInput):
    """A date and a time of day, without a zone."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, FORM)


def time_field(label: str, help_text: str = "", *, required: bool = False, initial: str = "") -> forms.CharField:
    """A field whose text `zones.read` understands."""
    return forms.CharField(
        label=label, help_text=help_text, required=required, initial=initial, max_length=40, widget=TimeInput()
    )


def publish_fields(accounts: Iterable[Account]) -> dict[str, forms.Field]:
    """“Publish at”, and “Block at” where one of the accounts' platforms can block."""
    known = list(accounts)
    platforms = list(dict.fromkeys(account.platform for account in known))
    if not platforms:
        return {}
    able = [name for name in platforms if rules.can_block(name)]
    fields: dict[str, forms.Field] = {rules.PUBLISH: time_field(_("Publish at"), _publish_help(platforms, known))}
    if able:
        text = _("Empty: never. Only on %(platforms)s.") % {"platforms": _names(able)}
        fields[rules.BLOCK] = time_field(_("Block at"), text)
    return fields


def _publish_help(platforms: list[str], accounts: list[Account]) -> str:
    parts = [_("Empty: now."), zone_text(accounts)]
    able = [name for name in platforms if rules.can_block(name)]
    others = [name for name in platforms if name not in able]
    if able:
        parts.append(_("%(platforms)s: uploaded now, and blocked until then.") % {"platforms": _names(able)})
    if others:
        parts.append(_("%(platforms)s: the upload begins then.") % {"platforms": _names(others)})
    return joined(parts)


def _names(platforms: list[str]) -> str:
    return listed(str(label) for name, label in PLATFORM_LABELS.items() if name in platforms)


def zone_text(accounts: Iterable[Account]) -> str:
    """In which time zone times are meant, for one account or for several."""
    names = {account.time_zone for account in accounts}
    if len(names) == 1:
        return _("In the time zone %(zone)s.") % {"zone": names.pop()}
    own = [f"{account.name}: {account.time_zone}" for account in accounts if account.time_zone != hub_time_zone()]
    words = {"zone": hub_time_zone(), "others": listed(own[:5])}
    return _("In each account's time zone: %(zone)s, but %(others)s.") % words


def read(form: forms.Form, cleaned: Mapping[str, Any], accounts: Iterable[Account]) -> dict[int, Times]:
    """When the form's accounts publish and block; what is no time is said at its field, naming the account."""
    found: dict[int, Times] = {}
    told: set[tuple[str, str]] = set()
    for account in accounts:
        times: list[datetime | None] = []
        for name in (rules.PUBLISH, rules.BLOCK):
            try:
                text = str(cleaned.get(name) or "").strip()
                times.append(zones.read(text, account) if text else None)
            except zones.BadTime as error:
                times.append(None)
                if (name, str(error)) not in told:
                    told.add((name, str(error)))
                    form.add_error(name, str(error))
        found[account.pk] = (times[0], times[1])
    return found


def tell_of_doubles(request: HttpRequest, targets: Iterable[Target]) -> None:
    """Say which moment was taken of those that come twice on an account's clocks."""
    for target in targets:
        for at in (target.publish_at, target.block_at):
            tell_of_double(request, at, target.account)


def tell_of_double(request: HttpRequest, at: datetime | None, account: Account) -> None:
    """As `tell_of_doubles`, of one moment."""
    if at and zones.comes_twice(at, account):
        messages.warning(request, labelled(account.name, zones.twice_text(at, account)))


def written(at: datetime | None, account: Account) -> str:
    """The moment as the field writes it, on the account's clocks."""
    return zones.local(at, account).strftime(FORM) if at else ""
