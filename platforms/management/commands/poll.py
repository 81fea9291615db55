"""`poll`: one pass over the publications that are due."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from platforms.management.base import DONE, FAILED, HubCommand, actor, find_account
from platforms.models.wording import render
from platforms.services import polling


class Command(HubCommand):
    help = "Ask the platforms once about what is due, or with --all about everything unfinished."

    def more_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--account")
        parser.add_argument("--all", action="store_true")

    def work(self, **options: Any) -> tuple[int, Any, Sequence[str]]:
        account = find_account(options["account"]) if options["account"] else None
        done = polling.run_due(actor=actor(), account=account, everything=options["all"])
        for error in done.errors:
            self.say(render(error.sentence.as_json()))
        for name, until in done.waiting.items():
            words = {"account": name, "time": timezone.localtime(until).strftime("%H:%M")}
            self.say(_("%(account)s has used up its calls for looking: it goes on at %(time)s.") % words)
        document = {"polled": done.polled, "calls": done.calls, "changed": done.changed}
        line = _("%(polled)s videos asked about in %(calls)s calls, %(changed)s changed.") % document
        return FAILED if done.errors else DONE, document, [line]
