"""What a platform tells about playing a video: its addresses, its player, its pictures. Asked when somebody wants it.

Addresses that play expire: they go to the person who asked and are neither stored nor written to any history.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from platforms.contract import Driver, HasEmbedCode, HasPlayAddresses, HasPlayTokens, HasScreenshots
from platforms.errors import Unsupported
from platforms.models import Publication
from platforms.registry import driver_class
from platforms.services import lending
from platforms.values import EmbedCode, PlayAddress, State, gettext_noop, say

# Where the platform has something to play, and where it has the whole video at all.
PLAYS = frozenset({State.PUBLISHED})
TRANSCODED = PLAYS | {State.BLOCKED, State.REVIEWING}
THERE = TRANSCODED | {State.PROCESSING}

NO_ADDRESSES = gettext_noop("%(platform)s does not tell where its videos play.")
NO_EMBED_CODE = gettext_noop("%(platform)s does not hand out the code of its player.")
NO_SCREENSHOTS = gettext_noop("%(platform)s takes no pictures of a video.")
NO_TOKENS = gettext_noop("%(platform)s has no player tokens.")
LACKING: dict[type, str] = {
    HasPlayAddresses: NO_ADDRESSES,
    HasEmbedCode: NO_EMBED_CODE,
    HasPlayTokens: NO_TOKENS,
    HasScreenshots: NO_SCREENSHOTS,
}


def kind_of(publication: Publication) -> type[Driver]:
    return driver_class(publication.account.platform)


def can(publication: Publication, capability: type) -> bool:
    """Whether the publication's platform has this capability."""
    return issubclass(kind_of(publication), capability)


def lack(publication: Publication, capability: type) -> str:
    """“Youku has no player tokens.”, in the active language."""
    return _(LACKING[capability]) % {"platform": _(kind_of(publication).label)}


def why_not(publication: Publication, capability: type, states: frozenset[State] = THERE) -> str:
    """Why the platform cannot be asked for this now, in the active language; empty when it can."""
    if not can(publication, capability):
        return lack(publication, capability)
    if not publication.remote_id:
        return _("The platform does not have it yet.")
    if publication.state not in states:
        return _("It is “%(state)s”.") % {"state": publication.get_state_display()}
    return ""


def lifetime_of(publication: Publication) -> int:
    """For how many seconds the platform's play addresses are good; 0 where it has none."""
    kind = kind_of(publication)
    return kind.play_seconds if issubclass(kind, HasPlayAddresses) else 0


def addresses(publication: Publication) -> tuple[PlayAddress, ...]:
    """Where it plays now, asked of the platform. Raises `PlatformError`, `Unsupported` among them."""
    with lending.counted(publication.account) as driver:
        if not isinstance(driver, HasPlayAddresses):
            raise _unsupported(publication, HasPlayAddresses)
        return driver.play_addresses(str(publication.remote_id))


def embed_code(publication: Publication) -> EmbedCode:
    """The addresses of its player: asked for, or the one that the platform has told before. Raises `PlatformError`."""
    if can(publication, HasEmbedCode):
        with lending.counted(publication.account) as driver:
            if isinstance(driver, HasEmbedCode):
                return driver.embed_code(str(publication.remote_id))
    if publication.embed_url:
        return EmbedCode(publication.embed_url, "")
    raise _unsupported(publication, HasEmbedCode)


def why_no_embed_code(publication: Publication) -> str:
    """Why there is no code to put its player into a page, in the active language; empty when there is."""
    known = bool(publication.embed_url) and publication.state in THERE
    return "" if known else why_not(publication, HasEmbedCode)


def screenshots(publication: Publication) -> tuple[str, ...]:
    """The addresses of the pictures that the platform took of it. Raises `PlatformError`."""
    with lending.counted(publication.account) as driver:
        if not isinstance(driver, HasScreenshots):
            raise _unsupported(publication, HasScreenshots)
        found = driver.screenshots(str(publication.remote_id))
    return tuple(url for url in found if url.startswith(("http://", "https://")))


def _unsupported(publication: Publication, capability: type) -> Unsupported:
    return Unsupported(say(LACKING[capability], platform=kind_of(publication).label))
