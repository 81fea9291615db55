"""Adding and deleting categories on a platform. A call whose answer is lost is looked up, never repeated."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from platforms.contract import HasCategoryTree
from platforms.errors import Gone, PlatformError
from platforms.models import Account, Category
from platforms.models.category import LONGEST_NAME, PATH_SEPARATOR
from platforms.services import events
from platforms.services.categories import asking, taking, tree
from platforms.values import RemoteCategory, gettext_noop, say

ADDING = gettext_noop("The category “%(path)s” is being added on the platform.")
ADDED = gettext_noop("The category “%(path)s” was added on the platform; its id there is %(remote_id)s.")
FOUND = gettext_noop(
    "The answer to adding the category “%(path)s” was lost; the platform has it, and its id there is %(remote_id)s."
)
DELETING = gettext_noop("The category “%(path)s” is being deleted on the platform.")
DELETED = gettext_noop("The category “%(path)s” was deleted on the platform.")
WAS_GONE = gettext_noop("The platform no longer had the category “%(path)s”.")


def add(account: Account, name: str, parent: Category | None = None, *, actor: str) -> Category:
    """Add a category on the platform, below another one or at the top; answers its row.

    Raises ValidationError, by `name` and `parent`, for what cannot be added, and `PlatformError`.
    """
    name = checked_name(name)
    _check_parent(account, parent)
    with asking.asking(account, actor=actor) as driver:
        tree_driver = asking.tree_of(driver)
        waiting = _hold_name(account, name, parent)
        try:
            return _add(tree_driver, account, name, parent, actor)
        except _Unclear as unclear:
            raise unclear.error from None
        except (PlatformError, ValidationError):
            Category.objects.filter(pk=waiting.pk, remote_id=None).delete()
            raise


class _Unclear(Exception):
    """Neither the call's answer nor a look tells whether the category came to be: the next sync does."""

    def __init__(self, error: PlatformError) -> None:
        super().__init__(str(error))
        self.error = error


def checked_name(name: str) -> str:
    """The name as it is sent; raises ValidationError for one that is empty or too long."""
    name = " ".join(name.split())
    if not name:
        raise ValidationError({"name": _("Give the category a name.")})
    if len(name) > LONGEST_NAME:
        text = _("A category's name has at most %(most)d characters; this one has %(count)d.")
        raise ValidationError({"name": text % {"most": LONGEST_NAME, "count": len(name)}})
    return name


def _check_parent(account: Account, parent: Category | None) -> None:
    if parent is None:
        return
    if parent.account_id != account.pk:
        text = _("“%(name)s” is a category of %(other)s; choose one of %(account)s.")
        words = {"name": parent.path, "other": parent.account.name, "account": account.name}
        raise ValidationError({"parent": text % words})
    if parent.gone_at is not None:
        text = _("%(account)s no longer has the category “%(name)s”; choose another one.")
        raise ValidationError({"parent": text % {"account": account.name, "name": parent.path}})
    most = tree.levels(account)
    if parent.level >= most:
        text = _("“%(name)s” is on the last of %(most)d levels: nothing can be added below it.")
        raise ValidationError({"parent": text % {"name": parent.path, "most": most}})


def _hold_name(account: Account, name: str, parent: Category | None) -> Category:
    """The intention, as a row that nobody else can write for the same name in the same place."""
    now = timezone.now()
    waiting = Category(account=account, parent=parent, name=name, level=parent.level + 1 if parent else 1, asked_at=now)
    taking.place(waiting)
    try:
        with transaction.atomic():
            waiting.save()
    except IntegrityError:
        lost = Category.objects.filter(account=account, parent=parent, name=name, remote_id=None)
        if not lost.filter(asked_at__lt=now - taking.CLAIM).update(asked_at=now):
            text = _("“%(name)s” is being added at this moment. Look again in a few minutes, or sync.")
            raise ValidationError({"name": text % {"name": name}}) from None
        return lost.get()
    return waiting


def _add(driver: HasCategoryTree, account: Account, name: str, parent: Category | None, actor: str) -> Category:
    parent_id = str(parent.remote_id) if parent else ""
    path = PATH_SEPARATOR.join([parent.path, name] if parent else [name])
    if twin := _named(driver.refresh_category(parent_id), name, parent_id):
        taking.take_one(account, twin, parent)
        text = _("There is a category “%(name)s” in this place already.")
        raise ValidationError({"name": text % {"name": name}})
    events.record(account, "categories", say(ADDING, path=path), actor=actor)
    sentence = ADDED
    try:
        told = driver.add_category(name, parent_id)
    except PlatformError as error:
        told, sentence = _look_for(driver, name, parent_id, error), FOUND
    events.record(account, "categories", say(sentence, path=path, remote_id=told.remote_id), actor=actor)
    return taking.take_one(account, RemoteCategory(told.remote_id, name, parent_id), parent)


def _look_for(driver: HasCategoryTree, name: str, parent_id: str, error: PlatformError) -> RemoteCategory:
    """What a call has made whose answer was lost; raises `error` when it has made nothing."""
    if not error.maybe_done:
        raise error
    try:
        found = _named(driver.refresh_category(parent_id), name, parent_id)
    except PlatformError:
        raise _Unclear(error) from None
    if found is None:
        raise error
    return found


def _named(listed: Iterable[RemoteCategory], name: str, parent_id: str) -> RemoteCategory | None:
    return next((each for each in listed if each.name == name and each.parent_id == parent_id), None)


def delete(category: Category, *, actor: str) -> bool:
    """Delete a category on the platform; False when it was already gone there. Raises `PlatformError`."""
    account, words = category.account, {"path": category.path}
    with asking.asking(account, actor=actor) as driver:
        tree_driver = asking.tree_of(driver)
        events.record(account, "categories", say(DELETING, **words), actor=actor)
        try:
            was_there = _delete(tree_driver, str(category.remote_id))
        except PlatformError as error:
            events.record(account, "categories", error.sentence, actor=actor, data={"code": error.code})
            raise
    taking.forget(category)
    events.record(account, "categories", say(DELETED if was_there else WAS_GONE, **words), actor=actor)
    return was_there


def _delete(driver: HasCategoryTree, remote_id: str) -> bool:
    """Whether the platform had it until now. A lost answer is looked up."""
    try:
        driver.delete_category(remote_id)
    except Gone:
        return False
    except PlatformError as error:
        if not error.maybe_done or any(each.remote_id == remote_id for each in _listed(driver, error)):
            raise
    return True


def _listed(driver: HasCategoryTree, error: PlatformError) -> tuple[RemoteCategory, ...]:
    try:
        return driver.list_categories()
    except PlatformError:
        raise error from None
