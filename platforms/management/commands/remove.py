"""`remove`: delete one video on its platform."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from platforms.management.base import DONE, FAILED, BadInput, HubCommand, actor, find_publication, line_of
from platforms.services import removal, reports
from platforms.values import State


class Command(HubCommand):
    help = "Delete one publication's video on its platform, now and for good."

    def more_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", type=int)
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def work(self, **options: Any) -> tuple[int, Any, Sequence[str]]:
        publication = find_publication(options["id"])
        if reason := removal.why_not(publication):
            raise BadInput(reason)
        if not options["yes"] and not self._confirmed(str(publication)):
            raise BadInput(_("Nothing was deleted. Give --yes to delete without being asked."))
        removal.remove_now(publication, actor=actor())
        code = DONE if publication.state == State.DELETED else FAILED
        return code, reports.publication(publication), [line_of(publication)]

    def _confirmed(self, subject: str) -> bool:
        if not sys.stdin.isatty():
            return False
        self.stderr.write(_("Delete “%(subject)s” on the platform for good? [y/N] ") % {"subject": subject}, ending="")
        self.stderr.flush()
        return sys.stdin.readline().strip().lower() in {"y", "yes"}
