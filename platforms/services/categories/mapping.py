"""Hub categories and what each stands for on the accounts: staff choose once, each platform gets its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from platforms.models import Account, Category, CategoryMapping, HubCategory
from platforms.services import events
from platforms.services.categories import tree
from platforms.values import gettext_noop, say

MAPPED = gettext_noop("The hub category “%(name)s” stands for “%(path)s” on this account.")
UNMAPPED = gettext_noop("The hub category “%(name)s” stands for no category on this account.")


@dataclass(frozen=True, slots=True)
class Place:
    """One account in a hub category's mapping: the remote id that it is mapped to, "" for none.

    `gone`: the platform no longer has that category, whose path it is.
    """

    account: Account
    nodes: list[tree.Node]
    chosen: str = ""
    gone: str = ""


def find(name: str) -> HubCategory | None:
    """The hub category of this name, in any case."""
    wanted = name.strip()
    exactly = HubCategory.objects.filter(name=wanted).first()
    return exactly or HubCategory.objects.filter(name__iexact=wanted).order_by("pk").first()


class Known:
    """All hub categories, read once, to be found by their names as `find` finds them."""

    def __init__(self) -> None:
        rows = list(HubCategory.objects.all())
        self.names = [row.name for row in rows]
        self._exactly = {row.name: row for row in rows}
        self._in_any_case: dict[str, HubCategory] = {}
        for row in sorted(rows, key=lambda row: row.pk):
            self._in_any_case.setdefault(row.name.casefold(), row)

    def find(self, name: str) -> HubCategory | None:
        wanted = name.strip()
        return self._exactly.get(wanted) or self._in_any_case.get(wanted.casefold())


def places(hub_category: HubCategory | None) -> list[Place]:
    """Every account whose platform has categories, with what may be chosen there and what is."""
    accounts = [
        account
        for account in Account.objects.defer("credentials").order_by("platform", "name")
        if tree.has_categories(account)
    ]
    rows = CategoryMapping.objects.filter(hub_category=hub_category).select_related("category") if hub_category else []
    mapped = {row.account_id: row.category for row in rows}
    offered = tree.chosen_from(accounts)
    return [_place(account, offered[account.pk], mapped.get(account.pk)) for account in accounts]


def _place(account: Account, offered: list[tree.Node], category: Category | None) -> Place:
    if category is None:
        return Place(account, offered)
    if category.gone_at is not None:
        return Place(account, offered, str(category.remote_id), category.path)
    return Place(account, offered, str(category.remote_id))


def mapped(hub_category_id: int | None, account_ids: Collection[int]) -> dict[int, str]:
    """The remote ids, by account id, that a hub category stands for on these accounts; none for no hub category."""
    if hub_category_id is None:
        return {}
    rows = CategoryMapping.objects.filter(hub_category=hub_category_id, account__in=account_ids)
    return {pk: str(remote_id) for pk, remote_id in rows.values_list("account_id", "category__remote_id")}


def mapped_all(account_ids: Collection[int]) -> dict[int, dict[int, str]]:
    """As `mapped`, of every hub category, by its id."""
    rows = CategoryMapping.objects.filter(account__in=account_ids)
    found: dict[int, dict[int, str]] = {}
    for hub_category_id, pk, remote_id in rows.values_list("hub_category", "account_id", "category__remote_id"):
        found.setdefault(hub_category_id, {})[pk] = str(remote_id)
    return found


def table(accounts: Sequence[Account]) -> dict[int, dict[int, str]]:
    """What every hub category stands for: paths by account id, by hub category id. One statement."""
    known = {account.pk: account for account in accounts}
    rows = CategoryMapping.objects.filter(account__in=known, category__gone_at=None).select_related("category")
    found: dict[int, dict[int, str]] = {}
    for row in rows:
        row.category.account = known[row.account_id]
        found.setdefault(row.hub_category_id, {})[row.account_id] = tree.path_label(row.category)
    return found


def save(hub_category: HubCategory, chosen: Mapping[int, str], *, actor: str) -> int:
    """Map a (saved) hub category: remote id by account id, "" for none; answers how many accounts it changed on.

    Accounts that are not named keep what they have. Raises ValidationError, by account id as a string, for a category
    that is not the account's.
    """
    with transaction.atomic():
        # Categories change under their account's lock only: what is there now stays until the mapping stands.
        accounts = Account.objects.defer("credentials").select_for_update().order_by("pk").in_bulk(list(chosen))
        before = mapped(hub_category.pk, chosen)
        changes = {pk: remote_id for pk, remote_id in chosen.items() if before.get(pk, "") != remote_id}
        if problems := wrong(changes):
            raise ValidationError({str(pk): why for pk, why in problems.items()})
        for pk, remote_id in changes.items():
            _map(hub_category, accounts[pk], remote_id, actor)
    return len(changes)


def kept(hub_category_id: int | None) -> int | None:
    """The id of a hub category that stays until the transaction ends; None for one that is gone meanwhile: it is taken
    from its videos, too."""
    if hub_category_id is None:
        return None
    rows = HubCategory.objects.select_for_update(no_key=True).filter(pk=hub_category_id)
    return rows.values_list("pk", flat=True).first()


def wrong(chosen: Mapping[int, str]) -> dict[int, str]:
    """Why, by account id, a category cannot be what a hub category stands for there."""
    accounts = Account.objects.defer("credentials").filter(pk__in=chosen)
    return {pk: why for (pk, _remote_id), why in tree.unknown(accounts, chosen.items()).items()}


def _map(hub_category: HubCategory, account: Account, remote_id: str, actor: str) -> None:
    if not remote_id:
        CategoryMapping.objects.filter(hub_category=hub_category, account=account).delete()
        events.record(account, "categories", say(UNMAPPED, name=hub_category.name), actor=actor)
        return
    if not Category.objects.filter(account=account, remote_id=remote_id).exists():
        tree.fill(account)
    category = Category.objects.get(account=account, remote_id=remote_id)
    CategoryMapping.objects.update_or_create(
        hub_category=hub_category, account=account, defaults={"category": category}
    )  # fmt: skip
    sentence = say(MAPPED, name=hub_category.name, path=tree.path_label(category))
    events.record(account, "categories", sentence, actor=actor)
