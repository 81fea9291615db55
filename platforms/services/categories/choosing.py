"""A category that a person names for several accounts at once: the hub's own, or one that each platform has."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from platforms.models import Account, HubCategory
from platforms.services.categories import mapping, tree


def categories_for(accounts: Sequence[Account], wanted: str) -> dict[int, str]:
    """The remote id, by account id, that `wanted` means on each account; "" where it means none.

    The name of a hub category means what that stands for, and on an account where it stands for nothing the account's
    own category of that name. Anything else is the id, name or path of a category of the account; an account without
    any categories takes none. Raises ValidationError with a message for each account that has no such category.
    """
    if not wanted.strip():
        return {account.pk: "" for account in accounts}
    hub_category = mapping.find(wanted)
    found = mapping.mapped(hub_category.pk, [account.pk for account in accounts]) if hub_category else {}
    offered = tree.chosen_from([account for account in accounts if tree.has_categories(account)])
    problems: list[str] = []
    for account in accounts:
        if account.pk in found or not offered.get(account.pk):
            found.setdefault(account.pk, "")
            continue
        try:
            found[account.pk] = tree.find(account, wanted)
        except ValidationError as error:
            found[account.pk] = ""
            problems += [] if hub_category else _told(error)
    if problems:
        raise ValidationError(problems)
    return found


def _told(error: ValidationError) -> list[str]:
    names = list(HubCategory.objects.values_list("name", flat=True)[: tree.MOST_NEAREST])
    if not names:
        return error.messages
    return [*error.messages, _("Hub categories: %(names)s.") % {"names": ", ".join(names)}]
