"""The picture that stands for a video in the hub: one that staff have chosen, else one that a platform has made of it.

No platform's documents name a call by which a picture of ours becomes the cover there: it is the hub's own choice.
"""

from __future__ import annotations

from django.core import signing

from platforms.models import Publication, Video
from platforms.services import events
from platforms.services.watching import playing
from platforms.values import State, gettext_noop, say

SALT = "mediahub.cover"
# Somebody may look at the pictures for a while before choosing one.
OFFERED_SECONDS = 12 * 3600
LONGEST = 1000
GONE = frozenset({State.DELETING, State.DELETED, State.MISSING})

CHOSEN = gettext_noop("A picture of the platform was chosen as the video's cover in the hub.")
DROPPED = gettext_noop("The video's cover in the hub is the platform's own again.")


class NoSuchPicture(ValueError):
    """What was sent is no picture that this publication's platform has offered lately."""


def offered(publication: Publication) -> list[tuple[str, str]]:
    """Every picture that the platform has of it, as (address, what `choose` takes). Raises `PlatformError`."""
    found = [url for url in playing.screenshots(publication) if len(url) <= LONGEST]
    return [(url, signing.dumps([publication.pk, url], salt=SALT)) for url in found]


def choose(publication: Publication, choice: str, *, actor: str) -> None:
    """Make an offered picture the cover of the publication's video; raises `NoSuchPicture`."""
    try:
        pk, url = signing.loads(choice, salt=SALT, max_age=OFFERED_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        raise NoSuchPicture from None
    if pk != publication.pk:
        raise NoSuchPicture
    Video.objects.filter(pk=publication.video_id).update(cover=url, cover_from=publication)
    events.record(publication, "cover", say(CHOSEN), actor=actor)


def drop(publication: Publication, *, actor: str) -> bool:
    """Go back to the platform's own cover; False when none had been chosen."""
    chosen = Video.objects.filter(pk=publication.video_id).exclude(cover="")
    if not chosen.update(cover="", cover_from=None):
        return False
    events.record(publication, "cover", say(DROPPED), actor=actor)
    return True


def cover_of(video: Video) -> str:
    """The address of the picture that stands for the video; "" without one. Reads `video.publications`.

    A platform takes the pictures of a video away with it.
    """
    there = {one.pk: one for one in video.publications.all() if one.state not in GONE}
    if video.cover and video.cover_from_id in there:
        return str(video.cover)
    return next((one.cover_url for one in there.values() if one.cover_url), "")
