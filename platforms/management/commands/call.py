"""`call`: one documented call of an account's platform."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from platforms.contract import Call, WrongParameters
from platforms.errors import PlatformError
from platforms.management.base import DONE, BadInput, HubCommand, actor, find_account, pairs
from platforms.models.wording import render
from platforms.services import calling


class Command(HubCommand):
    help = (
        "Send one documented call to an account's platform and print the answer. "
        "Without METHOD, list the calls with their parameters."
    )

    def more_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the account")
        parser.add_argument("method", nargs="?", help="the call")
        parser.add_argument("parameters", nargs="*", metavar="K=V", help="under the document's names; a file as a path")
        parser.add_argument("--yes", action="store_true", help="send a call that deletes or replaces something")

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """As every command's, with options also between METHOD and its parameters, or before both."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.parse_args = parser.parse_intermixed_args  # type: ignore[method-assign]
        return parser

    def work(self, **options: Any) -> tuple[int, Any, Sequence[str]]:
        account = find_account(options["name"])
        known = calling.calls(account.platform)
        if not options["method"]:
            rows = sorted((*known.values(), *calling.other_rows(account.platform)), key=lambda row: row.number)
            return DONE, [described(row) for row in rows], [line_of_call(row) for row in rows]
        if options["method"] not in known:
            text = _("%(account)s has no call “%(call)s”. Calls: %(known)s.")
            names = ", ".join(known)
            raise BadInput(text % {"account": account.name, "call": options["method"], "known": names})
        try:
            answer = send(account, options["method"], pairs(options["parameters"]), confirmed=options["yes"])
        except PlatformError as error:
            if error.answer is not None:
                self.say(_text(error.answer))
            raise
        return DONE, answer, [_text(answer)]


def _text(answer: object) -> str:
    return answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False, indent=2)


def send(account: Any, method: str, given: Mapping[str, str], *, confirmed: bool) -> Any:
    """The answer to one call; what does not fit is bad input."""
    try:
        return calling.call(account, method, given, confirmed=confirmed, actor=actor())
    except WrongParameters as error:
        raise BadInput(render(error.sentence.as_json())) from None
    except calling.NeedsConfirmation as error:
        text = _("%(call)s was not sent: %(danger)s Give --yes to send it.")
        raise BadInput(text % {"call": method, "danger": _(error.danger)}) from None


def described(call: Call) -> dict[str, Any]:
    """One call as JSON."""
    parameters = [
        {"name": p.name, "type": p.type, "required": p.required, "default": p.default} for p in call.parameters
    ]
    return {
        "id": call.number, "also": list(call.also), "call": call.method, "http": call.http, "source": call.source,
        "dangerous": bool(call.danger), "dangerous_with": call.danger_when, "parameters": parameters,
    }  # fmt: skip


def line_of_call(call: Call) -> str:
    """One call on one line."""
    numbers = " ".join((call.number, *call.also))
    if not call.method:
        return f"{numbers:7} {call.http}  [{call.source}]"
    when = f" with {call.danger_when}=1" if call.danger_when else ""
    mark = f" (--yes{when})" if call.danger else ""
    return f"{numbers:7} {call.method}{mark}  {call.expected()}  [{call.source}]"
