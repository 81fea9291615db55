"""`account_add`: add or update an account."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from platforms.management.base import DONE, BadInput, HubCommand, actor, pairs
from platforms.services import accounts


class Command(HubCommand):
    help = "Add or update an account. Credentials are a JSON object, read from a file or from stdin (-)."

    def more_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--platform", required=True, choices=accounts.platform_names())
        parser.add_argument("--credentials-file", required=True, help="a JSON object; - reads stdin")
        parser.add_argument("--option", action="append", default=[], metavar="K=V")

    def work(self, **options: Any) -> tuple[int, Any, Sequence[str]]:
        credentials = read_credentials(options["credentials_file"])
        account, new = accounts.save_account(
            options["name"], options["platform"], credentials, pairs(options["option"]), actor=actor()
        )
        document = {"account": account.name, "platform": account.platform, "created": new, "options": account.options}
        text = _("The account “%(name)s” was added.") if new else _("The account “%(name)s” was changed.")
        return DONE, document, [text % {"name": account.name}]


def read_credentials(place: str) -> dict[str, str]:
    """The JSON object in a file or on stdin. Errors never repeat what was read: it is secret."""
    try:
        text = sys.stdin.read() if place == "-" else Path(place).read_text(encoding="utf-8")
        credentials = json.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "UTF-8"
        raise BadInput(_("“%(file)s” cannot be read: %(reason)s.") % {"file": place, "reason": reason}) from None
    except ValueError:
        raise BadInput(_("“%(file)s” does not hold JSON.") % {"file": place}) from None
    if not isinstance(credentials, dict) or not all(isinstance(v, str | int) for v in credentials.values()):
        raise BadInput(_("“%(file)s” must hold one JSON object whose values are texts.") % {"file": place})
    return {str(key): str(value) for key, value in credentials.items()}
