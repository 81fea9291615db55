"""Comparing the subtitles of an account's videos with the platform, from the account's page."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from platforms.admin.common.page import may
from platforms.models import Account
from platforms.services.operations import asking
from platforms.services.subtitles import copies, syncing

# More rows than this are not written while a person waits.
MOST_AT_ONCE = 2000


def url_for(request: HttpRequest, account: Account) -> str:
    """Where the button leads; empty for a platform without subtitles, and for who may not press it."""
    allowed = may(request.user, "change", "video") and copies.has_subtitles(account.platform)
    return reverse("admin:platforms_account_subtitles", args=[account.pk]) if allowed else ""


def sync(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the workers compare the newest of the account's videos; POST only."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    account = get_object_or_404(Account.objects.defer("credentials"), pk=pk)
    if not may(request.user, "change", "video"):
        raise PermissionDenied
    if reason := copies.why_none(account.platform):
        messages.error(request, reason)
    else:
        _ask(request, account)
    return HttpResponseRedirect(reverse("admin:platforms_account_change", args=[pk]))


def _ask(request: HttpRequest, account: Account) -> None:
    rows = list(syncing.there(account).order_by("-pk")[: MOST_AT_ONCE + 1])
    for row in rows:
        row.account = account
    asked = asking.ask(syncing.KIND, rows[:MOST_AT_ONCE], actor=request.user.get_username())
    count = len(asked.operations)
    if not count:
        messages.info(request, _("The platform has no video of this account that the hub knows."))
        return
    text = ngettext(
        "The subtitles of %(count)d video are compared with the platform; its page shows what comes of it.",
        "The subtitles of %(count)d videos are compared with the platform; their pages show what comes of it.", count,
    )  # fmt: skip
    messages.success(request, text % {"count": count})
    if len(rows) > MOST_AT_ONCE:
        text = _("The account has more videos. All of them are compared by: manage.py sync %(name)s --subtitles")
        messages.warning(request, text % {"name": account.name})
