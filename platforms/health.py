"""What watches the hub from outside: whether this process answers, and whether the hub can work."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from platforms.services import readiness


def healthz(request: HttpRequest) -> JsonResponse:
    """`{"ok": true}` from a process that serves requests."""
    return JsonResponse({"ok": True})


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """`{"ok": true, "checks": {...}}`; 503 when something is missing, which its check then names."""
    checks = readiness.checks()
    good = all(found == readiness.GOOD for found in checks.values())
    return JsonResponse({"ok": good, "checks": checks}, status=200 if good else 503)
