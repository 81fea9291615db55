"""`account_callbacks`: where a platform reaches the hub for an account, and what it has registered."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _

from platforms.management.base import DONE, BadInput, HubCommand, actor, find_account
from platforms.services import callbacks


class Command(HubCommand):
    help = "The addresses at which the platform reaches the hub for an account, and what it has registered."

    def more_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--register", action="store_true", help="register our address with the platform")

    def work(self, **options: Any) -> tuple[int, Any, Sequence[str]]:
        account = find_account(options["name"])
        ours = callbacks.addresses(account)
        if ours is None:
            raise BadInput(_("The platform of “%(name)s” does not call back.") % {"name": account.name})
        ask = callbacks.registered
        registered = callbacks.register(account, actor=actor()) if options["register"] else ask(account)
        document = {**asdict(ours), "registered": registered}
        return DONE, document, [f"{name}: {address}" for name, address in document.items()]
