"""`cancel`: give up a queued, running or paused upload."""

from __future__ import annotations

from platforms.management.control import ControlCommand
from platforms.services.uploads import control


class Command(ControlCommand):
    help = "Give up a queued, running or paused upload."
    verb = staticmethod(control.cancel)
