"""The shape of commands that say one word to one publication."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from platforms.management.base import DONE, BadInput, HubCommand, actor, find_publication, line_of
from platforms.models import Publication
from platforms.services import reports


class ControlCommand(HubCommand):
    """Says `verb` to the publication given by id; a publication in no fitting state is bad input."""

    verb: ClassVar[Callable[..., bool]]

    def more_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", type=int)

    def work(self, **options: Any) -> tuple[int, Any, Sequence[str]]:
        publication = find_publication(options["id"])
        if not self.say_verb(publication, options):
            publication.refresh_from_db()
            state = publication.get_state_display()
            raise BadInput(_("That cannot be done to publication %(id)s: it is “%(state)s”.") % {
                "id": publication.pk, "state": state})  # fmt: skip
        return DONE, reports.publication(publication), [line_of(publication)]

    def say_verb(self, publication: Publication, options: dict[str, Any]) -> bool:
        """Do it; False when the publication is in no fitting state."""
        return bool(type(self).verb(publication, actor=actor()))
