"""What the site reads from a request before anything else does: whose it is, and in which language to answer."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation


class ChosenLanguageMiddleware(LocaleMiddleware):
    """The language that the person has chosen, else the site's own, whatever the browser prefers.

    Staff share one hub and talk about its pages: they should see the same words until somebody chooses otherwise.
    """

    def process_request(self, request: HttpRequest) -> None:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        known = dict(settings.LANGUAGES)
        language = chosen if chosen in known else settings.LANGUAGE_CODE
        translation.activate(language)
        request.LANGUAGE_CODE = translation.get_language()


def client_address(request: HttpRequest) -> str:
    """The address that log-in attempts are counted by. Behind a proxy it is the last one that the proxy named."""
    if settings.BEHIND_PROXY and (named := request.META.get("HTTP_X_FORWARDED_FOR", "")):
        return str(named).rsplit(",", 1)[-1].strip()
    return str(request.META.get("REMOTE_ADDR", ""))
