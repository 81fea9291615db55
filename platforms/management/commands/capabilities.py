"""`capabilities`: what each platform can do, from the code."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _

from platforms.management.base import DONE, FAILED, HubCommand
from platforms.services import capabilities


class Command(HubCommand):
    help = "Print what each platform can do, or write it to docs/platforms.md."
    requires_migrations_checks = False

    def more_arguments(self, parser: ArgumentParser) -> None:
        ways = parser.add_mutually_exclusive_group()
        ways.add_argument("--write", action="store_true", help=f"write {capabilities.PAGE}")
        ways.add_argument("--check", action="store_true", help=f"exit 1 when {capabilities.PAGE} is stale")

    def work(self, **options: Any) -> tuple[int, Any, Sequence[str]]:
        document = {"capabilities": capabilities.known(), "platforms": as_json(), "current": capabilities.is_current()}
        if options["check"]:
            return check(document)
        if not options["write"]:
            return DONE, document, [capabilities.page()]
        path = capabilities.page_path()
        path.write_text(capabilities.page(), encoding="utf-8")
        return DONE, document | {"current": True}, [_("Written: %(path)s") % {"path": path}]


def check(document: dict[str, Any]) -> tuple[int, Any, Sequence[str]]:
    """Whether the page says what the code does."""
    if document["current"]:
        return DONE, document, [_("%(path)s is current.") % {"path": capabilities.PAGE}]
    text = _("%(path)s is stale: run manage.py capabilities --write.")
    return FAILED, document, [text % {"path": capabilities.PAGE}]


def as_json() -> list[dict[str, Any]]:
    """Every platform as JSON."""
    return [
        {**asdict(facts), "capabilities": sorted(facts.capabilities), "calls": len(facts.rows)}
        for facts in capabilities.facts()
    ]
