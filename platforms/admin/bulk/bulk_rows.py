"""Bulk uploads as their pages show them: the job, its numbers, and its rows with what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from platforms.admin.common.display import badge, bar, labelled, link, platform_label, state_badge
from platforms.models import Account, BulkRow, BulkState, BulkUpload, Publication, RowState
from platforms.models.wording import render
from platforms.services.bulk.columns import BY_NAME
from platforms.services.bulk.jobs import OPEN
from platforms.services.fetching import folder
from platforms.services.files import incoming

COLOURS = {
    RowState.WRONG: "bad", RowState.READY: "good", RowState.WAITING: "queued", RowState.ARRIVING: "running",
    RowState.DONE: "good", RowState.SKIPPED: "gone", RowState.FAILED: "bad", RowState.CANCELLED: "gone",
}  # fmt: skip
JOB_COLOURS = {
    BulkState.CHECKED: "attention", BulkState.RUNNING: "running", BulkState.DONE: "good", BulkState.CANCELLED: "gone",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tab:
    """Rows of one state, or all of them; `key` is empty then."""

    key: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One row of the table."""

    number: int
    file: str
    title: SafeString | str
    accounts: SafeString
    state: SafeString
    progress: SafeString | str
    says: Sequence[str]


def job_badge(job: BulkUpload, counts: Counter[str]) -> SafeString:
    """Where the whole stands; a check with problems says so."""
    if job.state == BulkState.CHECKED and counts[RowState.WRONG]:
        return badge("bad", _("To be corrected"))
    if job.state == BulkState.DONE and counts[RowState.FAILED]:
        return badge("attention", _("Finished with failures"))
    return badge(JOB_COLOURS[BulkState(job.state)], BulkState(job.state).label)


def job_bar(job: BulkUpload, counts: Counter[str]) -> SafeString | str:
    """How many of the queued rows are through; nothing while none is queued."""
    queued = counts.total() - counts[RowState.WRONG] - counts[RowState.READY]
    if not queued or job.state == BulkState.CHECKED:
        return ""
    through = queued - sum(counts[state] for state in OPEN)
    return bar(100 * through // queued, f"{through} / {queued}")


def tabs(counts: Counter[str], chosen: str) -> list[Tab]:
    """All rows, and those of each state that there is."""
    found = [Tab("", _("All"), counts.total(), not chosen)]
    return found + [
        Tab(state.value, str(state.label), counts[state], chosen == state) for state in RowState if counts[state]
    ]


def shown(rows: Iterable[BulkRow]) -> list[Shown]:
    """Rows of a page, in a number of SQL statements that does not depend on how many they are."""
    rows = list(rows)
    accounts = Account.objects.defer("credentials").in_bulk({t["account"] for row in rows for t in row.targets})
    ids = {outcome["publication"] for row in rows for outcome in row.outcomes if outcome["publication"]}
    publications = Publication.objects.select_related("account", "video").in_bulk(ids)
    return [_shown(row, accounts, publications) for row in rows]


def _shown(row: BulkRow, accounts: dict[int, Account], publications: dict[int, Publication]) -> Shown:
    state = RowState(row.state)
    return Shown(
        row.number,
        folder.shown(row.path),
        link(row.video, row.title or row.video.title) if row.video else row.title,
        _outcomes(row, publications) if row.outcomes else _targets(row, accounts),
        badge(COLOURS[state], state.label),
        _progress(row) if state == RowState.ARRIVING else "",
        [*_problems(row), *_reasons(row)],
    )


def _progress(row: BulkRow) -> SafeString | str:
    if row.incoming is None:
        return ""
    percent = incoming.percent(row.incoming)
    return bar(percent, f"{percent} %", "uploading")


def _targets(row: BulkRow, accounts: dict[int, Account]) -> SafeString:
    found = [accounts[target["account"]] for target in row.targets if target["account"] in accounts]
    pairs = ((platform_label(account.platform), account.name) for account in found)
    return format_html_join(mark_safe(" "), '<span class="on-platform">{} {}</span>', pairs)


def _outcomes(row: BulkRow, publications: dict[int, Publication]) -> SafeString:
    """Each account with its publication as it is now."""
    words = {"there": _("was there before"), "refused": _("not queued")}
    parts = []
    for outcome in row.outcomes:
        publication, word = publications.get(outcome["publication"]), words.get(outcome["what"], "")
        if publication is None:
            parts.append(format_html("{} {}", outcome["account"], badge("bad", word) if word else ""))
        else:
            account = publication.account
            name = format_html("{} {}", platform_label(account.platform), link(publication, account.name))
            quiet = format_html(' <span class="quiet">{}</span>', word) if word else ""
            parts.append(format_html("{} {}{}", name, state_badge(publication), quiet))
    return format_html_join(mark_safe(" "), '<span class="on-platform">{}</span>', ((part,) for part in parts))


def _problems(row: BulkRow) -> list[str]:
    """“Title: yk: at most 50 letters”, and so on."""
    said = []
    for problem in row.problems:
        text = render(problem["sentence"])
        text = labelled(problem["account"], text) if problem["account"] else text
        said.append(labelled(_(BY_NAME[problem["column"]].heading), text))
    return said


def _reasons(row: BulkRow) -> list[str]:
    """Why the file did not come, and which accounts refused."""
    refused = [
        labelled(outcome["account"], render(outcome["sentence"])) if outcome["account"] else render(outcome["sentence"])
        for outcome in row.outcomes
        if outcome["sentence"]
    ]
    coming = row.incoming.error_text if row.state == RowState.ARRIVING and row.incoming else ""
    return [text for text in (row.error_text, coming, *refused) if text]
