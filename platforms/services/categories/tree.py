"""An account's categories as the hub knows them: in the order of the tree, counted, named and found. Asks nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from django.core.exceptions import ValidationError
from django.db.models import Count, Model, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from platforms.contract import HasCategories, HasCategoryTree
from platforms.models import Account, Category, Publication
from platforms.models.category import PATH_SEPARATOR
from platforms.models.publication import STANDS_IN
from platforms.registry import driver_class
from platforms.values import State

#: Of a publication in one of these the platform has no video.
NOT_THERE = (State.DRAFT, State.DELETED, State.MISSING, State.CANCELLED)
MOST_NEAREST = 5
#: Stands before a name once for each level above it: spaces that neither browsers nor forms collapse.
INDENT = "\u3000"


@dataclass(frozen=True, slots=True)
class Node:
    """A category in its tree: its name and path in the active language, and how many publications stand in it.

    `total` counts those in the categories below it, too.
    """

    category: Category
    name: str
    path: str
    own: int = 0
    total: int = 0

    @property
    def indented(self) -> str:
        return INDENT * (self.category.level - 1) + self.name


def has_categories(account: Account) -> bool:
    """Whether videos stand in categories on the account's platform."""
    return issubclass(driver_class(account.platform), HasCategories)


def has_tree(account: Account) -> bool:
    """Whether the account makes its own categories; otherwise the platform has one list for everybody."""
    return issubclass(driver_class(account.platform), HasCategoryTree)


def levels(account: Account) -> int:
    """How many levels the account's tree may have; 1 for a platform's own list."""
    driver = driver_class(account.platform)
    return driver.category_levels if issubclass(driver, HasCategoryTree) else 1


def fixed(account: Account) -> dict[str, str]:
    """The platform's own list of categories as English message ids by value; empty where accounts make theirs."""
    return dict(driver_class(account.platform).categories)


def fill(account: Account) -> None:
    """Have a row for each category of the platform's own list. Repeating it does no harm."""
    Category.objects.bulk_create(_of_fixed(account), ignore_conflicts=True)


def _of_fixed(account: Account) -> list[Category]:
    return [
        Category(account=account, remote_id=value, name=label, path=label, level=1)
        for value, label in fixed(account).items()
    ]


def categories_of(accounts: Sequence[Account]) -> dict[int, list[Category]]:
    """What may be chosen, by account id, each after its parent; before the first sync the platform's own list."""
    rows = Category.objects.filter(account__in=accounts, gone_at=None).exclude(remote_id=None)
    there: dict[int, list[Category]] = {}
    for row in rows:
        there.setdefault(row.account_id, []).append(row)
    return {
        account.pk: list(in_order(there[account.pk])) if account.pk in there else _of_fixed(account)
        for account in accounts
    }


def in_order(rows: Iterable[Category]) -> Iterator[Category]:
    """Each category after its parent, siblings as they came; what has no parent among the rows stands at the top."""
    known = sorted(rows, key=lambda row: row.pk)
    ids = {row.pk for row in known}
    below: dict[int | None, list[Category]] = {}
    for row in known:
        below.setdefault(row.parent_id if row.parent_id in ids else None, []).append(row)

    def walk(parent: int | None) -> Iterator[Category]:
        for row in below.get(parent, ()):
            yield row
            yield from walk(row.pk)

    return walk(None)


def label(category: Category) -> str:
    """The category's name; of a platform's own list in the active language."""
    known = fixed(category.account).get(category.remote_id or "")
    return _(known) if known else category.name


def path_label(category: Category) -> str:
    """The names from the top down to the category's own."""
    return category.path if PATH_SEPARATOR in category.path else label(category)


def nodes(account: Account, *, counted: bool = False, rows: Sequence[Category] | None = None) -> list[Node]:
    """The account's tree, with numbers of publications when `counted`; `rows` instead of what may be chosen."""
    categories = categories_of([account])[account.pk] if rows is None else list(rows)
    own = counts(account) if counted else {}
    totals = {row.pk: own.get(row.remote_id or "", 0) for row in categories if row.pk}
    for row in reversed(categories):
        if row.parent_id in totals and row.pk:
            totals[row.parent_id] += totals[row.pk]
    known = fixed(account)
    return [_node(account, row, known, own.get(row.remote_id or "", 0), totals) for row in categories]


def _node(account: Account, row: Category, known: dict[str, str], own: int, totals: dict[int, int]) -> Node:
    row.account = account
    name = _(known[row.remote_id]) if row.remote_id in known else row.name
    return Node(row, name, row.path if row.level > 1 else name, own, totals.get(row.pk, own))


def counts(account: Account) -> dict[str, int]:
    """How many of the account's publications stand in each category that has any, by its remote id: one statement."""
    return dict(counted(account))


def counted(account: Account) -> QuerySet[Publication, tuple[str, int]]:
    """(remote id, number) of each category that publications of the account stand in."""
    standing = Publication.objects.order_by().filter(account=account).exclude(state__in=NOT_THERE)
    counted = standing.annotate(stands_in=STANDS_IN).exclude(stands_in="").values("stands_in")
    return counted.annotate(count=Count("*")).values_list("stands_in", "count")


def standing_in(rows: QuerySet[Model], account_id: int, remote_id: str) -> QuerySet[Model]:
    """Those of the publications that `counts` counts for one category."""
    there = rows.filter(account=account_id).exclude(state__in=NOT_THERE)
    found: QuerySet[Model] = there.annotate(stands_in=STANDS_IN).filter(stands_in=remote_id)
    return found


def chosen_from(accounts: Sequence[Account]) -> dict[int, list[Node]]:
    """What may be chosen on each of these accounts, by account id, in one statement."""
    there = categories_of(accounts)
    return {account.pk: nodes(account, rows=there[account.pk]) for account in accounts}


def named(account: Account, remote_id: str) -> str:
    """The path of one of the account's categories, for pages; the id itself when the hub does not know it."""
    row = Category.objects.filter(account=account, remote_id=remote_id).first()
    if row is None:
        known = fixed(account).get(remote_id)
        return _(known) if known else remote_id
    row.account = account
    return path_label(row) if row.gone_at is None else _("%(category)s (gone)") % {"category": path_label(row)}


def find(account: Account, wanted: str) -> str:
    """As `Names.find`, for once."""
    return Names(account, nodes(account)).find(wanted)


class Names:
    """What an account's categories may be called: their ids, names and paths. `nodes` is what may be chosen."""

    def __init__(self, account: Account, known: Sequence[Node]) -> None:
        self._account, self.nodes = account, known
        self._by_id: dict[str, list[Node]] = {}
        self._by_name: dict[str, list[Node]] = {}
        for node in known:
            self._by_id.setdefault(node.category.remote_id or "", []).append(node)
            for name in _names(node):
                self._by_name.setdefault(name, []).append(node)

    def find(self, wanted: str) -> str:
        """The remote id of the category that `wanted` is the id, the name or the path of, in any case.

        Raises ValidationError: for one that is not there with the names that come nearest, for a name that several have
        with their paths.
        """
        found = self._by_id.get(wanted.strip()) or self._by_name.get(_folded(wanted), [])
        if len(found) == 1:
            return str(found[0].category.remote_id)
        words = {"account": self._account.name, "name": wanted.strip()}
        if found:
            several = _("%(account)s has several categories “%(name)s”: %(paths)s. Give the path, or the id.")
            raise ValidationError(several % {**words, "paths": _listed(node.path for node in found)})
        raise ValidationError(not_there(self._account, wanted, self.nodes))


def not_there(account: Account, wanted: str, known: Sequence[Node] | None = None) -> str:
    """“bj has no category “maths”. The nearest: …”, in the active language."""
    known = nodes(account) if known is None else known
    words = {"account": account.name, "name": wanted.strip(), "known": _listed(nearest(wanted, known))}
    if not known:
        return _("%(account)s has no category “%(name)s”: the hub knows none of its categories. Sync them.") % words
    return _("%(account)s has no category “%(name)s”. The nearest are: %(known)s.") % words


def nearest(wanted: str, known: Sequence[Node]) -> list[str]:
    """The paths of the categories whose names or paths come nearest, the first ones when nothing comes near."""
    by_name: dict[str, str] = {}
    for node in known:
        for name in _names(node):
            by_name.setdefault(name, node.path)
    close = get_close_matches(_folded(wanted), by_name, n=MOST_NEAREST, cutoff=0.4)
    held = [name for name in by_name if _folded(wanted) and _folded(wanted) in name]
    paths = [by_name[name] for name in (*close, *held)] or [node.path for node in known]
    return list(dict.fromkeys(paths))[:MOST_NEAREST]


def _names(node: Node) -> set[str]:
    own = {node.name, node.path, node.category.name, node.category.path}
    return {_folded(name) for name in own}


def _folded(text: str) -> str:
    """Without case, and with one space around each slash of a path."""
    return PATH_SEPARATOR.join(part.strip() for part in text.casefold().split("/")).strip()


def _listed(names: Iterable[str]) -> str:
    return pgettext("between items of a list", ", ").join(names)


def unknown(accounts: Iterable[Account], chosen: Iterable[tuple[int, str]]) -> dict[tuple[int, str], str]:
    """Those of the (account id, remote id) pairs that their account has not, with the reason in the active language."""
    pairs = {(pk, remote_id) for pk, remote_id in chosen if remote_id}
    rows = Category.objects.filter(account__in={pk for pk, _id in pairs}, remote_id__in={each for _pk, each in pairs})
    there = {(row.account_id, row.remote_id): row for row in rows}
    found = {}
    for account in accounts:
        for pk, remote_id in pairs:
            if pk == account.pk and (why := _why_not(account, remote_id, there.get((pk, remote_id)))):
                found[pk, remote_id] = why
    return found


def _why_not(account: Account, remote_id: str, row: Category | None) -> str:
    if row is not None and row.gone_at is not None:
        text = _("%(account)s no longer has the category “%(name)s”; choose another one.")
        return text % {"account": account.name, "name": row.path}
    if row is not None or remote_id in fixed(account):
        return ""
    elsewhere = Category.objects.filter(remote_id=remote_id).exclude(account=account).select_related("account").first()
    if elsewhere:
        text = _("“%(name)s” is a category of %(other)s; %(account)s has no such category. Choose one of its own.")
        return text % {"name": path_label(elsewhere), "other": elsewhere.account.name, "account": account.name}
    return not_there(account, remote_id)
