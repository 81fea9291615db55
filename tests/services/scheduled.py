"""What the tests of scheduling share."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from django.utils import timezone, translation

from platforms import tasks
from platforms.contract import CanBlock
from platforms.models import PUBLISH_AT, Account, Operation, Publication
from platforms.registry import driver_class
from platforms.services import lending, polling, progress, publishing
from sandbox.server import Sandbox
from tests import hub

PLATFORMS = ("youku", "iqiyi", "baijiayun")
# What platforms say of a video that everybody can see.
SEEN = ("published", "normal", "A00000")


def in_hours(hours: float) -> datetime:
    return timezone.now() + timedelta(hours=hours)


def publish(
    account: Account, publish_at: datetime | None, block_at: datetime | None = None, title: str = hub.LESSON.title
) -> Publication:
    """A publication of the sample, queued with these times."""
    chosen = hub.target(account)
    target = publishing.Target(account, chosen.category, chosen.options, publish_at, block_at)
    video = hub.add_video(replace(hub.LESSON, title=title))
    (queued,) = publishing.publish(video, [target], actor="li")
    return queued.publication


def plan_of(row: Publication, kind: str = PUBLISH_AT) -> Operation:
    rows = Operation.objects.select_related("publication__account", "publication__video")
    return rows.filter(publication=row, kind=kind).latest("pk")


def blocks(row: Publication) -> bool:
    """Whether the row's platform can keep a video from being seen."""
    return issubclass(driver_class(row.account.platform), CanBlock)


def is_seen(box: Sandbox, row: Publication) -> bool:
    """Whether the platform shows the row's video to everybody, by its own word."""
    return [one["state"] in SEEN for one in box.videos() if one["id"] == row.remote_id] == [True]


def words(row: Publication) -> str:
    """The row's history, in English."""
    with translation.override("en"):
        return "\n".join(event.text for event in row.events.all())


def turn(*rows: Publication, times: int = 6) -> None:
    """Let the workers do what is due some times over; what is followed is due each time."""
    for _ in range(times):
        Publication.objects.filter(state__in=progress.FOLLOWED).update(next_run_at=timezone.now())
        tasks.run_uploads()
        tasks.run_due()
    for row in rows:
        row.refresh_from_db()


def show_elsewhere(row: Publication) -> None:
    """Somebody publishes the video on the platform's own pages, and a look finds it."""
    driver = lending.driver_for(row.account)
    assert isinstance(driver, CanBlock)
    driver.unblock_video(str(row.remote_id))
    polling.refresh([row], actor="li")
    row.refresh_from_db()
