"""What clients put on the wire, at the platforms' real addresses, while the sandbox answers.

Nothing in a client is changed: its requests are written down as it made them, and only then led to the sandbox.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

import pytest
import requests
from requests.adapters import HTTPAdapter

from platforms.transport import http
from platforms.transport.bodies import BytesBody, FileBody
from sandbox.server import Sandbox
from tests.drivers.conftest import PACE

#: The addresses of the platforms' documents, by the hub's settings.
REAL_ADDRESSES = {
    "YOUKU_API_URL": "https://api.youku.com",
    "YOUKU_OPENAPI_URL": "https://openapi.youku.com/v2",
    "IQIYI_API_URL": "https://openapi.iqiyi.com",
    "IQIYI_UPLOAD_URL": "http://upload.iqiyi.com",
    "BAIJIAYUN_API_URL": "https://{private_domain}.at.baijiayun.com",
}
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Sent:
    """One request as its client made it; `data` is a body that is no form. `status` is what was answered."""

    method: str
    address: str
    query: dict[str, str]
    form: dict[str, str]
    data: bytes
    headers: Mapping[str, str] = field(repr=False)
    status: int

    @property
    def parameters(self) -> dict[str, str]:
        return {**self.query, **self.form}


@dataclass(frozen=True)
class Difference:
    """Where our request is another than the foreign client's, and why: None says that one of them has no such thing."""

    what: str
    theirs: str | None
    ours: str | None
    why: str

    def facts(self) -> tuple[str, str | None, str | None]:
        return self.what, self.theirs, self.ours


class Wire:
    """Stands where requests hands its requests to the network."""

    def __init__(self, box: Sandbox) -> None:
        self.sent: list[Sent] = []
        domain = box.credentials("baijiayun")["private_domain"]
        self._hosts = {
            REAL_ADDRESSES["YOUKU_OPENAPI_URL"]: f"{box.url}/youku/v2",
            REAL_ADDRESSES["YOUKU_API_URL"]: f"{box.url}/youku",
            REAL_ADDRESSES["BAIJIAYUN_API_URL"].format(private_domain=domain): f"{box.url}/baijiayun/{domain}",
        }
        self._box_url = box.url

    def sender(self, send: Callable[..., requests.Response]) -> Callable[..., requests.Response]:
        """`HTTPAdapter.send` with the way to the sandbox before it."""

        def write_down_and_send(
            adapter: HTTPAdapter, request: requests.PreparedRequest, **options: Any
        ) -> requests.Response:
            led = request.copy()
            data = _whole(request.body)
            led.url, led.body = self._led(str(request.url)), data or None
            response = send(adapter, led, **{**options, "proxies": {}})
            self.sent.append(_sent(request, data, response.status_code))
            return response

        return write_down_and_send

    def last(self, call: Callable[[], object]) -> Sent:
        """The last request that is made while `call` runs: what it takes to come to it goes before."""
        before = len(self.sent)
        call()
        assert len(self.sent) > before, "no request was made"
        return self.sent[-1]

    def _led(self, url: str) -> str:
        for real, sandboxed in self._hosts.items():
            if url.startswith(real + "/"):
                return sandboxed + url.removeprefix(real)
        assert url.startswith(self._box_url + "/"), url
        return url


@contextmanager
def wired_sandbox() -> Iterator[tuple[Sandbox, Wire]]:
    """A sandbox, which must not make a mistake of its own, and the wire that leads to it."""
    with pytest.MonkeyPatch.context() as patch, Sandbox(pace=PACE) as box:
        wire = Wire(box)
        patch.setattr(http, "WAITS", (0.0, 0.0))
        patch.setattr(HTTPAdapter, "send", wire.sender(HTTPAdapter.send))
        yield box, wire
        assert box.errors == []


def differences(theirs: Sent, ours: Sent, ignored: frozenset[str] = frozenset()) -> set[tuple[str, Any, Any]]:
    """What differs: method, address, where the parameters travel, each parameter, the type and bytes of a body."""
    found = {
        ("method", theirs.method, ours.method),
        ("address", theirs.address, ours.address),
        ("parameters in", _place(theirs), _place(ours)),
        ("Content-Type", theirs.headers.get("Content-Type"), ours.headers.get("Content-Type")),
        ("body", theirs.data, ours.data),
    }
    for name in (theirs.parameters.keys() | ours.parameters.keys()) - ignored:
        found.add((name, theirs.parameters.get(name), ours.parameters.get(name)))
    return {row for row in found if row[1] != row[2]}


def _whole(body: Any) -> bytes:
    """A body's bytes; one that is read while it is sent is read here, to its end and in the client's own pieces."""
    if hasattr(body, "read"):
        return b"".join(iter(lambda: body.read(64 * 1024), b""))
    if isinstance(body, FileBody | BytesBody):
        return b"".join(body)
    return body.encode() if isinstance(body, str) else bytes(body or b"")


def _sent(request: requests.PreparedRequest, data: bytes, status: int) -> Sent:
    parts = urlsplit(str(request.url))
    is_form = request.headers.get("Content-Type", "").startswith(FORM)
    return Sent(
        method=str(request.method),
        address=urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")),
        query=dict(parse_qsl(parts.query, keep_blank_values=True)),
        form=dict(parse_qsl(data.decode(), keep_blank_values=True)) if is_form else {},
        data=b"" if is_form else data,
        headers=request.headers,
        status=status,
    )


def _place(sent: Sent) -> str:
    """A body without a query is no place of its own; "" when there is no parameter at all."""
    return " and ".join(name for name, values in (("query", sent.query), ("form", sent.form)) if values)
