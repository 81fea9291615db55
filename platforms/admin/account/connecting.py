"""Buttons of an account's page that get tokens and keys, and the round trip to a platform's page of consent."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_permission_codename
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from platforms.admin.common.display import labelled
from platforms.admin.site import site
from platforms.errors import PlatformError
from platforms.models import Account
from platforms.models.wording import render
from platforms.services import connecting

LABELS = {
    "refresh_token": gettext_lazy("Refresh token"),
    "authorize": gettext_lazy("Fetch new tokens"),
    "fetch_key": gettext_lazy("Fetch key"),
    "regenerate_key": gettext_lazy("Replace key…"),
}


def buttons(account: Account) -> list[tuple[str, Any]]:
    """The renewals that the account's platform has, each with its label."""
    return [(name, LABELS[name]) for name in connecting.renewals_of(account)]


def renew(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Get new tokens or keys by POST; what replaces a key that others may use is asked about first."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    account = changeable(request, pk)
    if name not in connecting.renewals_of(account):
        raise Http404
    confirmed = request.POST.get("confirm") == "yes"
    if connecting.RENEWALS[name].replaces and not confirmed:
        context = {"title": _("Replace the key"), "opts": Account._meta, "account": account, "name": name}
        page = "admin/platforms/account/replace_key.html"
        return TemplateResponse(request, page, site.each_context(request) | context)
    try:
        report = connecting.renew(account, name, actor=request.user.get_username(), confirmed=confirmed)
    except PlatformError as error:
        messages.error(request, labelled(account.name, render(error.sentence.as_json())))
    else:
        messages.success(request, labelled(account.name, render(report.sentence.as_json())))
    return _to(account)


def connect(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the person to the platform's page on which the owner of the account agrees."""
    account = changeable(request, pk)
    if not connecting.can_be_connected(account):
        raise Http404
    return HttpResponseRedirect(connecting.consent_url(account, _address_back(), actor=request.user.get_username()))


def connected(request: HttpRequest) -> HttpResponse:
    """Where the platform sends the person back to, with a code or a refusal."""
    actor = request.user.get_username()
    try:
        account = connecting.account_of(request.GET.get("state", ""), actor=actor)
    except PlatformError as error:
        messages.error(request, render(error.sentence.as_json()))
        return HttpResponseRedirect(reverse("admin:platforms_account_changelist"))
    changeable(request, account.pk)
    code, words = request.GET.get("code", ""), request.GET.get("error", "")
    try:
        report = connecting.accept(account, code, _address_back(), actor=actor, words=words)
    except PlatformError as error:
        messages.error(request, labelled(account.name, render(error.sentence.as_json())))
    else:
        messages.success(request, labelled(account.name, render(report.sentence.as_json())))
    return _to(account)


def _address_back() -> str:
    return str(settings.PUBLIC_URL) + reverse("admin:platforms_account_connected")


def changeable(request: HttpRequest, pk: int) -> Account:
    """The account, for somebody who may change accounts."""
    codename = get_permission_codename("change", Account._meta)
    if not request.user.has_perm(f"platforms.{codename}"):
        raise PermissionDenied
    return get_object_or_404(Account, pk=pk)


def _to(account: Account) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:platforms_account_change", args=[account.pk]))
