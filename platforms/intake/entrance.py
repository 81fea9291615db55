"""What every address of the intake shares: who may come in, and answers that a script can read.

A browser sends a whole piece before it reads the answer. Whoever refuses a piece takes its bytes off the wire first,
within reason; otherwise the connection breaks and the script learns nothing but that.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from platforms.models import VideoTemplate
from platforms.services.files import incoming

MIB = 1024 * 1024
#: The largest piece in one request.
LARGEST_PIECE = 64 * MIB
DRAIN_SECONDS = 10.0
#: A sender that is silent for so long has gone: a cut connection says nothing, and the file stays locked till then.
SILENCE_SECONDS = 15.0
SMALLEST_READ, LARGEST_READ = 64 * 1024, MIB
QUICK, SLOW = 0.02, 0.5

STATUS: dict[type[incoming.Refused], int] = {
    incoming.Unfit: 400,
    incoming.WrongOffset: 409,
    incoming.StillArriving: 409,
    incoming.Over: 410,
    incoming.TooLarge: 413,
    incoming.Locked: 423,
    incoming.NotLookedAt: 503,
    incoming.NoRoom: 507,
}

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


class Stop(Exception):
    """Answer this now."""

    def __init__(self, status: int, text: str, **headers: str) -> None:
        super().__init__(text)
        self.response = refusal(status, text)
        for name, value in headers.items():
            self.response[name.replace("_", "-")] = value


def refusal(status: int, text: str) -> JsonResponse:
    return JsonResponse({"error": text}, status=status)


def for_staff(*methods: str) -> Callable[[View[P]], View[P]]:
    """A view for staff who may add videos: 401 for strangers, 403 for others and without the page's CSRF token."""

    def decorate(view: View[P]) -> View[P]:
        @csrf_exempt  # asked below, where the answer is one that a script can read
        @wraps(view)
        def enter(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            with Patience(request):
                try:
                    _check(request, methods)
                    response = view(request, *args, **kwargs)
                except Stop as stop:
                    response = stop.response
                except incoming.Refused as refused:
                    response = refusal(STATUS[type(refused)], str(refused))
                except UnreadablePostError:
                    response = refusal(400, _("The connection broke."))
                if response.status_code >= 400:
                    drain(request)
            response["Cache-Control"] = "no-store"
            return response

        return cast(View[P], enter)

    return decorate


def person(request: HttpRequest) -> User:
    """Who asks; `for_staff` has seen to it that it is somebody."""
    return cast(User, request.user)


def _check(request: HttpRequest, methods: tuple[str, ...]) -> None:
    user = request.user
    if not user.is_authenticated:
        raise Stop(401, _("You are not logged in. Log in, then go on; nothing that has arrived is lost."))
    if not (user.is_active and user.is_staff and user.has_perm("platforms.add_video")):
        raise Stop(403, _("You may not add videos."))
    if not _has_token(request):
        raise Stop(403, _("The page is too old; load it again."))
    if request.method not in methods:
        raise Stop(405, _("There is nothing like this here."), Allow=", ".join(methods))


def chosen_template(named: object) -> VideoTemplate | None:
    """The template of this id; raises `Stop` when there is none any more."""
    if not named:
        return None
    text = str(named)
    found = VideoTemplate.objects.filter(pk=int(text)).first() if text.isdecimal() and len(text) < 10 else None
    if found is None:
        raise Stop(400, _("The template is gone; load the page again and choose another."))
    return found


def as_asked(asked: Mapping[str, Any]) -> dict[str, Any]:
    """What is to become of a file, as a script says it: `{"makes_video": true, "template": "3"}`, both optional."""
    return {"makes_video": bool(asked.get("makes_video")), "template": chosen_template(asked.get("template"))}


class _Csrf(CsrfViewMiddleware):
    """Django's check of the token, answered without a page for people."""

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return HttpResponse(reason, status=403)


def _has_token(request: HttpRequest) -> bool:
    check = _Csrf(lambda _request: HttpResponse())
    check.process_request(request)
    return check.process_view(request, None, (), {}) is None  # type: ignore[arg-type]


# Bodies ---------------------------------------------------------------------------------------------------------------


class Patience:
    """Ends reads from a connection on which nothing comes any more; the web server waits for ever otherwise."""

    def __init__(self, request: HttpRequest) -> None:
        # What gunicorn calls the connection; other servers have their own limits.
        self._socket = request.META.get("gunicorn.socket")

    def __enter__(self) -> None:
        if self._socket is not None:
            self._socket.settimeout(SILENCE_SECONDS)

    def __exit__(self, *_error: object) -> None:
        if self._socket is not None:
            self._socket.settimeout(None)


def blocks(request: HttpRequest) -> Iterator[bytes]:
    """The body as it comes: in large blocks when it comes fast, in small ones when it does not.

    A block that is incomplete when a connection breaks is lost, and a slow sender should see its progress.
    """
    size = SMALLEST_READ
    while True:
        began = time.monotonic()
        block = request.read(size)
        if not block:
            return
        yield block
        took = time.monotonic() - began
        if took < QUICK:
            size = min(size * 2, LARGEST_READ)
        elif took > SLOW:
            size = max(size // 2, SMALLEST_READ)


def drain(request: HttpRequest) -> None:
    """Take the rest of the body off the wire, as far as that is reasonable; the web server closes after more."""
    deadline, left = time.monotonic() + DRAIN_SECONDS, LARGEST_PIECE
    try:
        while left > 0 and time.monotonic() < deadline and (block := request.read(LARGEST_READ)):
            left -= len(block)
    except UnreadablePostError:
        return
