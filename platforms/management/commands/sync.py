"""`sync`: bring the platform's side of an account into the hub, and compare what the hub has with it."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _

from platforms.errors import Unsupported
from platforms.management.base import DONE, FAILED, BadInput, HubCommand, actor, find_account, leaving
from platforms.models import Account, ImportState, LibraryImport
from platforms.models.wording import joined, render
from platforms.services import syncing
from platforms.services.categories import taking as categories
from platforms.services.importing.counts import Findings
from platforms.services.importing.jobs import CANCELLED, MOST_IDS, Busy
from platforms.services.subtitles import syncing as subtitles

TELL_SECONDS = 5.0
Outcome = tuple[int, dict[str, Any], Sequence[str]]


class Command(HubCommand):
    help = (
        "Bring the platform's side into the hub: the videos that already are on the account, and what was blocked, "
        "renamed, watched or deleted there."
    )

    def more_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--videos", action="store_true", help="the account's videos (also without any option)")
        parser.add_argument("--categories", action="store_true", help="the account's categories")
        parser.add_argument("--subtitles", action="store_true", help="the subtitles of the account's videos")
        parser.add_argument(
            "--id", action="append", default=[], dest="ids", metavar="REMOTE_ID",
            help="only this video of the account, also one that its list does not hold; may be given several times",
        )  # fmt: skip
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would change of the videos, and write nothing"
        )

    def work(self, **options: Any) -> tuple[int, Any, Sequence[str]]:
        """One kind after the other, each with its counts in the document.

        One that the platform does not offer is told and left out. When nothing else was asked for it fails.
        """
        account = find_account(options["name"])
        chosen = [name for name in KINDS if options[name]] or ["videos"]
        _check(options, only_videos=chosen == ["videos"])
        code, document, lines = DONE, dict[str, Any](), list[str]()
        lacking: dict[str, str] = {}
        for name in chosen:
            try:
                ended, told, said = KINDS[name](account, options | {"told": self._tell})
            except Unsupported as lack:
                lacking[name] = render(lack.sentence.as_json())
                if len(lacking) == len(chosen):
                    raise
                continue
            code, document, lines = max(code, ended), document | told, [*lines, *said]
        left_out = {"unsupported": lacking} if lacking else {}
        return code, document | left_out, [*lines, *lacking.values()]

    def _tell(self, job: LibraryImport) -> None:
        """Say now and then how far an import is, and when it waits."""
        if time.monotonic() - self._said >= TELL_SECONDS or job.error_text not in ("", self._before):
            self._said, self._before = time.monotonic(), job.error_text
            words = {"taken": job.taken, "total": "?" if job.total is None else job.total}
            self.say(joined([_("%(taken)s of %(total)s videos so far.") % words, job.error_text]))

    _said, _before = 0.0, ""


def _check(options: dict[str, Any], *, only_videos: bool) -> None:
    ids = options["ids"]
    if (ids or options["dry_run"]) and not only_videos:
        raise BadInput(_("--id and --dry-run are for videos only."))
    if not all(text.strip() for text in ids):
        raise BadInput(_("Enter the id that the video has on the platform."))
    if len(ids) > MOST_IDS:
        raise BadInput(_("At most %(most)d ids at a time.") % {"most": MOST_IDS})


def _categories(account: Account, _options: dict[str, Any]) -> Outcome:
    counts = asdict(categories.sync(account, actor=actor()))
    line = _("categories: %(created)s created, %(updated)s updated, %(missing)s missing on the platform.")
    return DONE, {"categories": counts}, [line % counts]


def _videos(account: Account, options: dict[str, Any]) -> Outcome:
    wanted = {"remote_ids": options["ids"], "dry_run": options["dry_run"], "told": options["told"]}
    try:
        with leaving() as leave:
            return _answer(syncing.sync(account, actor=actor(), leave=leave, **wanted))
    except Busy as busy:
        text = render(busy.sentence.as_json())
        return FAILED, {"error": {"kind": "Busy", "code": "", "message": text}}, [text]


def _answer(job: LibraryImport) -> Outcome:
    findings, code = Findings.of(job.findings), DONE
    document: dict[str, Any] = {"videos": job.counts()}
    text = _("videos: %(created)s created, %(updated)s updated, %(missing)s missing on the platform.")
    if job.dry_run:
        text = _("videos: %(created)s would be created, %(updated)s updated, %(missing)s marked as missing.")
        document |= {"dry_run": True, "examples": _examples(findings)}
    lines = [text % job.counts()]
    if job.remote_ids:
        document["not_found"] = findings.not_found
        lines += [_("The account has no video with the id %(id)s.") % {"id": each} for each in findings.not_found]
        code = FAILED if findings.not_found else DONE
    if job.state != ImportState.DONE:
        lines.append(job.error_text or _(CANCELLED))
        document["error"] = {"kind": "Cancelled", "code": "", "message": lines[-1]}
        code = FAILED
    return code, document, lines


def _examples(findings: Findings) -> dict[str, list[dict[str, str]]]:
    return {
        kind: [{"remote_id": remote_id, "title": title} for remote_id, title in some]
        for kind, some in findings.examples.items()
    }


def _subtitles(account: Account, _options: dict[str, Any]) -> Outcome:
    try:
        with leaving() as leave:
            counts, stopped = subtitles.sync_account(account, actor=actor(), leave=leave), ""
    except subtitles.Stopped as ended:
        counts, stopped = ended.counts, render(ended.sentence.as_json())
    line = _("subtitles: %(created)s created, %(updated)s updated, %(missing)s missing on the platform.")
    document: dict[str, Any] = {"subtitles": asdict(counts)}
    lines = [line % asdict(counts)]
    if stopped:
        document["error"] = {"kind": "Stopped", "code": "", "message": stopped}
        lines.append(stopped)
    return FAILED if stopped else DONE, document, lines


# In the order in which they run: each may build on what the one before has brought in.
KINDS = {"categories": _categories, "videos": _videos, "subtitles": _subtitles}
