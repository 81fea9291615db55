"""`publish`: create a video from a file and publish it."""

from __future__ import annotations

import math
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from platforms.management.base import (
    DONE,
    FAILED,
    BadInput,
    HubCommand,
    actor,
    find_account,
    leaving,
    line_of,
    pairs,
    seconds,
)
from platforms.models import Account, Publication
from platforms.services import following, publishing, reports, zones
from platforms.services.categories import choosing, mapping
from platforms.services.files import media
from platforms.services.scheduling import rules
from platforms.services.watching import links
from platforms.values import State

WAIT_FOR_EVER = math.inf
SENT = frozenset({State.PROCESSING, State.REVIEWING, State.PUBLISHED, State.BLOCKED})
TIME_HELP = "2026-12-01T08:00 in the account's time zone, or with an offset such as +08:00"


class Command(HubCommand):
    help = "Create a video from a file and publish it to accounts."

    def more_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--to", action="append", required=True, metavar="ACCOUNT")
        parser.add_argument("--title", required=True)
        parser.add_argument("--description", default="")
        parser.add_argument("--tags", default="", help="separated by commas")
        parser.add_argument(
            "--category", default="", help="a hub category's name, or the platform category's id, name or path"
        )
        parser.add_argument("--option", action="append", default=[], metavar="K=V", help="a platform's own option")
        parser.add_argument("--now", action="store_true", help="upload in this process")
        parser.add_argument(
            "--wait", nargs="?", type=seconds, const=WAIT_FOR_EVER, metavar="SECONDS", help="follow until each is final"
        )
        parser.add_argument("--at", default="", metavar="TIME", help=f"publish then; {TIME_HELP}")
        parser.add_argument("--block-at", default="", metavar="TIME", help=f"block then; {TIME_HELP}")

    def work(self, **options: Any) -> tuple[int, Any, Sequence[str]]:
        accounts = [find_account(name) for name in dict.fromkeys(options["to"])]
        targets = targets_for(accounts, options["category"], pairs(options["option"]))
        targets = self._timed(targets, options["at"], options["block_at"])
        _check_waiting(targets, now=options["now"], wait=options["wait"] is not None)
        hub_category = mapping.find(options["category"])
        metadata = publishing.Metadata(
            options["title"], options["description"], options["tags"], hub_category.pk if hub_category else None
        )
        kept = self._keep(options["file"], metadata, targets)
        video = publishing.create_video(kept, metadata)
        rows = [queued.publication for queued in publishing.publish(video, targets, actor=actor())]
        if options["now"] or options["wait"] is not None:
            if not options["now"]:
                self.say_who_is_missing()
            deadline = time.monotonic() + (options["wait"] or 0)
            with leaving() as leave:
                following.follow(
                    rows, deadline=deadline, upload=options["now"], tell=lambda row: self.say(line_of(row)), leave=leave
                )
            links.complete(rows)
        document = {"video": reports.video(video), "publications": [reports.publication(row) for row in rows]}
        return _exit_code(rows, options), document, [f"#{video.pk}  {video.title}", *map(line_of, rows)]

    def _timed(self, targets: Sequence[publishing.Target], at: str, block_at: str) -> list[publishing.Target]:
        """The targets with their times, each in the zone of its account; what comes twice on its clocks is told."""
        timed = [
            replace(target, publish_at=read_time(at, target.account), block_at=read_time(block_at, target.account))
            for target in targets
        ]
        for target in timed:
            for moment in (target.publish_at, target.block_at):
                if moment and zones.comes_twice(moment, target.account):
                    self.say(f"{target.account.name}: {zones.twice_text(moment, target.account)}")
        return timed

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


def read_time(text: str, account: Account) -> datetime | None:
    """The moment that is meant for the account; None for an empty text."""
    try:
        return zones.read(text, account) if text else None
    except zones.BadTime as error:
        raise BadInput(f"{account.name}: {error}") from None


def _check_waiting(targets: Sequence[publishing.Target], *, now: bool, wait: bool) -> None:
    """Nobody waits here for a time to come, and what is only uploaded then is not uploaded now."""
    planned = [target.account for target in targets if target.publish_at]
    if planned and wait:
        raise BadInput(_("--wait does not wait for --at: leave one of them out."))
    if later := [account.name for account in planned if now and not rules.can_block(account.platform)]:
        text = _("--now cannot upload what --at plans for later: %(accounts)s cannot keep a video blocked until then.")
        raise BadInput(text % {"accounts": ", ".join(later)})


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
    categories = choosing.categories_for(accounts, category)
    return [
        publishing.Target(
            account,
            categories[account.pk],
            {name: options.get(name, field.default) for name, field in fields[account.pk].items()},
        )
        for account in accounts
    ]
