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
        parser.add_argument("--calls-per-hour", metavar="N", help="what the platform allows; 'none': no limit")
        parser.add_argument("--time-zone", metavar="NAME", help="in which its times are meant, such as Asia/Shanghai")
        parser.add_argument("--option", action="append", default=[], metavar="K=V")

    def work(self, **options: Any) -> tuple[int, Any, Sequence[str]]:
        credentials, calls = read_credentials(options["credentials_file"]), read_calls(options["calls_per_hour"])
        if options["time_zone"] is not None:
            accounts.check_time_zone(options["time_zone"])
        account, new = accounts.save_account(
            options["name"], options["platform"], credentials, pairs(options["option"]), actor=actor()
        )
        if calls is not None:
            accounts.set_calls_per_hour(account, calls or None, actor=actor())
        if options["time_zone"] is not None:
            accounts.set_time_zone(account, options["time_zone"], actor=actor())
        document = {"account": account.name, "platform": account.platform, "created": new, "options": account.options}
        text = _("The account “%(name)s” was added.") if new else _("The account “%(name)s” was changed.")
        return DONE, document, [text % {"name": account.name}]


def read_calls(given: str | None) -> int | None:
    """Calls an hour, 0 for no limit, None when nothing was given."""
    if given is None or given == "none":
        return None if given is None else 0
    if not given.isdecimal() or not 1 <= int(given) <= accounts.MOST_CALLS_PER_HOUR:
        words = {"value": given, "most": accounts.MOST_CALLS_PER_HOUR}
        raise BadInput(_("“%(value)s” is no number of calls: 1 to %(most)s, or none.") % words)
    return int(given)


def read_credentials(place: str) -> dict[str, str]:
    """The JSON object in a file or on stdin. Errors never repeat what was read: it is secret."""
    try:
        text = sys.stdin.read() if place == "-" else Path(place).read_text(encoding="utf-8-sig")
        credentials = json.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "UTF-8"
        raise BadInput(_("“%(file)s” cannot be read: %(reason)s.") % {"file": place, "reason": reason}) from None
    except ValueError:
        raise BadInput(_("“%(file)s” does not hold JSON.") % {"file": place}) from None
    if not isinstance(credentials, dict) or not all(isinstance(v, str | int) for v in credentials.values()):
        raise BadInput(_("“%(file)s” must hold one JSON object whose values are texts.") % {"file": place})
    return {str(key): str(value) for key, value in credentials.items()}
