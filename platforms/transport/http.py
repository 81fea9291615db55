"""HTTP calls to a platform: time-outs, safe retries, bounded answers, and failures without secrets."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

import requests
import urllib3.exceptions

from platforms.errors import BadAnswer, Facts, PlatformError, Temporary
from platforms.transport.connections import CONNECT_SECONDS, READ_SECONDS, Adapter
from platforms.transport.headers import retry_after
from platforms.transport.redact import SECRET_NAMES, redact
from platforms.transport.sender import GRACE_SECONDS, wait_for
from platforms.values import Scalar, gettext_noop, say

log = logging.getLogger(__name__)
# At DEBUG it prints whole addresses, and some calls carry their credentials there.
logging.getLogger("urllib3").setLevel(logging.WARNING)

TRIES = 3
WAITS = (0.3, 1.2)  # seconds before the second and third try
LONGEST_WAIT = 2.0  # that a platform may ask for within a call: a stop waits for it, too
ANSWER_SECONDS = 60
CONNECTIONS = 32  # kept alive at most; how many an upload uses is its lane's to say
LONGEST_ANSWER = 64 * 1024 * 1024
SHOWN_CHARACTERS = 200
PASSING_STATUSES = frozenset({429, 502, 503, 504})

UNREACHABLE = gettext_noop("The platform cannot be reached (%(call)s): %(reason)s")
TOO_SLOW = gettext_noop("The platform did not answer %(call)s in time.")
CUT_OFF = gettext_noop("The connection broke before the platform's answer to %(call)s was complete.")
SERVER_FAULT = gettext_noop("The platform reports a fault of its own for %(call)s (HTTP %(status)s): %(start)s")
UNREADABLE = gettext_noop("The platform's answer to %(call)s cannot be read (HTTP %(status)s): %(start)s")


class Blocks(Protocol):
    """A body that is handed out in blocks while it is sent, from its beginning each time; its length is announced."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[bytes | memoryview]: ...


Body = bytes | Blocks | None


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

    @property
    def retry_after(self) -> float | None:
        """How many seconds the platform asks to be left alone; None when it names no time."""
        return retry_after(self.headers.get("Retry-After", ""))

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
        facts: Facts = {
            "code": str(self.status), "call": self.call, "detail": f"HTTP {self.status}: {self.start()}",
            "maybe_done": not self.safe,
        }  # fmt: skip
        if fault:
            return Temporary(say(SERVER_FAULT, **params), retry_after=self.retry_after, **facts)
        return BadAnswer(say(UNREADABLE, **params), **facts)


class Http:
    """A session of kept-alive connections to one platform; threads may share it.

    `calls` counts the requests sent. `last_answer` is what the newest request of any thread was answered, None while
    nothing has come. `may_call` runs before each request and may raise instead. `secrets` answers the values that must
    never be shown, and is asked again at each failure because tokens change.
    """

    def __init__(self, secrets: Callable[[], Iterable[str]] = tuple, connections: int = CONNECTIONS) -> None:
        self._secrets = secrets
        self.calls = 0
        self.last_answer: Answer | None = None
        self.may_call: Callable[[], None] | None = None
        self._on_wait: Callable[[], None] | None = None
        self._caller = 0
        self._looked_up: frozenset[str] = frozenset()
        self._session = requests.Session()
        self._session.auth = no_netrc
        self._session.headers["User-Agent"] = "MediaHub"
        self._adapter = Adapter(connections)
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, self._adapter)

    @contextmanager
    def alive(self, on_wait: Callable[[], None], looked_up: Collection[str] = ()) -> Iterator[None]:
        """Meanwhile `on_wait` runs several times a second while this thread waits for an answer.

        When it raises, a safe call is left to itself, and so is, a little later, an unsafe one of those in `looked_up`:
        the caller has written down that it is under way, and finds out afterwards what became of it. Any other unsafe
        call is waited for: a token that its answer brings is nowhere else.
        """
        self._on_wait, self._caller, self._looked_up = on_wait, threading.get_ident(), frozenset(looked_up)
        try:
            yield
        finally:
            self._on_wait = None

    def break_off(self) -> None:
        """Cut every connection, so that what is being sent or waited for in other threads ends."""
        self._adapter.break_off()

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
        tries: int = TRIES,
    ) -> Answer:
        """Send one call and answer what came back, whatever its status.

        A `safe` call is tried up to `tries` times, unless the platform asks to be left alone for longer than a call may
        wait. Any other is repeated only when no connection was made, so that nothing can have been received. Raises
        `Temporary`; `maybe_done` tells whether the call may have arrived.
        """
        data = form if form is not None else body
        for attempt in range(tries):
            last, wait = attempt == tries - 1, WAITS[min(attempt, len(WAITS) - 1)]
            try:
                answer = self._send_alive(
                    name, method, url, safe, read_seconds, params=params, data=data, files=files, headers=headers
                )
            except Temporary as error:
                if last or (error.maybe_done and not safe):
                    raise
            else:
                wait = max(wait, answer.retry_after or 0.0)
                if last or not safe or answer.status not in PASSING_STATUSES or wait > LONGEST_WAIT:
                    return answer
            time.sleep(wait)
        raise AssertionError("unreachable: the last try returns or raises")

    def _send_alive(self, name: str, method: str, url: str, safe: bool, read_seconds: float, **parts: Any) -> Answer:
        may_leave = safe or name in self._looked_up
        if self._on_wait is None or not may_leave or threading.get_ident() != self._caller:
            return self._send(name, method, url, safe, read_seconds, **parts)
        grace = 0.0 if safe else GRACE_SECONDS
        return wait_for(lambda: self._send(name, method, url, safe, read_seconds, **parts), self._on_wait, grace)

    def _send(self, name: str, method: str, url: str, safe: bool, read_seconds: float, **parts: Any) -> Answer:
        started = time.monotonic()
        secrets = frozenset(self._secrets()) | _secrets_sent(url, parts)
        if self.may_call:
            self.may_call()
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
    """The innermost reason in plain words: the outer ones repeat the address with its query.

    What was being handled when the call was made is no reason of it.
    """
    while (inner := error.__cause__ or error.__context__) and not isinstance(inner, PlatformError):
        error = inner
    return str(getattr(error, "strerror", None) or error)[:SHOWN_CHARACTERS]
