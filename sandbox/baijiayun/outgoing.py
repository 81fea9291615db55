"""Requests that the platform itself makes: signed callbacks and questions about access keys."""

import json
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

PATIENCE = 5.0


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """An address that points elsewhere has not answered."""


_OPENER = build_opener(ProxyHandler({}), _NoRedirect())


def post_form(url: str, fields: Mapping[str, str]) -> dict[str, Any] | None:
    """The JSON object that a POST form is answered with; None for anything but HTTP 200 with such an object."""
    request = Request(url, urlencode(fields).encode(), method="POST")  # noqa: S310 (the scheme was checked)
    try:
        with _OPENER.open(request, timeout=PATIENCE) as answer:
            data = json.loads(answer.read(65536)) if answer.status == 200 else None
    except (OSError, HTTPException, ValueError):
        return None
    return data if isinstance(data, dict) else None
