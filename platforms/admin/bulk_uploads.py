"""Bulk uploads: the form, the page that shows what a check found and how the work goes on, and the list."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from platforms.admin.bulk.bulk_form import BulkForm, begun_from
from platforms.admin.bulk.bulk_rows import job_badge, job_bar, shown, tabs
from platforms.admin.common.display import when
from platforms.admin.common.lists import HubAdmin
from platforms.admin.common.page import may, may_view, show
from platforms.admin.publication import verbs
from platforms.admin.site import site
from platforms.models import BulkState, BulkUpload, RowState
from platforms.models.wording import render
from platforms.services.bulk import examples, jobs, listing
from platforms.services.bulk.checking import Checked
from platforms.services.bulk.troubles import NotNow, Unreadable

ROWS_A_PAGE = 100
EXAMPLES = {
    "csv": (examples.as_csv, "text/csv; charset=utf-8"),
    "xlsx": (examples.as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@admin.register(BulkUpload, site=site)
class BulkUploadAdmin(HubAdmin):
    """Who may add and publish videos may do so in bulk; who sees videos sees what became of it."""

    list_display = ("name", "badge", "progress", "actor", "begun")
    list_display_links = ("name",)
    ordering = ("-id",)
    actions = None
    empty_hint = gettext_lazy("A table (CSV or XLSX) or a folder of the server: checked as a whole, then published.")

    class Media:
        css = {"all": ("mediahub/publish.css", "mediahub/bulk.css")}

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("example.<slug:kind>", view(self.example_view), name="platforms_bulkupload_example"),
            path("<int:pk>/do/<slug:verb>/", view(self.verb_view), name="platforms_bulkupload_verb"),
        ]
        return [*own, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[BulkUpload]:
        return super().get_queryset(request).defer("choices")

    # Who may --------------------------------------------------------------------------------------------------------

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may(request.user, "add", "video") and may(request.user, "add")

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_add_permission(request) or may_view(request.user, "video")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    # The list -------------------------------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("state"))
    def badge(self, job: BulkUpload) -> SafeString:
        return job_badge(job, _counts(job))

    @admin.display(description=gettext_lazy("progress"))
    def progress(self, job: BulkUpload) -> SafeString | str:
        counts = _counts(job)
        rows = ngettext("%(count)d row", "%(count)d rows", counts.total()) % {"count": counts.total()}
        return job_bar(job, counts) or rows

    @admin.display(description=gettext_lazy("checked"), ordering="created_at")
    def begun(self, job: BulkUpload) -> SafeString:
        return when(job.created_at)

    # The form -------------------------------------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Check a table or folder; what is found is kept and shown, and nothing is queued."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        before = self._replaced(request)
        if request.method == "POST":
            form = BulkForm(request.POST, request.FILES)
            if form.is_valid() and form.checked:
                return self._kept(request, form, form.checked, before)
        else:
            form = BulkForm(initial=begun_from(before))
        folders, trouble = _folders()
        return show(
            self, request, "bulk/add.html", _("Bulk upload"), form=form, cards=form.cards(), before=before,
            folders=folders, trouble=trouble, media=self.media + form.media,
            may_add_account=may(request.user, "add", "account"),
        )  # fmt: skip

    def _replaced(self, request: HttpRequest) -> BulkUpload | None:
        """The check that a corrected table takes the place of."""
        named = request.GET.get("replaces", "")
        pk = int(named) if named.isdecimal() and len(named) < 19 else 0
        return BulkUpload.objects.filter(pk=pk, state=BulkState.CHECKED).first()

    def _kept(self, request: HttpRequest, form: BulkForm, checked: Checked, before: BulkUpload | None) -> HttpResponse:
        owner = request.user if isinstance(request.user, User) else None
        job = jobs.keep(
            checked, form.name, actor=request.user.get_username(), owner=owner, choices=form.choices()
        )  # fmt: skip
        if before:
            jobs.replace(before)
        return HttpResponseRedirect(_page(job))

    def example_view(self, request: HttpRequest, kind: str) -> HttpResponse:
        """A table to start from."""
        if kind not in EXAMPLES:
            raise Http404
        if not self.has_add_permission(request):
            raise PermissionDenied
        make, content_type = EXAMPLES[kind]
        response = HttpResponse(make(), content_type=content_type)
        response["Content-Disposition"] = f'attachment; filename="bulk-upload.{kind}"'
        return response

    # One bulk upload ------------------------------------------------------------------------------------------------

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What the check found, or how far the work is, row by row."""
        job = self.get_object(request, object_id)
        if not self.has_view_permission(request, job):
            raise PermissionDenied
        if job is None:
            raise Http404
        counts = jobs.counts(job)
        chosen = _state(request, job, counts[RowState.WRONG])
        rows = job.rows.filter(state=chosen) if chosen else job.rows.all()
        page = Paginator(rows.select_related("video", "incoming"), ROWS_A_PAGE).get_page(request.GET.get("p"))
        return show(
            self, request, "bulk/detail.html", job.name, job=job, counts=counts, page=page, rows=shown(page),
            badge=job_badge(job, counts), bar=job_bar(job, counts), tabs=tabs(counts, chosen), chosen=chosen or "all",
            notes=[render(note) for note in job.notes], note=render(job.note), began=when(job.created_at),
            wrong=counts[RowState.WRONG], good=counts[RowState.READY], open=job.state == BulkState.RUNNING,
            failed=counts[RowState.FAILED], lost=len(jobs.failed_publications(job)),
            stopped=counts[RowState.CANCELLED], may_act=self.has_add_permission(request),
        )  # fmt: skip

    def verb_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Queue, cancel, retry; POST only."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_add_permission(request):
            raise PermissionDenied
        job = get_object_or_404(BulkUpload, pk=pk)
        if verb not in VERBS:
            raise Http404
        try:
            VERBS[verb](request, job)
        except NotNow as error:
            messages.error(request, str(error))
        return HttpResponseRedirect(_page(job))


def _counts(job: BulkUpload) -> Counter[str]:
    """How many rows are in each state, asked once for all columns of the list."""
    found: Counter[str] | None = getattr(job, "counted", None)
    if found is None:
        found = job.counted = jobs.counts(job)  # type: ignore[attr-defined]
    return found


def _folders() -> tuple[list[str], str]:
    """What is offered for the folder, or why there is none."""
    try:
        return listing.folders(), ""
    except Unreadable as error:
        return [], str(error)


def _page(job: BulkUpload) -> str:
    return reverse("admin:platforms_bulkupload_change", args=[job.pk])


def _state(request: HttpRequest, job: BulkUpload, wrong: int) -> str:
    """Which rows are shown: as asked, else what is to be corrected while nothing is queued."""
    usual = RowState.WRONG if wrong and job.state == BulkState.CHECKED else ""
    asked = request.GET.get("state", usual)
    return str(asked) if asked in RowState.values else ""


def _start(request: HttpRequest, job: BulkUpload) -> None:
    _told_queued(request, jobs.start(job))


def _start_good(request: HttpRequest, job: BulkUpload) -> None:
    _told_queued(request, jobs.start(job, good_only=True))


def _told_queued(request: HttpRequest, count: int) -> None:
    text = ngettext("%(count)d row is queued.", "%(count)d rows are queued.", count)
    messages.success(request, text % {"count": count})


def _cancel(request: HttpRequest, job: BulkUpload) -> None:
    checked = job.state == BulkState.CHECKED
    count = jobs.cancel(job)
    text = ngettext("%(count)d row was stopped.", "%(count)d rows were stopped.", count)
    messages.success(request, _("The check is discarded.") if checked else text % {"count": count})


def _retry(request: HttpRequest, job: BulkUpload) -> None:
    """The rows that failed, and the publications of the others that did."""
    lost = jobs.failed_publications(job)
    count = jobs.retry(job)
    if count:
        text = ngettext("%(count)d row is taken in again.", "%(count)d rows are taken in again.", count)
        messages.success(request, text % {"count": count})
    if lost or not count:
        allowed = may(request.user, "change")
        actor = request.user.get_username()
        tally = verbs.apply(verbs.RETRY_FAILED, lost, may=lambda _row: allowed, actor=actor)
        tally.tell(request, verbs.RETRY_FAILED.done)


VERBS = {"start": _start, "start-good": _start_good, "cancel": _cancel, "retry": _retry}
