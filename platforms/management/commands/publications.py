"""`publications`: list them."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from platforms.management.base import DONE, HubCommand, find_account, line_of
from platforms.models import Publication
from platforms.services import reports
from platforms.services.watching import links
from platforms.values import State

# Of so few, links that are not known yet are asked for.
FEW = 10


class Command(HubCommand):
    help = "List publications, newest first."

    def more_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--account")
        parser.add_argument("--state", choices=[state.value for state in State])

    def work(self, **options: Any) -> tuple[int, Any, Sequence[str]]:
        rows = Publication.objects.select_related("account", "video")
        if options["account"]:
            rows = rows.filter(account=find_account(options["account"]))
        if options["state"]:
            rows = rows.filter(state=options["state"])
        found = list(rows)
        if len(found) <= FEW:
            links.complete(found)
        return (
            DONE,
            [reports.publication(row) for row in found],
            [f"{line_of(row)}  {row.shown_title}" for row in found],
        )
