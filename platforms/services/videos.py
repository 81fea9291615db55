"""Videos at the end of their life: which may leave the hub, and how they go."""

from __future__ import annotations

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from platforms.models import Publication, Video
from platforms.services import events
from platforms.values import State, gettext_noop, say

# Publications in these are history: nothing runs, and the platform has no video of them.
OVER = frozenset({State.DRAFT, State.CANCELLED, State.DELETED, State.MISSING})


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
            storage, name = video.source.storage, video.source.name
            video.delete()
            if name:
                transaction.on_commit(lambda: storage.delete(name))
    except ProtectedError:
        return False
    return True


def _delete_finished(video: Video, actor: str) -> None:
    sentence = say(gettext_noop("The video “%(title)s” was deleted from the hub."), title=video.title)
    for publication in filter(is_over, video.publications.select_related("account", "video")):
        events.record(publication, "video_deleted", sentence, actor=actor)
        # Not if somebody has sent it again in this very moment: it then protects its video.
        Publication.objects.filter(pk=publication.pk, state=publication.state).delete()
