"""The health page: whether this process answers."""

from django.http import HttpRequest, JsonResponse


def healthz(request: HttpRequest) -> JsonResponse:
    """`{"ok": true}` from a process that serves requests."""
    return JsonResponse({"ok": True})
