"""`subtitle_add`: add a subtitle to a video and bring it to its platforms."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from platforms.management.base import BadInput, HubCommand, actor
from platforms.management.subtitles import find_video, lacking, lines_of, outcome
from platforms.models import Video
from platforms.services.subtitles import asking, keeping, languages, reading, reports
from platforms.services.subtitles.reading import Reading
from platforms.services.subtitles.remarks import Remark


class Command(HubCommand):
    help = "Add a .vtt or .srt file to a video, and bring it now to every publication whose platform has subtitles."

    def more_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("video_id", type=int)
        parser.add_argument("file", type=Path)
        parser.add_argument("--language", required=True, help="a code such as zh-Hans, or a name")
        parser.add_argument("--name", default="", help="what viewers choose it by (else the language's own name)")
        parser.add_argument("--default", action="store_true", help="show it at first")

    def work(self, **options: Any) -> tuple[int, Any, Sequence[str]]:
        video = find_video(options["video_id"])
        language = languages.find(options["language"])
        if not language:
            codes = ", ".join(languages.LANGUAGES)
            text = _("“%(code)s” is no language that is known here. Languages: %(codes)s.")
            raise BadInput(text % {"code": options["language"], "codes": codes})
        found = _read(options["file"], video)
        if found.errors:
            raise BadInput("\n".join(map(_line, found.errors)))
        new = keeping.New(found, language, options["name"], options["default"])
        (subtitle,) = keeping.add(video, [new], actor=actor())
        for remark in found.warnings:
            self.say(_line(remark))
        asking.run_now(video, actor=actor())
        return outcome(subtitle.pk), reports.subtitle(subtitle), [*lines_of(subtitle), *lacking(video)]


def _read(path: Path, video: Video) -> Reading:
    """The file, of which nothing is read that is too large to be a subtitle."""
    try:
        if not path.is_file():
            raise BadInput(_("“%(name)s” is not a file.") % {"name": path})
        size = path.stat().st_size
        if errors := reading.why_not_read(path.name, size):
            return Reading(path.name, "", errors=errors)
        return reading.read(path.name, path.read_bytes(), video.duration)
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadInput(_("“%(name)s” cannot be read: %(reason)s.") % {"name": path, "reason": reason}) from error


def _line(remark: Remark) -> str:
    return _("Line %(line)s: %(text)s") % {"line": remark.line, "text": remark.text} if remark.line else remark.text
