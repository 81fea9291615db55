"""What only operators look at: running uploads' resume states, and worker clusters."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from platforms import queue
from platforms.admin.common.display import NOTHING, bar, bytes_text, link, platform_label, when
from platforms.admin.common.lists import ReadOnlyAdmin
from platforms.admin.site import site
from platforms.admin.workers import pulse_badge, queue_label
from platforms.models import Pulse, UploadSession


@admin.register(UploadSession, site=site)
class UploadSessionAdmin(ReadOnlyAdmin):
    """Without the token, which may hold temporary credentials."""

    list_display = ("publication_link", "platform", "way", "progress", "part", "changed", "expires")
    list_display_links = None
    list_select_related = ("publication__video", "publication__account")
    list_filter = ("publication__account__platform",)
    search_fields = ("publication__video__title", "publication__title")
    fields = ("publication_link", "platform", "way", "fingerprint", "progress", "part", "changed", "expires")
    ordering = ("-updated_at",)
    empty_hint = gettext_lazy("While a file is uploaded, how far it got is kept here, so that any worker can go on.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[UploadSession]:
        rows: QuerySet[UploadSession] = super().get_queryset(request)
        return rows.defer("token", "publication__account__credentials")

    @admin.display(description=gettext_lazy("publication"))
    def publication_link(self, session: UploadSession) -> SafeString:
        return link(session.publication)

    @admin.display(description=gettext_lazy("platform"))
    def platform(self, session: UploadSession) -> SafeString:
        return platform_label(session.publication.account.platform)

    @admin.display(description=gettext_lazy("protocol"))
    def way(self, session: UploadSession) -> str:
        return gettext(session.protocol) if session.protocol else NOTHING

    @admin.display(description=gettext_lazy("progress"))
    def progress(self, session: UploadSession) -> SafeString:
        total = session.publication.bytes_total
        percent = min(session.bytes_done * 100 // total, 100) if total else 0
        return bar(percent, f"{percent} %", title=f"{bytes_text(session.bytes_done)} / {bytes_text(total)}")

    @admin.display(description=gettext_lazy("part size"))
    def part(self, session: UploadSession) -> str:
        return bytes_text(session.part_size)

    @admin.display(description=gettext_lazy("changed"), ordering="updated_at")
    def changed(self, session: UploadSession) -> SafeString:
        return when(session.updated_at)

    @admin.display(description=gettext_lazy("expires"), ordering="expires_at")
    def expires(self, session: UploadSession) -> SafeString:
        return when(session.expires_at)


class QueueFilter(admin.SimpleListFilter):
    title = gettext_lazy("queue")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:
        return [(name, queue_label(name)) for name in (queue.UPLOADS, queue.DEFAULT)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Pulse]) -> QuerySet[Pulse]:
        return queryset.filter(queue=self.value()) if self.value() else queryset


@admin.register(Pulse, site=site)
class PulseAdmin(ReadOnlyAdmin):
    """Clusters; those of a machine that is gone for good may be deleted."""

    list_display = ("cluster", "host", "badge", "answered", "asked", "started", "restarts")
    list_display_links = None
    list_filter = (QueueFilter,)
    search_fields = ("host",)
    fields = ("cluster", "host", "badge", "answered", "asked", "started", "restarts")
    ordering = ("host", "queue")
    actions = ()
    empty_hint = gettext_lazy("No worker has ever run. Start one: script/worker")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.has_perm("platforms.delete_pulse"))

    @admin.display(description=gettext_lazy("queue"), ordering="queue")
    def cluster(self, pulse: Pulse) -> str:
        return queue_label(pulse.queue)

    @admin.display(description=gettext_lazy("state"))
    def badge(self, pulse: Pulse) -> SafeString:
        return pulse_badge(pulse)

    @admin.display(description=gettext_lazy("answered"), ordering="answered_at")
    def answered(self, pulse: Pulse) -> SafeString:
        return when(pulse.answered_at)

    @admin.display(description=gettext_lazy("asked"), ordering="sent_at")
    def asked(self, pulse: Pulse) -> SafeString:
        return when(pulse.sent_at)

    @admin.display(description=gettext_lazy("started"), ordering="started_at")
    def started(self, pulse: Pulse) -> SafeString:
        return when(pulse.started_at)
