"""What platforms have, brought into the hub: subtitles that it did not know, other names and defaults, what is gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from threading import Event
from typing import Any

from django.db.models import QuerySet

from platforms.contract import HasSubtitles
from platforms.errors import Gone, PlatformError, Refused, Unsupported
from platforms.models import Account, CopyState, Publication, Subtitle, SubtitleCopy
from platforms.registry import driver_class
from platforms.services import account_health, events, lending, zones
from platforms.services.budgets import BudgetSpent
from platforms.services.operations.kind import THERE, Kind
from platforms.services.subtitles import copies, keeping, languages, pushing, theirs
from platforms.services.subtitles.content import NoContent
from platforms.services.subtitles.pushing import Visit
from platforms.services.subtitles.theirs import NotFetched
from platforms.values import RemoteSubtitle, Sentence, State, gettext_noop, say

BATCH = 200
ACTOR = "sync"
# What the account remembers: the id of the publication up to which a pass that has not ended has come.
UP_TO = "subtitles_up_to"
NO_CALLS = gettext_noop(
    "The calls for this hour are used up. Compare the subtitles again from %(time)s on: it goes on where it was."
)
LEFT = gettext_noop("Stopped. Compare the subtitles again: it goes on where it was.")
BROUGHT_IN = gettext_noop("The subtitle “%(name)s” of the platform, %(id)s, is now in the hub.")
RECOGNISED = gettext_noop("The platform's subtitle %(id)s is the hub's “%(name)s”.")
NOT_BROUGHT_IN = gettext_noop("The platform's subtitle “%(name)s” is not brought in.")
TOO_MANY = gettext_noop("The video has %(most)s subtitles in the hub, which is the most that it may have.")
COMPARED = gettext_noop(
    "Compared the subtitles with the platform: %(created)s brought in, %(updated)s updated, %(missing)s missing there."
)
SYNCED = gettext_noop(
    "Compared the subtitles of %(videos)s videos with the platform: %(created)s brought in, %(updated)s updated, "
    "%(missing)s missing there."
)


@dataclass
class Counts:
    """How many subtitles came to be in the hub, changed, and are missing on the platform since the last time."""

    created: int = 0
    updated: int = 0
    missing: int = 0


class Stopped(Exception):
    """A pass over an account's videos has not come to its end; `sentence` says why, `counts` what came of it so far."""

    def __init__(self, sentence: Sentence, counts: Counts) -> None:
        super().__init__(sentence.text)
        self.sentence, self.counts = sentence, counts


def sync_account(account: Account, *, actor: str, leave: Event | None = None) -> Counts:
    """Compare the subtitles of all of an account's videos, a call or more each, from where the last pass has stopped.

    Raises `PlatformError`, and `Stopped` when the calls for this hour are used up or `leave` is set.
    """
    if not copies.has_subtitles(account.platform):
        raise Unsupported(say(copies.LACKS, platform=driver_class(account.platform).label))
    counts, videos = Counts(), 0
    try:
        with lending.rationed(account, actor=actor) as driver:
            for publication in _after(account, int(lending.remembered(account, UP_TO) or 0)):
                if leave and leave.is_set():
                    raise Stopped(say(LEFT), counts)
                _compare(driver, publication, counts)
                lending.remember(account, UP_TO, str(publication.pk))
                videos += 1
    except BudgetSpent as spent:
        raise Stopped(say(NO_CALLS, time=zones.text(spent.until, account)), counts) from None
    except PlatformError as error:
        if account_health.concerns_account(account, error):
            account_health.note_trouble(account, error, actor=actor)
        raise
    lending.remember(account, UP_TO, "")
    figures = {"created": counts.created, "updated": counts.updated, "missing": counts.missing}
    events.record(account, "sync", say(SYNCED, videos=videos, **figures), actor=actor)
    return counts


def there(account: Account) -> QuerySet[Publication]:
    """The account's publications whose subtitles can be asked for."""
    rows = Publication.objects.filter(account=account, state__in=THERE).exclude(remote_id=None)
    return rows.select_related("video").order_by("pk")


def _after(account: Account, last: int) -> Iterator[Publication]:
    while rows := list(there(account).filter(pk__gt=last)[:BATCH]):
        last = rows[-1].pk
        for publication in rows:
            publication.account = account
            yield publication


def _compare(driver: Any, publication: Publication, counts: Counts) -> None:
    """Following and the pass over the videos find out about one that is gone: it is passed over."""
    try:
        compare(driver, publication, counts)
    except Gone:
        return
    except Refused:
        # A platform may refuse in the same words a video that is gone and a wrong key.
        if all(remote.state != State.MISSING for remote in driver.look([str(publication.remote_id)])):
            raise


def compare(driver: Any, publication: Publication, counts: Counts) -> None:
    """One publication: what is listed is known, brought in or recognised; what is listed no longer is missing."""
    visit = Visit(driver, driver, publication, {})
    visit.list_again()
    for copy in visit.copies():
        before = _facts(copy)
        pushing.take_listed(visit, copy)
        if copy.pk is None or _facts(copy) == before:
            continue
        counts.missing += copy.state == CopyState.MISSING
        counts.updated += copy.state != CopyState.MISSING
    for remote in visit.unclaimed():
        _take_unknown(visit, remote, counts)


def _facts(copy: SubtitleCopy) -> tuple[object, ...]:
    return copy.state, copy.remote_id, copy.remote_name, copy.remote_default


def _take_unknown(visit: Visit, remote: RemoteSubtitle, counts: Counts) -> None:
    try:
        subtitle = _brought_in(visit, remote, counts)
    except (NotFetched, NoContent) as trouble:
        visit.tell(NOT_BROUGHT_IN, name=remote.name)
        visit.say(trouble.sentence)
    else:
        _write_copy(visit.publication, subtitle, remote)


def _brought_in(visit: Visit, remote: RemoteSubtitle, counts: Counts) -> Subtitle:
    """The hub's subtitle with these words, or a new one; raises `NotFetched` and `NoContent`."""
    found = theirs.fetch(remote)
    known = _without_copy(visit, remote)
    subtitle = next((one for one in known if theirs.is_same(one, found)), None)
    if subtitle:
        counts.updated += 1
        visit.tell(RECOGNISED, name=subtitle.name, id=remote.remote_id)
        return subtitle
    if keeping.of(visit.publication.video).count() >= keeping.MOST_A_VIDEO:
        raise NotFetched(say(TOO_MANY, most=keeping.MOST_A_VIDEO))
    language = languages.guess(remote.name) or languages.UNDETERMINED
    name = _free_name(visit.publication, remote.name or languages.OWN_NAMES[language] or remote.remote_id)
    subtitle = keeping.bring_in(visit.publication, keeping.New(found, language, name), actor=ACTOR)
    counts.created += 1
    visit.tell(BROUGHT_IN, name=subtitle.name, id=remote.remote_id)
    return subtitle


def _without_copy(visit: Visit, remote: RemoteSubtitle) -> list[Subtitle]:
    """The hub's subtitles that this publication has not, those of the same name first."""
    mine = SubtitleCopy.objects.filter(publication=visit.publication).exclude(state=CopyState.MISSING)
    there = mine.exclude(remote_id="").values("subtitle_id")
    rows = keeping.of(visit.publication.video).exclude(pk__in=there)
    return sorted(rows, key=lambda subtitle: subtitle.name != remote.name)


def _free_name(publication: Publication, name: str) -> str:
    """The name, with a number behind it where the video has one of this name."""
    taken = set(keeping.of(publication.video).values_list("name", flat=True))
    name = " ".join(name.split())[: keeping.LONGEST_NAME - 5]
    return next(one for one in [name, *(f"{name} ({n})" for n in range(2, 100))] if one not in taken)


def _write_copy(publication: Publication, subtitle: Subtitle, remote: RemoteSubtitle) -> None:
    SubtitleCopy.objects.update_or_create(
        publication=publication, subtitle=subtitle,
        defaults={
            "state": CopyState.THERE, "remote_id": remote.remote_id, "remote_name": remote.name[:300],
            "remote_default": remote.is_default, "error": None, "before": [],
        },
    )  # fmt: skip


def _run(driver: Any, publication: Publication, _arguments: Mapping[str, Any]) -> Sentence:
    counts = Counts()
    compare(driver, publication, counts)
    return say(COMPARED, created=counts.created, updated=counts.updated, missing=counts.missing)


KIND = Kind(
    "subtitles_sync",
    gettext_noop("Compare the subtitles"),
    HasSubtitles,
    copies.LACKS,
    _run,
    COMPARED,
    replaces_waiting=True,
    looks_after=False,
)
