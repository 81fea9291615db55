"""A category that a person names for several accounts at once: the hub's own, or one that each platform has."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from platforms.models import Account, HubCategory
from platforms.services.categories import mapping, tree


def categories_for(accounts: Sequence[Account], wanted: str) -> dict[int, str]:
    """As `Chooser.categories_for`, for once."""
    return Chooser(accounts).categories_for(accounts, wanted)


class Chooser:
    """What people may call the categories of these accounts and of the hub, read once, in a few statements."""

    def __init__(self, accounts: Sequence[Account]) -> None:
        self._accounts = accounts

    @cached_property
    def _hub_categories(self) -> mapping.Known:
        return mapping.Known()

    @cached_property
    def _mapped(self) -> dict[int, dict[int, str]]:
        return mapping.mapped_all([account.pk for account in self._accounts])

    @cached_property
    def _names(self) -> dict[int, tree.Names]:
        able = [account for account in self._accounts if tree.has_categories(account)]
        offered = tree.chosen_from(able)
        return {account.pk: tree.Names(account, offered[account.pk]) for account in able}

    def hub_category(self, name: str) -> HubCategory | None:
        """The hub's own category of this name, in any case; None when there is none."""
        return self._hub_categories.find(name)

    def categories_for(self, accounts: Sequence[Account], wanted: str) -> dict[int, str]:
        """The remote id, by account id, that `wanted` means on each account; "" where it means none.

        The name of a hub category means what that stands for, and on an account where it stands for nothing the
        account's own category of that name. Anything else is the id, name or path of a category of the account; an
        account without any categories takes none. Raises ValidationError with a message for each account that has no
        such category.
        """
        if not wanted.strip():
            return {account.pk: "" for account in accounts}
        hub_category = self.hub_category(wanted)
        mapped = self._mapped.get(hub_category.pk, {}) if hub_category else {}
        found = {account.pk: mapped.get(account.pk, "") for account in accounts}
        problems: list[str] = []
        for account in accounts:
            names = self._names.get(account.pk)
            if account.pk in mapped or not names or not names.nodes:
                continue
            try:
                found[account.pk] = names.find(wanted)
            except ValidationError as error:
                problems += [] if hub_category else self._told(error)
        if problems:
            raise ValidationError(problems)
        return found

    def _told(self, error: ValidationError) -> list[str]:
        names = self._hub_categories.names[: tree.MOST_NEAREST]
        if not names:
            return error.messages
        return [*error.messages, _("Hub categories: %(names)s.") % {"names": ", ".join(names)}]
