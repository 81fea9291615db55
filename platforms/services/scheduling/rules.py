"""What may be planned: times to come but not too far, in an order that makes sense, on platforms that can do it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from platforms.contract import CanBlock
from platforms.models import Account
from platforms.registry import driver_class
from platforms.services import zones
from platforms.services.operations.showing import LACKS
from platforms.values import Sentence, gettext_noop, say

FARTHEST = timedelta(days=5 * 366)
PUBLISH, BLOCK = "publish_at", "block_at"

PAST = gettext_noop("%(time)s is over already; it is %(now)s now.")
TOO_FAR = gettext_noop("%(time)s is more than five years ahead.")
CONTRADICTION = gettext_noop("It would be blocked at %(block)s, before it is published at %(publish)s.")


def can_block(platform: str) -> bool:
    """Whether a video can be on this platform without being seen."""
    return issubclass(driver_class(platform), CanBlock)


def problems(account: Account, publish_at: datetime | None, block_at: datetime | None) -> dict[str, Sentence]:
    """What is wrong with new times for a video of the account, by `publish_at` and `block_at`."""
    found: dict[str, Sentence] = {}
    for name, at in ((PUBLISH, publish_at), (BLOCK, block_at)):
        if at and (sentence := why_not_at(account, at)):
            found[name] = sentence
    if block_at and not can_block(account.platform):
        found[BLOCK] = say(LACKS, platform=driver_class(account.platform).label)
    if not found and (sentence := contradiction(account, publish_at, block_at)):
        found[BLOCK] = sentence
    return found


def why_not_at(account: Account, at: datetime) -> Sentence | None:
    """Why nothing can be planned for this moment; None when it can."""
    now = timezone.now()
    if at <= now:
        return say(PAST, time=zones.text(at, account), now=zones.text(now, account))
    return say(TOO_FAR, time=zones.text(at, account)) if at - now > FARTHEST else None


def contradiction(account: Account, publish_at: datetime | None, block_at: datetime | None) -> Sentence | None:
    """Both times, when a video would be blocked before it is published; None when they agree."""
    if publish_at is None or block_at is None or publish_at < block_at:
        return None
    return say(CONTRADICTION, block=zones.text(block_at, account), publish=zones.text(publish_at, account))
