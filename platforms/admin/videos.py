"""Videos: the list, the form that adds and publishes in one step, and one video's page with its publications."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from platforms.admin.common import parts
from platforms.admin.common.display import NOTHING, bytes_text, link, platform_label, state_badge, when
from platforms.admin.common.facts import duration_text, file_facts
from platforms.admin.common.filters import DaysFilter, OriginFilter, PlatformFilter, StateFilter, VideoAccountFilter
from platforms.admin.common.lists import HubAdmin
from platforms.admin.common.page import may, may_view, named_ids, show
from platforms.admin.common.parts import Part
from platforms.admin.operation import acting, retrying
from platforms.admin.publication.rows import rows
from platforms.admin.site import site
from platforms.admin.subtitle import subtitles
from platforms.admin.video import publish_page, template_form, uploading, video_deleting, video_form
from platforms.admin.video.forms import VideoAddForm
from platforms.admin.video.publish_page import MOST_VIDEOS, PublishVideosForm
from platforms.admin.video.video_form import VideoForm
from platforms.admin.watching import pictures, playing
from platforms.models import Publication, Video
from platforms.models.wording import render
from platforms.services import publishing, search
from platforms.services.metadata.changing import Conflict
from platforms.services.watching import covers

PUBLICATIONS = Publication.objects.select_related("account").defer("account__credentials").order_by("account__name")
# What other files add to a video's page and the list, in the order of the page.
PARTS: tuple[Part, ...] = (
    playing.ON_VIDEO,
    subtitles.PART,
    acting.ON_VIDEOS,
    retrying.OF_VIDEOS,
)


@admin.register(Video, site=site)
class VideoAdmin(HubAdmin):
    """Adding publishes in the same step; deleting asks first and keeps what platforms still have."""

    form = VideoForm
    list_display = ("picture", "title", "on_platforms", "size_text", "duration_text", "added")
    list_display_links = ("title",)
    list_select_related = ("created_by",)
    ordering = ("-created_at", "-id")
    list_filter = (StateFilter, PlatformFilter, VideoAccountFilter, OriginFilter, ("created_at", DaysFilter))
    search_fields = ("title", "tags", "original_name", "md5__exact", "publications__remote_id__exact")
    search = staticmethod(search.videos)
    search_help_text = gettext_lazy("Title, tag, file name, md5, or a platform's id of the video")
    actions = ("publish_selected", *(one for part in PARTS for one in part.actions), "delete_videos")

    class Media:
        css = {"all": ("mediahub/publish.css", "mediahub/metadata.css")}
        js = ("mediahub/publish.js", "mediahub/covers.js")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            *uploading.urls(self),
            path("publish/", view(self.publish_several_view), name="platforms_video_publish_several"),
            path("delete/", view(self.delete_several_view), name="platforms_video_delete_several"),
            path("<int:pk>/publish/", view(self.publish_view), name="platforms_video_publish"),
        ]
        return [*own, *parts.urls(self, PARTS), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Video]:
        return super().get_queryset(request).prefetch_related(Prefetch("publications", PUBLICATIONS.all()))

    def has_publish_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether the person may publish videos."""
        return may(request.user, "add")

    def get_action_choices(self, request: HttpRequest, *args: Any, **kwargs: Any) -> list[tuple[str, str]]:
        return acting.grouped_choices(super().get_action_choices(request, *args, **kwargs))

    def has_act_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether the person may do things with the publications of videos."""
        return may(request.user, "change")

    def has_remove_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether the person may delete videos, and what is made of them, on platforms."""
        return may(request.user, "delete")

    # Columns and facts ----------------------------------------------------------------------------------------------

    @admin.display(description="")
    def picture(self, video: Video) -> SafeString:
        return pictures.thumbnail(covers.cover_of(video))

    @admin.display(description=gettext_lazy("on the platforms"))
    def on_platforms(self, video: Video) -> SafeString | str:
        badges = (
            (
                reverse("admin:platforms_publication_change", args=[publication.pk]),
                platform_label(publication.account.platform),
                publication.account.name,
                state_badge(publication),
            )
            for publication in video.publications.all()
        )
        shown = '<span class="on-platform"><a href="{}">{} {}</a> {}</span>'
        joined = format_html_join(mark_safe(" "), shown, badges)
        return format_html("<div>{}</div>", joined) if joined else NOTHING

    @admin.display(description=gettext_lazy("size"))
    def size_text(self, video: Video) -> str:
        return bytes_text(video.size)

    @admin.display(description=gettext_lazy("duration"))
    def duration_text(self, video: Video) -> str:
        return duration_text(video.duration)

    @admin.display(description=gettext_lazy("added"), ordering="created_at")
    def added(self, video: Video) -> SafeString:
        who = video.created_by or (_("imported") if video.imported_from_id else "")
        return format_html('<div>{}<br><span class="quiet">{}</span></div>', when(video.created_at), who)

    # Actions --------------------------------------------------------------------------------------------------------

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    @admin.action(description=gettext_lazy("Publish…"), permissions=["publish"])
    def publish_selected(self, request: HttpRequest, queryset: QuerySet[Video]) -> HttpResponse | None:
        chosen = self._few(request, queryset)
        form = PublishVideosForm(chosen, initial=template_form.initial(request))
        return self._publish_page(request, chosen, form) if chosen else None

    @admin.action(description=gettext_lazy("Delete from the hub…"), permissions=["delete"])
    def delete_videos(self, request: HttpRequest, queryset: QuerySet[Video]) -> HttpResponse | None:
        chosen = self._few(request, queryset)
        return video_deleting.ask(self, request, chosen) if chosen else None

    def _few(self, request: HttpRequest, queryset: QuerySet[Video]) -> list[Video]:
        """The selected videos; none, and a message, when they are too many for one page."""
        chosen = list(queryset[: MOST_VIDEOS + 1])
        if len(chosen) > MOST_VIDEOS:
            text = _("At most %(most)d videos at a time; choose fewer.") % {"most": MOST_VIDEOS}
            self.message_user(request, text, messages.ERROR)
            return []
        return chosen

    # Adding ---------------------------------------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The form that adds a video and publishes it; no transaction is open while its file is looked at."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        data = (request.POST, request.FILES) if request.method == "POST" else ()
        may_publish = self.has_publish_permission(request)
        template = template_form.chosen(request)
        initial = template_form.start(template) if template and not data else None
        publish = may_publish and "_publish" in request.POST
        form = VideoAddForm(*data, user=request.user, publish=publish, initial=initial)
        if form.is_bound and form.is_valid() and (video := form.create()):
            return self._added(request, form, video)
        if form.already and "file" in form.errors:
            return self._added_before(request, form.already)
        cards = form.cards() if may_publish else []
        return show(
            self, request, "video/add.html", _("Add video"), form=form, cards=cards, may_publish=may_publish,
            may_add_account=may(request.user, "add", "account"), uploading=uploading.places(),
            media=self.media + form.media, templates=template_form.choices(), started_from=template,
            template_note=template and template_form.note(template),
        )  # fmt: skip

    def _added(self, request: HttpRequest, form: VideoAddForm, video: Video) -> HttpResponse:
        self.log_addition(request, video, [{"added": {}}])
        self._warn_of_same(request, video)
        if form.publish:
            publish_page.publish(request, [video], form.targets())
        else:
            messages.success(request, _("“%(title)s” is saved. It is not published anywhere yet.") % {"title": video})
        return self._go_to(request, video)

    def _added_before(self, request: HttpRequest, video: Video) -> HttpResponse:
        """The same form was sent twice: there is one video, and nothing else to do."""
        messages.info(request, _("“%(title)s” was already added.") % {"title": video})
        return self._go_to(request, video)

    def _warn_of_same(self, request: HttpRequest, video: Video) -> None:
        same = Video.objects.filter(md5=video.md5).exclude(pk=video.pk).order_by("pk").first()
        if same and self.has_view_or_change_permission(request, same):
            messages.warning(request, format_html(_("The hub already has the same file: {}."), link(same)))

    def _go_to(self, request: HttpRequest, video: Video) -> HttpResponse:
        """The video's page; a script that sent the form is told the address instead of being redirected."""
        visible = self.has_view_or_change_permission(request, video)
        url = reverse("admin:platforms_video_change", args=[video.pk]) if visible else reverse("admin:index")
        if request.headers.get("X-Requested-With") == "XMLHttpRequest":
            return JsonResponse({"location": url})
        return HttpResponseRedirect(url)

    # One video ------------------------------------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Video | None = None) -> Any:
        return [(None, {"fields": VideoForm.Meta.fields})]

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except Conflict:
            # Somebody else has saved since the form was checked: checked again, it says so.
            return super().changeform_view(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Video, form: VideoForm, change: bool) -> None:
        video_form.save(request, obj, form)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        video = self.get_object(request, object_id)
        panels = parts.panels(request, video, PARTS) if video else []
        may_see_publications = may_view(request.user, "publication")
        extra = {
            "panels": panels,
            "panels_media": parts.media(panels),
            "publications": rows(request, video.publications.all() if video else ()),
            "facts": file_facts(video) if video else (),
            "may_publish": self.has_publish_permission(request) and not (video and publishing.was_imported(video)),
            "no_file": render(publishing.no_file(video).as_json()) if video and not video.source else "",
            "may_see_publications": may_see_publications,
            "may_retry": self.has_act_permission(request) and retrying.has_failed(video),
            "may_add_template": may(request.user, "add", "videotemplate"),
            "show_save_and_add_another": False,
            **(video_form.shown(request, video) if video and may_see_publications else {}),
        }
        page = super().change_view(request, object_id, form_url, extra | (extra_context or {}))
        return parts.allow(page, panels)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        video = self.get_object(request, object_id)
        if video is None:
            raise Http404
        if not self.has_delete_permission(request, video):
            raise PermissionDenied
        return video_deleting.ask(self, request, [video])

    def delete_several_view(self, request: HttpRequest) -> HttpResponse:
        """Delete the videos that the page which asked names; POST only."""
        chosen = self._named(request)
        if not all(self.has_delete_permission(request, video) for video in chosen):
            raise PermissionDenied
        video_deleting.delete(request, chosen)
        return HttpResponseRedirect(reverse("admin:platforms_video_changelist"))

    # Publishing -----------------------------------------------------------------------------------------------------

    def publish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The publish form for one video."""
        video = self.get_object(request, str(pk))
        if video is None:
            raise Http404
        return self._publish(request, [video])

    def publish_several_view(self, request: HttpRequest) -> HttpResponse:
        """What the publish form for several videos sends; POST only."""
        return self._publish(request, self._named(request))

    def _named(self, request: HttpRequest) -> list[Video]:
        chosen = list(self.get_queryset(request).filter(pk__in=named_ids(request, MOST_VIDEOS)))
        if request.method != "POST" or not chosen:
            raise Http404
        return chosen

    def _publish(self, request: HttpRequest, chosen: list[Video]) -> HttpResponse:
        if not all(self.has_publish_permission(request, video) for video in chosen):
            raise PermissionDenied
        present = publish_page.present(chosen[0]) if len(chosen) == 1 else {}
        data = request.POST if request.method == "POST" else None
        form = PublishVideosForm(chosen, data, present=present, initial=template_form.initial(request))
        if not form.is_bound or not form.is_valid():
            return self._publish_page(request, chosen, form)
        publish_page.publish(request, chosen, form.targets())
        if len(chosen) == 1:
            return self._go_to(request, chosen[0])
        return HttpResponseRedirect(reverse("admin:platforms_video_changelist"))

    def _publish_page(self, request: HttpRequest, chosen: list[Video], form: PublishVideosForm) -> HttpResponse:
        cards, count = form.cards(), len(chosen)
        one = chosen[0] if count == 1 else None
        several = ngettext("Publish %(count)d video", "Publish %(count)d videos", count) % {"count": count}
        return show(
            self, request, "video/publish.html", _("Publish “%(title)s”") % {"title": one} if one else several,
            form=form, cards=cards, open=any(row.open for card in cards for row in card.accounts),
            original=one, ids=",".join(str(video.pk) for video in chosen),
            videos=[(link(video), self.on_platforms(video)) for video in chosen],
            refused=[(link(video), reasons) for video, reasons in form.refused],
            may_add_account=may(request.user, "add", "account"), media=self.media + form.media,
            templates=template_form.choices() if one else [], started_from=template_form.chosen(request),
        )  # fmt: skip
