"""Whether a video that stands on a platform is shown there."""

from __future__ import annotations

from platforms.contract import CanBlock
from platforms.models import Publication
from platforms.services.operations.kind import THERE, Arguments, Kind
from platforms.values import State, gettext_noop

LACKS = gettext_noop("%(platform)s does not let videos be blocked from outside.")


def _block(driver: CanBlock, publication: Publication, _arguments: Arguments) -> None:
    driver.block_video(str(publication.remote_id))


def _unblock(driver: CanBlock, publication: Publication, _arguments: Arguments) -> None:
    # Whoever shows it now does not want it kept hidden until a planned time.
    Publication.objects.filter(pk=publication.pk).update(held=False)
    driver.unblock_video(str(publication.remote_id))


BLOCK = Kind(
    "block",
    gettext_noop("Block"),
    CanBlock,
    LACKS,
    _block,
    gettext_noop("The platform was told to show the video no longer."),
    states=THERE - {State.BLOCKED},
)
UNBLOCK = Kind(
    "unblock",
    gettext_noop("Unblock"),
    CanBlock,
    LACKS,
    _unblock,
    gettext_noop("The platform was told to show the video."),
    states=frozenset({State.BLOCKED}),
)
