"""A queued publication in the hub's rows, and a worker's run of it. Needs Django to be set up."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from platforms.models import Publication
from platforms.services import accounts, publishing, uploading
from platforms.services.categories import tree
from platforms.services.files.media import KeptFile
from platforms.services.publishing import Metadata, Target
from platforms.values import State


def queued(
    platform: str, options: Mapping[str, str], credentials: Mapping[str, str], file: Path, md5: str, media: Path
) -> Publication:
    """The file, which is taken in by a link, queued for a new account. Its md5 was computed at intake."""
    linked = media / file.name
    linked.hardlink_to(file)
    kept = KeptFile(
        path=str(linked), name="bench.mp4", size=file.stat().st_size, md5=md5, container="MPEG-4", codecs="AVC",
        duration=60.0, width=1920, height=1080,
    )  # fmt: skip
    video = publishing.create_video(kept, Metadata("bench", "bench", "bench"))
    account, _ = accounts.save_account("bench", platform, credentials, options, actor="bench")
    defaults = {field.name: field.default for field in publishing.publish_options(platform)}
    target = Target(account, next(iter(tree.fixed(account)), ""), defaults)
    return publishing.publish(video, [target], actor="bench")[0].publication


def run(publication: Publication) -> None:
    """Upload it as a worker does. Raises RuntimeError unless the platform has the whole file in the end."""
    uploading.run_here(publication)
    publication.refresh_from_db()
    if publication.state != State.PROCESSING:
        raise RuntimeError(f"the upload ended as {publication.state}: {publication.error}")
