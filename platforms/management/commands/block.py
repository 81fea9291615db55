"""`block`: stop showing one video on its platform."""

from __future__ import annotations

from platforms.management.operating import OperationCommand
from platforms.services.operations.showing import BLOCK


class Command(OperationCommand):
    help = "Stop showing one publication's video on its platform; it stays there."
    kind = BLOCK
