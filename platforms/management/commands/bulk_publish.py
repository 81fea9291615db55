"""`bulk_publish`: publish the videos of a table or of a folder of the server."""

from __future__ import annotations

import math
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from platforms.management.base import (
    BAD_INPUT,
    DONE,
    FAILED,
    BadInput,
    HubCommand,
    actor,
    find_account,
    leaving,
    pairs,
    seconds,
)  # fmt: skip
from platforms.management.commands.publish import targets_for
from platforms.models import Account, BulkRow, BulkState, BulkUpload, RowState, VideoTemplate
from platforms.models.wording import joined, render
from platforms.services.bulk import jobs, sources
from platforms.services.bulk.cells import Wrong
from platforms.services.bulk.checking import Checked, Defaults
from platforms.services.bulk.columns import BY_NAME
from platforms.services.bulk.filling import Filling
from platforms.services.bulk.reading import MOST_BYTES
from platforms.services.bulk.troubles import NotNow, Unreadable

LOOK_SECONDS = 2.0
# What is called like this is meant as a table, also when it is not there.
TABLES = (".csv", ".xlsx")


class Command(HubCommand):
    help = "Publish the videos of a table (CSV or XLSX) or of a folder below INGEST_ROOT."

    def more_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", metavar="FILE|FOLDER", help="a table, or a folder below INGEST_ROOT")
        parser.add_argument("--to", action="append", default=[], metavar="ACCOUNT", help="for rows that name none")
        parser.add_argument("--folder", default="", help="the folder below INGEST_ROOT that the table's paths are in")
        parser.add_argument("--deep", action="store_true", help="of a folder: the folders in it too")
        parser.add_argument("--description", default="", help="for rows without one")
        parser.add_argument("--tags", default="", help="for rows without any")
        parser.add_argument("--category", default="", help="for rows without one")
        parser.add_argument("--template", default="", help="fills in what rows leave empty; in place of --to")
        parser.add_argument("--option", action="append", default=[], metavar="K=V", help="a platform's own option")
        parser.add_argument("--check", action="store_true", help="only say what is wrong")
        parser.add_argument("--good-rows", action="store_true", help="queue the good rows though others are wrong")
        parser.add_argument(
            "--wait", nargs="?", type=seconds, const=math.inf, metavar="SECONDS", help="until every file is taken in"
        )

    def work(self, **options: Any) -> tuple[int, Any, Sequence[str]]:
        try:
            checked = _checked(options)
        except Unreadable as error:
            raise BadInput(str(error)) from None
        if options["check"] or (checked.wrong and not options["good_rows"]):
            return (BAD_INPUT if checked.wrong else DONE), document(checked, None), lines(checked, None)
        job = jobs.keep(checked, Path(options["source"]).name or options["source"], actor=actor())
        try:
            jobs.start(job, good_only=options["good_rows"])
        except NotNow as error:
            raise BadInput(str(error)) from None
        if options["wait"] is not None:
            self.say_who_is_missing()
            self._wait(job, time.monotonic() + options["wait"])
        return _exit_code(job, options), document(checked, job), lines(checked, job)

    def _wait(self, job: BulkUpload, deadline: float) -> None:
        """Until every file is taken in, the deadline (monotonic) has passed, or the first Ctrl-C."""
        told = ""
        with leaving() as leave:
            while job.state == BulkState.RUNNING and time.monotonic() < deadline and not leave.is_set():
                if (now := summary(job)) != told:
                    self.say(now)
                    told = now
                leave.wait(min(LOOK_SECONDS, max(0.0, deadline - time.monotonic())))
                job.refresh_from_db()


def _checked(options: dict[str, Any]) -> Checked:
    accounts = [find_account(name) for name in dict.fromkeys(options["to"])]
    usual = targets_for(list(Account.objects.defer("credentials")), "", pairs(options["option"]))
    defaults = Defaults(
        sources.folder_path(options["folder"]), accounts, options["description"], options["tags"], options["category"],
        usual={target.account.pk: target for target in usual}, template=_template(options["template"]),
    )  # fmt: skip
    path = Path(options["source"])
    if path.is_file() or path.suffix.lower() in TABLES:
        return sources.of_table(_content(path), defaults)
    return sources.of_folder(options["source"], defaults, deep=options["deep"])


def _content(path: Path) -> bytes:
    """What a table holds, as far as it can be one."""
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadInput(_("“%(name)s” cannot be read: %(reason)s.") % {"name": path, "reason": reason}) from None


def _template(name: str) -> VideoTemplate | None:
    try:
        return Filling().find(name)
    except Wrong as wrong:
        raise BadInput(render(wrong.sentence.as_json())) from None


def _exit_code(job: BulkUpload, options: dict[str, Any]) -> int:
    if options["wait"] is None:
        return DONE
    failed = job.rows.filter(state=RowState.FAILED).exists()
    return FAILED if failed or job.state != BulkState.DONE else DONE


def document(checked: Checked, job: BulkUpload | None) -> dict[str, Any]:
    """What happened, as scripts read it; `bulk_upload` is null when nothing was queued."""
    return {
        "bulk_upload": job.pk if job else None,
        "state": job.state if job else None,
        "rows": len(checked.rows),
        "good": len(checked.rows) - len(checked.wrong),
        "states": dict(sorted(jobs.counts(job).items())) if job else {},
        "problems": [problem for row in checked.wrong for problem in _problems(row)],
        "failed": [_failure(row) for row in job.rows.filter(state=RowState.FAILED)] if job else [],
        "notes": [render(note.as_json()) for note in checked.notes],
    }


def _problems(row: BulkRow) -> list[dict[str, Any]]:
    return [
        {
            "row": row.number, "column": problem["column"], "account": problem["account"] or None,
            "message": render(problem["sentence"]),
        }
        for problem in row.problems
    ]  # fmt: skip


def _failure(row: BulkRow) -> dict[str, Any]:
    reasons = [row.error_text, *(render(outcome["sentence"]) for outcome in row.outcomes)]
    return {"row": row.number, "file": row.path, "message": joined(reasons)}


def lines(checked: Checked, job: BulkUpload | None) -> list[str]:
    """The same for people."""
    told = [render(note.as_json()) for note in checked.notes]
    for row in checked.wrong:
        for problem in _problems(row):
            place = _("Row %(row)s, %(column)s") % {"row": row.number, "column": _(BY_NAME[problem["column"]].heading)}
            account = f" ({problem['account']})" if problem["account"] else ""
            told.append(f"{place}{account}: {problem['message']}")
    good = {"good": len(checked.rows) - len(checked.wrong), "rows": len(checked.rows)}
    told.append(summary(job) if job else _("%(good)d of %(rows)d rows are good. Nothing was queued.") % good)
    return told + [f"{each['file']}: {each['message']}" for each in (document(checked, job)["failed"] if job else [])]


def summary(job: BulkUpload) -> str:
    """One line: how many rows are in which state."""
    counts = jobs.counts(job)
    parts = [f"{RowState(state).label} {counts[state]}" for state in RowState.values if counts[state]]
    return f"#{job.pk}  {job.name}  " + "  ".join(parts)
