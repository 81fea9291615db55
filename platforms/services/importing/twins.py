"""Twins: a video that an import has brought in while the hub's own upload of it had not yet told its id."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, ProtectedError

from platforms.models import Account, Publication, Video
from platforms.services import events
from platforms.values import gettext_noop, say

GAVE_WAY = gettext_noop("An import had brought in the same video as “%(title)s”; that row has given way to this one.")


def imported(account: Account | int) -> dict[str, object]:
    """What publications have that an import of this account has made and nobody has published since."""
    return {"account": account, "video__imported_from": F("account"), "video__source": "", "fence": 0, "attempts": 0}


def give_way(publication: Publication, remote_id: str, *, actor: str) -> bool:
    """Take away the imported row that has the id of what `publication` has uploaded; False when there is none.

    One whose video has got anything of its own meanwhile (another publication, say) stays.
    """
    twins = Publication.objects.filter(**imported(publication.account_id), remote_id=remote_id)
    twin = twins.exclude(pk=publication.pk).select_related("video").first()
    if twin is None:
        return False
    try:
        with transaction.atomic():
            Publication.objects.filter(pk=twin.pk).delete()
            Video.objects.filter(pk=twin.video_id).delete()
            events.record(publication, "imported", say(GAVE_WAY, title=twin.video.title), actor=actor)
    except ProtectedError:
        return False
    return True
