"""Access keys: issued to viewers, shown to be passed on, withdrawn at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from platforms.admin.common.display import NOTHING, badge, link, moment, platform_label, when
from platforms.admin.common.filters import AccountFilter
from platforms.admin.common.lists import ACCOUNT, HubAdmin, walk
from platforms.admin.planning.schedule_fields import TimeInput
from platforms.admin.site import site
from platforms.models import AccessKey, Account
from platforms.models.account import hub_time_zone
from platforms.models.wording import render
from platforms.services import access_keys, search

VALID, EXPIRED, REVOKED, USED_UP = "valid", "expired", "revoked", "used_up"
STATES = {
    VALID: gettext_lazy("Valid"),
    EXPIRED: gettext_lazy("Expired"),
    REVOKED: gettext_lazy("Withdrawn"),
    USED_UP: gettext_lazy("Used up"),
}


def state_of(key: AccessKey) -> str:
    """A key of `STATES`."""
    if key.revoked_at:
        return REVOKED
    if key.expires_at <= timezone.now():
        return EXPIRED
    return USED_UP if key.most_plays is not None and key.plays >= key.most_plays else VALID


class AccessKeyForm(forms.ModelForm):  # type: ignore[type-arg]
    """What may be issued is the service's to say; it is asked before anything is saved."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        try:
            access_keys.check(cleaned["account"], cleaned.get("video"), cleaned["expires_at"])
        except access_keys.CannotIssue as error:
            raise forms.ValidationError(render(error.sentence.as_json())) from None
        return cleaned


class ValidFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "valid"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return [(VALID, STATES[VALID]), (EXPIRED, STATES[EXPIRED]), (REVOKED, STATES[REVOKED])]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AccessKey]) -> QuerySet[AccessKey]:
        now = timezone.now()
        chosen = {
            VALID: Q(revoked_at=None, expires_at__gt=now),
            EXPIRED: Q(revoked_at=None, expires_at__lte=now),
            REVOKED: Q(revoked_at__isnull=False),
        }
        if self.value() in (VALID, EXPIRED):
            walk(request)  # no index knows what time it is
        return queryset.filter(chosen.get(self.value() or "", Q()))


@admin.register(AccessKey, site=site)
class AccessKeyAdmin(HubAdmin):
    form = AccessKeyForm
    list_display = ("viewer_shown", "account_link", "video_link", "state", "used", "expires", "issued")
    list_display_links = ("viewer_shown",)
    list_filter = (ValidFilter, ("account", AccountFilter))
    search_fields = ("viewer", "video__title")
    search = staticmethod(search.access_keys)
    search_help_text = gettext_lazy("Viewer, or title of the video")
    autocomplete_fields = ("video",)
    actions = ("revoke_selected",)
    fields = ("account", "video", "viewer", "expires_at", "most_plays")
    formfield_overrides = {models.DateTimeField: {"form_class": forms.DateTimeField, "widget": TimeInput}}
    shown = (
        "account_link",
        "video_link",
        "viewer",
        "token",
        "state",
        "used",
        "refusals",
        "last_asked",
        "expires",
        "issued",
    )

    class Media:
        css = {"all": ["mediahub/playing.css"]}
        js = ["mediahub/asked.js"]

    empty_hint = gettext_lazy(
        "Some platforms ask the hub before they play a video. A viewer with an access key may watch."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccessKey]:
        return super().get_queryset(request).prefetch_related("video", ACCOUNT)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """A key is issued as it is; a list with its action is what remains of changing."""
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Withdrawing keeps what happened; deleting would not."""
        return False

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.shown if obj else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.shown if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "account":
            asking = Account.objects.filter(platform__in=access_keys.platforms_that_ask())
            kwargs["queryset"] = asking.defer("credentials").order_by("name")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "expires_at" and field is not None:
            field.help_text = _("In the time zone %(zone)s.") % {"zone": hub_time_zone()}
        return field

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        in_a_month = timezone.localtime() + timedelta(days=30)
        return {
            "expires_at": in_a_month.replace(second=0, microsecond=0),
            **super().get_changeform_initial_data(request),
        }

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, *args, **kwargs)

    def response_add(self, request: HttpRequest, obj: AccessKey, post_url_continue: str | None = None) -> HttpResponse:
        """To the key's page, where it stands to be passed on."""
        messages.success(request, _("The access key is issued; pass it on to the viewer."))
        return HttpResponseRedirect(reverse("admin:platforms_accesskey_change", args=[obj.pk]))

    def save_model(self, request: HttpRequest, obj: AccessKey, form: Any, change: bool) -> None:
        given = form.cleaned_data
        issued = access_keys.issue(
            given["account"], video=given["video"], expires_at=given["expires_at"], most_plays=given["most_plays"],
            viewer=given["viewer"], actor=request.user.get_username(),
        )  # fmt: skip
        obj.pk = issued.pk
        obj.refresh_from_db()

    @admin.action(description=gettext_lazy("Withdraw selected keys"), permissions=["change"])
    def revoke_selected(self, request: HttpRequest, queryset: QuerySet[AccessKey]) -> None:
        actor = request.user.get_username()
        count = sum(access_keys.revoke(key, actor=actor) for key in queryset.filter(revoked_at=None))
        text = ngettext("%(count)d key was withdrawn.", "%(count)d keys were withdrawn.", count)
        messages.success(request, text % {"count": count})

    @admin.display(description=gettext_lazy("viewer"))
    def viewer_shown(self, key: AccessKey) -> str:
        return str(key)

    @admin.display(description=gettext_lazy("access key"))
    def token(self, key: AccessKey) -> SafeString:
        words = {"value": f"access_key={access_keys.token(key)}", "label": _("access key").capitalize()}
        return render_to_string("admin/platforms/asked/value.html", words)

    @admin.display(description=gettext_lazy("account"))
    def account_link(self, key: AccessKey) -> SafeString:
        return format_html("{} {}", platform_label(key.account.platform), link(key.account))

    @admin.display(description=gettext_lazy("video"))
    def video_link(self, key: AccessKey) -> SafeString | str:
        return link(key.video) if key.video else _("Every video")

    @admin.display(description=gettext_lazy("state"))
    def state(self, key: AccessKey) -> SafeString:
        found = state_of(key)
        return badge("good" if found == VALID else "gone", STATES[found])

    @admin.display(description=gettext_lazy("played"))
    def used(self, key: AccessKey) -> str:
        if key.most_plays is None:
            return str(key.plays)
        return _("%(sent)s of %(total)s") % {"sent": key.plays, "total": key.most_plays}

    @admin.display(description=gettext_lazy("last asked"))
    def last_asked(self, key: AccessKey) -> SafeString:
        return when(key.last_asked_at)

    @admin.display(description=gettext_lazy("expires"), ordering="expires_at")
    def expires(self, key: AccessKey) -> SafeString:
        return format_html('<span class="nowrap numbers">{}</span>', moment(key.expires_at))

    @admin.display(description=gettext_lazy("issued"), ordering="created_at")
    def issued(self, key: AccessKey) -> SafeString | str:
        return format_html("{} {}", when(key.created_at), key.created_by or NOTHING)
