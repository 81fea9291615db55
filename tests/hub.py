"""A hub pointed at a sandbox: what tests above the drivers share."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from platforms import tasks
from platforms.models import Account, Publication, Video
from platforms.services import accounts, media, progress, publishing
from platforms.services.publishing import Metadata, Target
from sandbox.server import Sandbox

SAMPLE = Path(__file__).resolve().parent.parent / "sandbox" / "samples" / "sample.mp4"
NAMES = {"youku": "yk", "iqiyi": "iq", "baijiayun": "bj"}
LESSON = Metadata("第一课 认识分数", "三年级数学，认识分数", "数学, 三年级")
PATIENCE_SECONDS = 30.0


def add_account(box: Sandbox, platform: str, name: str = "", **options: str) -> Account:
    """An account of the sandbox, with the credentials its owner would type."""
    name = name or NAMES[platform]
    account, _new = accounts.save_account(name, platform, box.credentials(platform), options, actor="test")
    return account


def add_video(metadata: Metadata = LESSON, file: Path = SAMPLE) -> Video:
    """A video with a copy of a file."""
    return publishing.create_video(media.keep_copy(file), metadata)


def target(account: Account, category: str = "", **options: str) -> Target:
    """An account with its platform's default options, changed by `options`."""
    defaults = {field.name: field.default for field in publishing.publish_options(account.platform)}
    return Target(account, category, defaults | options)


def publish(video: Video, *accounts_: Account) -> list[Publication]:
    """Queued publications of a video on accounts with default options."""
    return [queued.publication for queued in publishing.publish(video, [target(a) for a in accounts_], actor="test")]


def work(rows: Sequence[Publication], until: Sequence[str] = tuple(progress.FINAL)) -> None:
    """Do what the workers do until every row is in one of the states `until`; then the rows are as stored."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        tasks.run_uploads()
        tasks.run_due()
        for row in rows:
            row.refresh_from_db()
        if all(row.state in until for row in rows):
            return
        assert time.monotonic() < deadline, [(row.account.name, row.state, row.error) for row in rows]
        time.sleep(0.02)


def hurry(*rows: Publication) -> None:
    """Make what waits for its next try due now."""
    Publication.objects.filter(pk__in=[row.pk for row in rows]).update(next_run_at=progress.timezone.now())
