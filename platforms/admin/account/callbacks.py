"""What an account's page says of callbacks: where the platform reaches us, what it has registered, when it last did."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from platforms.admin.account.connecting import changeable
from platforms.admin.common.display import badge, labelled, when
from platforms.errors import PlatformError
from platforms.models import Account, Delivery
from platforms.models.wording import render
from platforms.services import callbacks

UNREACHABLE_HOSTS = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})  # noqa: S104


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows; `authorize` is "" where the platform never asks."""

    transcode: str
    authorize: str
    registered: SafeString
    is_ours: bool
    last: SafeString
    deliveries_url: str
    reachable: bool


def shown(account: Account) -> Shown | None:
    """None for an account whose platform does not call back."""
    ours = callbacks.addresses(account)
    if ours is None:
        return None
    last = Delivery.objects.filter(account=account, verified=True).order_by("-pk").values_list("received_at").first()
    return Shown(
        transcode=ours.transcode,
        authorize=ours.authorize,
        registered=_registered(account.registered_callback, ours.transcode),
        is_ours=account.registered_callback == ours.transcode,
        last=when(last[0] if last else None),
        deliveries_url=reverse("admin:platforms_delivery_changelist") + f"?account__id__exact={account.pk}",
        reachable=urlsplit(settings.PUBLIC_URL).hostname not in UNREACHABLE_HOSTS,
    )


def _registered(address: str | None, ours: str) -> SafeString:
    if address is None:
        return badge("gone", _("Not asked yet; “Check” asks"))
    if address == "":
        return badge("attention", _("None"))
    if address == ours:
        return badge("good", _("This address"))
    return format_html("{} <code>{}</code>", badge("attention", _("Another address")), address)


def register(request: HttpRequest, pk: int) -> HttpResponse:
    """Register our address, by POST, and go back to the account's page."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    account = changeable(request, pk)
    if callbacks.addresses(account) is None:
        raise Http404
    try:
        callbacks.register(account, actor=request.user.get_username())
    except PlatformError as error:
        messages.error(request, labelled(account.name, render(error.sentence.as_json())))
    else:
        messages.success(request, labelled(account.name, _("The hub's callback address is registered.")))
    return HttpResponseRedirect(reverse("admin:platforms_account_change", args=[account.pk]))
