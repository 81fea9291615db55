"""Moving a video into another category of its account."""

from __future__ import annotations

from platforms.contract import HasCategoryTree
from platforms.models import Account, Publication
from platforms.services.operations.kind import Arguments, Kind
from platforms.values import Field, gettext_noop

CATEGORY = "category"


def _fields(_account: Account) -> tuple[Field, ...]:
    return (Field(CATEGORY, gettext_noop("Category"), kind="category", required=True),)


def _move(driver: HasCategoryTree, publication: Publication, arguments: Arguments) -> None:
    """Afterwards the hub wants it there as well: nothing differs."""
    driver.set_category(str(publication.remote_id), arguments[CATEGORY])
    publication.category = arguments[CATEGORY]
    Publication.objects.filter(pk=publication.pk).update(category=publication.category)


MOVE = Kind(
    "move",
    gettext_noop("Move to category"),
    HasCategoryTree,
    gettext_noop("%(platform)s does not let videos be moved between categories."),
    _move,
    gettext_noop("The platform has moved the video into another category."),
    fields=_fields,
    is_per_account=True,
)
