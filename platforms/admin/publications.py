"""Publications: the list, one publication's page, and everything a person can do with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from platforms.admin import removing, verbs
from platforms.admin.display import health_badge, link, platform_label, progress_bar, state_badge, state_note, when
from platforms.admin.facts import category_text, duration_text, readable_options
from platforms.admin.filters import AccountFilter
from platforms.admin.lists import HubAdmin
from platforms.admin.page import may, may_view, named_ids, ours, show
from platforms.admin.rows import buttons, remote_links
from platforms.admin.site import site
from platforms.admin.verbs import MOST_AT_ONCE, MOST_REFRESHED, VERBS, Tally, Verb
from platforms.models import Event, Health, Publication, UploadSession
from platforms.services.progress import FINAL

MOST_EVENTS = 50
Allowed = Callable[[HttpRequest, Publication], bool]


@admin.register(Publication, site=site)
class PublicationAdmin(HubAdmin):
    """Publications are made by publishing a video and deleted on their platform: no adding, no deleting here."""

    list_display = ("video_title", "on_account", "badge", "progress", "links")
    list_filter = ("state", "account__platform", ("account", AccountFilter))
    search_fields = ("video__title", "title", "remote_id__exact")
    search_help_text = gettext_lazy("Title, or the platform's id of the video")
    actions = ("retry", "pause", "resume", "cancel", "refresh", "remove")

    class Media:
        css = {"all": ("mediahub/publish.css",)}
        js = ("mediahub/publish.js",)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("remove/", view(self.remove_view), name="platforms_publication_remove"),
            path("<int:pk>/do/<slug:verb>/", view(self.verb_view), name="platforms_publication_verb"),
        ]
        return [*own, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Publication]:
        return super().get_queryset(request).select_related("video", "account").defer("account__credentials")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_remove_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether the person may delete videos on platforms."""
        return may(request.user, "delete")

    # Columns --------------------------------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("video"))
    def video_title(self, publication: Publication) -> str:
        return publication.shown_title

    @admin.display(description=gettext_lazy("account"))
    def on_account(self, publication: Publication) -> SafeString:
        return format_html("{} {}", platform_label(publication.account.platform), publication.account)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def badge(self, publication: Publication) -> SafeString:
        return state_badge(publication)

    @admin.display(description=gettext_lazy("progress"))
    def progress(self, publication: Publication) -> SafeString:
        return format_html("<div>{}<p>{}</p></div>", progress_bar(publication), state_note(publication))

    @admin.display(description=gettext_lazy("on the platform"))
    def links(self, publication: Publication) -> SafeString:
        return remote_links(publication)

    # Actions --------------------------------------------------------------------------------------------------------

    @admin.action(description=verbs.RETRY.action, permissions=["change"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Publication]) -> None:
        self._apply(request, queryset, verbs.RETRY_MANY)

    @admin.action(description=verbs.PAUSE.action, permissions=["change"])
    def pause(self, request: HttpRequest, queryset: QuerySet[Publication]) -> None:
        self._apply(request, queryset, verbs.PAUSE)

    @admin.action(description=verbs.RESUME.action, permissions=["change"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Publication]) -> None:
        self._apply(request, queryset, verbs.RESUME)

    @admin.action(description=verbs.CANCEL.action, permissions=["change"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Publication]) -> None:
        self._apply(request, queryset, verbs.CANCEL)

    @admin.action(description=gettext_lazy("Refresh from the platform"), permissions=["change"])
    def refresh(self, request: HttpRequest, queryset: QuerySet[Publication]) -> None:
        if rows := self._few(request, queryset, MOST_REFRESHED):
            self._refresh(request, rows)

    @admin.action(description=gettext_lazy("Delete on the platform…"), permissions=["remove"])
    def remove(self, request: HttpRequest, queryset: QuerySet[Publication]) -> HttpResponse | None:
        rows = self._few(request, queryset, MOST_AT_ONCE)
        return self._confirmation(request, rows) if rows else None

    def _apply(self, request: HttpRequest, queryset: QuerySet[Publication], verb: Verb) -> None:
        if rows := self._few(request, queryset, MOST_AT_ONCE):
            self._tally(request, rows, verb).tell(request, verb.done)

    def _tally(
        self, request: HttpRequest, rows: list[Publication], verb: Verb, allowed: Allowed | None = None
    ) -> Tally:
        allowed = allowed or self.has_change_permission
        return verbs.apply(
            verb, rows, may=lambda row: allowed(request, row), actor=request.user.get_username()
        )  # fmt: skip

    def _refresh(self, request: HttpRequest, rows: list[Publication]) -> None:
        actor = request.user.get_username()
        verbs.refresh(request, rows, may=lambda row: self.has_change_permission(request, row), actor=actor)

    def _few(self, request: HttpRequest, queryset: QuerySet[Publication], most: int) -> list[Publication]:
        """The selected rows; none, and a message, when they are more than `most`."""
        rows = list(queryset[: most + 1])
        if len(rows) > most:
            text = _("At most %(most)d publications at a time; choose fewer.") % {"most": most}
            self.message_user(request, text, messages.ERROR)
            return []
        return rows

    # Pages ----------------------------------------------------------------------------------------------------------

    def verb_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Do one verb for one publication; POST only."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        publication = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_change_permission(request, publication):
            raise PermissionDenied
        if verb == "refresh":
            self._refresh(request, [publication])
        elif verb in VERBS:
            self._tally(request, [publication], VERBS[verb]).tell(request, VERBS[verb].done)
        else:
            raise Http404
        return HttpResponseRedirect(_back(request, request.POST.get("next", ""), [publication]))

    def remove_view(self, request: HttpRequest) -> HttpResponse:
        """Ask whether publications are to be deleted on their platforms, and mark them when the answer is yes."""
        named = self.get_queryset(request).filter(pk__in=named_ids(request, MOST_AT_ONCE))
        rows = list(named)
        if not rows:
            raise Http404
        if not all(self.has_remove_permission(request, row) for row in rows):
            raise PermissionDenied
        if request.method != "POST" or "confirm" not in request.POST:
            return self._confirmation(request, rows)
        self._tally(request, rows, removing.REMOVE, self.has_remove_permission).tell(request, removing.REMOVE.done)
        return HttpResponseRedirect(_back(request, request.POST.get("next", ""), rows))

    def _confirmation(self, request: HttpRequest, rows: list[Publication]) -> HttpResponse:
        return show(
            self, request, "publication/remove.html", _("Delete on the platform"), **removing.plan(rows),
            back=_back(request, request.POST.get("next") or request.META.get("HTTP_REFERER", ""), rows),
        )  # fmt: skip

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One publication's page. Nothing is edited here; buttons are the verbs."""
        publication = self.get_object(request, object_id)
        if not self.has_view_or_change_permission(request, publication):
            raise PermissionDenied
        if publication is None:
            raise Http404
        return show(
            self, request, "publication/detail.html", publication.shown_title, **_facts(request, publication),
            preserved_filters=self.get_preserved_filters(request), **(extra_context or {}),
        )  # fmt: skip


def _back(request: HttpRequest, url: str, rows: list[Publication]) -> str:
    """`url` if that is an address of ours; else the only publication's page, else the list."""
    if ours(request, url):
        return url
    if len(rows) == 1:
        return reverse("admin:platforms_publication_change", args=[rows[0].pk])
    return reverse("admin:platforms_publication_changelist")


def _facts(request: HttpRequest, publication: Publication) -> dict[str, Any]:
    events = list(Event.objects.filter(publication=publication)[: MOST_EVENTS + 1])
    account, error = publication.account, publication.error or {}
    return {
        "publication": publication,
        "badge": state_badge(publication),
        "progress": progress_bar(publication),
        "note": state_note(publication),
        "buttons": buttons(request, publication),
        "links": remote_links(publication),
        "platform": platform_label(account.platform),
        "account": link(account) if may_view(request.user, "account") else account,
        "video": link(publication.video) if may_view(request.user, "video") else publication.video,
        "health": "" if account.health == Health.OK else health_badge(account),
        "since": when(publication.state_at),
        "next_run": when(publication.next_run_at) if publication.state not in FINAL else "",
        "uploaded": when(publication.uploaded_at) if publication.uploaded_at else "",
        "code": error.get("code", ""),
        "detail": error.get("detail", ""),
        "raw_words": _(publication.raw_words) if publication.raw_words else "",
        "category": category_text(publication),
        "options": readable_options(publication),
        "duration": duration_text(publication.remote_duration),
        "session": UploadSession.objects.filter(publication=publication).values("protocol", "bytes_done").first(),
        "history": [(when(event.at), event.actor, event.text) for event in events[:MOST_EVENTS]],
        "more_history": len(events) > MOST_EVENTS,
        "may_view_events": may_view(request.user, "event"),
    }
