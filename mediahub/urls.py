"""Addresses."""

from django.urls import include, path
from django.views.generic import RedirectView

from platforms.admin.site import site
from platforms.health import healthz, readyz

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", site.urls),
    path("intake/", include("platforms.intake.urls")),
    path("callbacks/", include("platforms.webhooks")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("healthz", healthz),
    path("readyz", readyz),
]
