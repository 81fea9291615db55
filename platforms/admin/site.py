"""The hub's own admin site: its navigation by what staff do, its home page, and the page parts that live."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.admin import AdminSite
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.translation import gettext_lazy as _

from platforms.admin import home
from platforms.admin.live import live

View = TypeVar("View", bound=Callable[..., Any])

# What the navigation shows, in its order: groups of models by label.
GROUPS = (
    (
        "publishing",
        _("Publishing"),
        (
            "platforms.Video",
            "platforms.BulkUpload",
            "platforms.Publication",
            "platforms.Operation",
            "platforms.VideoTemplate",
            "platforms.HubCategory",
        ),
    ),
    ("platforms", _("Platforms"), ("platforms.Account", "platforms.Category", "platforms.AccessKey")),
    (
        "monitoring",
        _("Monitoring"),
        ("platforms.Event", "platforms.Delivery", "platforms.UploadSession", "platforms.Pulse"),
    ),
    ("system", _("System"), ("auth.User", "auth.Group")),
)


class HubSite(AdminSite):
    site_header = "MediaHub"
    site_title = "MediaHub"
    index_title = _("Overview")
    index_template = "admin/home.html"
    site_url = None
    empty_value_display = "—"
    # The navigation is the hub's own: templates/admin/includes/side.html.
    enable_nav_sidebar = False

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [path("live.json", self.admin_view(live), name="live"), *super().get_urls()]

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        return super().admin_view(_readable(view), cacheable)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The groups of `GROUPS` with the models that the caller may see; models of no group are left out."""
        apps = self._build_app_dict(request, app_label)
        apps = {app_label: apps} if app_label and apps else apps
        models = {model["model"]._meta.label: model for app in apps.values() for model in app["models"]}
        home_url = reverse("admin:index", current_app=self.name)
        groups = []
        for key, name, labels in GROUPS:
            shown = [models[label] for label in labels if label in models]
            if shown:
                group = {"name": name, "app_label": key, "app_url": home_url, "has_module_perms": True}
                groups.append(group | {"models": shown})
        return groups

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super().index(request, extra_context={"home": home.overview(request.user), **(extra_context or {})})

    def app_index(  # type: ignore[override]
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """There are no pages per application: the navigation groups otherwise."""
        return HttpResponseRedirect(reverse("admin:index", current_app=self.name))


def _readable(view: View) -> View:
    """The view behind a 400 for addresses with a NUL: PostgreSQL takes none in a text and fails at looking it up."""

    @wraps(view)
    def enter(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("a NUL in the address")
        return view(request, *args, **kwargs)

    return cast(View, enter)


site = HubSite(name="admin")
