"""The publish form for videos that the hub already has: one from its page, or several from the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from platforms.admin.common.display import labelled
from platforms.admin.planning import schedule_fields
from platforms.admin.publication.verbs import Tally
from platforms.admin.video.forms import AccountRow, PublishForm
from platforms.models import Account, Publication, Video
from platforms.services import publishing
from platforms.services.publishing import Metadata, Obstacle, Queued, Target
from platforms.values import State

MOST_VIDEOS = 200
UNDER_WAY = frozenset({State.QUEUED, State.UPLOADING, State.PAUSED, State.PROCESSING, State.REVIEWING})
QUEUED = ngettext_lazy("%(count)d publication queued.", "%(count)d publications queued.", "count")


class PublishVideosForm(PublishForm):
    """The publish form over videos whose metadata and files are what they are; `refused` holds their problems."""

    def __init__(self, videos: Sequence[Video], *args: Any, **kwargs: Any) -> None:
        only = videos[0].category_id if len(videos) == 1 else None
        super().__init__(*args, hub_category_id=only, **kwargs)
        self.videos = videos
        self.refused: list[tuple[Video, list[str]]] = []

        self._here = [present(video) for video in videos]

    def _row(self, account: Account, ticked: set[str]) -> AccountRow:
        """Of several videos, how many need not go there any more; with all of them there is nothing to tick."""
        row, total = super()._row(account, ticked), len(self.videos)
        publications = [here[account.pk] for here in self._here if account.pk in here]
        there = sum(bool(publishing.why_not_send(publication)) for publication in publications)
        if total < 2 or not there:
            return row
        words = _("%(there)d of %(total)d are there already") % {"there": there, "total": total}
        return replace(row, open=there < total, state=format_html('<span class="quiet">{}</span>', words))

    def clean(self) -> dict[str, Any]:
        """Every rule of every chosen account, for every video: options at their fields, the rest at the video."""
        cleaned, ticked = super().clean(), self.targets()
        at_fields: dict[tuple[int, str, str], Obstacle] = {}
        for video in self.videos:
            metadata = Metadata(video.title, video.description, video.tags, video.category_id)
            found = publishing.obstacles(metadata, video, _to_send(video, ticked))
            at_fields |= {(one.account.pk, one.field, one.text): one for one in found if self.place(one)}
            own = [labelled(one.account.name, one.text) for one in found if not self.place(one)]
            self.refused += [(video, own)] if own else []
        self.add_obstacles(at_fields.values())
        if self.refused:
            self.add_error(None, _("Nothing was published, because platforms would refuse it. Correct this first:"))
        return cleaned


def _to_send(video: Video, ticked: Sequence[Target]) -> list[Target]:
    """The targets that get something new: where the video is already, no rule matters any more."""
    here = present(video)
    return [
        target
        for target in ticked
        if target.account.pk not in here or not publishing.why_not_send(here[target.account.pk])
    ]


def present(video: Video) -> dict[int, Publication]:
    """Which account already has which publication of the video."""
    return {publication.account_id: publication for publication in video.publications.all()}


def publish(request: HttpRequest, videos: Sequence[Video], targets: Sequence[Target]) -> None:
    """Queue publications; the next page says how many, and what was under way already."""
    actor, queued = request.user.get_username(), []
    for video in videos:
        queued += publishing.publish(video, targets, actor=actor)
    tell(request, queued)
    schedule_fields.tell_of_doubles(request, targets)


def tell(request: HttpRequest, queued: Sequence[Queued]) -> None:
    """What publishing did, on the next page."""
    tally = Tally(done=sum(one.new for one in queued))
    tally.skipped.update(_why_skipped(one.publication) for one in queued if not one.new)
    tally.tell(request, QUEUED, worst=messages.INFO)


def _why_skipped(publication: Publication) -> str:
    words = {"state": publication.get_state_display(), "account": publication.account.name}
    if publication.state in UNDER_WAY:
        return _("already under way on %(account)s (“%(state)s”).") % words
    if publication.state == State.PUBLISHED:
        return _("already published on %(account)s.") % words
    return labelled(publication.account.name, publishing.why_not_send(publication))
