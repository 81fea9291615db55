"""`resume`: go on with a paused upload, or say how one goes on that needs a decision."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _

from platforms.management.base import BadInput, actor
from platforms.management.control import ControlCommand
from platforms.models import Publication
from platforms.services.uploads import control, deciding
from platforms.values import State


class Command(ControlCommand):
    help = "Go on with a paused upload. For one that needs a decision, say whether the platform has its video."
    verb = staticmethod(control.resume)

    def more_arguments(self, parser: ArgumentParser) -> None:
        super().more_arguments(parser)
        decision = parser.add_mutually_exclusive_group()
        decision.add_argument("--remote-id", metavar="X", help="it is there: this is its id on the platform")
        decision.add_argument(
            "--again", action="store_true", help="it is not there: send it again, unless the platform says that it is"
        )

    def say_verb(self, publication: Publication, options: dict[str, Any]) -> bool:
        if options["remote_id"] is None and not options["again"]:
            if publication.state == State.UNKNOWN:
                raise BadInput(_need(publication))
            return super().say_verb(publication, options)
        if options["again"]:
            reason = deciding.send_again(publication, actor=actor())
        else:
            reason = deciding.adopt(publication, options["remote_id"], actor=actor())
        if reason:
            raise BadInput(reason)
        if options["again"] and (told := deciding.was_there(publication)):
            self.say(told)
        return True


def _need(publication: Publication) -> str:
    words = {"id": publication.pk, "reason": publication.error_text}
    return (
        _(
            "Publication %(id)s needs a decision: say --remote-id X if the platform has the video, or --again if not. "
            "%(reason)s"
        )
        % words
    )
