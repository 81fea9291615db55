"""`publish`: create a video from a file and publish it."""

from __future__ import annotations

import math
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from platforms.management.base import DONE, FAILED, BadInput, HubCommand, actor, find_account, line_of, pairs
from platforms.models import Account, Publication
from platforms.services import following, media, publishing, reports
from platforms.values import State

WAIT_FOR_EVER = math.inf
SENT = frozenset({State.PROCESSING, State.REVIEWING, State.PUBLISHED})


class Command(HubCommand):
    help = "Create a video from a file and publish it to accounts."

    def more_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--to", action="append", required=True, metavar="ACCOUNT")
        parser.add_argument("--title", required=True)
        parser.add_argument("--description", default="")
        parser.add_argument("--tags", default="", help="separated by commas")
        parser.add_argument("--category", default="", help="its value or name")
        parser.add_argument("--option", action="append", default=[], metavar="K=V", help="a platform's own option")
        parser.add_argument("--now", action="store_true", help="upload in this process")
        parser.add_argument(
            "--wait", nargs="?", type=float, const=WAIT_FOR_EVER, metavar="SECONDS", help="follow until each is final"
        )

    def work(self, **options: Any) -> tuple[int, Any, Sequence[str]]:
        accounts = [find_account(name) for name in dict.fromkeys(options["to"])]
        targets = targets_for(accounts, options["category"], pairs(options["option"]))
        metadata = publishing.Metadata(options["title"], options["description"], options["tags"])
        kept = self._keep(options["file"], metadata, targets)
        video = publishing.create_video(kept, metadata)
        rows = [queued.publication for queued in publishing.publish(video, targets, actor=actor())]
        if options["now"] or options["wait"] is not None:
            deadline = time.monotonic() + (options["wait"] or 0)
            following.follow(rows, deadline=deadline, upload=options["now"], tell=lambda row: self.say(line_of(row)))
        document = {"video": reports.video(video), "publications": [reports.publication(row) for row in rows]}
        return _exit_code(rows, options), document, [f"#{video.pk}  {video.title}", *map(line_of, rows)]

    def _keep(self, file: Path, metadata: publishing.Metadata, targets: list[publishing.Target]) -> media.KeptFile:
        """The file, copied into the hub, once nothing speaks against publishing it; every problem is told at once."""
        own = [f"{field}: {text}" for field, texts in publishing.metadata_problems(metadata).items() for text in texts]
        try:
            kept = media.keep_copy(file)
        except media.NotAVideo as error:
            told = [f"file: {error}", *own, *_lines(publishing.obstacles(metadata, None, targets), without="file")]
            raise BadInput("\n".join(told)) from None
        if told := own + _lines(publishing.obstacles(metadata, kept, targets)):
            media.forget(kept)
            raise BadInput("\n".join(told))
        return kept


def _lines(obstacles: Sequence[publishing.Obstacle], without: str = "") -> list[str]:
    return [f"{each.account.name}: {each.field}: {each.text}" for each in obstacles if each.field != without]


def _exit_code(rows: Sequence[Publication], options: dict[str, Any]) -> int:
    """With --wait every copy must be published, with --now its file must be there; otherwise queueing is enough."""
    if options["wait"] is not None:
        wanted = frozenset({State.PUBLISHED})
    elif options["now"]:
        wanted = SENT
    else:
        return DONE
    return DONE if all(row.state in wanted for row in rows) else FAILED


def targets_for(accounts: Sequence[Account], category: str, options: dict[str, str]) -> list[publishing.Target]:
    """Each account with the options its platform has; an option or category that no platform has is bad input."""
    fields = {account.pk: {f.name: f for f in publishing.publish_options(account.platform)} for account in accounts}
    known = sorted({name for own in fields.values() for name in own})
    if unknown := [name for name in options if name not in known]:
        text = _("None of these platforms has an option “%(name)s”. Options: %(known)s.")
        raise BadInput(text % {"name": unknown[0], "known": ", ".join(known) or "-"})
    return [
        publishing.Target(
            account,
            _category(account, category),
            {name: options.get(name, field.default) for name, field in fields[account.pk].items()},
        )
        for account in accounts
    ]


def _category(account: Account, wanted: str) -> str:
    names = publishing.categories(account.platform)
    if not wanted or not names:
        return ""
    found = publishing.find_category(account.platform, wanted)
    if found is None:
        text = _("%(account)s has no category “%(name)s”. Categories: %(known)s.")
        known = ", ".join(_(label) for _value, label in names)
        raise BadInput(text % {"account": account.name, "name": wanted, "known": known})
    return found
