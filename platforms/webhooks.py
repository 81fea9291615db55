"""Where platforms reach us: what became of a video, and whether somebody may watch one. Answered at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import Http404, HttpRequest, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from platforms.contract import HasCallbacks
from platforms.errors import Refused
from platforms.models import Account
from platforms.models.wording import render
from platforms.services import access_keys, callbacks

MOST_BYTES = 64 * 1024
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


@csrf_exempt
def transcode(request: HttpRequest, platform: str, callback_id: str) -> JsonResponse:
    """A video's news: verified, stored and answered; the work comes afterwards."""
    return _answer(request, platform, lambda form: callbacks.receive(_account(platform, callback_id), form))


@csrf_exempt
def authorize(request: HttpRequest, platform: str, callback_id: str) -> JsonResponse:
    """Whether a viewer may watch."""
    return _answer(request, platform, lambda form: access_keys.authorize(platform, callback_id, form))


def _answer(request: HttpRequest, platform: str, take: Callable[[Mapping[str, str]], None]) -> JsonResponse:
    """Hand the request's form to `take`, and tell the platform in its own words how that ended."""
    kind = callbacks.kind_of(platform)
    if kind is None:
        raise Http404
    if trouble := _trouble(request):
        status, words = trouble
        return _refused(kind, words, status)
    form = _form(request)
    if form is None:
        return _refused(kind, _("The form cannot be read."), 400)
    try:
        take(form)
    except Refused as refusal:
        return _refused(kind, render(refusal.sentence.as_json()), 403)
    return JsonResponse(dict(kind.callback_answer()))


def _trouble(request: HttpRequest) -> tuple[int, str] | None:
    """Why a request is refused before its body is read."""
    if request.method != "POST":
        return 405, _("Only POST is answered here.")
    if request.content_type not in FORMS:
        return 415, _("Only a form is understood here.")
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length.isdecimal():
        return 411, _("The request does not say how long it is.")
    if int(length) > MOST_BYTES:
        return 413, _("The request is larger than %(most)d bytes.") % {"most": MOST_BYTES}
    return None


def _form(request: HttpRequest) -> dict[str, str] | None:
    """The request's form by name; None when it cannot be read, or holds a NUL, which PostgreSQL stores in no text."""
    try:
        form = {name: str(value) for name, value in request.POST.items()}
    except (RequestDataTooBig, TooManyFieldsSent, MultiPartParserError):
        return None
    return None if any("\0" in text for pair in form.items() for text in pair) else form


def _refused(kind: type[HasCallbacks], words: str, status: int) -> JsonResponse:
    response = JsonResponse(dict(kind.callback_answer(words)), status=status, json_dumps_params={"ensure_ascii": False})
    if status == 405:
        response.headers["Allow"] = "POST"
    return response


def _account(platform: str, callback_id: str) -> Account:
    try:
        return Account.objects.get(callback_id=callback_id, platform=platform)
    except Account.DoesNotExist:
        raise Http404 from None


app_name = "callbacks"
urlpatterns = [
    path("<slug:platform>/<slug:callback_id>/", transcode, name="transcode"),
    path("<slug:platform>/<slug:callback_id>/authorize/", authorize, name="authorize"),
]
