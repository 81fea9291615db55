"""``manage.py sandbox``: the simulated platforms on their own, until Ctrl-C or SIGTERM."""

import json
import signal
import threading
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from sandbox.faults import Fault, FaultError
from sandbox.server import DataFolderInUse, Sandbox


class Command(BaseCommand):
    requires_system_checks = []
    _called_with_json = False

    def run_from_argv(self, argv: list[str]) -> None:
        self._called_with_json = "--json" in argv
        super().run_from_argv(argv)

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """As Django's; wrong usage, too, is one JSON document for whoever asked for one."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        complain = parser.error

        def error(message: str) -> NoReturn:
            self._tell_script("BadInput", message)
            complain(message)
            raise AssertionError("argparse ends the process")

        parser.error = error  # type: ignore[method-assign]
        return parser

    def _tell_script(self, kind: str, message: str) -> None:
        if self._called_with_json:
            problem = {"kind": kind, "code": "", "message": message}
            self.stdout.write(json.dumps({"error": problem}, ensure_ascii=False))

    def _failure(self, message: str, kind: str = "Configuration", returncode: int = 1) -> CommandError:
        self._tell_script(kind, message)
        return CommandError(message, returncode=returncode)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.description = _(
            "Run the simulated platforms and print the environment lines that point the hub at them."
        )
        parser.add_argument("--port", type=_port, default=0, help=_("port on 127.0.0.1; a free one when left out"))
        parser.add_argument("--data", type=Path, help=_("folder that keeps everything; var/sandbox when left out"))
        parser.add_argument("--pace", type=_seconds, default=2.0, help=_("seconds that a video stays in each state"))
        parser.add_argument(
            "--fault",
            type=_fault,
            action="append",
            default=[],
            metavar="kind=KIND,…",
            help=_("a fault from the start, such as kind=http_503,chance=0.05 (docs/sandbox.md); may be repeated"),
        )
        parser.add_argument("--json", action="store_true", help=_("print one JSON document"))

    def handle(self, *args: Any, **options: Any) -> None:
        ended = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: ended.set())
        data = options["data"] or Path(settings.BASE_DIR) / "var" / "sandbox"
        try:
            with Sandbox(data, options["port"], options["pace"]) as box:
                for fault in options["fault"]:
                    box.faults.add(fault)
                self.stdout.write(_as_json(box) if options["json"] else _as_lines(box))
                self.stdout.flush()
                ended.wait()
        except FaultError as error:
            raise self._failure(str(error), "BadInput", 2) from error
        except DataFolderInUse as error:
            text = _("Another sandbox already works in %(folder)s.")
            raise self._failure(text % {"folder": data}) from error
        except OSError as error:
            place = {"port": options["port"], "folder": data, "reason": error.strerror or str(error)}
            message = _("The sandbox cannot start on port %(port)d with its data in %(folder)s: %(reason)s.")
            raise self._failure(message % place) from error


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise ArgumentTypeError(_("a port is a number from 0 to 65535"))
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise ArgumentTypeError(_("seconds are a number that is not negative"))
    return seconds


def _fault(text: str) -> Fault:
    try:
        return Fault.parse(text)
    except FaultError as error:
        raise ArgumentTypeError(str(error)) from error


def _credential_files(box: Sandbox) -> dict[str, str]:
    return {name: str(platform.credentials_path()) for name, platform in box.platforms.items()}


def _as_json(box: Sandbox) -> str:
    environment, files = box.environment(), _credential_files(box)
    document = {"url": box.url, "data": str(box.data), "environment": environment, "credentials": files}
    return json.dumps(document, ensure_ascii=False)


def _as_lines(box: Sandbox) -> str:
    """Lines for a ``.env``: what is no setting is a comment there."""
    settings_lines = [f"{name}={value}" for name, value in box.environment().items()]
    notes = [
        _("# %(platform)s credentials: %(path)s") % {"platform": name, "path": path}
        for name, path in _credential_files(box).items()
    ]
    return "\n".join(
        [*settings_lines, *notes, _("# everything that was uploaded: %(url)s") % {"url": f"{box.url}/sandbox/"}]
    )
