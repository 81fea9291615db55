"""The shape of commands that have one operation done now, in their own process."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from platforms.management.base import DONE, FAILED, BadInput, HubCommand, actor, find_publication, line_of
from platforms.models import Operation, OperationState
from platforms.services import reports
from platforms.services.operations import asking, running
from platforms.services.operations.kind import Kind


class OperationCommand(HubCommand):
    """Has `kind` done with the publication given by id.

    What the platform or the publication's state does not allow is bad input. One that could not be done now, because
    the platform is down say, stays with the workers; the exit code says that it is not done.
    """

    kind: ClassVar[Kind]

    def more_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", type=int)

    def work(self, **options: Any) -> tuple[int, Any, Sequence[str]]:
        publication = find_publication(options["id"])
        asked = asking.ask(self.kind, [publication], actor=actor())
        if not asked.operations:
            raise BadInput(asked.skipped[0][1])
        operation = asked.operations[0]
        running.run_now(operation, actor=actor())
        publication.refresh_from_db()
        if operation.state == OperationState.DONE:
            # That it is blocked is no error where it was asked for.
            return DONE, reports.publication(publication) | {"error": None}, [line_of(publication)]
        error = self._error(operation)
        self.say(error["message"])
        return FAILED, reports.publication(publication) | {"error": error}, [line_of(publication)]

    def _error(self, operation: Operation) -> dict[str, str]:
        account = operation.publication.account
        account.refresh_from_db(fields=["health", "health_reason"])
        error = reports.error(operation.error or account.health_reason)
        error = error or {"kind": "Waiting", "code": "", "message": _("Something asked for earlier is not done yet.")}
        if operation.state == OperationState.WAITING:
            error["message"] += " " + _("It is not done yet; the workers go on trying.")
        return error
