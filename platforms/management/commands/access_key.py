"""`access_key`: a playback key for a viewer, for platforms that ask the hub before they play."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from platforms.management.base import DONE, BadInput, HubCommand, actor, find_account
from platforms.models import Video
from platforms.models.wording import render
from platforms.services import access_keys

LONGEST_SECONDS = 10 * 366 * 24 * 3600


class Command(HubCommand):
    help = "Issue a playback access key: for one video or all, until a time, perhaps for so many plays."

    def more_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--video", type=int, metavar="ID", help="for this video only")
        parser.add_argument("--expires", type=int, required=True, metavar="SECONDS", help="valid for so long from now")
        parser.add_argument("--plays", type=int, metavar="N", help="good for so many plays")

    def work(self, **options: Any) -> tuple[int, Any, Sequence[str]]:
        account = find_account(options["name"])
        if not 0 < options["expires"] <= LONGEST_SECONDS:
            raise BadInput(_("--expires must be between 1 and %(most)d seconds.") % {"most": LONGEST_SECONDS})
        if options["plays"] is not None and options["plays"] < 1:
            raise BadInput(_("--plays must be at least 1."))
        video = _video(options["video"])
        try:
            key = access_keys.issue(
                account, video=video, expires_at=timezone.now() + timedelta(seconds=options["expires"]),
                most_plays=options["plays"], viewer="", actor=actor(),
            )  # fmt: skip
        except access_keys.CannotIssue as error:
            raise BadInput(render(error.sentence.as_json())) from None
        token = access_keys.token(key)
        return DONE, {"access_key": token}, [token]


def _video(pk: int | None) -> Video | None:
    if pk is None:
        return None
    video = Video.objects.filter(pk=pk).first()
    if video is None:
        raise BadInput(_("There is no video %(id)s.") % {"id": pk})
    return video
