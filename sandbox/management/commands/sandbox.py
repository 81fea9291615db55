"""``manage.py sandbox``: the simulated platforms on their own, until Ctrl-C or SIGTERM."""

import json
import signal
import threading
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from sandbox.server import DataFolderInUse, Sandbox


class Command(BaseCommand):
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.description = _(
            "Run the simulated platforms and print the environment lines that point the hub at them."
        )
        parser.add_argument("--port", type=_port, default=0, help=_("port on 127.0.0.1; a free one when left out"))
        parser.add_argument("--data", type=Path, help=_("folder that keeps everything; var/sandbox when left out"))
        parser.add_argument("--pace", type=_seconds, default=2.0, help=_("seconds that a video stays in each state"))
        parser.add_argument("--json", action="store_true", help=_("print one JSON document"))

    def handle(self, *args: Any, **options: Any) -> None:
        ended = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: ended.set())
        data = options["data"] or Path(settings.BASE_DIR) / "var" / "sandbox"
        try:
            with Sandbox(data, options["port"], options["pace"]) as box:
                self.stdout.write(_as_json(box) if options["json"] else _as_lines(box))
                self.stdout.flush()
                ended.wait()
        except DataFolderInUse as error:
            raise CommandError(_("Another sandbox already works in %(folder)s.") % {"folder": data}) from error
        except OSError as error:
            place = {"port": options["port"], "folder": data, "reason": error.strerror or str(error)}
            message = _("The sandbox cannot start on port %(port)d with its data in %(folder)s: %(reason)s.")
            raise CommandError(message % place) from error


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
