"""Which addresses of the net may be asked: http and https outside, nothing inside.

A name is resolved once, everything it stands for must lie outside, and the connection goes to what was checked: a name
that answers differently the second time gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import unquote

import certifi
import urllib3.exceptions
from urllib3.util import parse_url

from platforms.services.fetching.troubles import Passing, Refused
from platforms.values import gettext_noop, say

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolver = Callable[[str, int], Sequence[str]]

DEFAULT_PORTS = {"http": 80, "https": 443}
# Below it live the services of machines (mail, shells, name servers), for which no film is asked.
FIRST_FREE_PORT = 1024
LONGEST_ADDRESS = 4000
RESOLVE_SECONDS = 8.0
MOST_IPS = 4

# IANA's special-purpose registries, so that the answer does not depend on the age of Python's own copy.
_CLOSED_V4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
_OPEN_V6 = ipaddress.IPv6Network("2000::/3")
# Teredo and other protocol assignments, documentation, 6to4.
_CLOSED_V6 = tuple(ipaddress.IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

NO_ADDRESS = gettext_noop("This is not an http or https address.")
TOO_LONG = gettext_noop("The address is longer than %(most)s characters.")
HAS_LOGIN = gettext_noop("The address holds a user name or password; give an address that works without them.")
BAD_PORT = gettext_noop("Port %(port)s is not asked: only 80, 443 and those from 1024 on.")
INSIDE = gettext_noop("“%(host)s” lies in a private network; addresses are fetched from the public net only.")
UNKNOWN_HOST = gettext_noop("“%(host)s” is not known to the name servers.")
SLOW_NAMES = gettext_noop("The name servers do not answer for “%(host)s”.")


@dataclass(frozen=True, slots=True)
class Address:
    """Where to ask. `target` (path and query) may hold secrets, so that it is not in the `repr`."""

    scheme: str
    host: str
    port: int
    target: str = field(repr=False)

    @property
    def origin(self) -> str:
        """Scheme, host and a port that is not the usual one: what may be shown."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = self.port == DEFAULT_PORTS[self.scheme]
        return f"{self.scheme}://{host}" if usual else f"{self.scheme}://{host}:{self.port}"

    @property
    def last_part(self) -> str:
        """The last part of the path, decoded; it may be empty."""
        return unquote(self.target.split("?", 1)[0].rstrip("/").rsplit("/", 1)[-1])

    def __str__(self) -> str:
        return self.origin


def parse(text: str) -> Address:
    """What a person typed or a server redirects to; raises `Refused`."""
    text = text.strip()
    if len(text) > LONGEST_ADDRESS:
        raise Refused(say(TOO_LONG, most=LONGEST_ADDRESS))
    try:
        url = parse_url(text)
        host = (url.host or "").strip("[]").rstrip(".").lower()
        host.encode("ascii")
    except (urllib3.exceptions.HTTPError, UnicodeError, ValueError):
        raise Refused(say(NO_ADDRESS)) from None
    scheme = (url.scheme or "").lower()
    if scheme not in DEFAULT_PORTS or not host or any(ord(letter) < 32 for letter in text):
        raise Refused(say(NO_ADDRESS))
    if url.auth is not None:
        raise Refused(say(HAS_LOGIN))
    port = DEFAULT_PORTS[scheme] if url.port is None else url.port
    if port not in DEFAULT_PORTS.values() and port < FIRST_FREE_PORT:
        raise Refused(say(BAD_PORT, port=port))
    return Address(scheme, host, port, url.request_uri)


def is_public(ip: Ip) -> bool:
    """Whether an address is one of the public net; one that carries an IPv4 address is what that one is."""
    if isinstance(ip, ipaddress.IPv6Address):
        inner = _carried(ip)
        if inner is not None:
            return is_public(inner)
        closed = ip not in _OPEN_V6 or any(ip in network for network in _CLOSED_V6)
    else:
        closed = any(ip in network for network in _CLOSED_V4)
    return not closed and ip.is_global and not ip.is_multicast


def _carried(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address in a mapped or NAT64 one. Older tunnels (6to4, Teredo) are closed as a whole."""
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None


def system_resolver(host: str, port: int) -> Sequence[str]:
    """What this machine's name servers say; raises OSError."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@cache
def trusted() -> ssl.SSLContext:
    """Whom https trusts: this machine's authorities, and the usual ones where it has none."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


@dataclass(frozen=True, slots=True)
class Net:
    """The net as the hub may use it; `allowed` are private networks of the house that may be asked too."""

    allowed: tuple[Network, ...] = ()
    resolver: Resolver = system_resolver
    tls: Callable[[], ssl.SSLContext] = trusted

    def ips(self, address: Address) -> list[str]:
        """Where to connect to for an address. Raises `Refused` when any of it lies inside, `Passing` without names."""
        found = list(dict.fromkeys(self._resolve(address)))
        if not found:
            raise Refused(say(UNKNOWN_HOST, host=address.host))
        if not all(self.may_ask(text) for text in found):
            raise Refused(say(INSIDE, host=address.host))
        return found[:MOST_IPS]

    def may_ask(self, text: str) -> bool:
        """Whether one IP address lies outside, or in a network that the house allows."""
        try:
            ip: Ip = ipaddress.ip_address(text)
        except ValueError:
            return False
        inner = _carried(ip) if isinstance(ip, ipaddress.IPv6Address) else None
        ip = inner or ip
        return any(ip.version == network.version and ip in network for network in self.allowed) or is_public(ip)

    def refuse_literal(self, address: Address) -> None:
        """Raise `Refused` for an IP address of the inside, without asking any name server."""
        try:
            ipaddress.ip_address(address.host)
        except ValueError:
            return
        if not self.may_ask(address.host):
            raise Refused(say(INSIDE, host=address.host))

    def _resolve(self, address: Address) -> list[str]:
        """A name server may take minutes; a thread waits for it, and we for the thread for a while."""
        answer: list[str] = []
        errors: list[OSError | UnicodeError] = []

        def ask() -> None:
            try:
                answer.extend(self.resolver(address.host, address.port))
            except (OSError, UnicodeError) as error:
                errors.append(error)

        thread = threading.Thread(target=ask, name="resolve", daemon=True)
        thread.start()
        thread.join(RESOLVE_SECONDS)
        if thread.is_alive() or any(getattr(error, "errno", 0) == socket.EAI_AGAIN for error in errors):
            raise Passing(say(SLOW_NAMES, host=address.host))
        if errors:
            raise Refused(say(UNKNOWN_HOST, host=address.host))
        return answer
