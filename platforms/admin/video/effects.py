"""What a change of metadata does about each publication, in words: before it is saved, and after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from platforms.admin.common.display import labelled, link, listed, platform_label
from platforms.models import Publication
from platforms.models.wording import joined
from platforms.services.metadata.comparing import FIELDS
from platforms.services.metadata.sending import Effect, Plan


@dataclass(frozen=True, slots=True)
class Row:
    """One publication of the list beside the form."""

    account: SafeString
    text: str


def rows(plans: Iterable[Plan]) -> list[Row]:
    """What will become of each publication, whatever is changed."""
    return [Row(_account(plan.publication), in_words(plan)) for plan in plans]


def _account(publication: Publication) -> SafeString:
    account = publication.account
    return format_html("{} {}", platform_label(account.platform), link(publication, account))


def in_words(plan: Plan) -> str:
    """One or more sentences."""
    said = [_main(plan)]
    if plan.kept and plan.effect != Effect.KEPT:
        said.append(_("The platform keeps its own: %(fields)s.") % {"fields": names(plan.kept)})
    if plan.own and plan.effect != Effect.OWN:
        said.append(_("It has its own, which stays: %(fields)s.") % {"fields": names(plan.own)})
    return joined(said)


def _main(plan: Plan) -> str:
    words = {"fields": names(plan.fields)}
    if plan.effect == Effect.SENT:
        return _("Sent at once: %(fields)s.") % words
    if plan.effect == Effect.AFTER_UPLOAD:
        return _("Sent as soon as its upload has ended: %(fields)s.") % words
    if plan.effect == Effect.WITH_UPLOAD:
        return _("Its upload uses what is saved here.")
    if plan.effect == Effect.KEPT:
        return _("The platform keeps its own: %(fields)s.") % {"fields": names(plan.kept)}
    if plan.effect == Effect.OWN:
        return _("It has its own, which stays: %(fields)s.") % {"fields": names(plan.own)}
    state = {"state": plan.publication.get_state_display()}
    return _("Nothing is sent: it is “%(state)s”. Should it be published again, that uses what is saved here.") % state


def names(fields: Iterable[str]) -> str:
    """The fields' names, in their order."""
    chosen = set(fields)
    return listed(_(label) for name, label in FIELDS.items() if name in chosen)


def tell(request: HttpRequest, plans: Sequence[Plan], *, sent: bool) -> None:
    """On the next page: what becomes of the publications that the change concerns, accounts alike together."""
    accounts: dict[tuple[int, str], list[str]] = {}
    for plan in plans:
        if plan.is_sent and not sent:
            text = _("Not sent; it differs now: %(fields)s.") % {"fields": names(plan.fields)}
            level = messages.WARNING
        else:
            text, level = in_words(plan), messages.WARNING if plan.kept else messages.INFO
        if plan.effect != Effect.NOT_THERE:
            accounts.setdefault((level, text), []).append(plan.publication.account.name)
    for (level, text), named in accounts.items():
        messages.add_message(request, level, labelled(listed(named), text))
