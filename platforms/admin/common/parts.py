"""`Part`: what one concern adds to the pages of publications or videos, so that each concern keeps its own file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Panel:
    """A card of a page: a template below `admin/platforms/` and what it shows, there under the name `panel`.

    A panel without anything to show is not made. `media` are the styles and scripts it needs, `policy` what the page
    may load beside what every page may: content security policy directives with their sources.
    """

    template: str
    context: dict[str, Any]
    media: forms.Media = field(default_factory=forms.Media)
    policy: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return f"admin/platforms/{self.template}"


@dataclass(frozen=True, slots=True)
class PageView:
    """A view of the model's admin: `view(model_admin, request, **parts of the route)`; it checks permissions itself.

    `route` is below the list's address, `<int:pk>/tokens/` say; the view's name is `admin:platforms_MODEL_NAME`.
    """

    route: str
    name: str
    view: View


@dataclass(frozen=True, slots=True)
class Part:
    """`panel(request, row)` makes a card or None; `actions` are admin actions of the list."""

    panel: Callable[[HttpRequest, Any], Panel | None] | None = None
    views: tuple[PageView, ...] = ()
    actions: tuple[Callable[..., Any], ...] = ()


def urls(model_admin: admin.ModelAdmin[Any], parts: Iterable[Part]) -> list[URLPattern]:
    """The addresses of all views of the parts."""
    wrap, model = model_admin.admin_site.admin_view, model_admin.opts.model_name
    return [
        path(one.route, wrap(partial(one.view, model_admin)), name=f"platforms_{model}_{one.name}")
        for part in parts
        for one in part.views
    ]


def panels(request: HttpRequest, row: Model, parts: Iterable[Part]) -> list[Panel]:
    """The cards of one row's page, in the order of the parts."""
    made = (part.panel(request, row) for part in parts if part.panel)
    return [panel for panel in made if panel is not None]


def media(shown: Sequence[Panel]) -> forms.Media:
    """What all of these need together."""
    return sum((panel.media for panel in shown), forms.Media())


def allow(response: HttpResponse, shown: Iterable[Panel]) -> HttpResponse:
    """The response with a content security policy that lets these panels load what they need."""
    together: dict[str, list[str]] = {}
    for panel in shown:
        for directive, sources in panel.policy.items():
            known = together.setdefault(directive, [])
            known += [source for source in sources if source not in known]
    if together:
        response._csp_update = together  # type: ignore[attr-defined]
    return response
