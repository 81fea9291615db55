"""`upload`: start or resume one publication's upload in this process."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from platforms.management.base import DONE, FAILED, BadInput, HubCommand, actor, find_publication, leaving, line_of
from platforms.services import publishing, reports, uploading
from platforms.services.scheduling import planning
from platforms.values import State


class Command(HubCommand):
    help = "Start or resume one publication's upload in this process."

    def more_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", type=int)

    def work(self, **options: Any) -> tuple[int, Any, Sequence[str]]:
        publication = find_publication(options["id"])
        if publication.state in (*publishing.SENDABLE, State.UNKNOWN):
            if reason := publishing.why_not_send(publication):
                raise BadInput(reason)
            publishing.send_again(publication, actor=actor(), wake=False)
        if reason := planning.why_not_yet(publication):
            raise BadInput(reason)
        with leaving() as leave:
            began = uploading.run_here(publication, leave)
        if not began:
            publication.refresh_from_db()
            state = publication.get_state_display()
            raise BadInput(_("Publication %(id)s cannot be uploaded here now: it is “%(state)s”.") % {
                "id": publication.pk, "state": state})  # fmt: skip
        publication.refresh_from_db()
        code = DONE if publication.state in (State.PROCESSING, State.PUBLISHED, State.REVIEWING) else FAILED
        return code, reports.publication(publication), [line_of(publication)]
