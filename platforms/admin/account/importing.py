"""Bringing in what already is on an account: the card on its page, and the buttons of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from platforms.admin.common.display import badge, bar, clock, labelled, when
from platforms.admin.common.page import may, may_view
from platforms.errors import Unsupported
from platforms.models import Account, Health, ImportState, LibraryImport
from platforms.models.library_import import UNFINISHED
from platforms.models.wording import joined, render
from platforms.services.importing import jobs
from platforms.services.importing.counts import KINDS, Findings

COLOURS = {
    ImportState.WAITING: "queued", ImportState.RUNNING: "running", ImportState.DONE: "good",
    ImportState.FAILED: "bad", ImportState.CANCELLED: "cancelled",
}  # fmt: skip
HEADINGS = {
    "created": gettext_lazy("Would be new in the hub"),
    "updated": gettext_lazy("Would be updated"),
    "missing": gettext_lazy("Would be marked as missing"),
}
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Shown:
    """An import as the page shows it: `progress` while it is under way, `examples` when it only looked."""

    pk: int
    title: str
    badge: SafeString
    is_unfinished: bool
    progress: SafeString | str
    note: str
    numbers: str
    began: SafeString
    ended: SafeString | str
    actor: str
    examples: list[tuple[str, int, list[tuple[str, str]]]]
    not_found: list[str]
    left: int


@dataclass(frozen=True, slots=True)
class Library:
    """The card: `why_not` says that the platform lists nothing, `job` is the newest import."""

    may_import: bool
    why_not: str
    job: Shown | None
    videos_url: str


def urls(model_admin: admin.ModelAdmin[Account]) -> list[URLPattern]:
    """The addresses of the buttons."""
    view = model_admin.admin_site.admin_view
    return [
        path("<int:pk>/import/", view(start), name="platforms_account_import"),
        path("<int:pk>/import/cancel/", view(cancel), name="platforms_account_import_cancel"),
    ]


def may_import(request: HttpRequest) -> bool:
    """Whether the person may bring in videos: whoever may add and publish them."""
    return may(request.user, "add", "video") and may(request.user, "add")


def shown(request: HttpRequest, account: Account) -> Library | None:
    """The card of an account's page; None for whoever sees no videos."""
    if not may_view(request.user, "video"):
        return None
    reason, job = jobs.why_not(account), jobs.latest(account)
    url = reverse("admin:platforms_video_changelist") + f"?account={account.pk}&origin=imported"
    why_not = render(reason.as_json()) if reason else ""
    return Library(may_import(request), why_not, _shown(job) if job else None, url)


def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for an import, by POST: of all videos, or of those whose `ids` are named; `dry_run` only looks."""
    account = _asked_about(request, pk)
    if account is None:
        return HttpResponseNotAllowed(["POST"])
    ids = [text for text in re.split(r"[\s\0,，、;；]+", request.POST.get("ids", "")) if text]
    if "ids" in request.POST and not 0 < len(ids) <= jobs.MOST_IDS:
        text = _("Enter the ids that the videos have on the platform, at most %(most)d.") % {"most": jobs.MOST_IDS}
        messages.error(request, text)
    else:
        ask(request, [account], remote_ids=ids, dry_run="dry_run" in request.POST)
    return _back(account)


def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel the account's import, by POST."""
    account = _asked_about(request, pk)
    if account is None:
        return HttpResponseNotAllowed(["POST"])
    job = jobs.unfinished(account)
    if job and jobs.cancel(job, actor=request.user.get_username()):
        messages.success(request, _("The import is cancelled; what it had brought in stays."))
    else:
        messages.info(request, _("No import is under way."))
    return _back(account)


def ask(request: HttpRequest, accounts: Iterable[Account], **wanted: Any) -> None:
    """Ask for an import of each account, and say what came of it."""
    asked = 0
    for account in accounts:
        try:
            jobs.start(account, actor=request.user.get_username(), **wanted)
        except (jobs.Busy, Unsupported) as error:
            messages.warning(request, labelled(account.name, render(error.sentence.as_json())))
        else:
            asked += 1
    if not asked:
        return
    text = ngettext(
        "The import has begun; the account's page shows how far it is.",
        "%(count)d imports have begun; the accounts' pages show how far they are.",
        asked,
    )
    if wanted.get("dry_run"):
        text = _("The platform is being asked what an import would change; the answer will stand below.")
    messages.success(request, text % {"count": asked} if "%(count)d" in text else text)


def _asked_about(request: HttpRequest, pk: int) -> Account | None:
    """The account of a POST; None for another method."""
    if request.method != "POST":
        return None
    account = get_object_or_404(Account, pk=pk)
    if not may_import(request):
        raise PermissionDenied
    return account


def _back(account: Account) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:platforms_account_change", args=[account.pk]) + "#library")


def _shown(job: LibraryImport) -> Shown:
    state, findings = ImportState(job.state), Findings.of(job.findings)
    is_unfinished = state in UNFINISHED
    return Shown(
        pk=job.pk,
        title=_title(job),
        badge=badge(COLOURS[state], state.label),
        is_unfinished=is_unfinished,
        progress=_progress(job) if is_unfinished else "",
        note=_note(job),
        numbers=_numbers(job),
        began=when(job.began_at or job.created_at),
        ended=when(job.ended_at) if job.ended_at else "",
        actor=job.actor,
        examples=_examples(job, findings) if job.dry_run else [],
        not_found=findings.not_found[:MOST_NAMED],
        left=findings.left,
    )


def _title(job: LibraryImport) -> str:
    if job.dry_run:
        return _("What an import would change")
    if job.remote_ids:
        return _("Import of single videos")
    return _("Import of a category") if job.category else _("Import of all videos")


def _progress(job: LibraryImport) -> SafeString:
    taken = f"{job.taken:,}"
    if job.is_listed:
        return format_html("{}", _("%(taken)s videos compared; looking for those that are missing.") % {"taken": taken})
    if not job.total:
        return format_html("{}", _("%(taken)s videos so far") % {"taken": taken})
    text = _("%(taken)s of %(total)s videos") % {"taken": taken, "total": f"{job.total:,}"}
    return bar(min(job.taken * 100 // job.total, 100), text, "running")


def _note(job: LibraryImport) -> str:
    """Why it waits, or has failed, and when it goes on."""
    at, account = job.next_run_at, job.account
    if job.state == ImportState.WAITING and account.health != Health.OK:
        return job.error_text or account.health_text
    if job.state == ImportState.WAITING and at and at > timezone.now():
        return joined([job.error_text, _("Goes on at %(time)s.") % {"time": clock(at)}])
    return job.error_text


def _numbers(job: LibraryImport) -> str:
    numbers = {name: f"{count:,}" for name, count in job.counts().items()}
    if job.dry_run:
        return _("%(created)s new, %(updated)s to be updated, %(missing)s to be marked as missing") % numbers
    return _("%(created)s new, %(updated)s updated, %(missing)s missing on the platform") % numbers


def _examples(job: LibraryImport, findings: Findings) -> list[tuple[str, int, list[tuple[str, str]]]]:
    """Heading, how many more there are, and title and id of the first ones."""
    counts = job.counts()
    return [
        (str(HEADINGS[kind]), counts[kind] - len(some), [(title, remote_id) for remote_id, title in some])
        for kind in KINDS
        if (some := findings.examples[kind])
    ]
