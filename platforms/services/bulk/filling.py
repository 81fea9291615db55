"""Templates in a bulk upload: what a row leaves empty is filled in, and running numbers are taken as it is queued."""

from __future__ import annotations

from collections import Counter
from functools import cached_property

from platforms.models import Account, BulkRow, BulkUpload, RowState, VideoTemplate
from platforms.models.video import split_tags
from platforms.services import templates
from platforms.services.bulk.cells import Wrong
from platforms.services.fetching import folder
from platforms.services.publishing import Target
from platforms.values import gettext_noop, say

NO_TEMPLATE = gettext_noop("There is no template “%(name)s”.")
WORDS = ("title", "description", "tags")


class Filling:
    """Templates as one check meets them; numbers are what they would be if it were queued now."""

    def __init__(self) -> None:
        self._targets: dict[int, dict[Account, Target]] = {}
        self._used: Counter[int] = Counter()

    @cached_property
    def _known(self) -> templates.Known:
        return templates.Known()

    def find(self, name: str) -> VideoTemplate | None:
        """The template of this name; None for no name. Raises `Wrong` when there is none."""
        if not name:
            return None
        if (template := self._known.find(name)) is None:
            raise Wrong(say(NO_TEMPLATE, name=name))
        return template

    def targets(self, template: VideoTemplate | None) -> dict[Account, Target]:
        """Where a template sends its videos, by account."""
        if template is None:
            return {}
        if template.pk not in self._targets:
            self._targets[template.pk] = {target.account: target for target in self._known.targets(template)}
        return self._targets[template.pk]

    def begin(self, row: BulkRow, template: VideoTemplate) -> None:
        """Fill in what the row leaves empty, with the next number, and keep what it said itself."""
        own = {name: getattr(row, name) for name in WORDS}
        number = template.next_number + self._used[template.pk]
        self._used[template.pk] += 1
        row.filling = {"template": template.pk, "number": number, "own": own}
        fill(row, template, number)


def fill(row: BulkRow, template: VideoTemplate, number: int) -> None:
    """The row's words with a number: its own, and the template's where it has none."""
    own = row.filling["own"]
    filled = templates.metadata(template, templates.facts(folder.name_of(row.path), number))
    row.title = own["title"] or filled.title
    row.description = own["description"] or filled.description
    row.tags = own["tags"] or ",".join(split_tags(filled.tags))
    row.hub_category_id = row.hub_category_id or filled.category_id
    row.filling = {**row.filling, "number": number}


def take_numbers(job: BulkUpload) -> None:
    """Give the rows that are about to be queued numbers that nobody else gets; their words follow."""
    rows: dict[int, list[BulkRow]] = {}
    for row in job.rows.filter(state=RowState.READY).exclude(filling={}):
        rows.setdefault(row.filling["template"], []).append(row)
    for template in VideoTemplate.objects.filter(pk__in=rows):
        mine = rows[template.pk]
        for number, row in zip(templates.take_numbers(template, len(mine)), mine, strict=True):
            if number != row.filling["number"]:
                fill(row, template, number)
        BulkRow.objects.bulk_update(mine, [*WORDS, "filling"], batch_size=200)
