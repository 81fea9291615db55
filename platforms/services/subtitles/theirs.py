"""The subtitle files that platforms have: fetched from the addresses that they list, and compared with the hub's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from platforms.models import Subtitle
from platforms.services.fetching import troubles
from platforms.services.fetching.download import Known, download
from platforms.services.fetching.reach import DEFAULT_PORTS, MOST_IPS, Address, Net, parse
from platforms.services.fetching.wire import Wire
from platforms.services.subtitles import content, reading
from platforms.services.subtitles.reading import EXTENSIONS, MOST_BYTES, Reading
from platforms.values import RemoteSubtitle, Sentence, gettext_noop, say

NO_ADDRESS = gettext_noop("The platform does not say where its file is.")


class NotFetched(Exception):
    """The platform's file cannot be had or used; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class PlatformNet(Net):
    """The public net, and the servers that the settings name as platforms wherever they stand: a sandbox is inside."""

    platforms: frozenset[tuple[str, int]] = frozenset()

    def ips(self, address: Address) -> list[str]:
        if (address.host, address.port) in self.platforms:
            return list(dict.fromkeys(self.resolver(address.host, address.port)))[:MOST_IPS]
        return Net.ips(self, address)


def net() -> PlatformNet:
    places = (urlsplit(url) for url in settings.PLATFORM_ADDRESSES.values())
    own = frozenset((one.hostname or "", one.port or DEFAULT_PORTS.get(one.scheme, 0)) for one in places)
    return PlatformNet(settings.INGEST_ALLOW_NETWORKS, platforms=own)


def fetch(remote: RemoteSubtitle) -> Reading:
    """The checked text of a platform's subtitle; raises `NotFetched`. Its address may be signed: nobody is told it."""
    if not remote.url:
        raise NotFetched(say(NO_ADDRESS))
    try:
        address = parse(remote.url)
        with Wire() as wire, download(net(), address, 0, Known(), wire, MOST_BYTES) as file:
            data = b"".join(file.pieces())
    except troubles.Trouble as trouble:
        raise NotFetched(trouble.sentence) from None
    except OSError:
        raise NotFetched(say(NO_ADDRESS)) from None
    read = reading.read(f"{remote.name[:80]}.{_kind(address.last_part, data)}", data)
    if read.errors:
        raise NotFetched(read.errors[0].sentence)
    return read


def _kind(name: str, data: bytes) -> str:
    """By what the file says, whatever it is called."""
    kind = reading.extension_of(name)
    return "vtt" if b"WEBVTT" in data[:12] else kind if kind in EXTENSIONS else "srt"


def same(subtitle: Subtitle, listed: Iterable[RemoteSubtitle]) -> RemoteSubtitle | None:
    """The one of the listed that has the name and the words of a subtitle; None without one that can be read."""
    for remote in listed:
        if remote.name != subtitle.name:
            continue
        try:
            if is_same(subtitle, fetch(remote)):
                return remote
        except NotFetched:
            continue
    return None


def is_same(subtitle: Subtitle, found: Reading) -> bool:
    """Whether a file says what a subtitle says, in whichever format."""
    try:
        return content.md5_of(found.text) == subtitle.md5 or content.as_format(subtitle, found.format) == found.text
    except content.NoContent:
        return False
