"""`account_check`: talk to the platform with an account's credentials."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from platforms.management.base import DONE, HubCommand, actor, find_account
from platforms.services import accounts, reports


class Command(HubCommand):
    help = "Talk to the platform: says ok or why not, when the token expires, and the quota."

    def more_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")

    def work(self, **options: Any) -> tuple[int, Any, Sequence[str]]:
        account = find_account(options["name"])
        document = reports.account(account, accounts.check(account, actor=actor()))
        lines = [f"{account.name}: {document['message']}"]
        lines += [f"token: {document['token_expires_at']}"] if document["token_expires_at"] else []
        return DONE, document, lines + [f"{name}: {value}" for name, value in document["quota"].items()]
