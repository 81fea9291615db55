"""Videos on platforms with subtitles, and what a platform has of them."""

from __future__ import annotations

from django.utils import timezone

from platforms import tasks
from platforms.contract import HasSubtitles
from platforms.models import Account, Operation, Publication, Subtitle, SubtitleCopy, Video
from platforms.registry import driver_class
from platforms.services import lending
from platforms.services.subtitles import content, keeping, reading
from platforms.values import RemoteSubtitle, State
from sandbox.core import Planted
from sandbox.server import Sandbox
from tests import hub
from tests.subtitles.files import SRT

PLATFORMS = ("youku", "iqiyi", "baijiayun")


def supports(platform: str) -> bool:
    return issubclass(driver_class(platform), HasSubtitles)


def published(box: Sandbox, *platforms: str) -> list[Publication]:
    """One video, published on an account each, without a byte being sent."""
    video = hub.add_video()
    return [publication_of(video, box, hub.add_account(box, platform)) for platform in platforms or ["baijiayun"]]


def publication_of(video: Video, box: Sandbox, account: Account, login: str = "main") -> Publication:
    (remote_id,) = box.platforms[account.platform].plant([Planted(video.title, box.clock.now() - 60, 0)], login)
    return Publication.objects.create(
        video=video, account=account, state=State.PUBLISHED, remote_id=remote_id, uploaded_at=timezone.now(),
        bytes_total=video.size, bytes_sent=video.size, options=dict(hub.target(account).options),
    )  # fmt: skip


def add(video: Video, name: str = "简体中文", language: str = "zh-Hans", text: str = SRT, **more: bool) -> Subtitle:
    read = reading.read("lesson.vtt" if text.startswith("WEBVTT") else "lesson.srt", text.encode())
    assert read.errors == ()
    return keeping.add(video, [keeping.New(read, language, name, **more)], actor="li")[0]


def work() -> None:
    """One turn of a worker, with whatever waits for another try being due."""
    Operation.objects.filter(ended_at=None).update(next_run_at=timezone.now())
    tasks.run_due()


def driver_of(row: Publication) -> HasSubtitles:
    driver = lending.driver_for(row.account)
    assert isinstance(driver, HasSubtitles)
    return driver


def listed(row: Publication) -> tuple[RemoteSubtitle, ...]:
    """What the platform has."""
    return driver_of(row).list_subtitles(str(row.remote_id))


def names(row: Publication) -> list[str]:
    return [one.name for one in listed(row)]


def copy_of(subtitle: Subtitle, row: Publication) -> SubtitleCopy:
    return SubtitleCopy.objects.get(subtitle=subtitle, publication=row)


def put(row: Publication, name: str, text: str = SRT) -> RemoteSubtitle:
    """Somebody adds a subtitle on the platform itself."""
    kind = "vtt" if text.startswith("WEBVTT") else "srt"
    return driver_of(row).add_subtitle(str(row.remote_id), name, content.TextSource(text, kind))


def call(box: Sandbox, name: str) -> str:
    """The path of one of Baijiayun's calls about videos."""
    return f"/baijiayun/{box.credentials('baijiayun')['private_domain']}/openapi/video/{name}"
