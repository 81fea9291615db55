"""What every command shares: one JSON document on stdout, messages on stderr, and exit codes that mean something."""

from __future__ import annotations

import getpass
import json
import math
import os
import signal
import sys
import threading
from abc import ABC, abstractmethod
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from platforms.errors import PlatformError
from platforms.models import Account, Publication
from platforms.models.wording import joined, render
from platforms.services import pulses, zones

DONE, FAILED, BAD_INPUT = 0, 1, 2
INTERNAL = "Internal"


class BadInput(Exception):
    """What the caller gave cannot be used; the text says why, one line a problem."""


class HubCommand(BaseCommand, ABC):
    """A command whose `work` answers an exit code, a JSON document and the lines that a person reads instead.

    Exit 0: done. 1: a platform or a job refused or failed. 2: wrong usage or bad input.
    """

    requires_migrations_checks = True
    stealth_options = ("stdin",)
    _called_with_json = False

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """As Django's; wrong usage, too, is one JSON document for whoever asked for one."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        complain = parser.error

        def error(message: str) -> NoReturn:
            if self._called_with_json:
                self._write_problem("BadInput", "", message)
            complain(message)
            raise AssertionError("argparse ends the process")

        parser.error = error  # type: ignore[method-assign]
        return parser

    def run_from_argv(self, argv: list[str]) -> None:
        self._called_with_json = "--json" in argv
        super().run_from_argv(argv)

    def check_migrations(self) -> None:
        """As Django's, on stderr: stdout is the document's."""
        stdout, self.stdout = self.stdout, self.stderr
        try:
            super().check_migrations()
        finally:
            self.stdout = stdout

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print exactly one JSON document")
        self.more_arguments(parser)

    def more_arguments(self, parser: ArgumentParser) -> None:
        """The command's own arguments."""

    @abstractmethod
    def work(self, **options: Any) -> tuple[int, Any, Sequence[str]]:
        """Do it: exit code, document, lines for a person."""

    def handle(self, *args: object, **options: Any) -> None:
        try:
            code, document, lines = self.work(**options)
        except (Exception, KeyboardInterrupt) as error:
            exit_code, kind, code_there, messages = _meaning(error)
            if options["json"]:
                self._write_problem(kind, code_there, joined(messages))
            if kind == INTERNAL:
                raise
            raise CommandError("\n".join(messages), returncode=exit_code) from error
        text = json.dumps(document, ensure_ascii=False) if options["json"] else "\n".join(lines)
        if text:
            self._print(text)
        if code:
            sys.exit(code)

    def _write_problem(self, kind: str, code: str, message: str) -> None:
        problem = {"kind": kind, "code": code, "message": message}
        self._print(json.dumps({"error": problem}, ensure_ascii=False))

    def _print(self, text: str) -> None:
        """To stdout, at once; a reader that has seen enough and gone, such as `head`, is no fault."""
        try:
            self.stdout.write(text)
            self.stdout.flush()
        except BrokenPipeError:
            # What is still buffered would fail once more when the process ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def say(self, line: str) -> None:
        """One line for a person who watches."""
        self.stderr.write(line, self.style.NOTICE)

    def say_who_is_missing(self) -> None:
        """Which workers do not answer, to a person who waits for what they do."""
        if warning := pulses.warning(pulses.clusters()):
            self.say(warning)


def _meaning(error: BaseException) -> tuple[int, str, str, list[str]]:
    """Exit code, kind, the platform's code and what to say, one line a problem."""
    if isinstance(error, ValidationError):
        return BAD_INPUT, "BadInput", "", list(error.messages)
    if isinstance(error, BadInput):
        return BAD_INPUT, "BadInput", "", str(error).splitlines()
    if isinstance(error, PlatformError):
        return FAILED, error.kind, error.code, [render(error.sentence.as_json())]
    if isinstance(error, KeyboardInterrupt):
        return FAILED, "Cancelled", "", [_("Ended by Ctrl-C: what was done by then stays done.")]
    if isinstance(error, ImproperlyConfigured):
        return FAILED, "Configuration", "", [str(error)]
    return FAILED, INTERNAL, "", [_("A fault in the hub itself; the log says more.")]


@contextmanager
def leaving() -> Iterator[threading.Event]:
    """An event that SIGTERM and the first Ctrl-C set, so that an upload is checkpointed and given back.

    The second one ends the process as usual: whatever runs is taken over when its lease is over.
    """
    leave = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield leave
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def obey(number: int, frame: object) -> None:
        leave.set()
        signal.signal(number, before[signal.Signals(number)])

    for number in before:
        signal.signal(number, obey)
    try:
        yield leave
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def seconds(text: str) -> float:
    """A number of seconds on the command line."""
    try:
        given = float(text)
    except ValueError:
        given = math.nan
    if not given >= 0:
        raise ArgumentTypeError(_("“%(text)s” is no number of seconds.") % {"text": text})
    return given


def actor() -> str:
    """Who runs the command, for the history."""
    try:
        return f"{getpass.getuser()}@shell"
    except (KeyError, OSError):
        return "shell"


def find_account(name: str) -> Account:
    """The account of this name; the error lists the names there are."""
    if found := Account.objects.filter(name=name).first():
        return found
    names = ", ".join(Account.objects.values_list("name", flat=True)[:20]) or "-"
    raise BadInput(_("There is no account “%(name)s”. Accounts: %(names)s.") % {"name": name, "names": names})


def find_publication(pk: int) -> Publication:
    """The publication of this id."""
    if found := Publication.objects.select_related("account", "video").filter(pk=pk).first():
        return found
    raise BadInput(_("There is no publication %(id)s.") % {"id": pk})


def pairs(given: Sequence[str]) -> dict[str, str]:
    """`K=V` arguments as a mapping."""
    wrong = [item for item in given if "=" not in item]
    if wrong:
        raise BadInput(_("“%(item)s” is not of the form NAME=VALUE.") % {"item": wrong[0]})
    return {key.strip(): value.strip() for key, value in (item.split("=", 1) for item in given)}


def line_of(publication: Publication) -> str:
    """One publication on one line: id, account, state, progress, and the reason where there is one."""
    parts = [f"#{publication.pk}", publication.account.name, str(publication.get_state_display())]
    if publication.bytes_sent < publication.bytes_total:
        parts.append(f"{publication.percent}%")
    if publication.publish_at:
        parts.append(_("planned for %(time)s") % {"time": zones.text(publication.publish_at, publication.account)})
    reason = publication.error_text
    return "  ".join(parts + ([reason] if reason else []) + ([publication.page_url] if publication.page_url else []))
