"""`subtitle_remove`: take a subtitle from its video and delete it on the platforms."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from platforms.management.base import FAILED, HubCommand, actor
from platforms.management.subtitles import find_subtitle, lines_of, outcome
from platforms.models import Subtitle
from platforms.services.subtitles import asking, keeping, reports


class Command(HubCommand):
    help = "Delete a subtitle in the hub, and now on every platform that has it."

    def more_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", type=int)

    def work(self, **options: Any) -> tuple[int, Any, Sequence[str]]:
        subtitle = find_subtitle(options["id"])
        pk, name, video = subtitle.pk, subtitle.name, subtitle.video
        keeping.remove(subtitle, actor=actor())
        asking.run_now(video, actor=actor())
        left = Subtitle.objects.select_related("video").filter(pk=pk).first()
        still = reports.subtitle(left)["copies"] if left else []
        document = {"id": pk, "video": video.pk, "name": name, "removed": left is None, "copies": still}
        if left is None:
            return outcome(pk), document, [_("“%(name)s” is deleted.") % {"name": name}]
        return FAILED, document, lines_of(left)
