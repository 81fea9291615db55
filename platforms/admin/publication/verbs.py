"""What a person can do with publications: each verb's words, permission and reason why not, and what it did."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from platforms.admin.common.display import labelled
from platforms.errors import PlatformError
from platforms.models import Publication
from platforms.models.wording import joined, render
from platforms.services import polling, publishing
from platforms.services.uploads import control
from platforms.values import State

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as Words

# More publications than this are not worked through while a person waits.
MOST_AT_ONCE = 1000
MOST_REFRESHED = 500

May = Callable[[Publication], bool]


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing to do with a publication; `done` counts in `%(count)d`.

    `why_not_shown` is what hides its button where that is less than `why_not`.
    """

    name: str
    label: Words
    action: Words
    done: Words
    why_not: Callable[[Publication], str]
    run: Callable[..., bool]
    why_not_shown: Callable[[Publication], str] | None = None


@dataclass
class Tally:
    """How many publications a verb was done for, and why not for the others."""

    done: int = 0
    skipped: Counter[str] = field(default_factory=Counter)

    def tell(self, request: HttpRequest, done: Words, worst: int = messages.ERROR, more: str = "") -> None:
        """Say it on the next page: what was done, and each reason with how many it was true of; then `more`, as HTML.

        `worst` is the level of the message when nothing was done at all.
        """
        words = [str(done % {"count": self.done})] if self.done else []
        for reason, count in self.skipped.most_common():
            text = ngettext("%(count)d skipped: %(reason)s", "%(count)d skipped: %(reason)s", count)
            words.append(text % {"count": count, "reason": reason})
        level = messages.SUCCESS if not self.skipped else messages.WARNING if self.done else worst
        text = joined(words) or _("Nothing was selected.")
        messages.add_message(request, level, format_html("{} {}", text, more) if more else text)


def apply(verb: Verb, publications: Iterable[Publication], *, may: May, actor: str) -> Tally:
    """Do `verb` for each publication that it is possible and allowed for."""
    tally = Tally()
    for publication in publications:
        reason = "" if may(publication) else no_permission()
        reason = reason or verb.why_not(publication)
        if not reason and not verb.run(publication, actor=actor):
            publication.refresh_from_db()
            reason = verb.why_not(publication) or _("Somebody else was faster.")
        tally.done += not reason
        tally.skipped.update([reason] if reason else [])
    return tally


def no_permission() -> str:
    return _("You do not have permission.")


def refresh(request: HttpRequest, publications: Iterable[Publication], *, may: May, actor: str) -> None:
    """Ask the platforms about these publications now, account by account, and say what came of it."""
    tally, asked, changed = Tally(), [], 0
    for publication in publications:
        reason = why_not_refresh(publication) if may(publication) else no_permission()
        if reason:
            tally.skipped[reason] += 1
        else:
            asked.append(publication)
    asked.sort(key=attrgetter("account_id"))
    for account, group in itertools.groupby(asked, key=attrgetter("account")):
        try:
            polled = polling.refresh(group, actor=actor)
        except PlatformError as error:
            messages.error(request, labelled(account, render(error.sentence.as_json())))
        else:
            tally.done += polled.polled
            changed += polled.changed
    if tally.done or tally.skipped:
        tally.tell(request, ngettext_lazy("Asked about %(count)d video.", "Asked about %(count)d videos.", "count"))
    if changed:
        text = ngettext("%(count)d state changed.", "%(count)d states changed.", changed)
        messages.info(request, text % {"count": changed})


def why_not_refresh(publication: Publication) -> str:
    """Why the platform cannot be asked about this publication; empty when it can."""
    if not publication.remote_id:
        return _("The platform does not have it yet.")
    if publication.state not in polling.REFRESHABLE:
        return _("It is “%(state)s”.") % {"state": publication.get_state_display()}
    return ""


def _why_not_retry(publication: Publication) -> str:
    if publication.state == State.PAUSED:
        return _("It is paused; resume it instead.")
    return publishing.why_not_send(publication)


def _why_not_retry_now(publication: Publication) -> str:
    """Also what the platform would refuse: the button is there, and pressing it says what to correct."""
    reason = _why_not_retry(publication)
    return reason or joined(obstacle.text for obstacle in publishing.obstacles_of(publication))


def _why_not_retry_failed(publication: Publication) -> str:
    if publication.state != State.FAILED:
        return _("It is “%(state)s”.") % {"state": publication.get_state_display()}
    return _why_not_retry_now(publication)


RETRY = Verb(
    "retry",
    gettext_lazy("Retry"),
    gettext_lazy("Retry"),
    ngettext_lazy("%(count)d publication queued.", "%(count)d publications queued.", "count"),
    _why_not_retry_now,
    publishing.send_again,
    why_not_shown=_why_not_retry,
)
PAUSE = Verb(
    "pause",
    gettext_lazy("Pause"),
    gettext_lazy("Pause the upload"),
    ngettext_lazy("%(count)d upload paused.", "%(count)d uploads paused.", "count"),
    control.why_not_pause,
    control.pause,
)
RESUME = Verb(
    "resume",
    gettext_lazy("Resume"),
    gettext_lazy("Resume the upload"),
    ngettext_lazy("%(count)d upload goes on.", "%(count)d uploads go on.", "count"),
    control.why_not_resume,
    control.resume,
)
CANCEL = Verb(
    "cancel",
    gettext_lazy("Cancel"),
    gettext_lazy("Cancel the upload"),
    ngettext_lazy("%(count)d upload cancelled.", "%(count)d uploads cancelled.", "count"),
    control.why_not_cancel,
    control.cancel,
)
# Of many at once; what was cancelled or deleted on purpose stays so.
RETRY_FAILED = Verb(
    "retry-failed",
    gettext_lazy("Retry what failed"),
    gettext_lazy("Retry what failed"),
    RETRY.done,
    _why_not_retry_failed,
    publishing.send_again,
)
VERBS = {verb.name: verb for verb in (RETRY, PAUSE, RESUME, CANCEL)}
