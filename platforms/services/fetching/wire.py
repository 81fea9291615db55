"""One GET over a connection that goes where it was checked to go, and that another thread can cut at any time.

Neither proxies nor cookies nor log-ins of this machine are used: `http.client` knows none. Each redirect is checked
like the first address.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import (
    BadStatusLine,
    HTTPConnection,
    HTTPException,
    HTTPMessage,
    HTTPResponse,
    LineTooLong,
    UnknownProtocol,
)
from types import TracebackType
from urllib.parse import urljoin

from platforms.services.fetching.reach import DEFAULT_PORTS, Address, Net, parse
from platforms.services.fetching.troubles import Passing, Refused, Stopped
from platforms.values import gettext_noop, say

log = logging.getLogger(__name__)

CONNECT_SECONDS, READ_SECONDS = 8.0, 30.0
# From the first try to connect to the end of the answer's headers, however slowly they drip.
ANSWER_SECONDS = 30.0
MOST_REDIRECTS = 5
NOT_HTTP = (BadStatusLine, LineTooLong, UnknownProtocol)
REDIRECTS = frozenset({301, 302, 303, 307, 308})
HEADERS = {"User-Agent": "MediaHub", "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}

UNREACHABLE = gettext_noop("“%(host)s” cannot be reached: %(reason)s")
NO_TRUST = gettext_noop("“%(host)s” has no certificate that is trusted: %(reason)s")
TOO_SLOW = gettext_noop("“%(host)s” does not answer in time.")
BROKE_OFF = gettext_noop("The connection to “%(host)s” broke off: %(reason)s")
NO_HTTP = gettext_noop("“%(host)s” does not answer as a web server does.")
DOWNGRADE = gettext_noop("“%(host)s” redirects from https to http, where anybody could change the file.")
MANY_REDIRECTS = gettext_noop("The address is redirected more than %(most)s times.")
LOST_REDIRECT = gettext_noop("“%(host)s” redirects to nowhere.")


class Wire:
    """The connection in use. `cut` may be called from any thread; whoever reads then gets `Stopped`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._cut = self._late = False

    def cut(self) -> None:
        """End the connection in use, and every later one."""
        with self._lock:
            self._cut = True
            self._shut()

    def take(self, connected: socket.socket) -> None:
        """Hold on to a connection. A copy of its descriptor is kept: TLS takes the original away."""
        with self._lock:
            self._close()
            self._socket = connected.dup()
            if self._cut or self._late:
                self._shut()

    def look(self, host: str) -> None:
        """Raise `Stopped` once cut, and `Passing` once the answer took too long."""
        if self._cut:
            raise Stopped
        if self._late:
            raise Passing(say(TOO_SLOW, host=host))

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """End the connection in use should the block take longer; `look` tells."""
        timer = threading.Timer(seconds, self._expire)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _expire(self) -> None:
        with self._lock:
            self._late = True
            self._shut()

    def _shut(self) -> None:
        if self._socket:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _close(self) -> None:
        if self._socket:
            self._socket.close()
            self._socket = None

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        with self._lock:
            self._close()


class _Pinned(HTTPConnection):
    """Says the host's name to the server, and connects to the IP address that was checked."""

    def __init__(self, address: Address, ip: str, tls: ssl.SSLContext | None, wire: Wire) -> None:
        super().__init__(address.host, address.port, timeout=READ_SECONDS)
        self.default_port = DEFAULT_PORTS[address.scheme]  # which the Host header leaves out
        self._ip, self._tls, self._wire = ip, tls, wire

    def connect(self) -> None:
        family = socket.AF_INET6 if ":" in self._ip else socket.AF_INET
        connected = socket.socket(family, socket.SOCK_STREAM)
        try:
            self._wire.take(connected)
            connected.settimeout(CONNECT_SECONDS)
            connected.connect((self._ip, self.port))
            connected.settimeout(READ_SECONDS)
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sock = self._tls.wrap_socket(connected, server_hostname=self.host) if self._tls else connected
        except BaseException:
            connected.close()
            raise


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer whose body is read piece by piece. `address` is the one that answered, after any redirects."""

    address: Address
    status: int
    headers: HTTPMessage
    _response: HTTPResponse
    _wire: Wire

    def header(self, name: str) -> str:
        return str(self.headers.get(name, "")).strip()

    def read(self, most: int) -> bytes:
        """What has come, at most so many bytes; empty at the end. Raises `Passing` and `Stopped`."""
        with _told(self.address.host, self._wire):
            data = self._response.read1(most)
        if not data:
            self._wire.look(self.address.host)
        return data


@contextlib.contextmanager
def ask(net: Net, address: Address, extra: Mapping[str, str], wire: Wire) -> Iterator[Reply]:
    """GET an address with `extra` headers, following redirects; raises `Refused`, `Passing` and `Stopped`."""
    for _number in range(MOST_REDIRECTS + 1):
        with contextlib.ExitStack() as stack:
            with wire.within(ANSWER_SECONDS):
                connection, response = _exchange(net, address, extra, wire)
                stack.callback(connection.close)
                stack.callback(response.close)
            wire.look(address.host)
            if response.status not in REDIRECTS:
                yield Reply(address, response.status, response.headers, response, wire)
                return
            address = _redirected(address, response.headers.get("Location", ""))
    raise Refused(say(MANY_REDIRECTS, most=MOST_REDIRECTS))


def _redirected(address: Address, location: str) -> Address:
    if not location:
        raise Refused(say(LOST_REDIRECT, host=address.host))
    # http.client reads headers as Latin-1; many servers send UTF-8.
    with contextlib.suppress(UnicodeError):
        location = location.encode("latin-1").decode("utf-8")
    target = parse(urljoin(f"{address.origin}{address.target}", location))
    if address.scheme == "https" and target.scheme == "http":
        raise Refused(say(DOWNGRADE, host=address.host))
    return target


def _exchange(net: Net, address: Address, extra: Mapping[str, str], wire: Wire) -> tuple[_Pinned, HTTPResponse]:
    """Ask the first IP address that takes the connection."""
    ips = net.ips(address)
    for ip in ips:
        connection = _Pinned(address, ip, net.tls() if address.scheme == "https" else None, wire)
        try:
            with _told(address.host, wire, unreachable=True):
                connection.connect()
        except Passing:
            connection.close()
            wire.look(address.host)
            if ip == ips[-1]:
                raise
            continue
        try:
            with _told(address.host, wire):
                connection.request("GET", address.target, headers={**HEADERS, **extra})
                return connection, connection.getresponse()
        except BaseException:
            connection.close()
            raise
    raise AssertionError("unreachable: the last address answers or raises")


@contextlib.contextmanager
def _told(host: str, wire: Wire, *, unreachable: bool = False) -> Iterator[None]:
    """Turn what sockets raise into sentences; the originals may hold addresses and are dropped."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise Refused(say(NO_TRUST, host=host, reason=error.verify_message)) from None
    except TimeoutError:
        wire.look(host)
        raise Passing(say(TOO_SLOW, host=host)) from None
    except (OSError, HTTPException, ValueError) as error:
        wire.look(host)
        log.info("An exchange with %s failed: %s", host, type(error).__name__)
        if isinstance(error, NOT_HTTP) and not isinstance(error, OSError):
            raise Passing(say(NO_HTTP, host=host)) from None
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise Passing(say(UNREACHABLE if unreachable else BROKE_OFF, host=host, reason=reason)) from None
