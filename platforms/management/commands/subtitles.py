"""`subtitles`: those of a video, and how they stand on each platform."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from platforms.management.base import DONE, HubCommand
from platforms.management.subtitles import find_video, lacking, lines_of
from platforms.services.subtitles import keeping, reports


class Command(HubCommand):
    help = "List a video's subtitles with their copies on platforms."

    def more_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("video_id", type=int)

    def work(self, **options: Any) -> tuple[int, Any, Sequence[str]]:
        video = find_video(options["video_id"])
        found = list(keeping.of(video).select_related("video"))
        lines = [line for subtitle in found for line in lines_of(subtitle)]
        return DONE, [reports.subtitle(one) for one in found], [*lines, *(lacking(video) if found else [])]
