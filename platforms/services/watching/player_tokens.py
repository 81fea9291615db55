"""Player tokens: whoever has one may play its video until it expires. They are handed on and kept nowhere.

A worker would have to store them until somebody fetches them; so they are asked for while the person waits, many in one
call, and the number of calls is limited.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from platforms.contract import Driver, HasPlayTokens
from platforms.errors import Gone, PlatformError, Refused
from platforms.models import Account, Publication
from platforms.models.wording import render
from platforms.services import events, lending
from platforms.services.watching import playing
from platforms.values import Sentence, gettext_noop, say

FOR_EVER = 0
MOST, BATCH, MOST_CALLS = 500, 100, 40
LONGEST = 10 * 366 * 24 * 3600

ISSUED_UNTIL = gettext_noop("A player token was issued, good until %(time)s.")
ISSUED_FOR_EVER = gettext_noop("A player token was issued that never expires.")
NONE_GIVEN = gettext_noop("The platform has given no token for it.")
TOO_MANY_REFUSALS = gettext_noop("It was not asked about: the platform had refused too many others.")


@dataclass(frozen=True, slots=True)
class Issued:
    publication: Publication
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Skipped:
    """`reason` is in the active language."""

    publication: Publication
    reason: str


@dataclass
class Result:
    """What was issued when; `expires_at` None: for ever."""

    issued_at: datetime
    expires_at: datetime | None
    issued: list[Issued] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


def why_not(publication: Publication) -> str:
    """Why no token can be issued for it, in the active language; empty when one can."""
    return playing.why_not(publication, HasPlayTokens)


def issue(publications: Iterable[Publication], seconds: int, *, actor: str) -> Result:
    """A token for each of these, good for so many seconds (`FOR_EVER`: always); what has none is skipped with a reason.

    The history says that one was issued, by whom and until when, and never the token. Refusals are told in the result:
    nothing is raised.
    """
    now = timezone.now()
    result = Result(now, now + timedelta(seconds=seconds) if seconds else None)
    asked = []
    for publication in publications:
        if reason := why_not(publication):
            result.skipped.append(Skipped(publication, reason))
        else:
            asked.append(publication)
    asked.sort(key=attrgetter("account_id"))
    for _account_id, group in itertools.groupby(asked, key=attrgetter("account_id")):
        _of_account(list(group), seconds, result)
    if result.issued:
        told = [one.publication for one in result.issued]
        events.record_many(told, "player_token", _sentence(result.expires_at), actor=actor, data={"seconds": seconds})
    return result


def _of_account(publications: list[Publication], seconds: int, result: Result) -> None:
    account: Account = publications[0].account
    with lending.counted(account) as driver:
        waiting = [publications[start : start + BATCH] for start in range(0, len(publications), BATCH)]
        while waiting:
            several = waiting.pop(0)
            try:
                _take(result, several, _tokens(driver, several, seconds))
            except (Refused, Gone) as error:
                # One video that the platform does not give a token for spoils the call for all: they are told apart.
                if len(several) == 1:
                    _skip(result, several, render(error.sentence.as_json()))
                elif driver.calls >= MOST_CALLS:
                    _skip(result, several, _(TOO_MANY_REFUSALS))
                else:
                    half = len(several) // 2
                    waiting = [several[:half], several[half:], *waiting]
            except PlatformError as error:
                left = [*several, *itertools.chain.from_iterable(waiting)]
                _skip(result, left, render(error.sentence.as_json()))
                return


def _tokens(driver: Driver, publications: Sequence[Publication], seconds: int) -> dict[str, str]:
    if not isinstance(driver, HasPlayTokens):
        return {}
    return dict(driver.play_tokens([str(one.remote_id) for one in publications], seconds))


def _take(result: Result, publications: Sequence[Publication], tokens: dict[str, str]) -> None:
    for one in publications:
        if token := tokens.get(str(one.remote_id), ""):
            result.issued.append(Issued(one, token))
        else:
            result.skipped.append(Skipped(one, _(NONE_GIVEN)))


def _skip(result: Result, publications: Iterable[Publication], reason: str) -> None:
    result.skipped.extend(Skipped(one, reason) for one in publications)


def _sentence(expires_at: datetime | None) -> Sentence:
    if expires_at is None:
        return say(ISSUED_FOR_EVER)
    return say(ISSUED_UNTIL, time=date_format(timezone.localtime(expires_at), "Y-m-d H:i"))
