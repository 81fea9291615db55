"""`account_check`: talk to the platform with an account's credentials."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from platforms.management.base import DONE, HubCommand, actor, find_account
from platforms.services import callbacks, reports


class Command(HubCommand):
    help = "Talk to the platform: says ok or why not, when the token expires, and the quota."

    def more_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")

    def work(self, **options: Any) -> tuple[int, Any, Sequence[str]]:
        account = find_account(options["name"])
        document = reports.account(account, callbacks.check_account(account, actor=actor()))
        lines = [f"{account.name}: {document['message']}"]
        if until := document["token_expires_at"]:
            lines.append(_("The access token expires: %(time)s") % {"time": until})
        if until := document["following_waits_until"]:
            lines.append(_("Videos are looked at again from: %(time)s") % {"time": until})
        return DONE, document, lines + [f"{name}: {value}" for name, value in document["quota"].items()]
