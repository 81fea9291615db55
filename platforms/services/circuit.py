"""The circuit of an account: a platform that is down is left alone, and asked by one try at a time until it is back.

Passing troubles in a row are counted at the account, and any success starts the count anew. From so many on the account
is paused for a growing time. Whatever is queued waits without using up its tries. When the pause is over, exactly one
upload, look or deletion of all processes may try; it ends the pause, or makes the next one longer.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from platforms import queue
from platforms.errors import BadAnswer, PlatformError, Temporary
from platforms.models import Account, Health
from platforms.services import events, progress, waits
from platforms.values import gettext_noop, say

MOST_TROUBLES = 5
# About three days of one try a quarter of an hour: longer than a weekend, then somebody has to look.
TROUBLES_UNTIL_PERSON = 300
# How long one try may take to tell whether the platform is back, before another is let through.
PROBE = timedelta(minutes=3)

OPENED = gettext_noop(
    "The platform has failed %(number)s times in a row. The account is left alone for %(minutes)s minutes; what is "
    "queued waits and keeps its attempts."
)
FOR_A_PERSON = gettext_noop("The platform has failed %(number)s times in a row, for days: somebody has to look.")
BACK = gettext_noop("The platform works again; what is queued goes on.")
TRIED_BY_PERSON = gettext_noop("The pause was ended: the platform is tried now.")


def is_open(account: Account) -> bool:
    """Whether troubles of its platform have paused the account."""
    return account.health == Health.PAUSED and account.troubles >= MOST_TROUBLES


def open_or_shut(account: str, *, is_open: bool) -> Q:
    """Rows whose paused account, at the end of the path `account`, was (or was not) paused by troubles."""
    paused = Q(**{f"{account}health": Health.PAUSED})
    side = "gte" if is_open else "lt"
    return paused & Q(**{f"{account}troubles__{side}": MOST_TROUBLES})


def to_be_tried(now: datetime, account: str = "account__") -> Q:
    """Rows of accounts whose pause for troubles is over: one try may be made (see `take_probe`)."""
    return open_or_shut(account, is_open=True) & Q(**{f"{account}paused_until__lte": now})


def take_probe(account: Account) -> bool:
    """Get the one try that the account may make now; False when another process has it or the pause is not over."""
    now = timezone.now()
    return Account.objects.filter(to_be_tried(now, ""), pk=account.pk).update(paused_until=now + PROBE) == 1


def lets_through(account: Account) -> bool:
    """Whether work of an account that was read just now may begin; after troubles this takes the one try there is."""
    return not is_open(account) or take_probe(account)


def give_probe_back(account: Account) -> None:
    """Leave a try that was taken and not made to whoever comes next. Nothing happens without troubles."""
    Account.objects.filter(open_or_shut("", is_open=True), pk=account.pk).update(paused_until=timezone.now())


def concerns_platform(error: PlatformError) -> bool:
    """Whether the error is a passing trouble of the platform, rather than of one video."""
    return isinstance(error, Temporary | BadAnswer)


def note_trouble(account: Account, error: PlatformError, *, actor: str) -> bool:
    """Count a passing trouble; answers whether troubles have paused the account by now.

    `account` is as it was when the work began: work that was under way when the account was paused tells nothing new.
    """
    row = Account.objects.filter(pk=account.pk)
    was_open = is_open(account)
    same = row.filter(troubles=account.troubles, health=Health.PAUSED) if was_open else row.filter(health=Health.OK)
    counted = same.update(troubles=F("troubles") + 1) == 1
    now_there = row.first()
    if now_there is None:
        return False
    if counted and now_there.troubles >= MOST_TROUBLES:
        _pause(now_there, error, actor)
    return is_open(now_there) or now_there.health == Health.NEEDS_PERSON


def _pause(account: Account, error: PlatformError, actor: str) -> None:
    """Pause it, or call a person; of several at once the first does."""
    pause, number = waits.next_pause(account.troubles - MOST_TROUBLES + 1), account.troubles
    columns: dict[str, Any] = {"health": Health.PAUSED, "paused_until": timezone.now() + pause}
    sentence = say(OPENED, number=number, minutes=max(1, round(pause.total_seconds() / 60)))
    if number >= TROUBLES_UNTIL_PERSON:
        columns, sentence = {"health": Health.NEEDS_PERSON, "paused_until": None}, say(FOR_A_PERSON, number=number)
    columns |= {"health_reason": progress.as_error(error), "checked_at": timezone.now()}
    if Account.objects.filter(pk=account.pk, health=account.health).update(**columns) == 1:
        account.health = columns["health"]
        events.record(account, "circuit", sentence, actor=actor, data={"code": error.code, "detail": error.detail})
        events.record(account, "trouble", error.sentence, actor=actor)


def note_success(account: Account, *, actor: str) -> None:
    """The platform has done something: the count starts anew, and a pause for troubles is over."""
    row = Account.objects.filter(pk=account.pk, troubles__gt=0)
    if not row.exists():
        return
    columns: dict[str, Any] = {"health": Health.OK, "health_reason": None, "paused_until": None, "troubles": 0}
    if row.filter(open_or_shut("", is_open=True)).update(**columns) == 1:
        events.record(account, "circuit", say(BACK), actor=actor)
        queue.wake_all()
    else:
        row.update(troubles=0)


def try_now(account: Account, *, actor: str) -> bool:
    """End a pause at a person's word; False when the account is not paused.

    After troubles one try is let through, and everything else follows when it succeeds.
    """
    paused = Account.objects.filter(pk=account.pk, health=Health.PAUSED)
    ended = paused.filter(troubles__gte=MOST_TROUBLES).update(paused_until=timezone.now()) == 1
    columns: dict[str, Any] = {"health": Health.OK, "health_reason": None, "paused_until": None}
    ended = ended or paused.filter(troubles__lt=MOST_TROUBLES).update(**columns) == 1
    if ended:
        events.record(account, "circuit", say(TRIED_BY_PERSON), actor=actor)
        account.refresh_from_db()
        queue.wake_all()
    return ended
