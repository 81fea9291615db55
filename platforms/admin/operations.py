"""Operations: the list, what was asked for together, and trying again or taking back."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from platforms.admin.common.display import NOTHING, link, moment, platform_label, when
from platforms.admin.common.filters import AccountFilter
from platforms.admin.common.lists import ReadOnlyAdmin, walk
from platforms.admin.common.page import may_view, ours, show
from platforms.admin.common.spreadsheets import cell
from platforms.admin.operation import operation_rows
from platforms.admin.operation.offers import may_do
from platforms.admin.publication.verbs import Tally
from platforms.admin.site import site
from platforms.models import Account, Operation, OperationState, Publication
from platforms.services.operations import asking, batches
from platforms.services.operations.kinds import KINDS
from platforms.services.search import few, on_the_way

PUBLICATION = Prefetch(
    "publication",
    Publication.objects.select_related("video").prefetch_related(
        Prefetch("account", Account.objects.defer("credentials"))
    ),
)
AGAIN = ngettext_lazy("%(count)d is tried again.", "%(count)d are tried again.", "count")


class KindFilter(admin.SimpleListFilter):
    """By kind, from the list of kinds: asking the table which it has would read all of it."""

    title = gettext_lazy("what is done")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return [(kind.name, _(kind.label)) for kind in KINDS.values()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Operation]) -> QuerySet[Operation]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class OfAccountFilter(AccountFilter):
    """By the account of the publication."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        values: Any = self.used_parameters.get(self.lookup_kwarg) or ()
        if not any(values):
            return queryset
        accounts = [value for value in values if str(value).isdecimal()]
        ids = few(Operation.objects.filter(publication__account__in=accounts).order_by().values_list("pk", flat=True))
        if ids is not None:
            return queryset.filter(pk__in=ids)
        walk(request)
        return on_the_way(queryset, Q(publication__account__in=accounts))


@admin.register(Operation, site=site)
class OperationAdmin(ReadOnlyAdmin):
    """Whoever sees publications sees what was done with them; trying again takes the permission for the kind."""

    list_display = ("time", "kind_shown", "video", "on_account", "badge", "asked_by", "note")
    list_display_links = ("time",)
    list_filter = ("state", KindFilter, ("publication__account", OfAccountFilter))
    sortable_by = ()
    fields = (
        "kind_shown", "chosen", "badge", "note", "publication_link", "asked_by", "created", "planned", "ended",
        "attempts", "together",
    )  # fmt: skip
    empty_hint = gettext_lazy("What people have done with videos on platforms is listed here: blocking, deleting, …")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("batch/<uuid:batch>/", view(self.batch_view), name="platforms_operation_batch"),
            path("batch/<uuid:batch>/csv/", view(self.csv_view), name="platforms_operation_csv"),
            path("batch/<uuid:batch>/again/", view(self.batch_again_view), name="platforms_operation_batch_again"),
            path("batch/<uuid:batch>/cancel/", view(self.batch_cancel_view), name="platforms_operation_batch_cancel"),
            path("<int:pk>/again/", view(self.again_view), name="platforms_operation_again"),
            path("<int:pk>/cancel/", view(self.cancel_view), name="platforms_operation_cancel"),
        ]
        return [*own, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Operation]:
        rows: QuerySet[Operation] = super().get_queryset(request)
        return rows.prefetch_related(PUBLICATION)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_view(request.user, "publication")

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_view(request.user, "publication")

    # Columns and facts ----------------------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("asked for"))
    def time(self, operation: Operation) -> SafeString:
        return format_html('<span class="nowrap numbers">{}</span>', moment(operation.created_at))

    @admin.display(description=gettext_lazy("what is done"))
    def kind_shown(self, operation: Operation) -> str:
        return operation_rows.label_of(operation)

    @admin.display(description=gettext_lazy("video"))
    def video(self, operation: Operation) -> SafeString:
        return link(operation.publication, operation.publication.shown_title)

    @admin.display(description=gettext_lazy("account"))
    def on_account(self, operation: Operation) -> SafeString:
        account = operation.publication.account
        return format_html("{} {}", platform_label(account.platform), account)

    @admin.display(description=gettext_lazy("state"))
    def badge(self, operation: Operation) -> SafeString:
        return operation_rows.state_badge(operation)

    @admin.display(description=gettext_lazy("what it says"))
    def note(self, operation: Operation) -> str:
        return operation_rows.note_text(operation) or NOTHING

    @admin.display(description=gettext_lazy("with"))
    def chosen(self, operation: Operation) -> str:
        return operation_rows.chosen_text(operation) or NOTHING

    @admin.display(description=gettext_lazy("publication"))
    def publication_link(self, operation: Operation) -> SafeString:
        return link(operation.publication)

    @admin.display(description=gettext_lazy("asked for"))
    def created(self, operation: Operation) -> SafeString:
        return when(operation.created_at)

    @admin.display(description=gettext_lazy("planned for"))
    def planned(self, operation: Operation) -> SafeString:
        return when(operation.planned_at)

    @admin.display(description=gettext_lazy("ended"))
    def ended(self, operation: Operation) -> SafeString:
        return when(operation.ended_at)

    @admin.display(description=gettext_lazy("asked for together"))
    def together(self, operation: Operation) -> SafeString:
        url = reverse("admin:platforms_operation_batch", args=[operation.batch]) if operation.batch else ""
        return format_html('<a href="{}">{}</a>', url, _("All that was asked for together")) if url else link(None)

    # What was asked for together ------------------------------------------------------------------------------------

    def batch_view(self, request: HttpRequest, batch: UUID) -> HttpResponse:
        """What became of each row, and what can be done about the rest."""
        operations = self._batch(request, batch)
        kind = KINDS.get(operations[0].kind)
        may_act = kind is not None and may_do(request.user, kind)
        counted = batches.counts(operations)
        again = sum(not asking.why_not_again(one) for one in operations if one.state != OperationState.UNKNOWN)
        states = [(operation_rows.COLOURS[state], state.label, count) for state, count in counted.items()]
        return show(
            self, request, "operation/batch.html", operation_rows.label_of(operations[0]), batch=batch, states=states,
            rows=operation_rows.rows(request, operations), first=operations[0], count=len(operations),
            waiting=counted.get(OperationState.WAITING, 0) if may_act else 0, again=again if may_act else 0,
            open=bool({OperationState.WAITING, OperationState.RUNNING} & counted.keys()),
            left=len(operations) - counted.get(OperationState.DONE, 0),
        )  # fmt: skip

    def _batch(self, request: HttpRequest, batch: UUID) -> list[Operation]:
        if not self.has_view_permission(request):
            raise PermissionDenied
        operations = list(batches.rows(batch))
        if not operations:
            raise Http404
        return operations

    def csv_view(self, request: HttpRequest, batch: UUID) -> HttpResponse:
        """The same as a table for a spreadsheet."""
        operations = self._batch(request, batch)
        name = f"{operations[0].kind}-{operations[0].created_at:%Y-%m-%d}.csv"
        answer = HttpResponse(content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        answer.write("\N{BYTE ORDER MARK}")  # else spreadsheets do not take it for UTF-8
        csv.writer(answer).writerows([cell(value) for value in row] for row in _table(operations))
        return answer

    def batch_again_view(self, request: HttpRequest, batch: UUID) -> HttpResponse:
        """Try again what failed; POST only."""
        if refused := self._refused(request, self._batch(request, batch)[0]):
            return refused
        asked = batches.try_again(batch, actor=request.user.get_username())
        tally = Tally(done=len(asked.operations))
        tally.skipped.update(reason for _row, reason in asked.skipped)
        tally.tell(request, AGAIN)
        return HttpResponseRedirect(reverse("admin:platforms_operation_batch", args=[batch]))

    def batch_cancel_view(self, request: HttpRequest, batch: UUID) -> HttpResponse:
        """Take back what has not begun; POST only."""
        if refused := self._refused(request, self._batch(request, batch)[0]):
            return refused
        count = batches.cancel_waiting(batch, actor=request.user.get_username())
        text = ngettext("%(count)d was cancelled.", "%(count)d were cancelled.", count) % {"count": count}
        messages.add_message(request, messages.SUCCESS if count else messages.WARNING, text)
        return HttpResponseRedirect(reverse("admin:platforms_operation_batch", args=[batch]))

    # One of them ----------------------------------------------------------------------------------------------------

    def again_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Try one again that failed; POST only."""
        operation = self._one(pk)
        if refused := self._refused(request, operation):
            return refused
        asked = asking.again_all([operation], actor=request.user.get_username())
        tally = Tally(done=len(asked.operations))
        tally.skipped.update(reason for _row, reason in asked.skipped)
        tally.tell(request, AGAIN)
        return self._back(request, operation)

    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take one back that has not begun; POST only."""
        operation = self._one(pk)
        if refused := self._refused(request, operation):
            return refused
        if asking.cancel(operation, actor=request.user.get_username()):
            messages.success(request, _("It was cancelled."))
        else:
            messages.warning(request, _("It has begun, or has ended: it cannot be cancelled any more."))
        return self._back(request, operation)

    def _one(self, pk: int) -> Operation:
        rows = Operation.objects.select_related("publication__account", "publication__video")
        return get_object_or_404(rows, pk=pk)

    def _refused(self, request: HttpRequest, operation: Operation) -> HttpResponse | None:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        kind = KINDS.get(operation.kind)
        if kind is None or not may_do(request.user, kind):
            raise PermissionDenied
        return None

    def _back(self, request: HttpRequest, operation: Operation) -> HttpResponse:
        page = reverse("admin:platforms_publication_change", args=[operation.publication_id])
        return HttpResponseRedirect(ours(request, request.POST.get("next", "")) or page)


def _table(operations: list[Operation]) -> Iterator[list[str]]:
    yield [
        _("Publication"), _("Video"), _("Account"), _("Platform"), _("Remote id"), _("What is done"), _("State"),
        _("What it says"), _("Asked for by"), _("Asked for"), _("Ended"), _("Attempts"),
    ]  # fmt: skip
    for one in operations:
        row = one.publication
        yield [
            str(row.pk), row.shown_title, row.account.name, row.account.platform, row.remote_id or "",
            operation_rows.label_of(one), one.get_state_display(), operation_rows.note_text(one),
            one.asked_by, moment(one.created_at), moment(one.ended_at) if one.ended_at else "",
            str(one.attempts),
        ]  # fmt: skip
