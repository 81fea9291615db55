"""A driver for calls about categories, and what the account keeps of their failures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from platforms.contract import Driver, HasCategories, HasCategoryTree
from platforms.errors import PlatformError, Unsupported
from platforms.models import Account
from platforms.services import account_health, lending
from platforms.values import gettext_noop, say

NO_CATEGORIES = gettext_noop("This platform has no categories.")
NO_TREE = gettext_noop("The categories of this platform are its own: nobody adds, deletes or refreshes them.")


@contextmanager
def asking(account: Account, *, actor: str) -> Iterator[Driver]:
    """A driver whose calls are counted; an error that concerns the account is kept there before it is raised."""
    try:
        with lending.counted(account) as driver:
            yield driver
    except PlatformError as error:
        if account_health.concerns_account(account, error):
            account_health.note_trouble(account, error, actor=actor)
        raise


def categories_of(driver: Driver) -> HasCategories:
    """The driver, of a platform that has categories; raises `Unsupported` otherwise."""
    if not isinstance(driver, HasCategories):
        raise Unsupported(say(NO_CATEGORIES))
    return driver


def tree_of(driver: Driver) -> HasCategoryTree:
    """The driver, of a platform whose accounts make their own categories; raises `Unsupported` otherwise."""
    if not isinstance(driver, HasCategoryTree):
        raise Unsupported(say(NO_TREE))
    return driver
