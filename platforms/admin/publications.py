"""Publications: the list, one publication's page, and everything a person can do with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from platforms.admin.common import parts
from platforms.admin.common.display import (
    health_badge,
    link,
    platform_label,
    progress_bar,
    state_badge,
    state_note,
    when,
)
from platforms.admin.common.facts import category_text, duration_text, known_from, readable_options
from platforms.admin.common.filters import (
    AccountFilter,
    CategoryFilter,
    DiffersFilter,
    NeedsPersonFilter,
    PublicationPlatformFilter,
)
from platforms.admin.common.lists import ACCOUNT, HubAdmin
from platforms.admin.common.page import may, may_view, show, way_back
from platforms.admin.common.parts import Part
from platforms.admin.operation import acting, retrying
from platforms.admin.planning import schedule
from platforms.admin.publication import decisions, operations_panel, publication_metadata, verbs
from platforms.admin.publication.rows import buttons, remote_links
from platforms.admin.publication.verbs import MOST_AT_ONCE, MOST_REFRESHED, VERBS, Tally, Verb
from platforms.admin.site import site
from platforms.admin.subtitle import subtitles
from platforms.admin.watching import pictures, player_tokens, playing, sharing
from platforms.errors import PlatformError
from platforms.models import Event, Health, Publication, UploadSession
from platforms.models.wording import render
from platforms.services import search
from platforms.services.progress import FINAL
from platforms.services.watching import covers, links

MOST_EVENTS = 50
# What other files add to the page and the list, in the order of the page.
PARTS: tuple[Part, ...] = (
    operations_panel.PART,
    publication_metadata.PART,
    schedule.PART,
    playing.ON_PUBLICATION,
    subtitles.ON_PUBLICATIONS,
    acting.ON_PUBLICATIONS,
    retrying.OF_PUBLICATIONS,
    sharing.PART,
    pictures.PART,
    player_tokens.PART,
)
Allowed = Callable[[HttpRequest, Publication], bool]


@admin.register(Publication, site=site)
class PublicationAdmin(HubAdmin):
    """Publications are made by publishing a video and deleted on their platform: no adding, no deleting here."""

    list_display = ("picture", "video_title", "on_account", "badge", "progress", "links")
    list_display_links = ("video_title",)
    list_filter = (
        NeedsPersonFilter, DiffersFilter, "state", ("account__platform", PublicationPlatformFilter),
        ("account", AccountFilter), CategoryFilter,
    )  # fmt: skip
    search_fields = ("video__title", "title", "remote_id__exact")
    search = staticmethod(search.publications)
    search_help_text = gettext_lazy("Title, or the platform's id of the video")
    actions = ("retry", "pause", "resume", "cancel", "refresh", *(one for part in PARTS for one in part.actions))

    class Media:
        css = {"all": ("mediahub/publish.css",)}
        js = ("mediahub/publish.js", "mediahub/covers.js")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/open/", view(self.open_view), name="platforms_publication_open"),
            path("<int:pk>/decide/", view(self.decide_view), name="platforms_publication_decide"),
            path("<int:pk>/do/<slug:verb>/", view(self.verb_view), name="platforms_publication_verb"),
        ]
        return [*own, *parts.urls(self, PARTS), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Publication]:
        return super().get_queryset(request).prefetch_related("video", ACCOUNT)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_action_choices(self, request: HttpRequest, *args: Any, **kwargs: Any) -> list[tuple[str, str]]:
        return acting.grouped_choices(super().get_action_choices(request, *args, **kwargs))

    def has_remove_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether the person may delete videos on platforms."""
        return may(request.user, "delete")

    # Columns --------------------------------------------------------------------------------------------------------

    @admin.display(description="")
    def picture(self, publication: Publication) -> SafeString:
        """The cover that viewers see there."""
        return pictures.thumbnail("" if publication.state in covers.GONE else publication.cover_url)

    @admin.display(description=gettext_lazy("video"))
    def video_title(self, publication: Publication) -> str:
        return publication.shown_title

    @admin.display(description=gettext_lazy("account"), ordering="account_id")
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
        self.apply_verb(request, queryset, verbs.RETRY)

    @admin.action(description=verbs.PAUSE.action, permissions=["change"])
    def pause(self, request: HttpRequest, queryset: QuerySet[Publication]) -> None:
        self.apply_verb(request, queryset, verbs.PAUSE)

    @admin.action(description=verbs.RESUME.action, permissions=["change"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Publication]) -> None:
        self.apply_verb(request, queryset, verbs.RESUME)

    @admin.action(description=verbs.CANCEL.action, permissions=["change"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Publication]) -> None:
        self.apply_verb(request, queryset, verbs.CANCEL)

    @admin.action(description=gettext_lazy("Refresh from the platform"), permissions=["change"])
    def refresh(self, request: HttpRequest, queryset: QuerySet[Publication]) -> None:
        if rows := self._few(request, queryset, MOST_REFRESHED):
            self._refresh(request, rows)

    def apply_verb(self, request: HttpRequest, queryset: QuerySet[Publication], verb: Verb) -> None:
        """Do a verb for the selected publications and say what was done, on the next page."""
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
        return HttpResponseRedirect(way_back(request, request.POST.get("next", ""), [publication]))

    def open_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """To the video's page on its platform, which is asked for now where that was not worth a call before."""
        publication = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_view_or_change_permission(request, publication):
            raise PermissionDenied
        try:
            links.ask(publication)
        except PlatformError as error:
            messages.error(request, render(error.sentence.as_json()))
        if publication.page_url.startswith(("http://", "https://")):
            return HttpResponseRedirect(publication.page_url)
        return HttpResponseRedirect(way_back(request, "", [publication]))

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What becomes of a publication of which nobody knows whether the platform has it."""
        publication = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_change_permission(request, publication):
            raise PermissionDenied
        return decisions.page(self, request, publication, way_back(request, "", [publication]))

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
        panels = parts.panels(request, publication, PARTS)
        page = show(
            self, request, "publication/detail.html", publication.shown_title, **_facts(request, publication),
            preserved_filters=self.get_preserved_filters(request), panels=panels, panels_media=parts.media(panels),
            **(extra_context or {}),
        )  # fmt: skip
        return parts.allow(page, panels)


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
        "known_from": known_from(publication),
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
