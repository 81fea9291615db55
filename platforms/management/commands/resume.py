"""`resume`: go on with a paused upload."""

from __future__ import annotations

from platforms.management.control import ControlCommand
from platforms.services import control


class Command(ControlCommand):
    help = "Go on with a paused upload."
    verb = staticmethod(control.resume)
