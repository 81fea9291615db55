"""What a platform says of an account's categories becomes rows: whole trees, and one category with those below it.

A list is asked for outside of any transaction and stored in one. Whoever stores holds the account's row: a list that
was asked for before another one was stored is stale, and is asked for again instead.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from platforms.errors import Gone, Temporary
from platforms.models import Account, Category, CategoryMapping, Publication
from platforms.models.category import LONGEST_NAME, LONGEST_PATH, PATH_SEPARATOR
from platforms.models.publication import STANDS_IN
from platforms.services import events
from platforms.services.categories import asking, tree
from platforms.values import RemoteCategory, gettext_noop, say

#: So long a call that adds a category may take until its answer counts as lost.
CLAIM = timedelta(minutes=5)
BATCH = 500
TRIES = 5
SYNCED = gettext_noop("Categories: %(created)s created, %(updated)s updated, %(missing)s missing on the platform.")
REFRESHED = gettext_noop(
    "Category “%(name)s”, with those below it: %(created)s created, %(updated)s updated, %(missing)s missing."
)
CHANGING = gettext_noop("The account's categories are being changed by others at this moment. Try again.")
COLUMNS = ("name", "parent", "level", "path", "gone_at")


@dataclass
class Counts:
    """How many categories came to be, were changed, and have disappeared on the platform."""

    created: int = 0
    updated: int = 0
    missing: int = 0


def sync(account: Account, *, actor: str) -> Counts:
    """Take in all categories of an account; raises `PlatformError`."""
    with asking.asking(account, actor=actor) as driver:
        ask = asking.categories_of(driver).list_categories
        counts = _asked_and_stored(account, ask, lambda listed: _take_all(account, listed))
    words = {"created": counts.created, "updated": counts.updated, "missing": counts.missing}
    events.record(account, "categories", say(SYNCED, **words), actor=actor)
    return counts


def refresh(category: Category, *, actor: str) -> Counts:
    """Take in one category and those directly below it.

    Raises `PlatformError`; the row of one that is gone says so by then.
    """
    account, remote_id = category.account, str(category.remote_id)
    with asking.asking(account, actor=actor) as driver:
        tree_driver = asking.tree_of(driver)
        try:
            counts = _asked_and_stored(
                account, lambda: tree_driver.refresh_category(remote_id), lambda listed: _take_part(category, listed)
            )
        except Gone:
            forget(category)
            raise
    words = {"created": counts.created, "updated": counts.updated, "missing": counts.missing}
    events.record(account, "categories", say(REFRESHED, name=category.path, **words), actor=actor)
    return counts


def _asked_and_stored(
    account: Account,
    ask: Callable[[], Sequence[RemoteCategory]],
    store: Callable[[Sequence[RemoteCategory]], Counts],
) -> Counts:
    for _ in range(TRIES):
        began = timezone.now()
        listed = ask()
        with transaction.atomic():
            if hold(account, began):
                return store(listed)
    raise Temporary(say(CHANGING))


def hold(account: Account, began: datetime | None = None) -> bool:
    """Keep everybody else from storing categories of the account until the transaction ends.

    False, and nothing is held, when what was asked for at `began` is stale by now.
    """
    locked = Account.objects.select_for_update().only("pk", "categories_at").get(pk=account.pk)
    if began and locked.categories_at and locked.categories_at > began:
        return False
    account.categories_at = timezone.now()
    Account.objects.filter(pk=account.pk).update(categories_at=account.categories_at)
    return True


def _take_all(account: Account, listed: Sequence[RemoteCategory]) -> Counts:
    _drop_lost(account)
    rows = {str(row.remote_id): row for row in _known(account)}
    told = {category.remote_id for category in listed}
    counts = _store(account, listed, rows)
    counts.missing = _settle_missing(account, [row for remote_id, row in rows.items() if remote_id not in told])
    return counts


def _take_part(category: Category, listed: Sequence[RemoteCategory]) -> Counts:
    """The category itself and those directly below it: what else is below it is gone if its parent is."""
    account = category.account
    rows = {str(row.remote_id): row for row in _known(account)}
    told = {each.remote_id for each in listed}
    own = rows.get(str(category.remote_id), category)
    missing = [row for row in rows.values() if row.parent_id == own.pk and row.remote_id not in told]
    counts = _store(account, listed, rows)
    counts.missing = _settle_missing(account, _families(missing, rows.values()))
    return counts


def _known(account: Account) -> list[Category]:
    return list(Category.objects.filter(account=account).exclude(remote_id=None).order_by("pk"))


def _drop_lost(account: Account) -> None:
    """Forget who was about to add a category and never said what came of it: the list shows whether it is there."""
    Category.objects.filter(account=account, remote_id=None, asked_at__lt=timezone.now() - CLAIM).delete()


def _store(account: Account, listed: Sequence[RemoteCategory], rows: dict[str, Category]) -> Counts:
    """Create and change rows, a statement a level; `rows`, by remote id, are those known and get those created."""
    before = {row.pk: _content(row) for row in rows.values()}
    known = tree.fixed(account)
    counts = Counts()
    for level in sorted({category.level for category in listed}):
        fresh = [each for each in listed if each.level == level and each.remote_id not in rows]
        for told in (each for each in listed if each.level == level and each.remote_id in rows):
            _fill_in(rows[told.remote_id], told, rows, known)
        made = [_fill_in(Category(account=account, remote_id=each.remote_id), each, rows, known) for each in fresh]
        Category.objects.bulk_create(made, batch_size=BATCH)
        rows |= {str(row.remote_id): row for row in made}
        counts.created += len(made)
    _place(rows.values())
    changed = [row for row in rows.values() if row.pk in before and _content(row) != before[row.pk]]
    Category.objects.bulk_update(changed, COLUMNS, batch_size=BATCH)
    counts.updated = len(changed)
    return counts


def _content(row: Category) -> tuple[object, ...]:
    return row.name, row.parent_id, row.level, row.path, row.gone_at


def _fill_in(row: Category, told: RemoteCategory, rows: dict[str, Category], known: dict[str, str]) -> Category:
    """A category of the platform's own list keeps the name that the hub can translate."""
    row.name = known.get(told.remote_id, told.name)[:LONGEST_NAME]
    row.parent = rows.get(told.parent_id) if told.parent_id else None
    row.level, row.gone_at = told.level, None
    place(row)
    return row


def place(row: Category) -> None:
    """Write the row's path: its parent's, and its own name."""
    parts = [row.parent.path, row.name] if row.parent else [row.name]
    row.path = PATH_SEPARATOR.join(parts)[:LONGEST_PATH]


def _place(rows: Iterable[Category]) -> None:
    """Write all paths anew: a category that has another name changes the paths of all below it."""
    by_pk = {row.pk: row for row in rows}
    for row in tree.in_order(by_pk.values()):
        row.parent = by_pk.get(row.parent_id) if row.parent_id else None
        place(row)


def _families(parents: Sequence[Category], rows: Collection[Category]) -> list[Category]:
    """These categories and all below them."""
    found = {row.pk: row for row in parents}
    for row in tree.in_order(rows):
        if row.parent_id in found:
            found[row.pk] = row
    return list(found.values())


def _settle_missing(account: Account, missing: Sequence[Category]) -> int:
    """Mark those that publications or mappings refer to as gone and remove the others; answers how many are new."""
    kept = _referred_to(account, missing)
    by_pk = {row.pk: row for row in missing}
    for row in missing:
        above = by_pk.get(row.parent_id or 0) if row.pk in kept else None
        while above is not None and above.pk not in kept:
            kept.add(above.pk)
            above = by_pk.get(above.parent_id or 0)
    Category.objects.filter(pk__in=kept, gone_at=None).update(gone_at=timezone.now())
    Category.objects.filter(pk__in=by_pk.keys() - kept).delete()
    return sum(row.gone_at is None for row in missing)


def _referred_to(account: Account, rows: Sequence[Category]) -> set[int]:
    found: set[int] = set()
    for start in range(0, len(rows), BATCH):
        by_id = {str(row.remote_id): row.pk for row in rows[start : start + BATCH]}
        standing = Publication.objects.order_by().filter(account=account).annotate(stands_in=STANDS_IN)
        used = standing.filter(stands_in__in=by_id).values_list("stands_in", flat=True).distinct()
        found |= {by_id[remote_id] for remote_id in used}
        mapped = CategoryMapping.objects.filter(category__in=by_id.values())
        found |= set(mapped.values_list("category_id", flat=True))
    return found


def forget(category: Category) -> None:
    """The platform has the category no longer: mark the row, and those below it, as gone, or remove them."""
    account = category.account
    with transaction.atomic():
        hold(account)
        rows = _known(account)
        _settle_missing(account, _families([row for row in rows if row.pk == category.pk], rows))


def take_one(account: Account, told: RemoteCategory, parent: Category | None) -> Category:
    """The row of one category that the platform has just told of."""
    with transaction.atomic():
        hold(account)
        waiting = Q(remote_id=None, parent=parent, name=told.name)
        rows = Category.objects.filter(Q(remote_id=told.remote_id) | waiting, account=account).order_by("remote_id")
        by_id = {row.remote_id: row for row in rows}
        row = by_id.get(told.remote_id) or by_id.get(None) or Category(account=account)
        Category.objects.filter(waiting, account=account).exclude(pk=row.pk).delete()
        row.remote_id, row.parent, row.name, row.asked_at = told.remote_id, parent, told.name[:LONGEST_NAME], None
        row.level, row.gone_at = (parent.level + 1 if parent else 1), None
        place(row)
        row.save()
    return row
