"""Templates: the list, and the form in which one is written down, also from a video."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from platforms.admin.common.display import NOTHING, platform_label, when
from platforms.admin.common.lists import HubAdmin
from platforms.admin.common.page import may, may_view, show
from platforms.admin.site import site
from platforms.admin.video.template_form import TemplateForm, example, placeholders
from platforms.models import TemplateTarget, Video, VideoTemplate
from platforms.services import templates
from platforms.services.publishing import Target

TARGETS = TemplateTarget.objects.select_related("account").defer("account__credentials").order_by("account__name")
LIST = "admin:platforms_videotemplate_changelist"


@admin.register(VideoTemplate, site=site)
class VideoTemplateAdmin(HubAdmin):
    list_display = ("name", "title", "on_accounts", "next_number", "changed", "use")
    search_fields = ("name", "title")
    ordering = ("name",)
    empty_hint = gettext_lazy("A template holds what videos of one kind have in common, such as a weekly lesson.")

    class Media:
        css = {"all": ("mediahub/publish.css", "mediahub/metadata.css")}

    def get_queryset(self, request: HttpRequest) -> QuerySet[VideoTemplate]:
        return super().get_queryset(request).prefetch_related(Prefetch("targets", TARGETS.all()))

    @admin.display(description=gettext_lazy("accounts"))
    def on_accounts(self, template: VideoTemplate) -> SafeString | str:
        shown = ((platform_label(row.account.platform), row.account.name) for row in template.targets.all())
        return format_html_join(mark_safe(" "), '<span class="nowrap">{} {}</span>', shown) or NOTHING

    @admin.display(description=gettext_lazy("changed"), ordering="updated_at")
    def changed(self, template: VideoTemplate) -> SafeString:
        return when(template.updated_at)

    @admin.display(description="")
    def use(self, template: VideoTemplate) -> SafeString:
        url = reverse("admin:platforms_video_add") + f"?template={template.pk}"
        return format_html('<a href="{}">{}</a>', url, _("Start a video"))

    # The form -------------------------------------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A new template, empty or as the video that the address names."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        template, targets = _of_video(request)
        return self._form(request, template, targets, _("Add a template"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        template = self.get_object(request, object_id)
        if template is None:
            raise Http404
        if not self.has_view_or_change_permission(request, template):
            raise PermissionDenied
        if request.method == "POST" and not self.has_change_permission(request, template):
            raise PermissionDenied
        return self._form(request, template, list(templates.targets(template)), str(template))

    def _form(
        self, request: HttpRequest, template: VideoTemplate, targets: list[Target], title: str
    ) -> HttpResponse:  # fmt: skip
        is_new = template._state.adding
        form = TemplateForm(template, targets, request.POST if request.method == "POST" else None)
        if form.is_bound and form.is_valid():
            saved = form.save(request)
            (self.log_addition if is_new else self.log_change)(request, saved, [{"added" if is_new else "changed": {}}])
            messages.success(request, _("The template “%(name)s” is saved.") % {"name": saved})
            return HttpResponseRedirect(reverse(LIST))
        return show(
            self, request, "videotemplate/form.html", title, form=form, cards=form.cards(), video_template=template,
            is_new=is_new, placeholders=placeholders(), example="" if is_new else example(template),
            may_save=may(request.user, "add" if is_new else "change", "videotemplate"),
            may_delete=not is_new and self.has_delete_permission(request, template),
        )  # fmt: skip


def _of_video(request: HttpRequest) -> tuple[VideoTemplate, list[Target]]:
    """What a new template begins with: nothing, or what the video has that the address names."""
    text = request.GET.get("video", "")
    video = Video.objects.filter(pk=int(text)).first() if text.isdecimal() and len(text) < 19 else None
    if video is None or not may_view(request.user, "video"):
        return VideoTemplate(), []
    return templates.from_video(video)
