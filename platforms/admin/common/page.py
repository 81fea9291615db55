"""What the hub's own admin pages share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from platforms.models import Publication


def show(
    model_admin: admin.ModelAdmin[Any], request: HttpRequest, template: str, title: object, **context: Any
) -> HttpResponse:
    """A page of a model's admin, in the frame of the site."""
    frame = {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "opts": model_admin.opts,
        "media": model_admin.media,
        "has_view_permission": model_admin.has_view_or_change_permission(request),
    }
    return TemplateResponse(request, f"admin/platforms/{template}", frame | context)


def may(user: AbstractBaseUser | AnonymousUser, verb: str, model: str = "publication") -> bool:
    """Whether the user has Django's permission `verb` (view, add, change, delete) on a model of the hub.

    For publications: add is to publish, change is to control and refresh, delete is to delete on the platform.
    """
    return bool(user.has_perm(f"platforms.{verb}_{model}"))  # type: ignore[union-attr]


def may_view(user: AbstractBaseUser | AnonymousUser, model: str) -> bool:
    """Whether the user may open pages of a model of the hub."""
    return may(user, "view", model) or may(user, "change", model)


def ours(request: HttpRequest, url: str) -> str:
    """`url` when it is an address of this site, else nothing."""
    safe = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if url and safe else ""


def way_back(request: HttpRequest, url: str, rows: Sequence[Publication]) -> str:
    """`url` if that is an address of ours; else the only publication's page, else the list."""
    if ours(request, url):
        return url
    if len(rows) == 1:
        return reverse("admin:platforms_publication_change", args=[rows[0].pk])
    return reverse("admin:platforms_publication_changelist")


def named_ids(request: HttpRequest, most: int) -> list[int]:
    """The ids that the page's form or address names in `ids`, separated by commas; at most `most`."""
    text = request.POST.get("ids") or request.GET.get("ids", "")
    return [int(part) for part in text.split(",") if part.isdecimal() and len(part) < 19][:most]
