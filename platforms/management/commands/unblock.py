"""`unblock`: show one blocked video on its platform again."""

from __future__ import annotations

from platforms.management.operating import OperationCommand
from platforms.services.operations.showing import UNBLOCK


class Command(OperationCommand):
    help = "Show one publication's blocked video on its platform again."
    kind = UNBLOCK
