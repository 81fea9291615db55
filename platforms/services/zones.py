"""Times as people write them, in the time zone of an account; everything stored is UTC.

On the day on which clocks are set forward a time may not exist: it is refused, and the two times around the gap are
named. On the day on which they are set back a time comes twice: the first is meant, unless an offset says otherwise.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.utils.translation import gettext as _

from platforms.models import Account
from platforms.values import gettext_noop

FORM = "%Y-%m-%d %H:%M"
# What a `datetime-local` input and the standard write; the offset may be left out.
WRITTEN = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?\s*(Z|[+-]\d\d:?\d\d)?", re.ASCII)
# Years that no offset brings out of what Python knows.
FIRST_YEAR, LAST_YEAR = 2, 9998


SKIPPED = gettext_noop(
    "%(time)s does not exist in %(zone)s: clocks are set forward then. The nearest times are %(before)s and %(after)s."
)


class BadTime(ValueError):
    """A text that is no time, or a time that does not exist; its text says why, in the active language."""


@cache
def names() -> frozenset[str]:
    """The names that a time zone may have."""
    return frozenset(available_timezones())


def zone_of(account: Account) -> tzinfo:
    """The account's time zone; the hub's own when its name is not known on this machine."""
    return ZoneInfo(account.time_zone if account.time_zone in names() else settings.TIME_ZONE)


def is_hubs(account: Account) -> bool:
    """Whether times of the account read like all other times in the hub."""
    return account.time_zone == settings.TIME_ZONE


def read(text: str, account: Account) -> datetime:
    """The moment that `2026-12-01T08:00` is for the account, or with an offset for everybody; raises `BadTime`."""
    found = WRITTEN.fullmatch(text.strip())
    try:
        written = datetime.fromisoformat("{}T{}{}{}".format(*found.groups(""))) if found else None
    except ValueError:
        written = None
    if written is None or not FIRST_YEAR <= written.year <= LAST_YEAR:
        raise BadTime(_("“%(text)s” is no time: write it like 2026-12-01T08:00.") % {"text": text.strip()[:40]})
    return written.astimezone(UTC) if written.tzinfo else moment(written, account)


def moment(naive: datetime, account: Account) -> datetime:
    """The moment at which the account's clocks show this; raises `BadTime` when they never do."""
    zone = zone_of(account)
    at = naive.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) != naive.replace(fold=0):
        before, after = around_gap(naive, zone)
        words = {"time": naive.strftime(FORM), "zone": account.time_zone, "before": before, "after": after}
        raise BadTime(_(SKIPPED) % words)
    return at


def around_gap(naive: datetime, zone: tzinfo) -> tuple[str, str]:
    """What the clocks of `zone` show a minute before they skip `naive`, and right after."""
    early, late = (int(naive.replace(tzinfo=zone, fold=fold).timestamp()) for fold in (1, 0))
    offset = datetime.fromtimestamp(late, zone).utcoffset()
    while late - early > 1:
        middle = (early + late) // 2
        has_jumped = datetime.fromtimestamp(middle, zone).utcoffset() == offset
        early, late = (early, middle) if has_jumped else (middle, late)
    before, after = datetime.fromtimestamp(late - 60, zone), datetime.fromtimestamp(late, zone)
    return before.strftime(FORM), after.strftime(FORM)


def comes_twice(at: datetime, account: Account) -> bool:
    """Whether the account's clocks show at another moment, too, what they show at this one."""
    first, second = (local(at, account).replace(fold=fold).utcoffset() for fold in (0, 1))
    return first is not None and second is not None and first > second


def local(at: datetime, account: Account) -> datetime:
    """The same moment on the account's clocks."""
    return at.astimezone(zone_of(account))


def text(at: datetime, account: Account) -> str:
    """`2026-12-01 08:00` on the account's clocks, with the zone's name where that is not the hub's own."""
    shown = local(at, account).strftime(FORM)
    return shown if is_hubs(account) else f"{shown} ({account.time_zone})"


def twice_text(at: datetime, account: Account) -> str:
    """Which of two moments with the same name is meant, in the active language."""
    shown = local(at, account)
    words = {"time": shown.strftime(FORM), "zone": account.time_zone, "meant": shown.strftime("%z")}
    return _("%(time)s comes twice in %(zone)s: clocks are set back then. The one at UTC%(meant)s is taken.") % words
