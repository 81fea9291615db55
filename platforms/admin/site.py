"""The hub's own admin site."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _

from platforms.admin.live import live


class HubSite(AdminSite):
    site_header = "MediaHub"
    site_title = "MediaHub"
    index_title = _("Overview")
    site_url = None
    empty_value_display = "—"
    # The navigation is the hub's own: templates/admin/includes/side.html.
    enable_nav_sidebar = False

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [path("live.json", self.admin_view(live), name="live"), *super().get_urls()]


site = HubSite(name="admin")
