"""Settling what differs between hub and platform: ours is sent there, or theirs is taken over here."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext as _

from platforms.models import Publication
from platforms.models.wording import joined
from platforms.registry import driver_class
from platforms.services.metadata import changing, comparing, sending
from platforms.services.metadata.comparing import Difference
from platforms.services.operations import asking
from platforms.services.operations.editing import EDIT

#: What a video has itself; a category is always one account's.
TEXTS = ("title", "description", "tags")


def why_not_send(publication: Publication, fields: Collection[str] = ()) -> str:
    """Why ours are not sent for what differs (of `fields`), in the active language; empty when they can be."""
    if reason := asking.why_not(EDIT, publication):
        return reason
    different = _different(publication, fields)
    if not different:
        return _("Nothing differs.")
    able = comparing.changeable(publication.account.platform)
    if not any(one.field in able for one in different):
        words = {"platform": _(driver_class(publication.account.platform).label)}
        return _("%(platform)s keeps its own: it does not let this be changed from outside.") % words
    plans = sending.plans([publication], [one.field for one in different], of_video=False)
    return joined(dict.fromkeys(one.text for one in sending.obstacles(plans)))


def send_ours(publication: Publication, fields: Collection[str] = (), *, actor: str) -> bool:
    """Send what differs (of `fields`) as the hub has it; False when that cannot be (see `why_not_send`)."""
    if why_not_send(publication, fields):
        return False
    different = [one.field for one in _different(publication, fields)]
    return sending.send(sending.plans([publication], different, of_video=False), actor=actor) == 1


def why_not_take(publication: Publication, fields: Collection[str] = ()) -> str:
    """Why theirs are not taken over for what differs (of `fields`), in the active language; empty when they can be."""
    different = _different(publication, fields)
    if not different:
        return _("Nothing differs.")
    if all(_empties_video(publication, one) for one in different):
        return _("It is empty there: empty it at the video, which is on other accounts, too.")
    title = next((one.theirs for one in different if one.field == "title"), "")
    too_long = len(title) > (Publication._meta.get_field("title").max_length or 0)
    return _("The title there is too long for the hub.") if too_long else ""


def take_theirs(publication: Publication, fields: Collection[str] = (), *, actor: str) -> bool:
    """Have the hub's metadata be the platform's where they differ; False when that cannot be (see `why_not_take`).

    A video that is on no other account gets them itself; else they are this publication's own. Raises
    `changing.Conflict` when somebody is changing them at this moment.
    """
    if why_not_take(publication, fields):
        return False
    theirs = {
        one.field: _as_ours(publication, one)
        for one in _different(publication, fields)
        if not _empties_video(publication, one)
    }
    of_video = {name: value for name, value in theirs.items() if name in TEXTS}
    if of_video and not _is_elsewhere(publication):
        video = publication.video
        changing.save(video, of_video, seen=changing.values(video), actor=actor)
        # What the publication has of its own would hide it.
        theirs = {name: value for name, value in theirs.items() if name not in of_video}
        theirs |= {name: "" for name in of_video if getattr(publication, name)}
    changing.save(publication, theirs, seen=changing.values(publication), actor=actor)
    return True


def _different(publication: Publication, fields: Collection[str]) -> list[Difference]:
    return [one for one in comparing.differences(publication) if not fields or one.field in fields]


def _is_elsewhere(publication: Publication) -> bool:
    return Publication.objects.filter(video=publication.video_id).exclude(pk=publication.pk).exists()


def _empties_video(publication: Publication, one: Difference) -> bool:
    """Whether what the platform has is nothing: a publication of several cannot have that of its own."""
    return not one.theirs and one.field in TEXTS and _is_elsewhere(publication)


def _as_ours(publication: Publication, one: Difference) -> str:
    """A value of the platform's as the hub keeps it: a title without the extension of the file's name."""
    suffix = f".{publication.video.extension}"
    if one.field == "title" and len(suffix) > 1 and one.theirs.endswith(suffix):
        return one.theirs.removesuffix(suffix).strip()
    return one.theirs
