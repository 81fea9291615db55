"""`store_files`: after the hub has been given a bucket, bring the files there that still lie on this machine's disk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from platforms.management.base import DONE, HubCommand
from platforms.services.files import storing


class Command(HubCommand):
    help = "Have the workers bring files into the bucket that lie on this machine's disk from before (MEDIA_STORAGE)."

    def work(self, **options: Any) -> tuple[int, Any, Sequence[str]]:
        count = storing.adopt()
        text = _("%(count)s files are to be brought into the storage; the workers do it.")
        return DONE, {"files": count}, [text % {"count": count}]
