"""Accounts: the list, the form by platform, and one account's page with its health, quota and history."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from platforms.admin.account import account_subtitles, connecting, importing
from platforms.admin.account import callbacks as callback_page
from platforms.admin.account.account_form import CREDENTIAL, OPTION, AccountForm
from platforms.admin.categories import tree_url as category_url
from platforms.admin.common.counting import CountOf, counted
from platforms.admin.common.display import bar, bytes_text, clock, health_badge, labelled, listed, platform_label, when
from platforms.admin.common.lists import HubAdmin
from platforms.admin.common.page import may_view
from platforms.admin.site import site
from platforms.errors import PlatformError
from platforms.models import Account, Event, Health, Publication
from platforms.models.account import PLATFORM_LABELS
from platforms.models.wording import render
from platforms.services import account_health, accounts, budgets, callbacks, circuit, zones
from platforms.services.categories import tree
from platforms.services.connecting import can_be_connected, renew
from platforms.values import AccountReport, Platform

MOST_EVENTS = 20
# Publications of an account: beyond that its row in the list says “1000+”.
MOST_COUNTED = 1000
Verb = Callable[..., AccountReport]
# What platforms tell about quota: the name of what is used, and the names that its limit may have.
USES = (
    (gettext_lazy("Storage"), "used_storage", ("total_storage",)),
    (gettext_lazy("Traffic"), "used_flow", ("total_flow_limit", "month_flow_limit")),
)


@admin.register(Account, site=site)
class AccountAdmin(HubAdmin):
    form = AccountForm
    list_display = ("name", "platform_mark", "health_shown", "token_expires", "last_check", "publication_count")
    list_filter = ("platform", "health")
    search_fields = ("name",)
    ordering = ("name",)
    actions = ("check_selected", "refresh_selected", "import_selected")
    change_form_template = "admin/platforms/account/change_form.html"
    empty_hint = gettext_lazy("An account is a login on one platform. Add one, and videos can be published to it.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        of_account = Publication.objects.order_by().filter(account=OuterRef("pk")).values("pk")
        rows: QuerySet[Account] = super().get_queryset(request).defer("credentials")
        return rows.annotate(publication_count=CountOf(of_account[: MOST_COUNTED + 1]))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            *importing.urls(self),
            path("<int:pk>/check/", view(self.check_view), name="platforms_account_check"),
            path("<int:pk>/try/", view(self.try_view), name="platforms_account_try"),
            path("<int:pk>/renew/<str:name>/", view(connecting.renew), name="platforms_account_renew"),
            path("<int:pk>/connect/", view(connecting.connect), name="platforms_account_connect"),
            path("<int:pk>/callbacks/", view(callback_page.register), name="platforms_account_callbacks"),
            path("<int:pk>/subtitles/", view(account_subtitles.sync), name="platforms_account_subtitles"),
            path("connected/", view(connecting.connected), name="platforms_account_connected"),
            *super().get_urls(),
        ]

    # The list

    @admin.display(description=gettext_lazy("platform"), ordering="platform")
    def platform_mark(self, account: Account) -> SafeString:
        return platform_label(account.platform)

    @admin.display(description=gettext_lazy("health"), ordering="health")
    def health_shown(self, account: Account) -> SafeString:
        reason = account.health_text
        if account.health == Health.PAUSED and account.paused_until:
            until = _("until %(paused_until)s") % {"paused_until": clock(account.paused_until)}
            return format_html('{} <span class="reason">{} {}</span>', health_badge(account), reason, until)
        return format_html('{} <span class="reason">{}</span>', health_badge(account), reason)

    @admin.display(description=gettext_lazy("token expires"), ordering="token_expires_at")
    def token_expires(self, account: Account) -> SafeString:
        return when(account.token_expires_at)

    @admin.display(description=gettext_lazy("last check"), ordering="checked_at")
    def last_check(self, account: Account) -> SafeString:
        return when(account.checked_at)

    @admin.display(description=gettext_lazy("publications"))
    def publication_count(self, account: Account) -> SafeString:
        url = publications_url(account)
        count = counted(account.publication_count, MOST_COUNTED)  # type: ignore[attr-defined]
        return format_html('<a href="{}" class="numbers">{}</a>', url, count)

    # The form

    def get_form(self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any) -> Any:
        # The platform's own fields are added by the form itself.
        return super().get_form(request, obj, change, **kwargs | {"fields": ("name",)})

    def get_fieldsets(self, request: HttpRequest, obj: Account | None = None) -> Any:
        if obj and not self.has_change_permission(request, obj):
            return [(None, {"fields": ("name",)})]
        platform = obj.platform if obj else request.POST.get("platform") or request.GET.get("platform", "")
        credentials = [CREDENTIAL + field.name for field in accounts.credential_fields(platform)]
        options = [OPTION + field.name for field in accounts.option_fields(platform)]
        found = [(None, {"fields": ("platform", "name")}), (_("Credentials"), {"fields": credentials})]
        found += [(_("Options"), {"fields": options})] if options else []
        found += [(_("Limits"), {"fields": ("upload_speed", "calls_per_hour")})]
        return [*found, (_("Scheduling"), {"fields": ("time_zone",)})]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        chosen = request.POST.get("platform") or request.GET.get("platform", "")
        if chosen in accounts.platform_names():
            extra = {"title": _("Add an account on %(platform)s") % {"platform": PLATFORM_LABELS[Platform(chosen)]}}
            return super().add_view(request, form_url, extra | (extra_context or {}))
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self._chooser(request)

    def _chooser(self, request: HttpRequest) -> HttpResponse:
        """The first step of adding: the platforms as tiles."""
        tiles = [(name, platform_label(name), labels(name)) for name in accounts.platform_names()]
        context = self.admin_site.each_context(request) | {
            "title": _("Add an account"), "opts": self.opts, "tiles": tiles,
            "has_view_permission": self.has_view_permission(request),
        }  # fmt: skip
        return TemplateResponse(request, "admin/platforms/account/choose.html", context)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        response = super().changeform_view(request, object_id, form_url, extra_context)
        saved: Account | None = getattr(request, "saved_account", None)
        if saved and "_check" in request.POST:
            # Here, after the transaction of the form: a platform may take long to answer.
            self._run(request, callbacks.check_account, [saved])
        return response

    def save_model(self, request: HttpRequest, obj: Account, form: AccountForm, change: bool) -> None:
        saved, _new = accounts.save_account(
            form.cleaned_data["name"],
            form.on,
            form.credentials(),
            form.options(),
            actor=request.user.get_username(),
            account=obj if change else None,
        )
        accounts.set_upload_limit(saved, form.upload_limit(), actor=request.user.get_username())
        if "calls_per_hour" in form.data:
            accounts.set_calls_per_hour(saved, form.call_limit(), actor=request.user.get_username())
        accounts.set_time_zone(saved, form.cleaned_data["time_zone"], actor=request.user.get_username())
        obj.pk = saved.pk
        obj.refresh_from_db()
        request.saved_account = obj  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: Account, post_url_continue: str | None = None) -> HttpResponse:
        return self._after(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Account) -> HttpResponse:
        return self._after(request, obj) or super().response_change(request, obj)

    def _after(self, request: HttpRequest, obj: Account) -> HttpResponse | None:
        if "_check" not in request.POST:
            return None
        messages.success(request, _("The account “%(name)s” is saved.") % {"name": obj.name})
        return HttpResponseRedirect(account_url(obj))

    # One account's page

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Account | None = None,
    ) -> HttpResponse:
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        context["time_zones"] = sorted(name for name in zones.names() if "/" in name)
        if obj:
            context |= self._about(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _about(self, request: HttpRequest, account: Account) -> dict[str, Any]:
        events = Event.objects.filter(account=account).order_by("-at", "-id")
        return {
            "account": account,
            "platform": platform_label(account.platform),
            "health": health_badge(account),
            "paused_until": when(account.paused_until) if account.health == Health.PAUSED else "",
            "troubles": account.troubles if circuit.is_open(account) else 0,
            "upload_limit": speed_text(account),
            "calls": calls_text(account),
            "waits_until": when(waits_until) if (waits_until := budgets.use_of(account).waits_until) else "",
            "token_expires": when(account.token_expires_at) if account_health.has_tokens(account) else "",
            "checked": when(account.checked_at),
            "quota": quota_bars(account),
            "categories_url": category_url(account) if tree.has_categories(account) else "",
            "callbacks": callback_page.shown(account),
            "library": importing.shown(request, account),
            "publications_url": publications_url(account),
            "renewals": connecting.buttons(account),
            "can_be_connected": can_be_connected(account),
            "subtitles_url": account_subtitles.url_for(request, account),
            "history": list(events[:MOST_EVENTS]) if may_view(request.user, "event") else None,
            "history_url": reverse("admin:platforms_event_changelist") + f"?account__id__exact={account.pk}",
        }

    def check_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Check the account, by POST, and go back to its page."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        account = get_object_or_404(Account, pk=pk)
        if not self.has_change_permission(request, account):
            raise PermissionDenied
        self._run(request, callbacks.check_account, [account])
        return HttpResponseRedirect(account_url(account))

    def try_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End the account's pause, by POST, and go back to its page."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        account = get_object_or_404(Account, pk=pk)
        if not self.has_change_permission(request, account):
            raise PermissionDenied
        if circuit.try_now(account, actor=request.user.get_username()):
            messages.success(request, _("The pause is ended: the platform is tried now."))
        else:
            messages.info(request, _("The account is not paused."))
        return HttpResponseRedirect(account_url(account))

    @admin.action(description=gettext_lazy("Check selected accounts"), permissions=["change"])
    def check_selected(self, request: HttpRequest, queryset: QuerySet[Account]) -> None:
        self._run(request, callbacks.check_account, queryset.defer(None))

    @admin.action(description=gettext_lazy("Refresh the tokens of selected accounts"), permissions=["change"])
    def refresh_selected(self, request: HttpRequest, queryset: QuerySet[Account]) -> None:
        chosen = list(queryset.defer(None))
        able = [account for account in chosen if account_health.has_tokens(account)]
        self._run(request, refresh_token, able)
        if skipped := len(chosen) - len(able):
            text = ngettext(
                "%(count)d account skipped: its platform works without access tokens.",
                "%(count)d accounts skipped: their platforms work without access tokens.",
                skipped,
            )
            messages.warning(request, text % {"count": skipped})

    def has_import_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether the person may bring in what already is on an account."""
        return importing.may_import(request)

    @admin.action(description=gettext_lazy("Import the videos of selected accounts"), permissions=["import"])
    def import_selected(self, request: HttpRequest, queryset: QuerySet[Account]) -> None:
        importing.ask(request, queryset)

    def _run(self, request: HttpRequest, verb: Verb, chosen: Iterable[Account]) -> None:
        """Do it for each account and say what its platform answered."""
        for account in chosen:
            try:
                report = verb(account, actor=request.user.get_username())
            except PlatformError as error:
                messages.error(request, labelled(account.name, render(error.sentence.as_json())))
            else:
                messages.success(request, labelled(account.name, render(report.sentence.as_json())))

    # Deleting

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_delete_permission(request):
            raise PermissionDenied
        count = Publication.objects.filter(account_id=object_id).count() if object_id.isdecimal() else 0
        if not count:
            return super().delete_view(request, object_id, extra_context)
        reason = ngettext(
            "%(count)d publication is on this account. An account is deleted only when nothing is published on it.",
            "%(count)d publications are on this account. An account is deleted only when nothing is published on it.",
            count,
        )
        messages.error(request, reason % {"count": count})
        return HttpResponseRedirect(reverse("admin:platforms_account_change", args=[object_id]))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        found: dict[str, Any] = super().get_actions(request)
        # Deleting is done one by one: it forgets credentials.
        found.pop("delete_selected", None)
        return found


def refresh_token(account: Account, *, actor: str) -> AccountReport:
    return renew(account, "refresh_token", actor=actor)


def account_url(account: Account) -> str:
    return reverse("admin:platforms_account_change", args=[account.pk])


def speed_text(account: Account) -> str:
    """“2.5 MB a second”; empty without a limit."""
    return _("%(size)s a second") % {"size": bytes_text(account.upload_limit)} if account.upload_limit else ""


def calls_text(account: Account) -> str:
    """How many calls the account has made in this hour, of how many."""
    use = budgets.use_of(account)
    words = {"made": use.made, "followed": use.followed, "budget": use.budget, "share": use.for_following}
    if use.budget is None:
        return _("%(made)s, %(followed)s of them to look after videos; there is no limit") % words
    return _("%(made)s of %(budget)s; to look after videos %(followed)s of at most %(share)s") % words


def publications_url(account: Account) -> str:
    """The list of the account's publications."""
    return reverse("admin:platforms_publication_changelist") + f"?account__id__exact={account.pk}"


def labels(platform: str) -> str:
    """What one is asked for when adding an account on this platform."""
    return listed(_(field.label) for field in accounts.credential_fields(platform))


def quota_bars(account: Account) -> list[tuple[str, SafeString | str]]:
    """The account's quota as the platform told it: what is used of what as bars, everything else as sizes."""
    quota = {name: figure for name, figure in account.quota.items() if isinstance(figure, int)}
    found: list[tuple[str, SafeString | str]] = []
    for label, used_name, total_names in USES:
        used = quota.pop(used_name, None)
        total = next((quota.pop(name) for name in total_names if quota.get(name)), 0)
        if used is not None and total:
            found.append((str(label), _share(used, total)))
        elif used is not None:
            found.append((str(label), bytes_text(used)))
    return [*found, *((name, bytes_text(figure)) for name, figure in quota.items() if figure)]


def _share(used: int, total: int) -> SafeString:
    percent = min(used * 100 // total, 100)
    text = _("%(sent)s of %(total)s") % {"sent": bytes_text(used) if used else "0", "total": bytes_text(total)}
    return bar(percent, text, "bad" if percent >= 95 else "attention" if percent >= 80 else "good")
