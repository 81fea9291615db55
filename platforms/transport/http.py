"""HTTP calls to a platform: time-outs, safe retries, bounded answers, and failures without secrets."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, Protocol
from urllib.parse import parse_qsl, urlsplit

import requests
import urllib3.exceptions
from requests.adapters import HTTPAdapter

from platforms.errors import BadAnswer, PlatformError, Temporary
from platforms.transport.redact import SECRET_NAMES, redact
from platforms.values import Scalar, gettext_noop, say

log = logging.getLogger(__name__)
# At DEBUG it prints whole addresses, and some calls carry their credentials there.
logging.getLogger("urllib3").setLevel(logging.WARNING)

TRIES = 3
WAITS = (0.3, 1.2)  # seconds before the second and third try
LONGEST_WAIT = 5.0
CONNECT_SECONDS, READ_SECONDS, ANSWER_SECONDS = 10, 30, 60
LONGEST_ANSWER = 64 * 1024 * 1024
SHOWN_CHARACTERS = 200
PASSING_STATUSES = frozenset({429, 502, 503, 504})

UNREACHABLE = gettext_noop("The platform cannot be reached (%(call)s): %(reason)s")
TOO_SLOW = gettext_noop("The platform did not answer %(call)s in time.")
CUT_OFF = gettext_noop("The connection broke before the platform's answer to %(call)s was complete.")
SERVER_FAULT = gettext_noop("The platform reports a fault of its own for %(call)s (HTTP %(status)s): %(start)s")
UNREADABLE = gettext_noop("The platform's answer to %(call)s cannot be read (HTTP %(status)s): %(start)s")


class SizedReader(Protocol):
    """A body that is read while it is sent; its length is announced."""

    def __len__(self) -> int: ...

    def read(self, size: int = -1, /) -> bytes: ...


Body = bytes | IO[bytes] | SizedReader | None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as it came. `safe` says whether the call may be repeated without creating or deleting twice."""

    call: str
    status: int
    body: bytes = field(repr=False)  # may hold tokens
    headers: Mapping[str, str]
    safe: bool
    secrets: frozenset[str] = field(repr=False, default=frozenset())

    def start(self) -> str:
        """The first characters of the body on one line, without secrets."""
        text = self.body[: SHOWN_CHARACTERS * 4].decode("utf-8", "replace")
        return " ".join(redact(text, self.secrets).split())[:SHOWN_CHARACTERS] or gettext_noop("(empty)")

    def json(self) -> Any:
        """The parsed body; raises `Temporary` for a server fault without JSON and `BadAnswer` for anything else."""
        try:
            return json.loads(self.body.decode("utf-8"))
        except ValueError:
            raise self.unreadable() from None

    def unreadable(self) -> PlatformError:
        """The error for an answer whose shape is not the documented one."""
        params: dict[str, Scalar] = {"call": self.call, "status": self.status, "start": self.start()}
        fault = self.status >= 500 or self.status == 429
        kind: Callable[..., PlatformError] = Temporary if fault else BadAnswer
        sentence = say(SERVER_FAULT if fault else UNREADABLE, **params)
        return kind(
            sentence, code=str(self.status), call=self.call, detail=f"HTTP {self.status}: {self.start()}",
            maybe_done=not self.safe,
        )  # fmt: skip


class Http:
    """A session of kept-alive connections to one platform; threads may share it.

    `calls` counts the requests sent. `last_answer` is what the newest request of any thread was answered, None while
    nothing has come. `secrets` answers the values that must never be shown, and is asked again at each failure because
    tokens change.
    """

    def __init__(self, secrets: Callable[[], Iterable[str]] = tuple, connections: int = 8) -> None:
        self._secrets = secrets
        self.calls = 0
        self.last_answer: Answer | None = None
        self._session = requests.Session()
        self._session.auth = no_netrc
        self._session.headers["User-Agent"] = "MediaHub"
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(pool_connections=connections, pool_maxsize=connections))

    def call(
        self,
        name: str,
        method: str,
        url: str,
        *,
        safe: bool,
        params: Mapping[str, Any] | None = None,
        form: Mapping[str, Any] | None = None,
        files: Mapping[str, Any] | None = None,
        body: Body = None,
        headers: Mapping[str, str] | None = None,
        read_seconds: float = READ_SECONDS,
    ) -> Answer:
        """Send one call and answer what came back, whatever its status.

        A `safe` call is tried up to three times. Any other is repeated only when no connection was made, so that
        nothing can have been received. Raises `Temporary`; `maybe_done` tells whether the call may have arrived.
        """
        for attempt in range(TRIES):
            last = attempt == TRIES - 1 or (body is not None and not isinstance(body, bytes))
            try:
                answer = self._send(name, method, url, safe, read_seconds, params=params, data=form if form is not None
                                    else body, files=files, headers=headers)  # fmt: skip
            except Temporary as error:
                if last or (error.maybe_done and not safe):
                    raise
            else:
                if last or not safe or answer.status not in PASSING_STATUSES:
                    return answer
            time.sleep(WAITS[attempt])
        raise AssertionError("unreachable: the last try returns or raises")

    def _send(self, name: str, method: str, url: str, safe: bool, read_seconds: float, **parts: Any) -> Answer:
        started = time.monotonic()
        secrets = frozenset(self._secrets()) | _secrets_sent(url, parts)
        self.calls += 1
        self.last_answer = None
        try:
            with self._session.request(
                method, url, timeout=(CONNECT_SECONDS, read_seconds), allow_redirects=False, stream=True, **parts
            ) as response:
                content = _read(response, started + read_seconds + ANSWER_SECONDS)
                self.last_answer = Answer(name, response.status_code, content, response.headers, safe, secrets)
                return self.last_answer
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError,
                urllib3.exceptions.HTTPError, OSError) as error:  # fmt: skip
            raise failure(name, error, secrets) from None


def failure(call: str, error: Exception, secrets: Iterable[str] = ()) -> Temporary:
    """The platform error for an exchange that broke. The original is dropped: its text holds the whole address."""
    reason = redact(_root_cause(error), secrets)
    never_sent = _never_sent(error)
    if never_sent:
        sentence = say(UNREACHABLE, call=call, reason=reason)
    elif isinstance(error, requests.Timeout):
        sentence = say(TOO_SLOW, call=call)
    else:
        sentence = say(CUT_OFF, call=call)
    log.info("%s failed: %s: %s", call, type(error).__name__, reason)
    return Temporary(sentence, call=call, detail=f"{type(error).__name__}: {reason}", maybe_done=not never_sent)


def _secrets_sent(url: str, parts: Mapping[str, Any]) -> frozenset[str]:
    """What this very request carries under a secret's name: an answer may repeat it under none."""
    carried = [dict(parse_qsl(urlsplit(url).query)), *(part for part in parts.values() if isinstance(part, Mapping))]
    return frozenset(str(value) for part in carried for name, value in part.items() if name.lower() in SECRET_NAMES)


def no_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """An auth that adds nothing: without one, requests sends what the user's .netrc has for the host."""
    return request


def _read(response: requests.Response, deadline: float) -> bytes:
    chunks, size = [], 0
    for chunk in response.iter_content(64 * 1024):
        size += len(chunk)
        if size > LONGEST_ANSWER or time.monotonic() > deadline:
            raise requests.ConnectionError("the answer does not end")
        chunks.append(chunk)
    expected = response.headers.get("Content-Length")
    if expected and expected.isdigit() and response.raw.tell() < int(expected):
        raise requests.ConnectionError("the answer is shorter than announced")
    return b"".join(chunks)


def _never_sent(error: Exception) -> bool:
    """Whether no byte can have arrived: no connection was made, or the address is none (a ValueError of requests)."""
    if isinstance(error, requests.exceptions.ConnectTimeout | ValueError):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, urllib3.exceptions.NewConnectionError)


def _root_cause(error: BaseException) -> str:
    """The innermost reason in plain words: the outer ones repeat the address with its query."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    return str(getattr(error, "strerror", None) or error)[:SHOWN_CHARACTERS]
