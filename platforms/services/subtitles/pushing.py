"""Bringing the copies of one publication to what is wanted: listed first, then only what differs is done.

It may begin again at any point. A subtitle whose answer was lost is looked for in the list before another is sent; one
that is gone already is deleted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from platforms.contract import Driver, HasSubtitles
from platforms.errors import Gone, PlatformError, Refused
from platforms.models import CopyState, Publication, SubtitleCopy
from platforms.services import account_health, events, progress
from platforms.services.operations.kind import Kind
from platforms.services.subtitles import content, copies, theirs
from platforms.services.subtitles.content import NoContent
from platforms.values import RemoteSubtitle, Scalar, Sentence, gettext_noop, say

ADDED = gettext_noop("The platform has taken the subtitle “%(name)s” as %(id)s.")
FOUND = gettext_noop("The platform has the subtitle “%(name)s” as %(id)s: an answer had been lost.")
SAME = gettext_noop("The platform had the subtitle “%(name)s” already, as %(id)s.")
RENAMED = gettext_noop("On the platform the subtitle “%(before)s” is now called “%(name)s”.")
DEFAULT = gettext_noop("On the platform the subtitle “%(name)s” is now shown at first.")
REMOVED = gettext_noop("The subtitle “%(name)s” is deleted on the platform.")
ALREADY_GONE = gettext_noop("The subtitle “%(name)s” was already gone from the platform.")
VANISHED = gettext_noop("The platform no longer has the subtitle “%(name)s”.")
REFUSED = gettext_noop("The subtitle “%(name)s” did not come to the platform, or not as it is in the hub.")
DONE = gettext_noop("The platform's subtitles are as they should be.")
COUNTED = gettext_noop("Subtitles: %(done)s done, %(failed)s refused by the platform.")


@dataclass
class Visit:
    """One publication and what its platform lists, kept up to date as calls change it."""

    driver: Driver
    subtitles: HasSubtitles
    publication: Publication
    listed: dict[str, RemoteSubtitle]
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def remote_id(self) -> str:
        return str(self.publication.remote_id)

    def copies(self, *states: CopyState) -> list[SubtitleCopy]:
        rows = SubtitleCopy.objects.filter(publication=self.publication).select_related("subtitle")
        return list(rows.filter(state__in=states) if states else rows)

    def unclaimed(self) -> list[RemoteSubtitle]:
        """What is listed and no copy's, the oldest first."""
        own = set(SubtitleCopy.objects.filter(publication=self.publication).values_list("remote_id", flat=True))
        return [one for one in self.listed.values() if one.remote_id not in own]

    def list_again(self) -> None:
        self.listed = {one.remote_id: one for one in self.subtitles.list_subtitles(self.remote_id)}

    def tell(self, text: str, **params: Scalar) -> None:
        self.say(say(text, **params))

    def say(self, sentence: Sentence) -> None:
        """Write it to the publication's history."""
        events.record(self.publication, "subtitle", sentence, actor=progress.holder())


def bring(driver: Any, publication: Publication, _arguments: Mapping[str, Any]) -> Sentence | None:
    """Bring the copies to what is wanted; raises `PlatformError` for what concerns more than one of them."""
    visit = Visit(driver, driver, publication, {})
    visit.list_again()
    for copy in visit.copies():
        take_listed(visit, copy)
    for copy in visit.copies(CopyState.REMOVING):
        _guarded(visit, copy, _remove)
    for copy in visit.copies(CopyState.WAITING):
        _guarded(visit, copy, _add)
    for copy in visit.copies(CopyState.CHANGING):
        _guarded(visit, copy, _change)
    if not visit.counts["failed"]:
        return None
    return say(COUNTED, done=visit.counts["done"], failed=visit.counts["failed"])


def take_listed(visit: Visit, copy: SubtitleCopy) -> None:
    """What the list says of one copy: its name and default there, that it arrived after all, or that it is gone."""
    if copy.state == CopyState.SENDING:
        _look_for_lost(visit, copy)
    elif copy.remote_id in visit.listed:
        remote = visit.listed[copy.remote_id]
        known = {"remote_name": remote.name[:300], "remote_default": remote.is_default}
        if copy.state == CopyState.MISSING:
            known["state"] = CopyState.THERE
        _update(copy, **known)
    elif copy.remote_id and copy.state != CopyState.MISSING:
        _take_absence(visit, copy)


def _take_absence(visit: Visit, copy: SubtitleCopy) -> None:
    name = copy.subtitle.name
    if copy.subtitle.removed_at:
        copy.delete()
        copies.finish(copy.subtitle)
        visit.tell(ALREADY_GONE, name=name)
        visit.counts["done"] += 1
    else:
        _update(copy, state=CopyState.MISSING, remote_default=False, error=None)
        visit.tell(VANISHED, name=name)


def _look_for_lost(visit: Visit, copy: SubtitleCopy) -> None:
    """Whether a subtitle whose answer was lost is there: listed since, under the name it was sent with."""
    for remote in visit.unclaimed():
        if remote.remote_id not in copy.before and remote.name == copy.remote_name:
            _take_as_there(visit, copy, remote, FOUND)
            return
    if copy.subtitle.removed_at:
        copy.delete()
        copies.finish(copy.subtitle)
    else:
        _update(copy, state=CopyState.WAITING, before=[], remote_name="")


def _take_as_there(visit: Visit, copy: SubtitleCopy, remote: RemoteSubtitle, text: str) -> None:
    """Keep the id that the platform answers; whatever a person has changed meanwhile is still to be done."""
    visit.listed[remote.remote_id] = remote
    copy.subtitle.refresh_from_db()
    copy.remote_name, copy.remote_default = remote.name[:300], remote.is_default
    _update(
        copy, state=copies.wanted_state(copy), remote_id=remote.remote_id, remote_name=copy.remote_name,
        remote_default=copy.remote_default, before=[], error=None,
    )  # fmt: skip
    visit.tell(text, name=remote.name or copy.subtitle.name, id=remote.remote_id)
    visit.counts["done"] += 1
    if copy.state == CopyState.REMOVING:
        _guarded(visit, copy, _remove)


def _guarded(visit: Visit, copy: SubtitleCopy, work: Any) -> None:
    """Do one thing; what the platform refuses about this one copy stays with it, and the others go on."""
    try:
        work(visit, copy)
    except NoContent as error:
        _fail(visit, copy, progress.stored_error("", error.sentence), error.sentence)
    except (Refused, Gone) as error:
        if account_health.concerns_account(visit.publication.account, error):
            raise
        visit.list_again()
        if copy.remote_id and copy.remote_id not in visit.listed:
            _take_absence(visit, copy)
        else:
            _fail(visit, copy, progress.as_error(error), error.sentence)


def _fail(visit: Visit, copy: SubtitleCopy, error: dict[str, Any], sentence: Sentence) -> None:
    known = {} if copy.remote_id else {"remote_name": "", "before": []}
    _update(copy, state=CopyState.FAILED, error=error, **known)
    visit.tell(REFUSED, name=copy.subtitle.name)
    visit.say(sentence)
    visit.counts["failed"] += 1


def _add(visit: Visit, copy: SubtitleCopy) -> None:
    name = copy.subtitle.name
    source = content.source_for(copy.subtitle, visit.subtitles.subtitle_extensions)
    if same := theirs.same(copy.subtitle, visit.unclaimed()):
        _take_as_there(visit, copy, same, SAME)
        return
    waiting = SubtitleCopy.objects.filter(pk=copy.pk, state=CopyState.WAITING)
    intention = {"before": sorted(visit.listed), "remote_name": name, "tried_at": timezone.now(), "error": None}
    if waiting.update(state=CopyState.SENDING, **intention) != 1:
        return
    copy.refresh_from_db()
    try:
        made = visit.subtitles.add_subtitle(visit.remote_id, name, source)
    except PlatformError as error:
        if not error.maybe_done:
            _update(copy, state=CopyState.WAITING, before=[], remote_name="")
        raise
    _take_as_there(visit, copy, made, ADDED)


def _remove(visit: Visit, copy: SubtitleCopy) -> None:
    _update(copy, tried_at=timezone.now())
    visit.subtitles.delete_subtitle(copy.remote_id)
    visit.listed.pop(copy.remote_id, None)
    name = copy.subtitle.name
    copy.delete()
    copies.finish(copy.subtitle)
    visit.tell(REMOVED, name=name)
    visit.counts["done"] += 1


def _change(visit: Visit, copy: SubtitleCopy) -> None:
    subtitle = copy.subtitle
    _update(copy, tried_at=timezone.now())
    if copy.remote_name != subtitle.name:
        visit.subtitles.rename_subtitle(copy.remote_id, subtitle.name)
        before = copy.remote_name
        _update(copy, remote_name=subtitle.name)
        visit.tell(RENAMED, before=before, name=subtitle.name)
    if subtitle.is_default and not copy.remote_default:
        visit.subtitles.set_default_subtitle(visit.remote_id, copy.remote_id)
        SubtitleCopy.objects.filter(publication=visit.publication).update(remote_default=False)
        _update(copy, remote_default=True)
        visit.tell(DEFAULT, name=subtitle.name)
    subtitle.refresh_from_db()
    _update(copy, state=copies.wanted_state(copy), error=None)
    visit.counts["done"] += 1


def _update(copy: SubtitleCopy, **columns: Any) -> None:
    """Write these columns, and nothing else: somebody may have asked for something meanwhile."""
    for name, value in columns.items():
        setattr(copy, name, value)
    SubtitleCopy.objects.filter(pk=copy.pk).update(**columns)


KIND = Kind(
    "subtitles",
    gettext_noop("Bring the subtitles there"),
    HasSubtitles,
    copies.LACKS,
    bring,
    DONE,
    replaces_waiting=True,
    looks_after=False,
)
