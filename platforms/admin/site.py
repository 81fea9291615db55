"""The hub's own admin site."""

from django.contrib.admin import AdminSite
from django.utils.translation import gettext_lazy as _


class HubSite(AdminSite):
    site_header = "MediaHub"
    site_title = "MediaHub"
    index_title = _("Overview")


site = HubSite(name="admin")
