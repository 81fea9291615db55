"""Videos at the end of their life: which may leave the hub, and how they go."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.db.models import ProtectedError, Q
from django.utils.translation import gettext as _

from platforms.models import Publication, Video
from platforms.services import events
from platforms.services.files import storing
from platforms.services.subtitles import keeping
from platforms.values import State, gettext_noop, say

# Publications in these are history: nothing runs, and the platform has no video of them.
OVER = frozenset({State.DRAFT, State.CANCELLED, State.DELETED, State.MISSING})


# What these have still to send, or may have to, is the hub's file.
NEEDS_FILE = Q(state__in=(State.QUEUED, State.UPLOADING, State.PAUSED, State.UNKNOWN)) | Q(
    state=State.FAILED, uploaded_at=None
)


def is_over(publication: Publication) -> bool:
    """Whether nothing runs for this publication and its platform has nothing of it."""
    failed_here = publication.state == State.FAILED and not publication.remote_id and not publication.uploaded_at
    return failed_here or publication.state in OVER


def why_not_delete(publication: Publication) -> str:
    """Why this publication keeps its video in the hub, in the active language; empty when it does not."""
    if is_over(publication):
        return ""
    if publication.state in (State.QUEUED, State.UPLOADING, State.PAUSED):
        return _("Its upload has not ended; cancel it first.")
    if publication.state == State.DELETING:
        return _("It is still being deleted on the platform.")
    if publication.state == State.UNKNOWN:
        return _("Nobody has decided yet how it goes on; cancel it first.")
    return _("The platform still has it; delete it there first.")


def delete(video: Video, *, actor: str) -> bool:
    """Delete a video, its file and its finished publications; their history stays.

    False, and nothing has happened, when a publication keeps it (see `why_not_delete`).
    """
    try:
        with transaction.atomic():
            _delete_finished(video, actor)
            storing.forget(video)
            keeping.forget_files(video)
            video.delete()
    except ProtectedError:
        return False
    return True


def _delete_finished(video: Video, actor: str) -> None:
    sentence = say(gettext_noop("The video “%(title)s” was deleted from the hub."), title=video.title)
    for publication in filter(is_over, video.publications.select_related("account", "video")):
        events.record(publication, "video_deleted", sentence, actor=actor)
        # Not if somebody has sent it again in this very moment: it then protects its video.
        Publication.objects.filter(pk=publication.pk, state=publication.state).delete()


def needing_file(videos: Collection[int], *, but: Collection[int] = ()) -> dict[int, Publication]:
    """By video: a publication whose upload still needs the hub's file, of those that are none of `but`."""
    rows = Publication.objects.filter(NEEDS_FILE, video__in=videos).select_related("account", "video")
    return {row.video_id: row for row in rows.defer("account__credentials") if row.pk not in but}


def why_keep_file(video: Video) -> str:
    """Why the hub's file of this video must stay, in the active language; empty when it need not."""
    if row := needing_file([video.pk]).get(video.pk):
        return _("%(account)s still needs it for its upload.") % {"account": row.account.name}
    return ""


def delete_file(video: Video) -> bool:
    """Delete the hub's file of a video; the video stays with all that is known of it.

    False, and nothing has happened, when there is none or an upload needs it.
    """
    with transaction.atomic():
        row = Video.objects.select_for_update().get(pk=video.pk)
        if not row.source or why_keep_file(row):
            return False
        storing.forget(row)
        Video.objects.filter(pk=row.pk).update(source="", mark="")
    return True
